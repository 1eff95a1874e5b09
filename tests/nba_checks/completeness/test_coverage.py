import datetime as dt
from dataclasses import replace
from pathlib import Path

import dagster as dg
import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from models.forecast_keys import Edition
from nba_assets.kit.calendar import State
from nba_assets.kit.table import ExpectedRows, table
from nba_assets.precompute.player_market_form import FORMS
from nba_checks.completeness.coverage import coverage, coverage_check, is_checked_by_date
from nba_checks.framework.by_date import DateResult
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import WarehouseUnavailable
from nba_resources.warehouse.contract import day, text
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from ...nba_platform.rows import filled
from ..counted import DAY, OPENING_NIGHT, TABLES, TONIGHT, games, judged, one_season, rows_of, store
from ..declared import declared

LAST_BOOTSTRAP = dt.date(2024, 11, 4)


@pytest.fixture
def warehouse(tmp_path: Path) -> DuckDBWarehouse:
    """Nothing compiled is kept: the rosters are the test's own."""
    return replace(one_season(tmp_path), templates="")


@pytest.fixture
def veterans() -> dict[dt.date, int]:
    """How many of the players on the rosters have five played games; nobody unless a test says so."""
    return {}


@pytest.fixture(autouse=True)
def rosters(monkeypatch: pytest.MonkeyPatch, veterans: dict[dt.date, int]) -> dict[dt.date, int]:
    """How many players the rosters hold, date by date: the counting itself is tested beside the contexts."""
    players: dict[dt.date, int] = {}

    def universe_size(tables: object, dates: DateRange) -> ir.Table:
        counts = {"game_date": pa.array(list(players), pa.date32()), "expected": pa.array(players.values(), pa.int64())}
        counts["veterans"] = pa.array([veterans.get(date, 0) for date in players], pa.int64())
        return ibis.memtable(pa.table(counts))

    monkeypatch.setattr("nba_checks.framework.count_queries.universe_size", universe_size)
    return players


def fixture(game_id: str, date: dt.date, home: str, away: str, status: str = "final") -> dict:
    kind = {"season": "2024-25", "season_type": "regular", "status": status}
    return {"game_id": game_id, "game_date": date, "home_team": home, "away_team": away, **kind}


def test_a_date_with_every_finished_game_is_complete(warehouse):
    slate = games(DAY, 8)
    store(warehouse, "schedule", slate)
    store(warehouse, "player_game_summary", rows_of(slate, player_id=[1, 2, 3]))

    state = judged(warehouse, "player_game_summary")

    assert (state.state, state.expected, state.actual, state.rows) == (State.COMPLETE, 8, 8, 24)


def test_a_date_with_a_lost_game_is_partial_and_says_what_mends_it(warehouse):
    slate = games(DAY, 8)
    store(warehouse, "schedule", slate)
    store(warehouse, "player_game_summary", rows_of(slate[:7], player_id=[1, 2]))

    state = judged(warehouse, "player_game_summary")

    assert (state.state, state.reason) == (State.PARTIAL, "7 of 8 finished games")
    assert state.command == "nba backfill 2024-12-03 --select player_game_summary"


def test_nineteen_of_twenty_rows_are_enough_and_eighteen_are_not(warehouse):
    slate = games(DAY, 10)
    store(warehouse, "schedule", slate)
    teams = rows_of(slate, team_abbr=["BOS", "NYK"])

    store(warehouse, "team_game_summary", teams[:19])
    assert judged(warehouse, "team_game_summary").state is State.COMPLETE

    store(warehouse, "team_game_summary", teams[:18])
    assert judged(warehouse, "team_game_summary").state is State.PARTIAL


def test_a_date_with_games_and_no_rows_is_missing(warehouse):
    store(warehouse, "schedule", games(DAY, 3) + games(DAY - dt.timedelta(days=1), 1))
    store(warehouse, "player_game_summary", rows_of(games(DAY - dt.timedelta(days=1), 1), player_id=[1]))

    state = judged(warehouse, "player_game_summary")

    assert (state.state, state.reason) == (State.MISSING, "0 of 3 finished games")


def test_a_table_never_written_is_missing_even_if_it_owes_only_what_is_published(warehouse):
    store(warehouse, "schedule", games(DAY, 3))

    found = {name: judged(warehouse, name) for name in ("player_game_summary", "props", "team_context")}

    assert {state.state for state in found.values()} == {State.MISSING}
    assert found["props"].reason == "the table was never written"


def test_a_date_without_games_owes_nothing(warehouse):
    store(warehouse, "schedule", games(DAY - dt.timedelta(days=1), 3))

    assert judged(warehouse, "player_game_summary").state is State.NO_GAMES


def test_an_all_star_night_and_a_postponed_game_are_no_games(warehouse):
    store(warehouse, "schedule", games(DAY, 1, season_type="all_star") + games(DAY, 1, status="postponed"))

    assert judged(warehouse, "player_game_summary").state is State.NO_GAMES


