"""Faults planted in six real dates: a backfill sets aside exactly them, and takes them back after the mend."""

import datetime as dt
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest
from dirt import Ended, deviations, left_after_mend, wrong_words
from planted_dirt import UNDATED, Planted, copy_archive, plant

from nba_platform.definitions import TABLES as ALL_TABLES
from nba_platform.orchestration.backfill.ingest import RAW
from nba_resources.dates import DateRange

DATES = DateRange(dt.date(2024, 3, 4), dt.date(2024, 3, 9))
DERIVED = ["players", "player_game_summary", "team_offense_game_summary", "team_defense_game_summary"]
TABLES = [*RAW.split(","), *DERIVED]


@dataclass(frozen=True)
class TwoRuns:
    """The planted faults, the runs before and after the mend, and the deviations after each."""

    planted: list[Planted] = field(repr=False)
    dirty: Ended = field(repr=False)
    deviated: list[str] = field(repr=False)
    mended: Ended = field(repr=False)
    left: list[str] = field(repr=False)
    rows: dict[str, tuple[int, int]]


@pytest.fixture(scope="module")
def runs(archive_dir: str, tmp_path_factory: pytest.TempPathFactory, nba, settled) -> TwoRuns:
    archive, home, clean = map(tmp_path_factory.mktemp, ("archive", "home", "clean"))
    with pytest.MonkeyPatch.context() as monkeypatch:
        backfill = _backfill_in(archive, nba, settled, monkeypatch)
        planted = plant(Path(archive_dir), archive, DATES, seed=14)
        dirty = backfill(home)
        backfill(home, str(UNDATED), "--select", "game_odds")
        deviated = deviations(planted, home)
        copy_archive(Path(archive_dir), archive, DATES)
        mended = backfill(home)
        backfill(home, str(UNDATED), "--select", "game_odds")
        assert backfill(clean).code == 0
    rows = {name: (_count(home, name), _count(clean, name)) for name in TABLES}
    return TwoRuns(planted, dirty, deviated, mended, left_after_mend(home, clean, TABLES), rows)


def _backfill_in(archive: Path, nba, settled, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ended]:
    def backfill(home: Path, *words: str) -> Ended:
        settled(home, monkeypatch)
        monkeypatch.setenv("NBA_SOURCE", "archive")
        monkeypatch.setenv("NBA_ARCHIVE_DIR", str(archive))
        monkeypatch.delenv("NBA_TODAY")
        said = nba("backfill", *(words or (str(DATES.start), str(DATES.end), "--select", ",".join(TABLES))))
        return Ended(said.code, said.out + said.err, 0)

    return backfill


def _count(home: Path, name: str) -> int:
    with closing(duckdb.connect(home / "nba.duckdb", read_only=True)) as con:
        return con.execute(f"SELECT count(*) FROM {ALL_TABLES[name].contract.key}").fetchall()[0][0]


def test_exactly_what_was_planted_is_set_aside_refused_or_cleared(runs: TwoRuns):
    assert len({fault.kind for fault in runs.planted}) > 20
    assert runs.deviated == []


def test_the_command_says_which_dates_were_refused_and_how_to_go_on(runs: TwoRuns):
    assert wrong_words(runs.planted, runs.dirty) == []


def test_after_the_mend_what_was_set_aside_or_refused_is_taken_back(runs: TwoRuns):
    assert not [one for one in runs.left if "set aside" in one]
    assert {name: home for name, (home, _) in runs.rows.items()} == {
        name: clean for name, (_, clean) in runs.rows.items()
    }
    assert wrong_words([], runs.mended) == []


def test_after_the_mend_every_value_is_as_in_a_clean_build(runs: TwoRuns):
    assert not runs.left, runs.left
