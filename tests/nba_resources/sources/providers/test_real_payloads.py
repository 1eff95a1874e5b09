"""Real answers through the real parsers, against values read off each document by eye.

Of the bulk releases no file was recorded, but the answers of stats.nba.com that they are made of: these are written as
they write them.
"""

import datetime as dt
import json

import pandas as pd
import pytest

from nba_resources.sources.base import Delivery
from nba_resources.sources.providers.injury_report import InjuryReport
from nba_resources.sources.providers.json_reader import time_of_meta
from nba_resources.sources.providers.nba_com import NbaCom
from nba_resources.sources.providers.sportsdataverse import SportsDataverse
from nba_resources.sources.providers.the_odds_api import TheOddsApi

from .payloads import delivered, parquet_file, payload, snake

NONE = None


def report(name: str) -> Delivery:
    body = payload(f"injury_report/Injury-Report_{name}.pdf")
    return delivered(InjuryReport, "injury_reports", dt.date.fromisoformat(name[:10]), {name: body})


# Team, player, status, reason: of each report some plain rows, and those whose reason is around its row, on the next
# page, or missing.
STATUSES = {
    "2024-01-15_03PM": [
        ("NYK", "Jalen Brunson", "out", "Injury/Illness - Left Calf; Contusion"),
        ("HOU", "Tari Eason", "out", "Injury/Illness - Left Lower Leg; Injury Management"),
        ("HOU", "Jermaine Samuels Jr.", "out", "G League - Two-Way"),
        ("PHI", "Joel Embiid", "available", "Injury/Illness - Left Knee; Inflammation"),
        ("NOP", "Brandon Ingram", "available", "Injury/Illness - Right Achilles; Soreness"),
        ("NOP", "Kira Lewis Jr.", "out", "G League - On Assignment"),
        ("DET", "Danilo Gallinari", "out", "Trade Pending"),
        ("SAS", "Dominick Barlow", "available", NONE),
        ("MIA", "Kyle Lowry", "doubtful", "Injury/Illness - Left Hand; Sprain"),
        ("CHI", "Ayo Dosunmu", "probable", "Injury/Illness - Left Shoulder; Contusion"),
        ("LAL", "Anthony Davis", "probable", "Injury/Illness - Left Ankle; Sprain/Bone Bruise"),
        ("LAL", "LeBron James", "questionable", "Injury/Illness - Left Ankle; Peroneal Tendinopathy"),
        ("DEN", "Julian Strawther", "out", "Injury/Illness - Right Knee; Contusion/Sprain"),
    ],
    "2024-01-15_05PM": [
        ("NYK", "Jalen Brunson", "out", "Injury/Illness - Left Calf; Contusion"),
        ("CHI", "Ayo Dosunmu", "available", NONE),
        ("CHI", "Torrey Craig", "out", "Injury/Illness - Right Plantar Fascia; Sprain"),
    ],
    "2025-04-11_01PM": [
        ("MIA", "Andrew Wiggins", "available", "Injury/Illness - Right Hamstring; Tendinopathy"),
        ("MIA", "Isaiah Stevens", "questionable", "Injury/Illness - Right Foot; Discomfort"),
        ("DAL", "Klay Thompson", "questionable", "Injury/Illness - Left Foot; Sprain"),
        ("DAL", "Olivier-Maxence Prosper", "out", "Injury/Illness - Right Wrist; Surgery"),
        ("DEN", "DaRon Holmes II", "out", "Injury/Illness - Right Achilles Tendon; Repair"),
    ],
    "2023-01-05_05PM": [
        (
            *("MEM", "Desmond Bane", "out"),
            "Injury/Illness - Right Big Toe; RTN from Injury Management (Right Big Toe)",
        ),
        ("MEM", "Kennedy Chandler", "available", "Injury/Illness - Nasal; Fracture / Face Mask"),
        ("TOR", "Otto Porter Jr.", "out", "Injury/Illness - Left Foot; Second toe; dislocation"),
        ("TOR", "Pascal Siakam", "available", NONE),
        ("MIL", "Giannis Antetokounmpo", "probable", "Injury/Illness - Left Knee; Soreness"),
        ("OKC", "Ousmane Dieng", "out", "Injury/Illness - Right Wrist; Small, non-displaced fracture"),
        ("LAC", "Nicolas Batum", "out", "Injury/Illness - Left Ankle; Sprain"),
    ],
    "2024-03-22_05PM": [
        ("BOS", "Jaylen Brown", "available", NONE),
        ("BOS", "Jayson Tatum", "out", "Injury/Illness - Right Ankle; Impingement"),
        ("DET", "Taj Gibson", "out", "Injury/Illness - Right Hamstring; Soreness"),
        ("TOR", "Scottie Barnes", "out", "Injury/Illness - Left Hand; Fracture; Third Metacarpal"),
        ("TOR", "Chris Boucher", "out", "Injury/Illness - Right Knee; Partial Tear; MCL"),
        ("MIA", "Tyler Herro", "out", "Injury/Illness - Right Foot; Medial Tendinitis"),
    ],
}
PUBLISHED = {  # the masthead, in UTC, and the teams that had not submitted
    "2023-01-05_05PM": ("2023-01-05 22:30", 11),
    "2024-01-15_03PM": ("2024-01-15 20:30", 5),
    "2024-01-15_05PM": ("2024-01-15 22:30", 5),
    "2024-03-22_05PM": ("2024-03-22 21:30", 8),
    "2025-04-11_01PM": ("2025-04-11 17:30", 4),
}


