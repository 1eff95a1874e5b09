"""A table for each thing that may be owed, and a season's schedule to owe it by, all of it written in the tests."""

import datetime as dt
from pathlib import Path

from nba_assets.kit.calendar import Scope
from nba_assets.kit.table import ExpectedRows
from nba_checks.completeness.coverage import DateState, coverage
from nba_resources.dates import DateRange
from nba_resources.warehouse.contract import day, flag, integer, moment, text
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from ..nba_platform.rows import filled_rows
from ..shared import SHARED
from .declared import declared

OPENING_NIGHT = dt.date(2024, 10, 22)
DAY = dt.date(2024, 12, 3)
TONIGHT = dt.date(2024, 12, 4)
SEASON = DateRange(dt.date(2024, 10, 1), dt.date(2025, 6, 30))

GAME = {"game_id": text(), "game_date": day()}
PLAYER, TEAM = GAME | {"player_id": integer()}, GAME | {"team_abbr": text()}
SEASONS = {"season_year": integer(), "season": text(), "start_date": day(), "end_date": day(), "games": integer()}
SIDES = {"home_team": text(null=True), "away_team": text(null=True)}
TIPOFF = {"game_code": text(null=True), "start_time_utc": moment(null=True), "neutral_site": flag(null=True)}
SCHEDULE = GAME | {"season": text(), "season_type": text(), "status": text()} | SIDES | TIPOFF
PROPS = {"book": text(), "game_date": day()}
ZONES = {"game_date": day(), "team_abbr": text()}
NAMED = PLAYER | {"player_lookup": text(null=True)}
FEATURES = NAMED | {name: flag() for name in ("is_production_ready", "is_relevant", "is_prop_eligible")}
PRESENCE = NAMED | {"edition": text(), "is_reported": flag(), "status": text(null=True)}
LINE = NAMED | {"market": text()}
FORECAST = PLAYER | {"system_id": text()}
GRADE = FORECAST | {"outcome_state": text()}
OF_SYSTEMS = {"game_date": day(), "system_id": text()}
BY_PLAYER, BY_TEAM = ["game_id", "player_id"], ["game_id", "team_abbr"]
BY_SYSTEM = [*BY_PLAYER, "system_id"]
LATER = {"scope": Scope.AFTER_BOOTSTRAP}
READ_ONLY = {"expected_rows": ExpectedRows.NOT_COUNTED}
DECLARED = (
    declared(
        "seasons", "nba_reference", ["season_year"], SEASONS, expected_rows=ExpectedRows.AS_DELIVERED, partition=None
    ),
    declared("schedule", "nba_raw", ["game_id"], SCHEDULE, expected_rows=ExpectedRows.GAMES),
    declared("props", "nba_raw", ["book", "game_date"], PROPS, expected_rows=ExpectedRows.AS_DELIVERED),
    declared("player_game_summary", "nba_analytics", BY_PLAYER, PLAYER, expected_rows=ExpectedRows.FINAL_GAMES),
    declared("team_game_summary", "nba_analytics", BY_TEAM, TEAM, expected_rows=ExpectedRows.FINAL_TEAMS),
    declared("team_context", "nba_analytics", BY_TEAM, TEAM, expected_rows=ExpectedRows.TEAMS),
    declared("player_context", "nba_analytics", BY_PLAYER, PLAYER, expected_rows=ExpectedRows.ROSTER_PLAYERS),
    declared("player_factors", "nba_precompute", BY_PLAYER, PLAYER, expected_rows=ExpectedRows.ROSTER_PLAYERS, **LATER),
    declared("player_zones", "nba_precompute", BY_PLAYER, PLAYER, expected_rows=ExpectedRows.PLAYERS_WITH_FIVE_GAMES),
    declared(
        "team_zones",
        "nba_precompute",
        ["game_date", "team_abbr"],
        ZONES,
        expected_rows=ExpectedRows.TEAMS_WITH_FIVE_GAMES,
    ),
    declared("ml_feature_store_v2", "nba_predictions", BY_PLAYER, FEATURES, expected_rows=ExpectedRows.ROSTER_PLAYERS),
    declared(
        "player_presence", "nba_precompute", [*BY_PLAYER, "edition"], PRESENCE, expected_rows=ExpectedRows.NOT_COUNTED
    ),
    declared(
        "player_prop_lines", "nba_analytics", [*BY_PLAYER, "market"], LINE, expected_rows=ExpectedRows.NOT_COUNTED
    ),
    declared(
        "player_prop_predictions", "nba_predictions", BY_SYSTEM, FORECAST, expected_rows=ExpectedRows.FORECASTS, **LATER
    ),
    declared("prediction_accuracy", "nba_predictions", BY_SYSTEM, GRADE, expected_rows=ExpectedRows.GRADES, **LATER),
    declared(
        "system_daily_performance",
        "nba_predictions",
        [*OF_SYSTEMS],
        OF_SYSTEMS,
        expected_rows=ExpectedRows.PERFORMANCE,
        **LATER,
    ),
)
TABLES = {one.contract.name: one for one in DECLARED}


def one_season(folder: Path) -> DuckDBWarehouse:
    """A warehouse that knows of one season and of nothing in it."""
    made = DuckDBWarehouse(path=str(folder / "nba.duckdb"), templates=str(SHARED / "counted"))
    season = {"season_year": 2024, "season": "2024-25", "start_date": OPENING_NIGHT, "end_date": SEASON.end}
    store(made, "seasons", [{**season, "games": 1230}])
    return made


def store(warehouse: DuckDBWarehouse, name: str, rows: list[dict]) -> None:
    contract = TABLES[name].contract
    warehouse.replace(contract, SEASON if contract.partition else None, filled_rows(contract, rows))


def games(date: dt.date, n: int, status: str = "final", season_type: str = "regular") -> list[dict]:
    kind = {"season": "2024-25", "season_type": season_type, "status": status}
    return [{"game_id": f"{date:%m%d}{status}{i}", "game_date": date, **kind} for i in range(n)]


def rows_of(slate: list[dict], **key: list) -> list[dict]:
    ((name, values),) = key.items()
    return [
        {"game_id": game["game_id"], "game_date": game["game_date"], name: value} for game in slate for value in values
    ]


def judged(warehouse: DuckDBWarehouse, name: str, date: dt.date = DAY, today: dt.date = TONIGHT) -> DateState:
    found = coverage(warehouse, TABLES, DateRange(date, date), today, of=[TABLES[name]])
    return next(state for state in found if state.table.endswith(f".{name}"))
