"""Games that are on an injury report: a status is about the game it names, and nobody else is missing."""

import datetime as dt
import random
from collections.abc import Iterable

import pytest

from .league import League, Row, moment

TONIGHT = "2024-12-10"  # tip-off at 23:30 UTC
PAST = [f"2024-11-{n:02d}" for n in range(7, 31, 2)]
STATUSES = ("out", "doubtful", "questionable", "probable", "available")


@pytest.fixture
def teams(league: League) -> League:
    """Players 1 and 2 of Boston, 3 of New York: twelve games, and tonight they meet."""
    for date in PAST:
        for team, players in (("BOS", (1, 2)), ("NYK", (3,))):
            game = league.game(date, team, "LAL")
            for player in players:
                league.line(game, team, player)
    league.game(TONIGHT, "BOS", "NYK", status="scheduled")
    return league


def statuses(league: League) -> dict[int, str | None]:
    rows = league.compute("upcoming_player_game_context", TONIGHT)
    assert all(row["injury_info_available"] == (row["player_status"] is not None) for row in rows)
    return {row["player_id"]: row["player_status"] for row in rows}


def test_who_is_not_on_the_report_is_not_out_whatever_the_list_says(teams: League) -> None:
    """Of 471 such players of three seasons 63 % played."""
    teams.move("2024-12-08", 1, "placed")
    assert statuses(teams) == {1: "out", 2: "available", 3: "available"}
    teams.report("2024-12-10 20:00", 2, "questionable", game=TONIGHT)
    assert statuses(teams) == {1: "available", 2: "questionable", 3: "available"}


def test_a_status_of_either_team_makes_the_game_reported(teams: League) -> None:
    teams.report("2024-12-10 20:00", 1, "out", game=TONIGHT)
    assert statuses(teams) == {1: "out", 2: "available", 3: "available"}


def test_a_status_is_about_the_game_it_names_and_no_other(teams: League) -> None:
    """Last night's game and tomorrow's: of tonight's only the list is known."""
    teams.move("2024-12-08", 2, "placed")
    teams.report("2024-12-09 20:00", 1, "out", game="2024-12-09")
    teams.report("2024-12-10 20:00", 1, "doubtful", game="2024-12-11")
    assert statuses(teams) == {1: "available", 2: "out", 3: "available"}
    teams.report("2024-12-08 20:00", 1, "questionable", game=TONIGHT)
    assert statuses(teams) == {1: "questionable", 2: "available", 3: "available"}


def test_a_report_on_other_teams_says_only_that_somebody_listened(teams: League) -> None:
    teams.report("2024-12-10 20:00", 99, "out", team="UTA", game=TONIGHT)
    teams.move("2024-12-08", 1, "placed")
    assert statuses(teams) == {1: "out", 2: "available", 3: "available"}


def test_a_name_that_is_nobodys_makes_the_game_reported_all_the_same(teams: League) -> None:
    teams.move("2024-12-08", 1, "placed")
    teams.report("2024-12-10 20:00", 99, "out", game=TONIGHT)
    assert statuses(teams) == {1: "available", 2: "available", 3: "available"}


def test_a_status_that_names_no_game_is_silent_beside_a_report(teams: League) -> None:
    teams.report("2024-12-10 20:00", 1, "out")
    assert statuses(teams) == {1: "out", 2: "available", 3: "available"}
    teams.report("2024-12-10 18:00", 2, "probable", game=TONIGHT)
    assert statuses(teams) == {1: "available", 2: "probable", 3: "available"}


def test_the_minute_of_the_tip_off_is_too_late_and_the_one_before_is_not(teams: League) -> None:
    teams.report("2024-12-10 23:30", 1, "out", game=TONIGHT)
    assert statuses(teams) == {1: None, 2: None, 3: None}
    teams.report("2024-12-10 23:29", 1, "questionable", game=TONIGHT)
    assert statuses(teams) == {1: "questionable", 2: "available", 3: "available"}


def test_of_a_game_without_a_tip_off_only_reports_of_the_day_before_count(teams: League) -> None:
    teams.facts["schedule"][-1]["start_time_utc"] = None
    teams.report("2024-12-10 00:00", 1, "out", game=TONIGHT, date="2024-12-09")
    assert statuses(teams)[1] is None
    teams.report("2024-12-09 23:59", 1, "doubtful", game=TONIGHT)
    assert statuses(teams) == {1: "doubtful", 2: "available", 3: "available"}


def test_a_traded_player_is_found_under_the_team_that_reports_him(teams: League) -> None:
    teams.report("2024-12-10 20:00", 1, "out", team="UTA", game=TONIGHT)
    teams.report("2024-12-10 20:00", 99, "out", team="NYK", game=TONIGHT)
    assert statuses(teams)[1] == "out"