def test_rows_of_a_postponed_game_do_not_stand_in_for_a_lost_one(warehouse):
    slate, postponed = games(DAY, 4), games(DAY, 1, status="postponed")
    store(warehouse, "schedule", slate + postponed)
    store(warehouse, "player_game_summary", rows_of(slate[:3] + postponed, player_id=[1]))

    state = judged(warehouse, "player_game_summary")

    assert (state.state, state.actual) == (State.PARTIAL, 3)


def test_tonight_owes_contexts_but_no_box_scores_yet(warehouse):
    slate = games(TONIGHT, 2, status="scheduled")
    store(warehouse, "schedule", slate)
    store(warehouse, "player_game_summary", [])
    store(warehouse, "team_context", rows_of(slate, team_abbr=["BOS", "NYK"]))

    assert judged(warehouse, "player_game_summary", TONIGHT).state is State.NOT_DUE
    context = judged(warehouse, "team_context", TONIGHT)
    assert (context.state, context.expected) == (State.COMPLETE, 4)


def test_a_night_half_played_is_not_due_until_all_its_games_are_final(warehouse):
    slate = games(TONIGHT, 1) + games(TONIGHT, 1, status="live")
    store(warehouse, "schedule", slate)
    store(warehouse, "player_game_summary", rows_of(slate[:1], player_id=[1]))

    state = judged(warehouse, "player_game_summary", TONIGHT)

    assert (state.state, state.reason) == (State.NOT_DUE, "1 of 2 games are not final on the stored schedule")


def test_fixtures_after_tonight_owe_no_contexts_yet(warehouse):
    later = TONIGHT + dt.timedelta(days=7)
    store(warehouse, "schedule", games(later, 5, status="scheduled"))
    store(warehouse, "team_context", [])

    assert judged(warehouse, "team_context", later).state is State.NOT_DUE
    assert judged(warehouse, "schedule", later).state is State.COMPLETE


def test_the_first_days_of_a_season_are_bootstrap_while_no_roster_has_been_seen(warehouse):
    store(warehouse, "schedule", games(OPENING_NIGHT, 2))
    store(warehouse, "player_game_summary", [])
    store(warehouse, "player_context", [])

    assert judged(warehouse, "player_context", OPENING_NIGHT).state is State.BOOTSTRAP
    assert judged(warehouse, "player_game_summary", OPENING_NIGHT).state is State.MISSING


def test_bootstrap_ends_with_the_fourteenth_day(warehouse):
    """The season begins on 2024-10-22, so 2024-11-04 is its last bootstrap date."""
    last, first_after = dt.date(2024, 11, 4), dt.date(2024, 11, 5)
    store(warehouse, "schedule", games(last, 2) + games(first_after, 2))
    store(warehouse, "player_context", [])

    assert judged(warehouse, "player_context", last).state is State.BOOTSTRAP
    after = judged(warehouse, "player_context", first_after)
    assert (after.state, after.expected) == (State.MISSING, 0)


def test_a_context_owes_every_player_on_the_rosters(warehouse, rosters):
    slate = games(DAY, 1)
    rosters[DAY] = 26
    store(warehouse, "schedule", slate)
    store(warehouse, "player_game_summary", rows_of(slate, player_id=[1]))
    store(warehouse, "player_context", rows_of(slate, player_id=list(range(20))))

    state = judged(warehouse, "player_context")

    assert (state.state, state.reason) == (State.PARTIAL, "20 of 26 players on the rosters")


@pytest.mark.parametrize(
    ("rule", "each", "unit"),
    [(ExpectedRows.ROSTER_STATISTICS, FORMS, "statistics"), (ExpectedRows.ROSTER_EDITIONS, tuple(Edition), "editions")],
    ids=["form", "presence"],
)
def test_a_table_owes_every_statistic_or_edition_of_every_player(warehouse, rosters, rule, each, unit):
    slate, grain = games(DAY, 1), ["game_id", "player_id", "name"]
    columns = TABLES["player_context"].contract.columns | {"name": text()}
    form = declared("form", "nba_precompute", grain, columns, expected_rows=rule)
    rosters[DAY] = 26
    store(warehouse, "schedule", slate)
    store(warehouse, "player_game_summary", rows_of(slate, player_id=[1]))
    rows = [row | {"name": name} for row in rows_of(slate, player_id=list(range(20))) for name in each]
    warehouse.replace(form.contract, DateRange(DAY, DAY), filled(form.contract, rows))

    (state,) = coverage(warehouse, TABLES | {"form": form}, DateRange(DAY, DAY), TONIGHT, of=[form])

    told = f"{20 * len(each)} of {26 * len(each)} {unit} of players on the rosters"
    assert (state.state, state.reason) == (State.PARTIAL, told)


def test_lines_are_complete_where_published_and_owe_nothing_elsewhere(warehouse):
    store(warehouse, "schedule", games(DAY, 3) + games(TONIGHT, 3))
    store(warehouse, "props", [{"book": "a", "game_date": DAY}])

    assert judged(warehouse, "props", DAY).state is State.COMPLETE
    quiet = judged(warehouse, "props", TONIGHT)
    assert (quiet.state, quiet.reason) == (State.NO_GAMES, "nothing was published")