@pytest.mark.parametrize("name", STATUSES)
def test_statuses_are_read_with_their_reasons(name: str):
    rows = report(name).rows.to_pandas().set_index(["team_abbr", "player_name_raw"])
    for team, player, status, reason in STATUSES[name]:
        found = rows.loc[(team, player)]
        assert (found.status, found.note) == (status, reason), player


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_report_is_known_since_its_masthead_half_an_hour_after_its_name(name: str):
    delivery = report(name)
    published, not_submitted = PUBLISHED[name]
    assert {f"{time:%Y-%m-%d %H:%M}" for time in delivery.rows["known_at"].to_pylist()} == {published}
    assert delivery.notes["teams that had not submitted yet"] == not_submitted


@pytest.mark.parametrize(
    ("name", "team", "player", "dates"),
    [
        ("2024-01-15_03PM", "NYK", "Jalen Brunson", ["2024-01-15"]),
        ("2024-01-15_03PM", "DEN", "Vlatko Cancar", ["2024-01-16"]),
        ("2023-01-05_05PM", "MEM", "Desmond Bane", ["2023-01-05"]),
        ("2023-01-05_05PM", "DEN", "Collin Gillespie", ["2023-01-05"]),
        ("2023-01-05_05PM", "TOR", "Pascal Siakam", ["2023-01-06"]),
        ("2025-04-11_01PM", "DEN", "DaRon Holmes II", ["2025-04-11"]),
    ],
)
def test_a_status_has_the_date_of_its_game(name: str, team: str, player: str, dates: list[str]):
    found = [row for row in report(name).rows.to_pylist() if row["player_name_raw"] == player]
    assert [(row["team_abbr"], str(row["game_date"])) for row in found] == [(team, date) for date in dates]


def test_brunson_was_reported_out_only_after_new_york_had_tipped_off():
    """The game began at 3:00 pm; by its name the report would be from that minute, by its masthead it is from 3:30."""
    tip_off = dt.datetime(2024, 1, 15, 20, tzinfo=dt.UTC)
    rows = report("2024-01-15_03PM").rows.to_pylist()
    (brunson,) = (row for row in rows if row["player_name_raw"] == "Jalen Brunson")
    assert (brunson["status"], brunson["known_at"] - tip_off) == ("out", dt.timedelta(minutes=30))
    assert [row for row in rows if row["known_at"] < tip_off] == []


@pytest.fixture(scope="module")
def lines() -> Delivery:
    body = payload("the_odds_api/event_odds_2024-02-22_BKN_TOR.json")
    event = {key: value for key, value in json.loads(body).items() if key != "bookmakers"}
    seen = dt.datetime(2024, 2, 23, 0, 9, tzinfo=dt.UTC)
    bodies = {f"{event['id']}/odds": body, "/events": json.dumps([event]).encode()}
    return delivered(TheOddsApi, "player_props", dt.date(2024, 2, 22), bodies, seen)


PRICES = [
    ("williamhill_us", "Ben Simmons", 7.5, -106, -129),
    ("williamhill_us", "Nic Claxton", 11.5, -135, -101),
    ("williamhill_us", "Scottie Barnes", 20.5, 102, -139),
    ("williamhill_us", "Kelly Olynyk", 8.5, -111, -123),
    ("draftkings", "Cameron Johnson", 11.5, -105, -125),
    ("fanduel", "Cam Johnson", 10.5, -122, 100),
    ("fanduel", "Bruce Brown Jr", 10.5, -102, -120),
    ("bovada", "Ben Simmons", 7.5, 110, -145),
    ("pointsbetus", "Bruce Brown", 9.5, -130, 100),
    ("betrivers", "Cam Thomas", 21.5, -125, -107),
    ("betrivers", "Cam Thomas", 25.5, 190, -315),
    ("unibet_us", "Cam Thomas", 18.5, -295, 185),
]