NIGHTS = ("2024-12-08", "2024-12-09", "2024-12-10")
PAIRS = (("BOS", "NYK", "23:30"), ("DEN", "UTA", "02:00"))
ON_REPORT = {("2024-12-09", "NYK"), ("2024-12-09", "DEN"), ("2024-12-10", "UTA")}


@pytest.fixture
def nights(league: League) -> League:
    """Four teams of three players on three nights, with 90 pieces of news drawn at random to the minute."""
    of_team = {team: range(10 * n + 1, 10 * n + 4) for n, team in enumerate(("BOS", "NYK", "DEN", "UTA"))}
    for date in PAST:
        for home, away, _ in PAIRS:
            game = league.game(date, home, away)
            for team in (home, away):
                for player in of_team[team]:
                    league.line(game, team, player)
    for date in NIGHTS:
        for home, away, hour in PAIRS:
            tip = moment(f"{date} {hour}") + dt.timedelta(days=hour < "12:00")
            league.game(date, home, away, status="scheduled", start_time_utc=tip)
    draw = random.Random(3)
    for _ in range(300):
        team = draw.choice(list(of_team))
        player, date = draw.choice(of_team[team]), draw.choice(NIGHTS)
        tip = next(g for g in games(league) if str(g["game_date"]) == date and team in sides(g))["start_time_utc"]
        known = tip - dt.timedelta(minutes=draw.choice([-60, -1, 0, 0, 0, 1, 1, 30, 400, 1500, 2900]))
        named = (date, team) in ON_REPORT and (known < tip - dt.timedelta(hours=7) or draw.random() < 0.7)
        about = date if named else None
        if draw.random() < 0.8:
            eastern = (known - dt.timedelta(hours=5)).date()
            at = f"{known:%Y-%m-%d %H:%M}"
            league.report(at, player, draw.choice(STATUSES), team=team, date=str(eastern), game=about)
        else:
            league.move(date, player, draw.choice(["placed", "activated"]), team=team)
    unique = {(n["report_key"], n["player_name_raw"], n["game_key"], n["event"]): n for n in league.facts[NEWS]}
    league.facts[NEWS] = draw.sample(list(unique.values()), 90)
    return league


NEWS = "injury_reports"


def games(league: League) -> list[Row]:
    return [game for game in league.facts["schedule"] if game["status"] == "scheduled"]


def sides(game: Row) -> tuple[str, str]:
    return game["home_team"], game["away_team"]


def expected(game: Row, player: int, news: Iterable[Row]) -> str | None:
    """Return the status by the rules, row by row."""
    date, tip = game["game_date"], game["start_time_utc"]
    known = [n for n in news if (n["known_at"] < tip if n["known_at"] else n["report_date"] < date)]
    known = [n for n in known if n["report_date"] <= date]
    report = [n for n in known if n["game_date"] == date]
    his = f"Player {player}"
    if any(n["team_abbr"] in sides(game) for n in report):
        mine = sorted((n["known_at"], n["status"]) for n in report if n["player_name_raw"] == his)
        return mine[-1][1] if mine else "available"
    if not any(n["report_date"] >= date - dt.timedelta(days=7) for n in known):
        return None
    recent = [n for n in known if n["event"] == "status" and n["game_date"] is None]
    recent = [n for n in recent if n["report_date"] >= date - dt.timedelta(days=1) and n["player_name_raw"] == his]
    if recent:
        return str(max(recent, key=lambda n: (n["report_date"], n["known_at"], n["status"]))["status"])
    moves = [n for n in known if n["event"] != "status" and n["player_name_raw"] == his]
    newest = max(moves, key=lambda n: (n["report_date"], n["event"]), default=None)
    return "out" if newest is not None and newest["event"] == "placed" else "available"


def test_every_status_of_three_nights_is_that_of_the_rules(nights: League) -> None:
    rows = nights.compute("upcoming_player_game_context", NIGHTS[0], NIGHTS[-1])
    by_id = {game["game_id"]: game for game in games(nights)}
    wanted = [expected(by_id[row["game_id"]], row["player_id"], nights.facts[NEWS]) for row in rows]
    assert [row["player_status"] for row in rows] == wanted
    assert set(wanted) >= set(STATUSES)
    assert len(rows) == 36


def test_nothing_published_from_the_minute_of_the_tip_off_on_changes_a_status(nights: League) -> None:
    whole = {_key(row): row for row in nights.compute("upcoming_player_game_context", NIGHTS[0], NIGHTS[-1])}
    news, late = nights.facts[NEWS], 0
    for game in games(nights):
        tip = game["start_time_utc"]
        nights.facts[NEWS] = [n for n in news if n["known_at"] is None or n["known_at"] < tip]
        late += sum(n["known_at"] == tip for n in news)
        rows = nights.compute("upcoming_player_game_context", str(game["game_date"]))
        assert all(row == whole[_key(row)] for row in rows if row["game_id"] == game["game_id"])
    assert late > 5


def _key(row: Row) -> tuple[str, int]:
    return row["game_id"], row["player_id"]
