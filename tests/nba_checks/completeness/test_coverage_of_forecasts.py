from collections.abc import Mapping
from pathlib import Path

import pytest

from nba_assets.kit.calendar import State
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from ..counted import DAY, TONIGHT, games, judged, one_season, rows_of, store

AT_TIP, AT_LINE = 10 + 12, 12 + 12 + 11  # ten systems on points and the rates; rates, plain and season averages
A_PLAYER = AT_TIP + AT_LINE
READY = ("is_production_ready", "is_relevant", "is_prop_eligible")
NOBODY_OUT: Mapping[tuple[int, str], str] = {}
POPULATIONS, FORECASTS = 6, 10 + 24 + 12 + 11 + 12 + 11  # and the blend and the line of each market


@pytest.fixture
def warehouse(tmp_path: Path) -> DuckDBWarehouse:
    return one_season(tmp_path)


def forecasts(slate: list[dict], players: int, systems: int = A_PLAYER, **known: object) -> list[dict]:
    return [
        {"game_id": game["game_id"], "game_date": game["game_date"], "player_id": player, "system_id": str(system)}
        | known
        for game in slate
        for player in range(players)
        for system in range(systems)
    ]


def named(slate: list[dict], players: int) -> list[dict]:
    rows = rows_of(slate, player_id=list(range(players)))
    return [row | {"player_lookup": f"p{row['player_id']}"} for row in rows]


def universe(warehouse: DuckDBWarehouse, slate: list[dict], players: int, others: int = 0) -> None:
    """Store features and presence of players, of whom the first may be bet on, and no line."""
    known = [row | dict.fromkeys(READY, row["player_id"] < players) for row in named(slate, players + others)]
    store(warehouse, "ml_feature_store_v2", known)
    present(warehouse, slate, players + others)
    store(warehouse, "player_prop_lines", [])


def present(
    warehouse: DuckDBWarehouse, slate: list[dict], players: int, statuses: Mapping[tuple[int, str], str] = NOBODY_OUT
) -> None:
    """Store the players in both editions, some with a status."""
    rows = [
        row | {"edition": edition, "is_reported": True, "status": statuses.get((row["player_id"], edition))}
        for row in named(slate, players)
        for edition in ("at_line", "at_tip")
    ]
    store(warehouse, "player_presence", rows)


def test_every_player_who_may_be_bet_on_owes_a_row_from_every_system(warehouse):
    """22 rows at tip-off and 35 at the line for each of four players. Who may not be bet on owes nothing."""
    slate = games(DAY, 1)
    store(warehouse, "schedule", slate)
    universe(warehouse, slate, 4, others=9)
    store(warehouse, "player_prop_predictions", forecasts(slate, 4))
    whole = judged(warehouse, "player_prop_predictions")
    store(warehouse, "player_prop_predictions", forecasts(slate, 4)[:-1])
    short = judged(warehouse, "player_prop_predictions")

    assert (whole.state, whole.expected, whole.actual) == (State.COMPLETE, 4 * 57, 4 * 57)
    assert (short.expected, short.actual) == (228, 227)


def test_every_line_owes_the_forecasts_that_read_it(warehouse):
    """The blend for each line, and the line itself where it is not on points: those have it at tip-off."""
    slate = games(DAY, 1)
    store(warehouse, "schedule", slate)
    universe(warehouse, slate, 2, others=1)
    markets = {0: ["player_points", "player_assists"], 1: ["player_points"], 2: ["player_assists"]}
    lines = [row | {"market": market} for row in named(slate, 3) for market in markets[row["player_id"]]]
    store(warehouse, "player_prop_lines", lines)
    store(warehouse, "player_prop_predictions", [])
    assert judged(warehouse, "player_prop_predictions").expected == 2 * 57 + (1 + 2) + 1


def test_a_player_who_is_out_by_then_owes_nothing_in_that_edition(warehouse):
    """The first is out at the line and back at tip-off, the second the other way round."""
    slate = games(DAY, 1)
    store(warehouse, "schedule", slate)
    universe(warehouse, slate, 2)
    present(warehouse, slate, 2, {(0, "at_line"): "out", (1, "at_tip"): "out"})
    ready = {"is_production_ready": True, "is_relevant": True}
    features = [row | ready | {"is_prop_eligible": row["player_id"] == 0} for row in named(slate, 2)]
    store(warehouse, "ml_feature_store_v2", features)
    store(warehouse, "player_prop_predictions", [])
    assert judged(warehouse, "player_prop_predictions").expected == AT_TIP + AT_LINE


def test_forecasts_for_a_game_postponed_since_are_neither_owed_nor_counted(warehouse):
    slate, postponed = games(DAY, 1), games(DAY, 1, status="postponed")
    store(warehouse, "schedule", slate + postponed)
    universe(warehouse, slate + postponed, 2)
    store(warehouse, "player_prop_predictions", forecasts(postponed, 2))

    state = judged(warehouse, "player_prop_predictions")

    assert (state.state, state.expected, state.actual, state.rows) == (State.MISSING, 2 * 57, 0, 2 * 57)


def test_without_features_forecasts_are_missing_and_not_complete(warehouse):
    store(warehouse, "schedule", games(DAY, 1))
    store(warehouse, "player_prop_predictions", [])

    state = judged(warehouse, "player_prop_predictions")

    assert (state.state, state.reason) == (State.MISSING, "nobody on the stored features may be bet on")


@pytest.mark.parametrize(
    ("status", "outcome", "expected"),
    [
        ("final", "PLAYED", State.COMPLETE),
        ("scheduled", "PENDING", State.COMPLETE),
        ("postponed", "DNP", State.COMPLETE),
        ("final", "PENDING", State.MISSING),
    ],
)
def test_grades_are_owed_to_the_last_and_none_may_stay_pending_after_its_game(
    warehouse, status: str, outcome: str, expected: State
):
    """A grade written before the game and never again looks like a row; nobody would come back for it."""
    slate, other = games(DAY, 1, status=status), games(DAY, 1, status="live")
    store(warehouse, "schedule", slate + other)
    store(warehouse, "player_prop_predictions", forecasts(slate, 3))
    store(warehouse, "prediction_accuracy", forecasts(slate, 3, outcome_state=outcome))
    state = judged(warehouse, "prediction_accuracy")
    assert (state.state, state.expected) == (expected, 3 * A_PLAYER)

    store(warehouse, "prediction_accuracy", forecasts(slate, 3, outcome_state=outcome)[1:])
    assert judged(warehouse, "prediction_accuracy").state is not State.COMPLETE


def test_performance_owes_every_system_and_population_where_there_are_forecasts(warehouse):
    slate = games(DAY, 1)
    store(warehouse, "schedule", slate + games(TONIGHT, 1))
    store(warehouse, "player_prop_predictions", forecasts(slate, 1))
    store(warehouse, "system_daily_performance", [{"game_date": DAY, "system_id": str(n)} for n in range(480)])

    found = [judged(warehouse, "system_daily_performance", date) for date in (DAY, TONIGHT)]

    assert [(state.state, state.expected) for state in found] == [
        (State.COMPLETE, FORECASTS * POPULATIONS),
        (State.MISSING, 0),
    ]
