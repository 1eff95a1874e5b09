import datetime as dt
import io
from pathlib import Path

import ibis
import pandas as pd
import pytest
from PIL import Image

from nba_assets.kit.calendar import State
from nba_checks.completeness.coverage import DateState
from nba_checks.completeness.pipeline_coverage import pipeline_coverage
from nba_platform.definitions import TABLES
from nba_platform.reports.coverage_calendar import StoredStates, coverage_calendar, read_states, worst_dates
from nba_platform.reports.heat_map import COLOURS, NOT_CHECKED
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import WarehouseUnavailable
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from ...shared import warehouse_at

DECEMBER = DateRange(dt.date(2024, 12, 1), dt.date(2024, 12, 31))
TODAY = DECEMBER.end


def state(table: str, date: dt.date, what: State, reason: str | None = None) -> DateState:
    return DateState(TABLES[table].contract.key, date, what, 10, 7, 7, reason)


def day(n: int) -> dt.date:
    return dt.date(2024, 12, n)


@pytest.fixture
def warehouse(tmp_path: Path) -> DuckDBWarehouse:
    return warehouse_at(tmp_path / "nba.duckdb")


def keep(warehouse: DuckDBWarehouse, states: list[DateState]) -> None:
    now = ibis.literal(pd.Timestamp("2025-01-01", tz="UTC"), type="timestamp('UTC')")
    rows = pipeline_coverage(states).mutate(code_version=ibis.literal("v"), computed_at=now)
    dates = DateRange(min(one.date for one in states), max(one.date for one in states))
    warehouse.replace(pipeline_coverage.contract, dates, rows)


def coloured(png: bytes, what: str) -> int:
    """Pixels of the colour, within what a palette of few colours may shift it."""
    wanted = tuple(int(COLOURS[what][n : n + 2], 16) for n in (1, 3, 5))
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    assert picture.size == (1600, 900)
    return sum(
        n for n, found in picture.getcolors() if all(abs(a - b) <= 4 for a, b in zip(found, wanted, strict=True))
    )


def test_a_single_missing_date_is_seen_among_a_season_of_complete_ones(warehouse):
    keep(warehouse, [state("shots", date, State.COMPLETE) for date in DECEMBER])
    clean = coverage_calendar(warehouse, TABLES, TODAY)
    keep(warehouse, [state("shots", day(7), State.MISSING)])
    lost = coverage_calendar(warehouse, TABLES, TODAY)

    assert coloured(clean.png, State.MISSING) == 0
    assert coloured(lost.png, State.MISSING) > 1000
    assert coloured(lost.png, State.COMPLETE) > 20 * coloured(lost.png, State.MISSING)


def test_a_date_that_nobody_judged_is_drawn_and_listed_as_such(warehouse):
    judged = [date for date in DECEMBER if date not in (day(10), day(11), day(20))]
    keep(warehouse, [state("shots", date, State.COMPLETE) for date in judged])

    drawn = coverage_calendar(warehouse, TABLES, TODAY)

    assert coloured(drawn.png, NOT_CHECKED) > 1000
    assert "`nba backfill 2024-12-10 2024-12-11 --select pipeline_coverage`" in drawn.markdown
    assert "`nba backfill 2024-12-20 --select pipeline_coverage`" in drawn.markdown


def test_an_evening_judged_before_its_games_were_over_counts_as_not_judged_the_next_day(warehouse):
    keep(warehouse, [state("shots", date, State.NOT_DUE) for date in (day(30), day(31))])
    assert read_states(warehouse, day(31)).not_checked == (day(30),)
    assert read_states(warehouse, day(30)).not_checked == ()


def test_summer_days_are_drawn_as_days_without_games(warehouse):
    keep(warehouse, [state("shots", day(n), State.COMPLETE) for n in (1, 2)])
    winter = coverage_calendar(warehouse, TABLES, day(2))
    summer = DateRange(dt.date(2024, 7, 1), dt.date(2024, 9, 30))
    keep(warehouse, [state("shots", date, State.NO_GAMES) for date in summer])
    both = coverage_calendar(warehouse, TABLES, day(2))

    assert coloured(both.png, State.NO_GAMES) > 1000 + coloured(winter.png, State.NO_GAMES)
    assert coloured(both.png, State.MISSING) == 0


