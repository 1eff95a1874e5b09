"""Extreme games that were played stay inside the ranges of the contracts, and impossible values are outside.

`League` refuses a row, given or computed, that breaks its contract.
"""

import ibis
import pytest

import nba_assets
from models.features import EXTENDED, MINUTES, PACE, POINTS, RATING
from nba_assets.analytics import team_offense_game_summary as team
from nba_assets.kit.table import declared_tables
from nba_assets.raw.player_boxscores import MOST_MINUTES, MOST_POINTS

from ..nba_platform.rows import filled
from .analytics.league import League, Row

TABLES = declared_tables(nba_assets)
DATE = "2024-12-10"


def lines(league: League, game: Row, *minutes: float, first: int = 10, **counts: int) -> None:
    """Give a team's players these minutes; the last of them has all the counts."""
    for place, played in enumerate(minutes):
        mine = counts if place == len(minutes) - 1 else {}
        league.box(game, "BOS", first + place, played, **{"fga": 0, "fta": 0, "tov": 0} | mine)


def of_team(league: League, date: str = DATE) -> Row:
    league.compute("player_game_summary", date)
    return league.one("team_offense_game_summary", date, team_abbr="BOS")


def of_player(league: League, player: int, date: str = DATE) -> Row:
    return league.one("player_game_summary", date, player_id=player)


def broken(name: str, **values: float) -> list[str]:
    contract = TABLES[name].contract
    rows = ibis.memtable(filled(contract, [values]))
    (found,) = rows.select(**dict(contract.rules(rows, None))).to_pyarrow().to_pylist()
    return [rule for rule, is_broken in found.items() if is_broken]


def test_a_hundred_points_on_63_shots_are_a_game(league: League) -> None:
    """Chamberlain, 2 March 1962: 36 of 63 and 28 of 32, in a 169-147 win on 63 of 115 and 43 of 52.

    Turnovers and offensive rebounds were not counted then: 15 and 20 stand in. 115 + 0.44 x 52 + 15 - 20 = 132.88.
    """
    game = league.game(DATE, "BOS", "NYK")
    league.box(game, "BOS", 1, 48, pts=100, fgm=36, fg3m=0, fga=63, ftm=28, fta=32, reb=25, tov=3)
    lines(league, game, 48, 48, 48, 48, pts=69, fgm=27, fga=52, ftm=15, fta=20, tov=12)
    league.team_box(game, "BOS", pts=169, opp_pts=147, fgm=63, fga=115, ftm=43, fta=52, tov=15, oreb=20, reb=60)
    his, row = of_player(league, 1), of_team(league)
    assert (his["points"], his["fga"], his["efg_pct"]) == (100, 63, pytest.approx(36 / 63))
    assert his["ts_pct"] == pytest.approx(100 / (2 * 77.08))
    assert his["usage_rate"] == pytest.approx(80.08 / 152.88)  # 63 + 0.44 x 32 + 3 of 115 + 0.44 x 52 + 15
    assert (row["possessions"], row["pace"]) == (pytest.approx(132.88), pytest.approx(132.88))
    assert row["offensive_rating"] == pytest.approx(127.182, abs=1e-3)


def test_186_points_in_three_overtimes_are_a_game(league: League) -> None:
    """Detroit, 13 December 1983: 74 field goals, one of them a three, and 37 free throws.

    With 136 shots, 60 free throws, 14 turnovers and 20 offensive rebounds: 156.4 possessions in 63 minutes.
    """
    game = league.game(DATE, "BOS", "NYK")
    lines(league, game, 63, 63, 63, 63, 63)
    league.team_box(game, "BOS", pts=186, opp_pts=184, fgm=74, fg3m=1, fga=136, ftm=37, fta=60, tov=14, oreb=20)
    row = of_team(league)
    assert (row["points_scored"], row["overtime_periods"], row["margin"]) == (186, 3, 2)
    assert row["possessions"] == pytest.approx(156.4)
    assert row["pace"] == pytest.approx(119.1619, abs=1e-4)


def test_six_overtimes_are_a_game(league: League) -> None:
    """78 minutes, the record of 1951, at the pace of today: 150 + 0.44 x 50 + 25 - 20 = 177 possessions."""
    game = league.game(DATE, "BOS", "NYK")
    lines(league, game, 78, 78, 78, 78, 78)
    league.team_box(game, "BOS", pts=190, opp_pts=188, fga=150, fta=50, tov=25, oreb=20)
    row = of_team(league)
    assert (row["overtime_periods"], row["possessions"]) == (6, pytest.approx(177))
    assert row["pace"] == pytest.approx(177 * 48 / 78)
    assert of_player(league, 14)["minutes"] == 78


def test_69_minutes_in_five_overtimes_are_a_game(league: League) -> None:
    """Dale Ellis, 9 November 1989: 69 of 73 minutes, and 53 points."""
    game = league.game(DATE, "BOS", "NYK")
    league.box(game, "BOS", 1, 69, pts=53, fga=39, fta=4, tov=3)
    lines(league, game, 73, 73, 60, 50, 40, pts=101, fga=60, fta=30, tov=15)
    league.team_box(game, "BOS", pts=154, opp_pts=155, fga=99, fta=34, tov=19, oreb=20)
    assert (of_player(league, 1)["minutes"], of_team(league)["overtime_periods"]) == (69, 5)


def test_49_points_are_a_game(league: League) -> None:
    """Chicago, 10 April 1999, on 77 shots. With 20 free throws, 17 turnovers, 12 offensive rebounds: 90.8."""
    game = league.game(DATE, "BOS", "NYK")
    lines(league, game, 48, 48, 48, 48, 48)
    league.team_box(game, "BOS", pts=49, opp_pts=82, fgm=18, fga=77, fta=20, tov=17, oreb=12)
    row = of_team(league)
    assert row["offensive_rating"] == pytest.approx(53.965, abs=1e-3)
    assert row["ts_pct"] == pytest.approx(49 / 171.6)


