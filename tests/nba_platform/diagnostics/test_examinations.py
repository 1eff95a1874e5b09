import datetime as dt
import subprocess
import sys
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from nba_platform.config import environments
from nba_platform.diagnostics import doctor, examinations
from nba_resources.dates import EASTERN
from nba_resources.findings import Level

from ...nba_resources.buckets import BUCKET, running
from .installation import fill, only

SECRET = "hunter22hunter22"
CLOSED = "127.0.0.1:9"
pytestmark = pytest.mark.usefixtures("nothing_else_set")


def test_the_probes_leave_nothing(home):
    """Nothing but templates of SQL, which the next write needs as well."""
    fill(home)

    def kept() -> tuple[list[Path], list[tuple]]:
        with duckdb.connect(home / "nba.duckdb") as con:
            rows = con.execute("FROM nba_reference.seasons").fetchall()
        return [path for path in sorted(home.rglob("*")) if path.is_file() and "compiled" not in path.parts], rows

    before = kept()
    for look in (examinations.home, examinations.clock, examinations.warehouse, examinations.objects):
        assert only(look()).level == "ok"
    assert kept() == before


@pytest.mark.parametrize(("free", "level"), [(5.0, "ok"), (4.9, "warn"), (0.5, "warn"), (0.4, "fail")])
def test_a_disk_that_fills_up_is_noticed(free: float, level: str):
    assert examinations._space(Path("/nba"), free).level == level


def test_a_warehouse_that_is_none_is_told(home):
    (home / "nba.duckdb").write_bytes(b"not a database" * 1000)
    (finding,) = doctor._run({"warehouse": examinations.warehouse})
    assert finding.level == "fail"
    assert "nba.duckdb cannot be opened" in finding.found


def test_a_locked_warehouse_is_busy_and_not_broken(home, monkeypatch):
    """Whoever asks while a backfill runs should not be sent to mend anything."""
    fill(home)
    monkeypatch.setattr(examinations, "TIMEOUT_SECONDS", 0.2)
    holding = f"import duckdb; con = duckdb.connect({str(home / 'nba.duckdb')!r}); print('held', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", holding], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"held\n"
        finding = only(examinations.warehouse())
        other.communicate(b"\n")
    assert (finding.level, finding.subject) == ("warn", "warehouse")
    assert "is locked by another program" in finding.found


def test_objects_are_tried_in_the_bucket_that_is_chosen(monkeypatch):
    monkeypatch.setenv("NBA_ENV", "production")
    monkeypatch.setenv("NBA_BIGQUERY_PROJECT", "our-project")
    monkeypatch.setenv("NBA_OBJECTS", f"gs://{BUCKET}/nba")
    with running() as address:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", address)
        assert only(examinations.objects()).level == "ok"
        assert environments.objects().paths() == []


def test_a_bucket_nobody_answers_for_is_told(monkeypatch):
    monkeypatch.setenv("NBA_ENV", "production")
    monkeypatch.setenv("NBA_BIGQUERY_PROJECT", "our-project")
    monkeypatch.setenv("NBA_OBJECTS", f"gs://{BUCKET}/nba")
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://{CLOSED}")
    monkeypatch.setattr(examinations, "TIMEOUT_SECONDS", 0.5)
    (finding,) = doctor._run({"objects": examinations.objects})
    assert finding.level == "fail"
    assert "gave no valid response within 0.5 s (ConnectionError)" in finding.found


def test_a_database_nobody_answers_for_is_told_without_its_password(home, monkeypatch):
    monkeypatch.setenv("NBA_DAGSTER_POSTGRES", f"postgresql://nba:{SECRET}@{CLOSED}/dagster")
    (finding,) = doctor._run({"records": examinations.records})
    assert (finding.level, finding.subject) == ("fail", "records")
    assert "Connection refused" in finding.found
    assert SECRET not in f"{finding}"


def test_an_archive_without_games_is_told(home, monkeypatch):
    monkeypatch.setenv("NBA_SOURCE", "archive")
    monkeypatch.setenv("NBA_ARCHIVE_DIR", str(home))
    (finding,) = doctor._run({"source": examinations.sources})
    assert finding.level == "fail"
    assert "set NBA_ARCHIVE_DIR" in finding.found


