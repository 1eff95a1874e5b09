from pathlib import Path

import pytest

from models.systems.base import SystemId
from nba_assets.kit.calendar import State
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from ..counted import DAY, TONIGHT, games, judged, one_season, rows_of, store

SYSTEMS = len(SystemId)


@pytest.fixture
def warehouse(tmp_path: Path) -> DuckDBWarehouse:
    return one_season(tmp_path)


def forecasts(slate: list[dict], players: int, systems: int = SYSTEMS, **known: object) -> list[dict]:
    return [
        {"game_id": game["game_id"], "game_date": game["game_date"], "player_id": player, "system_id": str(system)}
        | known
        for game in slate
        for player in range(players)
        for system in range(systems)
    ]


def eligible(slate: list[dict], players: int, others: int = 0) -> list[dict]:
    told = rows_of(slate, player_id=list(range(players + others)))
    return [row | {"is_prop_eligible": row["player_id"] < players} for row in told]


def test_every_player_who_may_be_bet_on_owes_a_row_from_every_system(warehouse):
    """Ten systems, four players: 40 rows, and 39 are not enough. Who may not be bet on owes nothing."""
    slate = games(DAY, 1)
    store(warehouse, "schedule", slate)
    store(warehouse, "ml_feature_store_v2", eligible(slate, 4, others=9))
    store(warehouse, "player_prop_predictions", forecasts(slate, 4))
    whole = judged(warehouse, "player_prop_predictions")
    store(warehouse, "player_prop_predictions", forecasts(slate, 4)[:-1])
    short = judged(warehouse, "player_prop_predictions")

    assert (whole.state, whole.expected, whole.actual) == (State.COMPLETE, 4 * SYSTEMS, 4 * SYSTEMS)
    assert (short.state, short.reason) == (State.PARTIAL, "39 of 40 forecasts of players who may be bet on")


def test_forecasts_for_a_game_postponed_since_are_neither_owed_nor_counted(warehouse):
    slate, postponed = games(DAY, 1), games(DAY, 1, status="postponed")
    store(warehouse, "schedule", slate + postponed)
    store(warehouse, "ml_feature_store_v2", eligible(slate + postponed, 2))
    store(warehouse, "player_prop_predictions", forecasts(postponed, 2))

    state = judged(warehouse, "player_prop_predictions")

    assert (state.state, state.expected, state.actual, state.rows) == (State.MISSING, 2 * SYSTEMS, 0, 2 * SYSTEMS)


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
    assert (state.state, state.expected) == (expected, 3 * SYSTEMS)

    store(warehouse, "prediction_accuracy", forecasts(slate, 3, outcome_state=outcome)[1:])
    assert judged(warehouse, "prediction_accuracy").state is not State.COMPLETE


def test_performance_owes_every_system_and_population_where_there_are_forecasts(warehouse):
    slate = games(DAY, 1)
    store(warehouse, "schedule", slate + games(TONIGHT, 1))
    store(warehouse, "player_prop_predictions", forecasts(slate, 1))
    store(warehouse, "system_daily_performance", [{"game_date": DAY, "system_id": str(n)} for n in range(60)])

    found = [judged(warehouse, "system_daily_performance", date) for date in (DAY, TONIGHT)]

    assert [(state.state, state.expected) for state in found] == [(State.COMPLETE, 60), (State.MISSING, 0)]
