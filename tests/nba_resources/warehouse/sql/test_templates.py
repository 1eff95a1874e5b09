"""Dates are rendered into compiled statements; a statement that no rule describes is refused."""

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pytest

from nba_assets.kit.calendar import season_floor
from nba_resources.dates import DateRange
from nba_resources.warehouse.sql.statements import Query, Statement
from nba_resources.warehouse.sql.templates import RULES, SENTINEL, NoTemplate, TemplateFolder

GAMES = ibis.table({"on": "date", "season": "string", "pts": "int64"}, name="games", database="nba_raw")
LEAP = DateRange(dt.date(2024, 2, 29), dt.date(2024, 2, 29))
OVER_SUMMER = DateRange(dt.date(2024, 6, 30), dt.date(2024, 7, 1))


def between(dates: DateRange) -> ir.Table:
    return GAMES.filter(GAMES.on.between(dates.start, dates.end), GAMES.on > dt.date(2021, 10, 19))


def rendered(build: Callable[[DateRange], ir.Table], dates: DateRange, folder: Path, dialect: str = "duckdb") -> str:
    return Statement.of(Query("a.query", build, dates), dialect, TemplateFolder(folder / "compiled" / "hash")).sql


def test_dates_of_the_range_are_rendered_and_others_stay(tmp_path: Path):
    sql = " ".join(rendered(between, OVER_SUMMER, tmp_path).split())
    assert "BETWEEN MAKE_DATE(2024, 6, 30) AND MAKE_DATE(2024, 7, 1)" in sql
    assert "> MAKE_DATE(2021, 10, 19)" in sql


@pytest.mark.parametrize(
    ("rule", "leap", "over_summer"),
    [
        ("start", "2024-02-29", "2024-06-30"),
        ("end", "2024-02-29", "2024-07-01"),
        ("start-1", "2024-02-28", "2024-06-29"),
        ("start-7", "2024-02-22", "2024-06-23"),
        ("start-30", "2024-01-30", "2024-05-31"),
        ("start-400", "2023-01-25", "2023-05-27"),
        ("start-1096", "2021-02-28", "2021-06-30"),
        ("season of start", "2023-07-01", "2023-07-01"),
        ("month of start", "2024-02-01", "2024-06-01"),
        ("month of end", "2024-02-01", "2024-07-01"),
    ],
)
def test_a_rule_makes_its_date(rule: str, leap: str, over_summer: str):
    assert [str(RULES[rule](dates)) for dates in (LEAP, OVER_SUMMER)] == [leap, over_summer]


def test_every_rule_is_tested_and_no_two_agree_on_the_sentinel():
    """Two rules with the same date there could not be told apart."""
    assert len({rule(SENTINEL) for rule in RULES.values()}) == len(RULES) == 10


def test_seasons_begin_as_in_the_calendar():
    days = [dt.date(2023, 10, 1) + dt.timedelta(days=n) for n in range(400)]
    assert [RULES["season of start"](DateRange(day, day)) for day in days] == [season_floor(day) for day in days]


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (
            lambda dates: GAMES.filter(GAMES.on > dates.start - dt.timedelta(days=3)),
            "-3 days from the start .* 0 rules",
        ),
        (lambda dates: GAMES.filter(GAMES.season == f"{dates.start.year}"), "other than a date is made from the dates"),
        (lambda dates: GAMES.filter(GAMES.on.year() == dates.end.year), "other than a date is made from the dates"),
    ],
    ids=["no rule", "text", "number"],
)
def test_what_cannot_be_rendered_is_refused(build: Callable[[DateRange], ir.Table], message: str, tmp_path: Path):
    with pytest.raises(NoTemplate, match=message):
        rendered(build, LEAP, tmp_path)


def test_a_stored_template_is_not_built_again(tmp_path: Path):
    first = rendered(between, LEAP, tmp_path)

    def unbuildable(dates: DateRange) -> ir.Table:
        raise AssertionError("the template is stored")

    assert rendered(unbuildable, LEAP, tmp_path) == first
    assert "MAKE_DATE(2024, 7, 1)" in rendered(unbuildable, OVER_SUMMER, tmp_path)


def test_each_dialect_has_its_own_template(tmp_path: Path):
    assert '"nba_raw"."games"' in rendered(between, LEAP, tmp_path)
    assert "`nba_raw`.`games`" in rendered(between, LEAP, tmp_path, "bigquery")


def test_a_template_that_cannot_be_read_is_compiled_again(tmp_path: Path):
    first = rendered(between, LEAP, tmp_path)
    (file,) = tmp_path.rglob("*.json")
    file.write_text(file.read_text()[:40])
    assert rendered(between, LEAP, tmp_path) == first
    assert json.loads(file.read_text())["reads"] == ["nba_raw.games"]


def test_names_too_long_for_a_file_have_templates_of_their_own(tmp_path: Path):
    folder = TemplateFolder(tmp_path / "compiled" / "hash")
    for season in ("2023-24", "2024-25"):
        query = Query("q" * 300 + season, lambda dates, season=season: GAMES.filter(GAMES.season == season), LEAP)
        assert f"'{season}'" in Statement.of(query, "duckdb", folder).sql
    assert len([*tmp_path.rglob("*.json")]) == 2


def test_a_missing_home_is_not_made_for_templates(tmp_path: Path):
    assert "BETWEEN" in rendered(between, LEAP, tmp_path / "home")
    assert not (tmp_path / "home").exists()


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path):
    (tmp_path / "compiled").touch()
    assert "BETWEEN" in rendered(between, LEAP, tmp_path)


def test_folders_of_other_code_are_removed_after_a_day(tmp_path: Path):
    folder = TemplateFolder(tmp_path / "compiled" / "ours")
    for name, age in (("ours", 48), ("recent", 1), ("old", 48)):
        path = folder.path.parent / name
        path.mkdir(parents=True)
        then = dt.datetime.now().timestamp() - age * 3600  # noqa: DTZ005 - a file's time
        os.utime(path, (then, then))
    folder.remove_outdated()
    assert {path.name for path in folder.path.parent.iterdir()} == {"ours", "recent"}


def test_templates_are_rendered_without_an_engine_a_compiler_or_frames():
    """Commands that print stored rows must not wait for these imports."""
    program = (
        "import sys; import nba_resources.warehouse.sql.templates, nba_resources.code_hash as code; code.code_hash();"
        "sys.exit(' '.join({'ibis', 'pandas', 'dagster', 'duckdb', 'sqlglot', 'pyarrow'} & {*sys.modules}) or 0)"
    )
    ended = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")