def test_a_win_by_73_points_is_a_game(league: League) -> None:
    """Memphis, 2 December 2021: 152 to 79."""
    game = league.game(DATE, "BOS", "NYK")
    league.box(game, "BOS", 1, 48, plus_minus=65)
    lines(league, game, 48, 48, 48, 48)
    league.team_box(game, "BOS", pts=152, opp_pts=79, fga=91, tov=10, plus_minus=73)
    row = of_team(league)
    assert (row["margin"], row["offensive_rating"]) == (73, pytest.approx(100 * 152 / 101))


def test_a_team_of_seven_is_a_game(league: League) -> None:
    """A player with 40.28 of the team's 111.68 uses in 44 of 48 minutes, has a usage of 0.3935."""
    game = league.game(DATE, "BOS", "NYK")
    league.box(game, "BOS", 1, 44, pts=45, fga=30, fta=12, tov=5)
    lines(league, game, 48, 40, 36, 32, 24, 16, pts=55, fga=58, fta=10, tov=9)
    league.team_box(game, "BOS", pts=100, opp_pts=110, fga=88, fta=22, tov=15)
    assert of_player(league, 1)["usage_rate"] == pytest.approx(0.39346, abs=1e-5)
    assert of_team(league)["overtime_periods"] == 0


def test_the_records_of_a_player_are_inside(league: League) -> None:
    """55 rebounds, 30 assists, 11 steals, 17 blocks, 14 turnovers, 21 offensive boards; 14 of 24 threes; 28 of 39."""
    records = {"reb": 55, "ast": 30, "stl": 11, "blk": 17, "tov": 14, "oreb": 21, "dreb": 29}
    records |= {"fg3m": 14, "fg3a": 24, "ftm": 28, "fta": 39, "fgm": 36, "fga": 63, "pf": 6}
    game = league.game(DATE, "BOS", "NYK")
    league.box(game, "BOS", 1, 48, pts=100, **records)
    league.team_box(game, "BOS")
    row = of_player(league, 1)
    assert {name: row[name] for name in records} == records


def test_a_rest_of_a_whole_season_is_inside(league: League) -> None:
    """Injured on 22 October, back on 10 June: 230 full days between the games."""
    for date in ("2024-10-22", "2025-06-10"):
        game = league.game(date, "BOS", "NYK", season="2024-25")
        league.box(game, "BOS", 1, 30)
        league.team_box(game, "BOS", pts=100)
    assert of_player(league, 1, "2025-06-10")["days_rest"] == 230


@pytest.mark.parametrize(
    ("name", "column", "value"),
    [
        ("player_boxscores", "minutes", 79),  # six overtimes have 78
        ("player_boxscores", "pts", 121),
        ("player_boxscores", "fga", 76),
        ("player_boxscores", "reb", 66),
        ("player_boxscores", "ast", 41),
        ("player_boxscores", "pf", 11),
        ("player_boxscores", "fgm", -1),
        ("team_boxscores", "pts", 39),
        ("team_boxscores", "pts", 221),
        ("team_boxscores", "fga", 39),
        ("team_boxscores", "fg3m", 51),
        ("team_boxscores", "plus_minus", 101),
        ("player_game_summary", "points", 121),
        ("player_game_summary", "minutes", 79),
        ("player_game_summary", "usage_rate", 0.61),
        ("player_game_summary", "ts_pct", 1.51),  # one three and nothing else has 1.5
        ("player_game_summary", "days_rest", 365),
        ("team_offense_game_summary", "overtime_periods", 7),
        ("team_offense_game_summary", "pace", 59),
        ("team_offense_game_summary", "pace", 161),
        ("team_offense_game_summary", "possessions", 261),  # 160 x 78 / 48 = 260
        ("team_offense_game_summary", "offensive_rating", 201),
        ("team_offense_game_summary", "points_scored", 39),
        ("shots", "x", 31),  # the court is 50 feet wide and 94 long
        ("shots", "y", 96),
        ("shots", "player_id", 1_634_101_000),  # a thousand times the id of a player
        ("player_boxscores", "player_id", 1_634_101_000),
        ("schedule", "home_team_id", 1_610_612_737_000),
        ("schedule", "away_team_id", 1_610_612_737_000),
        ("team_boxscores", "team_id", 1_610_612_737_000),
    ],
)
def test_an_impossible_value_is_outside(name: str, column: str, value: float) -> None:
    shape = TABLES[name].contract.columns[column]
    assert f"{column} is outside {shape.allowed}" in broken(name, **{column: value})


def test_models_and_tables_agree_on_the_most_of_a_game() -> None:
    """Features have their own contract, as models import no tables: a mean is refused only if a game would be."""
    assert (MINUTES, POINTS, PACE, RATING) == (MOST_MINUTES, MOST_POINTS, team.PACE, team.RATING)


@pytest.mark.parametrize("feature", EXTENDED.features, ids=lambda feature: feature.name)
def test_a_feature_allows_what_its_source_allows(feature) -> None:
    """A stored average that its feature refused would stop the date for every model."""
    sources = ("player_daily_cache", "player_composite_factors", "prediction_evidence", "team_defense_zone_analysis")
    for source in sources:
        column = TABLES[source].contract.columns.get(feature.name)
        if column is not None:
            assert (feature.low, feature.high) == (column.low, column.high), f"{source}.{feature.name}"
