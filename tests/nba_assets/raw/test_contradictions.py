"""Box scores that contradict themselves, each other or the schedule, game by game and in words."""

import datetime as dt
from typing import Any

import ibis.expr.types as ir
import pytest

from nba_assets.raw.contradictions import player_faults, team_faults
from nba_assets.raw.player_boxscores import player_boxscores
from nba_assets.raw.schedule import schedule
from nba_assets.raw.team_boxscores import team_boxscores

from ...nba_platform.rows import filled

NIGHT = dt.date(2024, 11, 6)
ON = {"game_id": "1", "game_date": NIGHT}
GAME = ON | {"status": "final", "home_team": "BOS", "away_team": "NYK", "home_pts": 110, "away_pts": 101}
SHOTS = {"fgm": 40, "fga": 90, "fg3m": 12, "ftm": 18}  # 2 x 28 + 3 x 12 + 18 = 110
HOME = ON | SHOTS | {"team_abbr": "BOS", "is_home": True, "pts": 110, "reb": 44, "plus_minus": 9}
AWAY = ON | SHOTS | {"team_abbr": "NYK", "is_home": False, "pts": 101, "ftm": 9, "plus_minus": -9}


def of_teams(*teams: dict[str, Any], games: tuple[dict[str, Any], ...] = (GAME,)) -> list[str | None]:
    return faults(team_faults(filled(team_boxscores.contract, list(teams)), filled(schedule.contract, list(games))))


def of_players(
    *lines: dict[str, Any], teams: tuple[dict[str, Any], ...] = (HOME, AWAY), season: int = 2024
) -> list[str | None]:
    rows = filled(player_boxscores.contract, list(lines))
    game = GAME | {"season_year": season}
    others = filled(team_boxscores.contract, list(teams)), filled(schedule.contract, [game])
    return faults(player_faults(rows, *others))


def faults(rows: ir.Table) -> list[str | None]:
    return rows.execute()["fault"].tolist()


def line(team: str, player: int, pts: int, **others: Any) -> dict[str, Any]:
    blank = dict.fromkeys((*SHOTS, "reb", "ast", "stl", "blk", "starter"))
    return ON | blank | {"team_abbr": team, "player_id": player, "pts": pts} | others


SOUND = (line("BOS", 1, 60), line("BOS", 2, 50), line("NYK", 3, 101))


def test_a_sound_game_has_no_fault():
    assert of_teams(HOME, AWAY) == [None]
    assert of_players(*SOUND) == [None]


@pytest.mark.parametrize(
    ("teams", "fault"),
    [
        ([HOME], "1 team rows instead of 2"),
        ([HOME, AWAY | {"team_abbr": "LAL"}], "teams other than scheduled"),
        ([HOME, AWAY | {"pts": 102, "ftm": 10}], "a score other than the schedule's"),
        ([HOME, AWAY | {"ftm": 10}], "points that are not those of the shots made"),
        ([HOME, AWAY | {"plus_minus": -8}], "plus_minus sums to 1"),
        ([HOME | {"is_home": False}, AWAY | {"is_home": True}], "teams other than scheduled"),
    ],
)
def test_each_way_team_rows_may_contradict_themselves_is_named(teams: list[dict[str, Any]], fault: str):
    assert of_teams(*teams) == [fault]


def test_rows_of_a_game_nobody_scheduled_are_a_fault():
    assert of_teams(HOME, AWAY, games=()) == ["teams other than scheduled"]


def test_a_score_is_compared_only_once_the_schedule_has_one():
    live = {"status": "live", "home_pts": None, "away_pts": None}
    assert of_teams(HOME, AWAY, games=(GAME | live,)) == [None]


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ((line("BOS", 1, 109), line("NYK", 3, 101)), "BOS: pts of players 109, of the team 110"),
        ((line("BOS", 1, 110, reb=43), line("NYK", 3, 101)), "BOS: reb of players 43, of the team 44"),
        ((line("BOS", 1, 110),), "players of one team only"),
        ((*SOUND, line("LAL", 4, 0)), "LAL: a team that does not play"),
        (
            (line("BOS", 1, 110, fgm=40, fg3m=13, ftm=18), line("NYK", 3, 101)),
            "BOS: points that are not those of the shots made",
        ),
        ((*SOUND, *(line("BOS", n, 0, starter=True) for n in range(4, 10))), "BOS: 6 starters"),
        ((*SOUND, line("BOS", 4, 0, starter=True)), "BOS: 1 starters"),
    ],
)
def test_each_way_player_rows_may_contradict_is_named(lines: tuple[dict[str, Any], ...], fault: str):
    assert of_players(*lines) == [fault]


def test_a_total_is_compared_only_where_every_number_is_known():
    assert of_players(line("BOS", 1, 60, reb=43), line("BOS", 2, 50), line("NYK", 3, 101)) == [None]
    assert of_players(*SOUND, teams=()) == [None]


def test_turnovers_are_not_compared_as_the_team_has_its_own():
    assert of_players(line("BOS", 1, 110, tov=3), line("NYK", 3, 101), teams=(HOME | {"tov": 14}, AWAY)) == [None]


@pytest.mark.parametrize(
    ("marked", "stored"), [([True] * 5 + [False], [True] * 5 + [False]), ([False] * 6, [None] * 6)]
)
def test_starters_are_unknown_where_a_source_marks_none(marked: list[bool], stored: list[bool | None]):
    lines = [line("BOS", n, 0, starter=starter) for n, starter in enumerate(marked)]
    rows = player_boxscores(
        filled(player_boxscores.contract, lines),
        filled(schedule.contract, [GAME]),
        filled(team_boxscores.contract, []),
    )
    assert rows.order_by("player_id").execute()["starter"].tolist() == stored