def test_a_summer_day_that_was_never_checked_is_no_hole(warehouse):
    keep(warehouse, [state("shots", dt.date(2024, 6, 30), State.COMPLETE), state("shots", TODAY, State.COMPLETE)])

    dates = read_states(warehouse, TODAY).not_checked

    assert (min(dates), max(dates)) == (dt.date(2024, 10, 1), day(30))
    assert not {date.month for date in dates} & {7, 8, 9}


def test_several_seasons_are_drawn_by_layer_and_one_by_table(warehouse):
    """The words differ, so the pictures do; what is lost shows in both."""
    keep(warehouse, [state("shots", date, State.MISSING) for date in DECEMBER])
    one = coverage_calendar(warehouse, TABLES, TODAY)
    earlier = DateRange(dt.date(2023, 12, 1), dt.date(2023, 12, 31))
    keep(warehouse, [state("team_boxscores", date, State.MISSING) for date in earlier])
    both = coverage_calendar(warehouse, TABLES, TODAY)

    assert coloured(both.png, State.MISSING) > 1000
    assert one.png != both.png


def test_before_anything_was_judged_it_says_what_to_run(warehouse):
    with pytest.raises(WarehouseUnavailable, match="--select pipeline_coverage"):
        coverage_calendar(warehouse, TABLES, TODAY)


def test_the_worst_dates_come_first_and_one_command_mends_all_tables_of_a_date():
    states = (
        state("shots", day(3), State.PARTIAL, "7 of 10"),
        state("shots", day(4), State.MISSING, "0 of 10"),
        state("shots", day(5), State.MISSING, "0 of 10"),
        state("team_boxscores", day(5), State.MISSING, "0 of 10"),
        state("shots", day(6), State.COMPLETE),
    )

    lines = worst_dates(StoredStates(states, ())).splitlines()

    assert lines[0] == "Dates of tables: 1 complete, 1 partial, 3 missing."
    assert [line.split(" | ")[0] for line in lines[-3:]] == ["| 2024-12-05", "| 2024-12-04", "| 2024-12-03"]
    assert lines[-3] == ("| 2024-12-05 | missing: 0 of 10 | `nba backfill 2024-12-05 --select shots,team_boxscores` |")


def test_a_long_list_is_cut_and_says_so():
    states = tuple(state("shots", day(n), State.MISSING, "0 of 10") for n in range(1, 29))
    told = worst_dates(StoredStates(states, ()))
    assert "28 dates need work; the worst 20:" in told
    assert told.count("`nba backfill") == 20


def test_a_date_left_out_by_design_that_holds_rows_wants_work_too(warehouse):
    """Rows of a bootstrap date were made of almost nothing; the state alone would hide them."""
    keep(warehouse, [DateState(TABLES["player_daily_cache"].contract.key, day(1), State.BOOTSTRAP, 0, 12, 12, "day 3")])
    assert (
        "`nba backfill 2024-12-01 --select player_daily_cache`" in coverage_calendar(warehouse, TABLES, day(1)).markdown
    )


def test_when_all_is_well_it_says_so():
    assert worst_dates(StoredStates((state("shots", day(3), State.COMPLETE),), ())).endswith("No date needs work.")


def test_a_gap_of_the_source_comes_last_and_names_no_command(warehouse):
    """Such a date was listed first, with a backfill that changed nothing."""
    of_source = "0 of 1 finished games: the source has no player rows for game 0062400001"
    gone = DateState(TABLES["player_boxscores"].contract.key, day(17), State.MISSING, 1, 0, 0, of_source, True)
    keep(warehouse, [gone, state("shots", day(3), State.PARTIAL, "7 of 10")])

    rows = worst_dates(read_states(warehouse, day(17))).splitlines()
    dates = [row for row in rows if row.startswith("| 2024-12-03 |") or row.startswith("| 2024-12-17 |")]

    assert dates == [
        "| 2024-12-03 | partial: 7 of 10 | `nba backfill 2024-12-03 --select shots` |",
        f"| 2024-12-17 | missing: {of_source} | none: the source has no more |",
    ]
