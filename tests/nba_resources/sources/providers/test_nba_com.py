"""NBA.com from a fake server: the simulated league arrives row for row."""

import copy
import datetime as dt
from dataclasses import replace

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from nba_resources.dates import DateRange
from nba_resources.findings import Level
from nba_resources.sources.base import BadInput, SourceUnavailable
from nba_resources.sources.live import LiveSource
from nba_resources.sources.provider_priority import PRIORITIES
from nba_resources.sources.providers.nba_com import NbaCom
from nba_resources.sources.providers.provider import NotOffered

from ..fakes.compare import assert_same_rows
from ..fakes.league import DATES, SEASON, League
from ..fakes.nba_com import FakeNbaCom
from ..harness import Harness, MemoryFetcher
from .changes import put, rename

PAGE = "<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD></HTML>"


@pytest.fixture
def fake(httpserver: HTTPServer, league: League) -> FakeNbaCom:
    return FakeNbaCom(league).behind(httpserver)


@pytest.fixture
def nba(fake: FakeNbaCom, httpserver: HTTPServer, fetcher: MemoryFetcher) -> NbaCom:
    return NbaCom(httpserver.url_for(""), clock=fetcher.now)


def on(day: int, month: int = 12) -> DateRange:
    return DateRange(dt.date(2024, month, day), dt.date(2024, month, day))


def test_fixtures_box_scores_and_shots_arrive_row_for_row(nba: NbaCom, fetcher: MemoryFetcher, league: League):
    assert_same_rows(fetcher.rows(nba, "schedule", SEASON), league.frame("schedule", SEASON), "schedule")
    for feed in ("team_boxscores", "shots"):
        assert_same_rows(fetcher.rows(nba, feed, DATES), league.frame(feed), feed)
    result = fetcher.rows(nba, "player_boxscores", DATES)
    bench = result.player_id >= 9_000_000
    assert_same_rows(result[~bench], league.frame("player_boxscores"), "player_boxscores")
    games_with_players = league.frame("player_boxscores").game_id.nunique()
    assert bench.sum() == 2 * games_with_players, (
        "one on the bench and one not dressed a team: only the first has a row"
    )
    assert (result[bench].minutes == 0).all()


def test_a_game_is_requested_once_for_players_and_teams(nba: NbaCom, fake: FakeNbaCom, fetcher: MemoryFetcher):
    for feed in nba.feeds:
        fetcher.rows(nba, feed, on(10))
    games = len([game for game in fake.league.played if game["game_date"] == on(10).start])
    assert fake.counts() == {"schedule": 1, "boxscore": games, "playbyplay": games}


def test_a_replay_of_the_real_clients_responses_needs_no_network(
    fake: FakeNbaCom, httpserver: HTTPServer, harness: Harness, league: League
):
    nba = NbaCom(httpserver.url_for(""), clock=harness.now)
    live = harness.rows(nba, "team_boxscores", on(10))
    requests = len(fake.requests)
    expected = league.frame("team_boxscores", on(10))
    assert_same_rows(harness.replayed_rows(nba, "team_boxscores", on(10)), expected, "team_boxscores")
    assert_same_rows(live, expected, "team_boxscores")
    assert len(fake.requests) == requests


def _game(document: dict, game_id: str) -> dict:
    dates = document["leagueSchedule"]["gameDates"]
    return next(game for date in dates for game in date["games"] if game["gameId"] == game_id)


def _first(league: League) -> str:
    return min(game["game_id"] for game in league.played)


def test_a_final_without_scores_was_postponed_and_its_new_date_wins(nba, fake, fetcher, league):
    """January 2026: the old entry stayed final with null scores, and the same gameId came again on the new date."""

    def move(document):
        again = copy.deepcopy(_game(document, _first(league)))
        old = _game(document, _first(league))
        old["homeTeam"]["score"] = old["awayTeam"]["score"] = None
        again |= {"gameDateEst": "2025-03-03T00:00:00Z", "gameDateTimeUTC": "2025-03-04T00:30:00Z"}
        again |= {"gameStatus": 1, "gameStatusText": "7:30 pm ET"}
        document["leagueSchedule"]["gameDates"].append({"gameDate": "03/03/2025 00:00:00", "games": [again]})
        return document

    fake.change("schedule", move)
    season = fetcher.rows(nba, "schedule", SEASON)
    assert season.game_id.is_unique
    game = season[season.game_id == _first(league)].iloc[0]
    assert (str(game.game_date), game.status) == ("2025-03-03", "scheduled")
    assert _first(league) not in set(fetcher.rows(nba, "schedule", on(10)).game_id)