@pytest.mark.parametrize(
    ("ahead", "level", "words"),
    [
        (0, "ok", "as the file system of NBA_HOME has it"),
        (30, "warn", "30 s behind the file system of NBA_HOME"),
        (-90, "fail", "90 s ahead"),
    ],
)
def test_a_clock_that_disagrees_with_that_of_the_files_is_noticed(
    home: Path, monkeypatch, ahead: int, level: str, words: str
):
    written = examinations._modified

    def elsewhere(file: Path) -> dt.datetime:
        return written(file) + dt.timedelta(seconds=ahead if file.parent == home else 0)

    monkeypatch.setattr(examinations, "_modified", elsewhere)
    finding = only(examinations.clock())
    assert (finding.level, finding.subject) == (level, "clock")
    assert words in finding.found


def test_a_clock_before_the_program_was_installed_is_wrong(monkeypatch):
    monkeypatch.setattr(examinations, "_modified", lambda file: dt.datetime(2199, 1, 1, tzinfo=dt.UTC))
    finding = only(examinations.clock())
    assert finding.level == "fail"
    assert "before this program was installed" in finding.found


@pytest.mark.parametrize(
    ("utc", "latest"),
    [
        ("2024-11-05T04:59", "2024-11-04"),
        ("2024-11-05T05:00", "2024-11-05"),
        ("2024-10-22T03:59", "2024-10-21"),
        ("2024-10-22T04:00", "2024-10-22"),
        ("2024-08-01T12:00", "2024-08-01"),
    ],
)
def test_tonight_begins_at_midnight_in_new_york(utc: str, latest: str):
    finding = examinations._rollover(dt.datetime.fromisoformat(f"{utc}+00:00").astimezone(EASTERN))
    assert finding.level == "ok"
    assert finding.found.endswith(f"the latest partition is {latest}")


def test_partitions_that_come_a_day_late_are_noticed(monkeypatch):
    late = dg.DailyPartitionsDefinition(start_date="2021-10-19", timezone="America/New_York")
    monkeypatch.setattr(examinations, "DAILY", late)
    finding = examinations._rollover(dt.datetime(2024, 11, 5, 12, tzinfo=EASTERN))
    assert (finding.level, finding.found) == (
        "fail",
        "it is 2024-11-05 in New York, and the latest partition is 2024-11-04",
    )


def test_a_machine_without_time_zones_is_told(monkeypatch):
    monkeypatch.setattr(examinations, "EASTERN", "America/Old_York")
    assert only(examinations.time_zone()).remedy == "Install tzdata."


def test_a_zone_without_summer_time_is_told(monkeypatch):
    monkeypatch.setattr(examinations, "EASTERN", "America/Panama")
    assert only(examinations.time_zone()).remedy == "Install a newer tzdata."


def test_libraries_beside_their_pins_are_named(monkeypatch):
    asked = ["duckdb>=99", "no-such-library>=1", "numpy>=2", 'no-such-cloud; extra == "production"']
    finding = only(examinations.libraries(asked))
    assert finding.level == "fail"
    assert f"duckdb is {duckdb.__version__}, not >=99; no-such-library is not installed" == finding.found
    monkeypatch.setenv("NBA_ENV", "production")
    finding = only(examinations.libraries(asked))
    assert "no-such-cloud is not installed" in finding.found
    assert "'nba-props-platform[production]'" in finding.remedy


def test_another_python_is_told():
    assert only(examinations.python("<3")).level == "fail"


def test_tonight_that_is_pinned_and_alerts_nobody_hears_are_mentioned(monkeypatch):
    monkeypatch.setenv("NBA_TODAY", "2024-10-24")
    monkeypatch.setenv("NBA_ENV", "production")
    monkeypatch.setenv("NBA_BIGQUERY_PROJECT", "our-project")
    monkeypatch.setenv("NBA_OBJECTS", f"gs://{BUCKET}")
    monkeypatch.setenv("NBA_AUTOMATION", "on")
    found = [(finding.level, finding.found) for finding in examinations.switches()]
    assert found == [
        (Level.OK, "on: the daemon loads and computes automatically"),
        (Level.WARN, "NBA_TODAY pins tonight to 2024-10-24"),
        (Level.WARN, "go to the log only"),
    ]
