"""NBA.com as a fake speaks it: what arrives is the simulated league, row for row."""

import copy
import datetime as dt

import pytest
from pytest_httpserver import HTTPServer

from nba_resources.dates import DateRange
from nba_resources.sources.base import BadInput
from nba_resources.sources.providers.nba_com import NbaCom
from nba_resources.sources.providers.provider import NotOffered

from ..fakes.compare import assert_same_rows
from ..fakes.desks import Desk, PlainDoor
from ..fakes.league import DATES, SEASON, League
from ..fakes.nba_com import FakeNbaCom
from .twists import put, rename


@pytest.fixture
def fake(httpserver: HTTPServer, league: League) -> FakeNbaCom:
    return FakeNbaCom(league).behind(httpserver)


@pytest.fixture
def nba(fake: FakeNbaCom, httpserver: HTTPServer, door: PlainDoor) -> NbaCom:
    return NbaCom(httpserver.url_for(""), clock=door.now)


def on(day: int, month: int = 12) -> DateRange:
    return DateRange(dt.date(2024, month, day), dt.date(2024, month, day))


def test_fixtures_box_scores_and_shots_arrive_row_for_row(nba: NbaCom, door: PlainDoor, league: League):
    assert_same_rows(door.told(nba, "schedule", SEASON), league.frame("schedule", SEASON), "schedule")
    for feed in ("team_boxscores", "shots"):
        assert_same_rows(door.told(nba, feed, DATES), league.frame(feed), feed)
    found = door.told(nba, "player_boxscores", DATES)
    bench = found.player_id >= 9_000_000
    assert_same_rows(found[~bench], league.frame("player_boxscores"), "player_boxscores")
    games_with_players = league.frame("player_boxscores").game_id.nunique()
    assert bench.sum() == 2 * games_with_players, "one dressed and one in a suit a side: the suit has no row"
    assert (found[bench].minutes == 0).all()


def test_a_game_is_asked_for_once_for_players_and_teams(nba: NbaCom, fake: FakeNbaCom, door: PlainDoor):
    for feed in nba.feeds:
        door.told(nba, feed, on(10))
    games = len([game for game in fake.league.played if game["game_date"] == on(10).start])
    assert fake.counted() == {"schedule": 1, "boxscore": games, "playbyplay": games}


def test_a_replay_of_what_the_real_client_landed_needs_no_network(
    fake: FakeNbaCom, httpserver: HTTPServer, desk: Desk, league: League
):
    nba = NbaCom(httpserver.url_for(""), clock=desk.now)
    live = desk.told(nba, "team_boxscores", on(10))
    asked = len(fake.asked)
    expected = league.frame("team_boxscores", on(10))
    assert_same_rows(desk.replayed(nba, "team_boxscores", on(10)), expected, "team_boxscores")
    assert_same_rows(live, expected, "team_boxscores")
    assert len(fake.asked) == asked


def _game(document: dict, game_id: str) -> dict:
    dates = document["leagueSchedule"]["gameDates"]
    return next(game for date in dates for game in date["games"] if game["gameId"] == game_id)


def _first(league: League) -> str:
    return min(game["game_id"] for game in league.played)


def test_a_final_without_scores_was_postponed_and_its_new_date_wins(nba, fake, door, league):
    """January 2026: the old entry stayed final with null scores, and the same gameId came again on the new date."""

    def move(document):
        again = copy.deepcopy(_game(document, _first(league)))
        old = _game(document, _first(league))
        old["homeTeam"]["score"] = old["awayTeam"]["score"] = None
        again |= {"gameDateEst": "2025-03-03T00:00:00Z", "gameDateTimeUTC": "2025-03-04T00:30:00Z"}
        again |= {"gameStatus": 1, "gameStatusText": "7:30 pm ET"}
        document["leagueSchedule"]["gameDates"].append({"gameDate": "03/03/2025 00:00:00", "games": [again]})
        return document

    fake.twist("schedule", move)
    season = door.told(nba, "schedule", SEASON)
    assert season.game_id.is_unique
    game = season[season.game_id == _first(league)].iloc[0]
    assert (str(game.game_date), game.status) == ("2025-03-03", "scheduled")
    assert _first(league) not in set(door.told(nba, "schedule", on(10)).game_id)