def test_a_final_without_scores_and_without_a_new_date_is_postponed(nba, fake, fetcher, league):
    def postpone(document):
        game = _game(document, _first(league))
        game["homeTeam"]["score"] = game["awayTeam"]["score"] = 0
        return document

    fake.change("schedule", postpone)
    result = fetcher.rows(nba, "schedule", on(10)).set_index("game_id").loc[_first(league)]
    assert result.status == "postponed"
    assert result.isna()[["home_pts", "away_pts"]].all()


def test_a_tip_off_after_midnight_in_new_york_keeps_the_leagues_date(nba, fake, fetcher, league):
    """gameDateTimeEst has a wrong Z: read as UTC it would be another day."""

    def late(document):
        game = _game(document, _first(league))
        game |= {"gameDateTimeEst": "2024-12-11T00:30:00Z", "gameDateTimeUTC": "2024-12-11T05:30:00Z"}
        return document

    fake.change("schedule", late)
    result = fetcher.rows(nba, "schedule", on(10)).set_index("game_id").loc[_first(league)]
    assert (str(result.game_date), str(result.start_time_utc)) == ("2024-12-10", "2024-12-11 05:30:00+00:00")


def test_one_game_under_two_ids_is_an_error_that_names_both(nba, fake, fetcher, league):
    def twice(document):
        again = copy.deepcopy(_game(document, _first(league))) | {"gameId": "0022499999"}
        document["leagueSchedule"]["gameDates"][0]["games"].append(again)
        return document

    fake.change("schedule", twice)
    with pytest.raises(BadInput, match=f"meet twice on 2024-12-10, as gameId .*(0022499999|{_first(league)})"):
        fetcher.rows(nba, "schedule", on(10))


def test_games_with_other_teams_are_counted_and_left_out(nba, fake, fetcher, league):
    def guest(document):
        _game(document, _first(league))["awayTeam"] |= {"teamTricode": "RMD", "teamId": 12}
        return document

    fake.change("schedule", guest)
    delivery = fetcher.delivery(nba, "schedule", on(10))
    assert _first(league) not in delivery.rows["game_id"].to_pylist()
    assert delivery.notes["games with a team outside the league"] == 1


def test_a_schedule_that_does_not_say_whether_the_ground_is_neutral_is_read(nba, fake, fetcher):
    """2023: `isNeutral` was absent."""

    def older(document):
        for date in document["leagueSchedule"]["gameDates"]:
            for game in date["games"]:
                del game["isNeutral"]
        return document

    fake.change("schedule", older)
    games = fetcher.rows(nba, "schedule", on(10))
    assert len(games)
    assert games.neutral_site.isna().all()


@pytest.mark.parametrize("heave", [{"personId": 0}, {"personId": 1, "actionType": "heave"}, {"subType": "heave"}])
def test_a_heave_of_a_team_is_no_shot_of_a_player(nba, fake, fetcher, league, heave):
    """Since 2025-26 a heave at the end of a period is the team's, and may have no result."""

    def add(document):
        actions = document["game"]["actions"]
        shot = next(action for action in actions if action.get("isFieldGoal") == 1)
        actions.append({name: value for name, value in shot.items() if name not in ("shotResult", "personId")} | heave)
        return document

    shots = league.frame("shots", on(10))
    fake.change("playbyplay", add)
    delivery = fetcher.delivery(nba, "shots", on(10))
    assert delivery.rows.num_rows == len(shots)
    assert delivery.notes["heaves of a team, which are no player's shots"] == shots.game_id.nunique()


def test_its_requests_have_a_browsers_headers_and_those_that_are_set(harness):
    sent = []
    harness.server.expect_request("/x").respond_with_handler(lambda request: sent.append(request) or Response("{}"))
    for headers in (None, {"User-Agent": "mine", "X-New": "1", "Origin": ""}):
        policy = NbaCom(headers=headers).policy
        harness.client().send(harness.request("/x"), replace(policy, seconds_between=0.001))
    assert sent[0].headers["User-Agent"].startswith("Mozilla/5.0")
    assert [one.headers["Referer"] for one in sent] == ["https://www.nba.com/"] * 2
    assert (sent[1].headers["User-Agent"], sent[1].headers["X-New"]) == ("mine", "1")
    assert [one.headers.get("Origin") for one in sent] == ["https://www.nba.com", None]


@pytest.mark.parametrize("refusal", [(PAGE, 403), (PAGE, 200)])
def test_a_refusal_is_told_with_what_to_try(fake, httpserver, harness, refusal):
    """Each of a page and a status; 403 without a page is the answer for a game without a file, too."""
    fake.change("schedule", lambda _: Response(*refusal))
    nba = NbaCom(httpserver.url_for(""), clock=harness.now)
    live = LiveSource([nba], harness.landing, harness.client(), PRIORITIES)
    (finding,) = live.health()
    assert finding.level == Level.FAIL
    assert "answered 403" in finding.found or "expected a complete JSON document, found" in finding.found
    assert finding.remedy.startswith("Set NBA_NBA_COM_HEADERS to what your browser sends to www.nba.com, try a network")
    with pytest.raises((SourceUnavailable, BadInput), match="nba_com schedule of 2024-25"):
        live.fetch("schedule", on(10))