def test_lines_of_ten_books_are_read_with_the_first_prices_of_a_book_that_tells_two(lines: Delivery):
    rows = lines.rows.to_pandas().set_index(["bookmaker", "player_name_raw", "line"])
    for book, player, line, over, under in PRICES:
        found = rows.loc[(book, player, line)]
        assert (found.over_price, found.under_price) == (over, under), (book, player)
    assert rows.index.get_level_values(0).nunique() == 10
    assert (len(rows.loc["williamhill_us"]), len(rows.loc["betrivers"].loc["Cam Thomas"])) == (14, 8)
    assert set(rows.market) == {"player_points"}
    assert lines.notes["prices of a second set of the same bookmaker, left out"] == 28


def nba_com(feed: str, year: int, day: dt.date, game_id: str, teams: str, file: str) -> pd.DataFrame:
    """Read a file of one game, of which the schedule says no more than it must; `isNeutral` was absent in 2023."""
    sides = [{"teamTricode": team, "teamId": 1, "score": 1} for team in teams.split()]
    about = {"gameStatus": 3, "gameStatusText": "Final", "gameDateEst": f"{day}T00:00:00Z", "gameDateTimeUTC": None}
    game = about | {"gameId": game_id, "homeTeam": sides[0], "awayTeam": sides[1]}
    league = {"seasonYear": str(year), "gameDates": [{"games": [game]}]}
    bodies = {"schedule": json.dumps({"leagueSchedule": league}).encode(), game_id: payload(file)}
    return delivered(NbaCom, feed, day, bodies).rows.to_pandas()


NETS_SIXERS = (2022, dt.date(2023, 4, 20), "0042200123", "BKN PHI", "nba_com/boxscore_0042200123.json")
# Player, team, started, minutes, points, rebounds, assists, turnovers, plus-minus.
BOX = [
    (1630178, "PHI", True, 36 + 17.06 / 60, 25, 3, 3, 1, 1),
    (203954, "PHI", True, 37 + 37.95 / 60, 14, 10, 2, 5, 4),
    (1629001, "PHI", False, 30 + 8 / 60, 13, 2, 1, 2, 24),
    (1629651, "BKN", True, 27 + 37 / 60, 18, 4, 2, 0, 13),
    (203925, "BKN", False, 3 + 30.94 / 60, 0, 0, 0, 0, 1),
    (203552, "BKN", False, 0, 0, 0, 0, 0, 0),
]


def test_a_box_score_of_2023_is_read():
    rows = nba_com("player_boxscores", *NETS_SIXERS).set_index("player_id")
    for player, team, started, minutes, *counts in BOX:
        found = rows.loc[player]
        assert (found.team_abbr, found.starter) == (team, started)
        assert found.minutes == pytest.approx(minutes, abs=0.01)
        assert [found[name] for name in ("pts", "reb", "ast", "tov", "plus_minus")] == counts, player
    assert 1627732 not in rows.index, "Simmons did not dress"
    assert len(rows) == 14 + 15
    teams = nba_com("team_boxscores", *NETS_SIXERS).set_index("team_abbr")
    totals = teams[["pts", "opp_pts", "reb", "ast", "tov"]].T.to_dict("list")
    assert totals == {"BKN": [97, 102, 34, 22, 10], "PHI": [102, 97, 46, 15, 15]}


CLIPPERS_WOLVES = (2024, dt.date(2025, 1, 6), "0022400500", "MIN LAC", "nba_com/play_by_play_0022400500.json")
# Seconds left in the first quarter, player, value, feet, x, y, zone.
SHOTS = [
    (702, 1627826, 2, 5, -0.1, 10.85, "paint_non_ra"),
    (675, 203944, 2, 9, 9.7, 6.95, "mid_range"),
    (646, 201935, 3, 24, 22.3, 16.15, "above_break_3"),
    (373, 203944, 3, 22, 22.8, 8.05, "left_corner_3"),
    (0, 1629611, 3, 22, -22.8, 6.15, "right_corner_3"),
]


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("nba_com/boxscore_0042200123.json", dt.datetime(2023, 4, 21, 0, 6, 5, 480427, dt.UTC)),
        ("nba_com/play_by_play_0022400500.json", dt.datetime(2025, 1, 7, 0, 31, 6, 557478, dt.UTC)),
        ("stats_nba_com/play_by_play_v3.json", dt.datetime(2025, 8, 26, 12, 10, 11, 101100, dt.UTC)),
        ("the_odds_api/event_odds_2024-02-22_BKN_TOR.json", None),
    ],
)
def test_a_file_says_when_it_was_made(name: str, made: dt.datetime | None):
    assert time_of_meta(payload(name)) == made


