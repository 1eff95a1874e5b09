"""Box scores that contradict themselves or the schedule, game by game and in words."""

import datetime as dt
from pathlib import Path

import ibis.expr.types as ir
import pytest

from nba_assets.kit.table import Table
from nba_checks.quality.reconciliation import player_faults, players_add_up_to_their_team, team_faults
from nba_resources.dates import DateRange
from nba_resources.warehouse.contract import Column, day, flag, integer, text
from nba_resources.warehouse.duckdb import DuckDBWarehouse

from ...nba_platform.rows import filled
from ..declared import declared

NIGHT = dt.date(2024, 11, 6)
GAME = {"game_id": "1", "game_date": NIGHT, "status": "final", "home_pts": 110, "away_pts": 101}
GAMES = [GAME | {"home_team": "BOS", "away_team": "NYK"}]
HOME = {"game_id": "1", "game_date": NIGHT, "team_abbr": "BOS", "is_home": True, "pts": 110, "plus_minus": 9}
AWAY = {"game_id": "1", "game_date": NIGHT, "team_abbr": "NYK", "is_home": False, "pts": 101, "plus_minus": -9}


def raw(name: str, grain: list[str], **columns: Column) -> Table:
    return declared(name, "nba_raw", grain, {"game_id": text(), "game_date": day(), **columns})


SIDES = {"home_team": text(), "away_team": text()}
SCORE = {"home_pts": integer(null=True), "away_pts": integer(null=True)}
SCHEDULE = raw("schedule", ["game_id"], status=text(), **SIDES, **SCORE)
TEAMS = raw(
    "team_boxscores", ["game_id", "team_abbr"], team_abbr=text(), is_home=flag(), pts=integer(), plus_minus=integer()
)
PLAYERS = raw("player_boxscores", ["game_id", "player_id"], player_id=integer(), team_abbr=text(), pts=integer())


def faults_of(rows: ir.Table) -> list[str | None]:
    return rows.execute()["fault"].tolist()


def of_teams(*teams: dict, games: list[dict] = GAMES) -> list[str | None]:
    return faults_of(team_faults(filled(TEAMS.contract, list(teams)), filled(SCHEDULE.contract, games)))


def scored(*points: tuple[str, int]) -> list[dict]:
    return [
        {"game_id": "1", "game_date": NIGHT, "player_id": n, "team_abbr": team, "pts": pts}
        for n, (team, pts) in enumerate(points)
    ]


def of_players(*points: tuple[str, int]) -> list[str | None]:
    return faults_of(player_faults(filled(PLAYERS.contract, scored(*points)), filled(TEAMS.contract, [HOME, AWAY])))


def test_a_sound_game_has_no_fault():
    assert of_teams(HOME, AWAY) == [None]
    assert of_players(("BOS", 60), ("BOS", 50), ("NYK", 101)) == [None]


@pytest.mark.parametrize(
    ("teams", "fault"),
    [
        ([HOME], "1 team rows instead of 2"),
        ([HOME, AWAY | {"team_abbr": "LAL"}], "teams other than scheduled"),
        ([HOME, AWAY | {"pts": 102}], "a score other than the schedule's"),
        ([HOME, AWAY | {"plus_minus": -8}], "plus_minus sums to 1"),
        ([HOME | {"is_home": False}, AWAY | {"is_home": True}], "teams other than scheduled"),
    ],
)
def test_each_way_a_game_may_contradict_itself_is_named(teams: list[dict], fault: str):
    assert of_teams(*teams) == [fault]


def test_rows_of_a_game_nobody_scheduled_are_a_fault():
    assert of_teams(HOME, AWAY, games=[]) == ["teams other than scheduled"]


def test_a_score_is_compared_only_once_the_schedule_has_one():
    live = {"status": "live", "home_pts": None, "away_pts": None}

    assert of_teams(HOME, AWAY, games=[GAMES[0] | live]) == [None]


def test_players_who_miss_a_point_are_named_with_both_sums():
    assert of_players(("BOS", 109), ("NYK", 101)) == ["BOS: players 109, team 110"]


def test_a_team_without_players_and_players_without_a_team_are_faults():
    assert of_players(("BOS", 110)) == ["NYK: players no row, team 101"]
    assert of_players(("BOS", 110), ("NYK", 101), ("LAL", 4)) == ["LAL: players 4, team no row"]


def test_each_date_is_answered_for_and_a_bad_one_says_what_to_run(tmp_path: Path):
    """A game without any player row is a gap, not a contradiction: coverage tells of it."""
    warehouse = DuckDBWarehouse(path=str(tmp_path / "nba.duckdb"))
    dates = DateRange(NIGHT, NIGHT + dt.timedelta(days=1))
    other = {"game_id": "2", "game_date": dates.end}
    stored = ((TEAMS, [HOME, HOME | other]), (PLAYERS, scored(("BOS", 100))))
    for of, facts in stored:
        warehouse.replace(of.contract, dates, filled(of.contract, facts))
    tables = {of.contract.name: of for of in (TEAMS, PLAYERS)}

    bad, quiet = players_add_up_to_their_team(warehouse, tables, dates, NIGHT).values()

    assert not bad.passed
    assert bad.metadata == {"games": 1, "faulty": 1}
    assert bad.message == (
        "1 of 1 games in player_boxscores disagree, expected 0: 1 (BOS: players 100, team 110); "
        "run `nba backfill 2024-11-06 --select team_boxscores,player_boxscores+`"
    )
    assert (quiet.passed, quiet.metadata["games"]) == (True, 0)