def test_a_game_without_a_file_yet_is_counted_and_the_others_arrive(nba, fake, fetcher, league):
    fake.change(_first(league), lambda document: None)
    delivery = fetcher.delivery(nba, "team_boxscores", on(10))
    assert _first(league) not in delivery.rows["game_id"].to_pylist()
    assert delivery.notes == {f"no boxscore yet: {_first(league)}": 1}


def test_a_box_score_still_being_played_is_no_box_score(nba, fake, fetcher, league):
    fake.change(_first(league), lambda document: document["game"].update(gameStatus=2) or document)
    delivery = fetcher.delivery(nba, "player_boxscores", on(10))
    assert _first(league) not in delivery.rows["game_id"].to_pylist()
    assert delivery.notes[f"box score not final yet: {_first(league)}"] == 1


def test_a_two_way_player_with_two_teams_in_a_week_keeps_both(nba, fake, fetcher, league):
    first, *_, last = (game for game in league.played if game["season_type"] == "regular")
    player = next(row for row in league.players[first["game_id"]] if row["team_abbr"] == first["home_team"])
    assert player["team_abbr"] not in (last["home_team"], last["away_team"])
    fake.change(last["game_id"], put("game.homeTeam.players.0.personId", player["player_id"]))
    result = fetcher.rows(nba, "player_boxscores", DATES)
    lines = result[(result.player_id == player["player_id"]) & result.game_id.isin([first["game_id"], last["game_id"]])]
    assert sorted(lines.team_abbr) == sorted([first["home_team"], last["home_team"]])


def test_a_past_season_is_not_read_from_the_current_seasons_file(nba, fake, fetcher):
    """The file has one URL for all seasons: requested for an old one, it would be filed under the wrong season."""
    with pytest.raises(NotOffered, match="nba_com has the schedule of the current season"):
        fetcher.rows(nba, "schedule", DateRange(dt.date(2023, 12, 1), dt.date(2023, 12, 31)))
    assert fake.requests == []


def test_a_past_season_is_read_from_what_was_landed_while_it_was_current(nba, fake, fetcher):
    schedule = fetcher.rows(nba, "schedule", DATES)
    fetcher.time += dt.timedelta(days=365)
    assert fetcher.rows(nba, "schedule", DATES).equals(schedule)
    assert fake.counts() == {"schedule": 1}


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
    ("player_boxscores", "boxscore", put("game.awayTeam.players", []), r"found list '\[\]', expected 5 players who"),
    ("player_boxscores", "boxscore", put("game.homeTeam.players.0.name", 7), r"player_name \(name\): found int '7'"),
    (
        "team_boxscores",
        "boxscore",
        rename("game.awayTeam.statistics.turnoversTotal", "to"),
        r"turnoversTotal is missing",
    ),
    ("team_boxscores", "boxscore", put("game.gameId", "0022400001"), r"expected the requested game"),
    (
        "shots",
        "playbyplay",
        put("game.actions.5.shotResult", "Maybe"),
        r"shotResult: found str 'Maybe', expected one of",
    ),
    ("shots", "playbyplay", put("game.actions.5.clock", 11.5), r"clock: found float '11.5', expected a clock"),
    ("shots", "playbyplay", put("game.actions.5.xLegacy", "left"), r"xLegacy: found str 'left', expected a number"),
    (
        "shots",
        "playbyplay",
        put("game.actions.5.isFieldGoal", [1]),
        r"isFieldGoal: found list '\[1\]', expected 0",
    ),
    ("shots", "playbyplay", put("game.actions", []), r"isFieldGoal is 1 in none of 0 actions"),
    (
        "shots",
        "playbyplay",
        lambda document: b"<html>Access",
        r"expected JSON, found 12 bytes that begin '<html>Access'",
    ),
    ("shots", "playbyplay", lambda document: b'{"game": {"actio', r"expected JSON, found 16 bytes"),
]


@pytest.mark.parametrize(("feed", "endpoint", "change", "message"), FAULTS, ids=[message for *_, message in FAULTS])
def test_an_error_names_provider_endpoint_field_and_landed_file(nba, fake, fetcher, feed, endpoint, change, message):
    fake.change(endpoint, change)
    dates = SEASON if feed == "schedule" else on(10)
    with pytest.raises(BadInput, match=message) as error:
        fetcher.rows(nba, feed, dates)
    assert f"landing/nba_com/{endpoint}/" in str(error.value)