def test_a_final_without_scores_and_without_a_new_date_is_postponed(nba, fake, door, league):
    def postpone(document):
        game = _game(document, _first(league))
        game["homeTeam"]["score"] = game["awayTeam"]["score"] = 0
        return document

    fake.twist("schedule", postpone)
    found = door.told(nba, "schedule", on(10)).set_index("game_id").loc[_first(league)]
    assert found.status == "postponed"
    assert found.isna()[["home_pts", "away_pts"]].all()


def test_a_tip_off_after_midnight_in_new_york_keeps_the_leagues_date(nba, fake, door, league):
    """gameDateTimeEst carries a Z that is not meant: read as UTC it names another day."""

    def late(document):
        game = _game(document, _first(league))
        game |= {"gameDateTimeEst": "2024-12-11T00:30:00Z", "gameDateTimeUTC": "2024-12-11T05:30:00Z"}
        return document

    fake.twist("schedule", late)
    found = door.told(nba, "schedule", on(10)).set_index("game_id").loc[_first(league)]
    assert (str(found.game_date), str(found.start_time_utc)) == ("2024-12-10", "2024-12-11 05:30:00+00:00")


def test_one_meeting_under_two_ids_is_refused_by_both_ids(nba, fake, door, league):
    def twice(document):
        again = copy.deepcopy(_game(document, _first(league))) | {"gameId": "0022499999"}
        document["leagueSchedule"]["gameDates"][0]["games"].append(again)
        return document

    fake.twist("schedule", twice)
    with pytest.raises(BadInput, match=f"meet twice on 2024-12-10, as gameId .*(0022499999|{_first(league)})"):
        door.told(nba, "schedule", on(10))


def test_guests_and_all_stars_are_counted_and_left_out(nba, fake, door, league):
    def guest(document):
        _game(document, _first(league))["awayTeam"] |= {"teamTricode": "RMD", "teamId": 12}
        return document

    fake.twist("schedule", guest)
    delivery = door.deliver(nba, "schedule", on(10))
    assert _first(league) not in delivery.rows["game_id"].to_pylist()
    assert delivery.notes["games with a club outside the league"] == 1


def test_a_game_without_a_file_yet_is_counted_and_the_others_arrive(nba, fake, door, league):
    fake.twist(_first(league), lambda document: None)
    delivery = door.deliver(nba, "team_boxscores", on(10))
    assert _first(league) not in delivery.rows["game_id"].to_pylist()
    assert delivery.notes == {f"no boxscore yet: {_first(league)}": 1}


def test_a_box_score_still_being_played_is_no_box_score(nba, fake, door, league):
    fake.twist(_first(league), lambda document: document["game"].update(gameStatus=2) or document)
    delivery = door.deliver(nba, "player_boxscores", on(10))
    assert _first(league) not in delivery.rows["game_id"].to_pylist()
    assert delivery.notes[f"box score not final yet: {_first(league)}"] == 1


def test_a_two_way_player_with_two_clubs_in_a_week_keeps_both(nba, fake, door, league):
    first, *_, last = (game for game in league.played if game["season_type"] == "regular")
    man = next(row for row in league.players[first["game_id"]] if row["team_abbr"] == first["home_team"])
    assert man["team_abbr"] not in (last["home_team"], last["away_team"])
    fake.twist(last["game_id"], put("game.homeTeam.players.0.personId", man["player_id"]))
    found = door.told(nba, "player_boxscores", DATES)
    clubs = found[(found.player_id == man["player_id"]) & found.game_id.isin([first["game_id"], last["game_id"]])]
    assert sorted(clubs.team_abbr) == sorted([first["home_team"], last["home_team"]])