def test_a_summer_day_has_no_games_and_needs_no_work(warehouse):
    store(warehouse, "schedule", [])
    summer = DateRange(dt.date(2024, 7, 1), dt.date(2024, 9, 30))

    found = coverage(warehouse, TABLES, summer, TONIGHT)

    assert {state.date for state in found if state.table == "nba_raw.schedule"} == {*summer}
    assert {(state.state, state.needs_work) for state in found} == {(State.NO_GAMES, False)}


def test_an_empty_warehouse_is_not_reported_as_free_of_gaps(warehouse):
    with pytest.raises(WarehouseUnavailable, match=r"nba_raw.schedule was never loaded.*nba backfill"):
        coverage(warehouse, TABLES, DateRange(DAY, DAY), TONIGHT)


def test_bootstrap_dates_of_a_table_that_starts_later_must_be_empty(warehouse):
    """2024-11-04 is the last of the first fourteen days: rows there were made of almost nothing."""
    slate = games(LAST_BOOTSTRAP, 1)
    store(warehouse, "schedule", slate)
    store(warehouse, "player_game_summary", [])
    store(warehouse, "player_factors", [])
    empty = judged(warehouse, "player_factors", LAST_BOOTSTRAP)
    store(warehouse, "player_factors", rows_of(slate, player_id=[1, 2]))
    filled = judged(warehouse, "player_factors", LAST_BOOTSTRAP)

    assert (empty.state, empty.expected, empty.needs_work) == (State.BOOTSTRAP, 0, False)
    assert (filled.state, filled.needs_work) == (State.BOOTSTRAP, True)
    assert filled.reason == "day 13 of the season is left out by design, but 2 rows are stored"


def test_a_table_of_veterans_owes_only_those_with_five_games(warehouse, rosters, veterans):
    rosters[DAY], veterans[DAY] = 26, 20
    slate = games(DAY, 1)
    store(warehouse, "schedule", slate)
    store(warehouse, "player_game_summary", rows_of(slate, player_id=[1]))
    store(warehouse, "player_zones", rows_of(slate, player_id=list(range(19))))

    state = judged(warehouse, "player_zones")

    assert (state.state, state.reason) == (State.COMPLETE, "19 of 20 players on the rosters with five played games")


def test_every_team_with_five_finished_games_is_owed_whether_it_plays_or_not(warehouse):
    """BOS has five games before DAY, NYK five with the one that is not final, LAL one; only BOS is seasoned."""
    dates = [DAY - dt.timedelta(days=n) for n in range(1, 7)]
    slate = [
        *(fixture(f"b{n}", date, "BOS", f"X{n}") for n, date in enumerate(dates[:5])),
        *(fixture(f"n{n}", date, "NYK", f"Y{n}") for n, date in enumerate(dates[:4])),
        fixture("n9", dates[5], "NYK", "LAL", status="live"),
        fixture("tonight", DAY, "MIA", "CHI"),
    ]
    store(warehouse, "schedule", slate)
    store(warehouse, "player_game_summary", [])
    store(warehouse, "team_zones", [{"team_abbr": "BOS", "game_date": DAY}])

    state = judged(warehouse, "team_zones")

    assert (state.state, state.expected, state.actual) == (State.COMPLETE, 1, 1)


def test_the_check_of_a_table_answers_for_each_date_with_numbers_and_a_command(warehouse):
    slate = games(DAY, 8)
    store(warehouse, "schedule", slate)
    store(warehouse, "player_game_summary", rows_of(slate[:7], player_id=[1]))
    dates = DateRange(DAY, TONIGHT)

    told = coverage_check(TABLES["player_game_summary"])(
        warehouse, TABLES, dates, TONIGHT, dg.DagsterInstance.ephemeral()
    )

    assert told[DAY] == DateResult(
        False,
        "partial: 7 of 8 finished games; run `nba backfill 2024-12-03 --select player_game_summary`",
        {"state": "partial", "expected": 8, "actual": 7, "rows": 7},
    )
    assert told[TONIGHT].passed


def test_a_table_by_month_owes_nothing_to_a_date(warehouse):
    def models() -> ir.Table: ...

    monthly = table(
        dataset="nba_predictions",
        grain=["month"],
        expected_rows=ExpectedRows.MODELS,
        partition="month",
        monthly=True,
        columns={"month": day()},
    )(models)
    store(warehouse, "schedule", games(DAY, 1))

    assert not is_checked_by_date(monthly)
    assert coverage(warehouse, TABLES, DateRange(DAY, DAY), TONIGHT, of=[monthly]) == []


def test_nothing_is_recounted_for_a_table_that_does_not_owe_it(warehouse, monkeypatch: pytest.MonkeyPatch):
    """Recounting rosters over a season takes longer than judging everything else."""

    def refused(*asked: object) -> None:
        raise AssertionError("the rosters were recounted")

    monkeypatch.setattr("nba_checks.framework.count_queries.universe_size", refused)
    slate = games(DAY, 1)
    store(warehouse, "schedule", slate)
    store(warehouse, "player_game_summary", rows_of(slate, player_id=[1]))
    assert judged(warehouse, "player_prop_predictions").state is State.MISSING