def test_shots_of_a_play_by_play_are_read():
    rows = nba_com("shots", *CLIPPERS_WOLVES)
    assert (len(rows), (rows.shot_value == 3).sum(), rows.made.sum()) == (107 + 74, 74, 27 + 21 + 20 + 6 + 3 + 1)
    first = rows[rows.period == 1].set_index(["seconds_left", "player_id"])
    for seconds, player, *expected in SHOTS:
        found = first.loc[(seconds, player)]
        assert [found[name] for name in ("shot_value", "distance_ft", "x", "y", "zone_basic")] == expected, player


def test_the_distance_of_a_v3_shot_is_worked_out_from_its_place():
    """It is rounded in the file (a shot at 26.5 feet is 27) and 0 for the four threes from a corner."""
    game = json.loads(payload("stats_nba_com/play_by_play_v3.json"))["game"]
    day, ids = dt.date(2024, 11, 12), {"home_team_id": 1610612738, "away_team_id": 1610612737}
    fixture = {"game_id": game["gameId"], "game_date": str(day), **ids, "home_pts": 1, "away_pts": 1}
    shots = [
        {snake(name): value for name, value in action.items()} | {"game_id": game["gameId"]}
        for action in game["actions"]
        if action["isFieldGoal"]
    ]
    bodies = {"nba_schedule_2025": parquet_file([fixture]), "shots_2025": parquet_file(shots)}
    rows = delivered(SportsDataverse, "shots", day, bodies).rows.to_pandas()
    assert len(rows) == 174
    found = {(row.period, row.seconds_left, row.player_id): row.distance_ft for row in rows.itertuples()}
    assert found[1, 703, 1642258] == 26, "Risacher at (-16.8, 20.5): 26.5 feet"
    assert found[1, 698, 1630552] == 13, "Johnson at (-13.6, -0.1): 13.6 feet"
    assert found[1, 684, 1628401] == 28, "White at (-18.1, 21.8): 28.3 feet"
    assert found[1, 463, 1628369] == 22, "Tatum in the corner at (-22.8, 2.3): 22.9 feet"
    assert found[2, 386, 1628401] == 23, "White in the corner at (23.2, 2.9): 23.4 feet"
    assert found[3, 118, 1626204] == 22, "Nance in the corner at (-22.8, 1.7): 22.9 feet"


def schedule_rows() -> list[dict]:
    """The game log as the bulk releases write it: the side without `@` is at home, and some games have none."""
    table = json.loads(payload("stats_nba_com/league_game_log_2025_26.json"))["resultSets"][0]
    games: dict[str, dict] = {}
    for row in (dict(zip(table["headers"], values, strict=True)) for values in table["rowSet"]):
        side = "away" if "@" in row["MATCHUP"] else "home"
        unknown = {f"{one}_{what}": None for one in ("home", "away") for what in ("team_id", "pts")}
        game = games.setdefault(row["GAME_ID"], unknown | {"game_id": row["GAME_ID"], "game_date": row["GAME_DATE"]})
        game |= {f"{side}_team_id": row["TEAM_ID"], f"{side}_pts": row["PTS"]}
    return list(games.values())


@pytest.mark.parametrize(
    ("day", "results", "left_out"),
    [
        ((2025, 10, 21), [("LAL", "GSW", 109, 119)], 0),
        ((2025, 11, 1), None, 1),
        ((2025, 12, 13), [], 2),
        ((2026, 1, 15), None, 1),
        ((2026, 1, 18), None, 1),
    ],
)
def test_games_without_a_home_team_are_counted_and_the_others_of_the_season_arrive(day, results, left_out):
    bodies = {"nba_schedule_2026": parquet_file(schedule_rows())}
    delivery = delivered(SportsDataverse, "schedule", dt.date(*day), bodies)
    found = {
        (row["home_team"], row["away_team"], row["home_pts"], row["away_pts"]) for row in delivery.rows.to_pylist()
    }
    assert found >= {*(results or [])}
    assert bool(found) == (results != [])
    assert delivery.notes.get("games without a home team, left out", 0) == left_out