def test_last_season_is_not_offered_by_a_file_of_this_one(nba, fake, door):
    """The file has one address for all seasons: asked for an old one, it would be filed as what it is not."""
    with pytest.raises(NotOffered, match="nba_com has the schedule of the season being played"):
        door.told(nba, "schedule", DateRange(dt.date(2023, 12, 1), dt.date(2023, 12, 31)))
    assert fake.asked == []


def test_a_season_that_is_over_is_told_from_what_was_landed_while_it_was_played(nba, fake, door):
    told = door.told(nba, "schedule", DATES)
    door.moment += dt.timedelta(days=365)
    assert door.told(nba, "schedule", DATES).equals(told)
    assert fake.counted() == {"schedule": 1}


_DATE = "leagueSchedule.gameDates.60"
FAULTS = [
    ("schedule", "schedule", rename(f"{_DATE}.games.0.gameId", "id"), r"gameId is missing"),
    ("schedule", "schedule", rename("leagueSchedule", "schedule"), r"field leagueSchedule is missing"),
    ("schedule", "schedule", put("leagueSchedule.gameDates", []), r"found list '\[\]', expected the games of a season"),
    ("schedule", "schedule", put("leagueSchedule.gameDates", {}), r"gameDates: found dict '\{\}', expected a list"),
    (
        "schedule",
        "schedule",
        put(f"{_DATE}.games.0.gameStatus", 9),
        r"gameStatus: found int '9', expected one of 1, 2, 3",
    ),
    (
        "schedule",
        "schedule",
        put(f"{_DATE}.games.0.gameStatus", [1]),
        r"gameStatus: found list '\[1\]', expected one of 1, 2, 3",
    ),
    ("player_boxscores", "boxscore", rename("game.homeTeam.players.0.statistics.points", "pts"), r"points is missing"),
    (
        "player_boxscores",
        "boxscore",
        put("game.homeTeam.players.0.statistics.minutes", "34.2 min"),
        r"column minutes \(statistics.minutes\): found '34.2 min', expected minutes such as",
    ),
    (
        "player_boxscores",
        "boxscore",
        put("game.homeTeam.players.0.statistics.points", [21]),
        r"statistics.points: found list '\[21\]', expected a single value",
    ),
    ("player_boxscores", "boxscore", put("game.homeTeam.players.0.name", 7), r"player_name \(name\): found int '7'"),
    (
        "team_boxscores",
        "boxscore",
        rename("game.awayTeam.statistics.turnoversTotal", "to"),
        r"turnoversTotal is missing",
    ),
    ("team_boxscores", "boxscore", put("game.gameId", "0022400001"), r"expected the game that was asked for"),
    (
        "shots",
        "playbyplay",
        put("game.actions.5.shotResult", "Maybe"),
        r"shotResult: found str 'Maybe', expected one of",
    ),
    ("shots", "playbyplay", put("game.actions.5.clock", 11.5), r"clock: found float '11.5', expected a clock"),
    ("shots", "playbyplay", put("game.actions.5.xLegacy", "left"), r"xLegacy: found str 'left', expected a number"),
    ("shots", "playbyplay", put("game.actions", []), r"isFieldGoal is 1 in none of 0 actions"),
    (
        "shots",
        "playbyplay",
        lambda document: b"<html>Access",
        r"expected JSON, found 12 bytes that begin '<html>Access'",
    ),
    ("shots", "playbyplay", lambda document: b'{"game": {"actio', r"expected JSON, found 16 bytes"),
]


@pytest.mark.parametrize(("feed", "endpoint", "twist", "said"), FAULTS, ids=[said for *_, said in FAULTS])
def test_a_fault_is_told_with_provider_endpoint_field_and_landed_file(nba, fake, door, feed, endpoint, twist, said):
    fake.twist(endpoint, twist)
    dates = SEASON if feed == "schedule" else on(10)
    with pytest.raises(BadInput, match=said) as told:
        door.told(nba, feed, dates)
    assert f"landing/nba_com/{endpoint}/" in str(told.value)
