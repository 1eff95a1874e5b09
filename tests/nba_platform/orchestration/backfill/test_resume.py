"""A backfill goes on from what is done, and does again what only looks done."""

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from nba_platform.orchestration.backfill.resume import Counts
from nba_platform.orchestration.backfill.source_changes import consecutive_ranges
from nba_resources.dates import DateRange
from nba_resources.sources.base import Delivery, SourceUnavailable
from nba_resources.sources.simulated import SimulatedSource

from .conftest import EIGHT_TABLES, EVENINGS

SELECTED = ("--select", EIGHT_TABLES, "--json")
FIRST, TONIGHT = dt.date(2024, 10, 22), dt.date(2024, 10, 24)


@pytest.fixture
def computed(eight_tables: Path, tmp_path: Path, settled, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of them."""
    shutil.copytree(eight_tables, tmp_path / "home", symlinks=True)
    settled(tmp_path / "home", monkeypatch)
    return tmp_path / "home"


def rows(home: Path, table: str) -> list[tuple]:
    with closing(duckdb.connect(home / "nba.duckdb", read_only=True)) as con:
        return con.execute(f"SELECT game_date, game_id, player_id, points FROM {table} ORDER BY ALL").fetchall()


def tables_of(document: dict) -> set[str]:
    return {table.split(".")[-1] for run in document["runs"] for table in run["tables"]}


@contextmanager
def telling(feed: str, other: Callable[[pa.Table], pa.Table]) -> Iterator[None]:
    """A source that tells something else of one feed."""
    fetch = SimulatedSource.fetch

    def fetched(self, asked: str, dates: DateRange) -> Delivery:
        delivery = fetch(self, asked, dates)
        return Delivery(other(delivery.rows), delivery.notes) if asked == feed else delivery

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SimulatedSource, "fetch", fetched)
        yield


def without_the_first_evening(rows: pa.Table) -> pa.Table:
    return rows.filter(pc.not_equal(rows["game_date"], FIRST))


def nothing(rows: pa.Table) -> pa.Table:
    raise SourceUnavailable("the league does not answer")


def tonight_postponed(rows: pa.Table) -> pa.Table:
    status = pc.if_else(pc.equal(rows["game_date"], TONIGHT), "postponed", rows["status"])
    return rows.set_column(rows.schema.get_field_index("status"), "status", status)


def test_what_is_done_is_not_done_again_and_the_document_counts_it(computed, nba):
    """Five tables of three dates and three kept whole."""
    told = nba("backfill", *EVENINGS, *SELECTED).document()

    assert told["runs"] == []
    none = dict.fromkeys(("computed", "failed", "zero_rows", "bootstrap", "no_games"), 0)
    assert told["dates"] == none | {"skipped": 18}
    assert len(told["tables"]) == 8


def test_force_does_it_again(computed, nba):
    told = nba("backfill", *EVENINGS, "--force", *SELECTED).document()

    assert [run["partitions"] for run in told["runs"]] == ["2024-10-21...2024-10-23"]
    assert told["dates"]["computed"] == 18
    assert told["dates"]["no_games"] == 5
    assert told["dates"]["skipped"] == 0


def test_lost_rows_are_computed_again_and_nothing_dated_above_them(computed, nba):
    before = rows(computed, "nba_analytics.player_game_summary")
    with closing(duckdb.connect(computed / "nba.duckdb")) as con:
        con.execute("DELETE FROM nba_analytics.player_game_summary WHERE game_date = ?", [FIRST])

    told = nba("backfill", *EVENINGS, *SELECTED).document()

    assert tables_of(told) == {"seasons", "birth_dates", "players", "player_game_summary"}
    assert {run["partitions"] for run in told["runs"]} == {"2024-10-22"}
    assert rows(computed, "nba_analytics.player_game_summary") == before


def test_a_lost_table_is_computed_again(computed, nba):
    before = rows(computed, "nba_analytics.player_game_summary")
    with closing(duckdb.connect(computed / "nba.duckdb")) as con:
        con.execute("DROP TABLE nba_analytics.player_game_summary")

    told = nba("backfill", *EVENINGS, *SELECTED).document()

    assert told["dates"]["computed"] == 6
    assert rows(computed, "nba_analytics.player_game_summary") == before


def test_a_gap_that_the_source_cannot_fill_is_asked_about_but_not_computed_again(computed, nba):
    """A cup final without player rows would otherwise have all that looks back on it computed with every backfill."""
    with telling("player_boxscores", without_the_first_evening):
        gap = nba("backfill", *EVENINGS, "--force", *SELECTED).document()
        again = nba("backfill", *EVENINGS, *SELECTED).document()
    filled = nba("backfill", *EVENINGS, *SELECTED).document()
    done = nba("backfill", *EVENINGS, *SELECTED).document()

    assert gap["dates"]["zero_rows"] == 2  # player_boxscores, and the summaries made of them
    assert again["runs"] == []
    assert tables_of(filled) == {"seasons", "birth_dates", "player_boxscores", "players", "player_game_summary"}
    assert filled["dates"]["zero_rows"] == 0
    assert done["runs"] == []


def test_a_hole_that_a_failed_run_leaves_is_in_the_stored_coverage(computed, nba):
    """Coverage comes after all tables, so it was skipped exactly when there was something to tell."""
    told_of = "team_boxscores,pipeline_coverage,reports/coverage_calendar"
    with closing(duckdb.connect(computed / "nba.duckdb")) as con:
        con.execute("DELETE FROM nba_raw.team_boxscores WHERE game_date = ?", [FIRST])
    with telling("team_boxscores", nothing):
        told = nba("backfill", *EVENINGS, "--select", told_of, "--json").document()
    with closing(duckdb.connect(computed / "nba.duckdb", read_only=True)) as con:
        question = "SELECT game_date, state FROM nba_reference.pipeline_coverage WHERE table_name = ? ORDER BY 1"
        states = [state for _, state in con.execute(question, ["nba_raw.team_boxscores"]).fetchall()]
    mended = nba("backfill", *EVENINGS, "--select", told_of, "--json").document()

    assert "the league does not answer" in told["error"]
    assert tables_of(told) == {"team_boxscores", "pipeline_coverage", "coverage_calendar"}
    assert told["dates"]["failed"] == 1
    assert states == ["no_games", "missing", "complete"]
    assert tables_of(mended) == {"team_boxscores", "pipeline_coverage", "coverage_calendar"}


def test_a_date_whose_games_are_not_over_is_computed_again_when_the_source_has_news_of_it(computed, nba):
    tonight = ("2024-10-24", "--select", "schedule,team_boxscores", "--json")

    first, second = (nba("backfill", *tonight).document() for _ in range(2))
    with telling("schedule", tonight_postponed):
        third = nba("backfill", *tonight).document()

    assert tables_of(first) == {"schedule", "team_boxscores"}
    assert second["runs"] == []
    assert tables_of(third) == {"schedule", "team_boxscores"}


def test_a_table_alone_is_done_when_nothing_it_reads_has_changed(computed, nba):
    nba("backfill", "2024-10-22", "--select", "schedule", "--force")

    below = nba("backfill", *EVENINGS, "--select", "team_boxscores", "--json").document()

    assert below["runs"] == []


def test_counts_are_told_in_sentences_without_zeros():
    counts = Counts(computed=1200, skipped=34, failed=5, zero_rows=2, no_games=7)

    assert counts.sentences == (
        "Dates of tables: computed 1,200; of these 2 without rows although rows were expected, 7 without games.",
        "34 were done and left as they are: --force computes them again.",
        "5 were refused or not reached: the same command goes on from here.",
    )
    assert Counts().sentences == ("Dates of tables: computed 0.",)


def test_days_that_follow_one_another_are_one_stretch():
    days = [dt.date(2024, 12, day) for day in (1, 2, 5, 7, 8, 9)]

    assert [str(stretch) for stretch in consecutive_ranges(days)] == [
        "2024-12-01...2024-12-02",
        "2024-12-05",
        "2024-12-07...2024-12-09",
    ]
    assert list(consecutive_ranges([])) == []
