"""The Odds API as a fake speaks it: every quote a bookmaker of the simulated league made arrives with its second."""

import datetime as dt

import pandas as pd
import pytest
from pytest_httpserver import HTTPServer

from nba_resources.dates import DateRange
from nba_resources.sources.base import BadInput
from nba_resources.sources.providers.provider import NotOffered
from nba_resources.sources.providers.the_odds_api import TheOddsApi

from ..fakes.compare import assert_same_rows
from ..fakes.desks import PlainDoor
from ..fakes.league import League
from ..fakes.odds import FakeOddsApi
from .twists import put, rename

DAY = dt.date(2024, 12, 10)
DATES = DateRange(dt.date(2024, 12, 16), dt.date(2024, 12, 17))  # a game of the 16th is quoted in play
EXAMPLE = dt.datetime(2024, 12, 10, 17, 7, 14, tzinfo=dt.UTC)  # one book's opening lines on LAL at LAC


@pytest.fixture
def props(httpserver: HTTPServer, league: League, door: PlainDoor) -> FakeOddsApi:
    return FakeOddsApi(league, door.now, "player_points_props").behind(httpserver)


@pytest.fixture
def odds(httpserver: HTTPServer, league: League, door: PlainDoor) -> FakeOddsApi:
    return FakeOddsApi(league, door.now, "game_odds").behind(httpserver)


@pytest.fixture
def api(httpserver: HTTPServer, door: PlainDoor) -> TheOddsApi:
    return TheOddsApi(httpserver.url_for(""), clock=door.now)


def watched(door: PlainDoor, api: TheOddsApi, feed: str, dates: DateRange, moments: list[dt.datetime]) -> pd.DataFrame:
    """Polls at each moment, then reads what was landed when all is over."""
    for moment in sorted(moments):
        door.moment = moment
        day = (moment - dt.timedelta(hours=8)).date()
        api.fetch(feed, DateRange(day, day), door)
    door.moment = dt.datetime(2024, 12, 20, 15, tzinfo=dt.UTC)
    return door.told(api, feed, dates)


def of_dates(fake: FakeOddsApi, dates: DateRange) -> list[dt.datetime]:
    return sorted({moment for (_, moment), rows in fake.at.items() if rows[0]["game_date"] in dates})


def test_lines_on_players_arrive_row_for_row_and_none_from_games_in_play(api, props, door, league):
    """An event leaves the list when its game begins, and is not asked for afterwards."""
    found = watched(door, api, "player_points_props", DATES, of_dates(props, DATES))
    told = league.frame("player_points_props", DATES)
    expected = told[(told.source == "sim_books") & (told.snapshot_utc < told.start_time_utc)]
    assert (told.snapshot_utc > told.start_time_utc).any(), "no line in play to be kept out"
    assert_same_rows(found, expected, "player_points_props", told={"source": "the_odds_api"})


def test_quotes_on_games_arrive_row_for_row_those_in_play_with_their_time(api, odds, door, league):
    found = watched(door, api, "game_odds", DATES, of_dates(odds, DATES))
    told = league.frame("game_odds", DATES)
    last = told.groupby("game_date").start_time_utc.transform("max")
    assert_same_rows(found, told[told.snapshot_utc < last], "game_odds")


def test_a_twelve_game_slate_costs_a_credit_a_game_and_look_and_lists_of_events_nothing(api, props, door):
    """The door looks seven times before each tip-off; here once, so that the count can be done by hand."""
    games = [game for game in props.events if game["game_date"] == DAY]
    door.moment = min(game["starts"] for game in games) - dt.timedelta(hours=1)
    door.told(api, "player_points_props", DateRange(DAY, DAY))
    assert door.spent == len(games)
    assert props.counted() == {
        "sports/basketball_nba/events": 1,
        "sports/basketball_nba/events/id/odds": len(games),
    }


def test_a_game_that_is_over_is_never_asked_for_live(api, props, door):
    """Its history is asked instead, which the real door refuses unless credits were set aside."""
    door.told(api, "player_points_props", DateRange(DAY, DAY))
    assert "sports/basketball_nba/events/id/odds" not in props.counted()
    assert props.counted()["historical/sports/basketball_nba/events"] == 1


def test_bought_history_is_known_from_the_time_it_was_on_show_and_paid_for_once(api, props, door):
    day = DateRange(DAY, DAY)
    found = door.told(api, "player_points_props", day)
    games = [game for game in props.events if game["game_date"] == DAY]
    assert door.spent == 1 + 2 * 10 * len(games)
    asked = props.counted()["historical/sports/basketball_nba/events/id/odds"]
    door.moment += dt.timedelta(days=1)
    assert door.told(api, "player_points_props", day).equals(found)
    assert props.counted()["historical/sports/basketball_nba/events/id/odds"] == asked == 2 * len(games)
    assert door.spent == 1 + 2 * 10 * len(games)


def test_dates_before_the_history_are_not_offered(api, props, door):
    with pytest.raises(NotOffered, match="since 2023-05-03"):
        door.told(api, "player_points_props", DateRange(dt.date(2022, 1, 1), dt.date(2022, 1, 2)))


def at_the_example(door: PlainDoor, api: TheOddsApi, props: FakeOddsApi, twist) -> pd.DataFrame:
    door.moment = EXAMPLE
    assert (("LAC", "LAL"), EXAMPLE) in props.at
    assert any(game["game_date"] == DAY and game["home_team"] == "LAC" for game in props.events)
    props.twist("/odds", lambda event: twist(event) if event["bookmakers"] else event)
    return door.told(api, "player_points_props", DateRange(DAY, DAY))


def outcomes(event: dict) -> list[dict]:
    return event["bookmakers"][0]["markets"][0]["outcomes"]


def test_an_over_without_an_under_has_no_under_price(api, props, door):
    def over_only(event):
        outcomes(event)[:] = [one for one in outcomes(event) if one["name"] == "Over"][:1]
        return event

    found = at_the_example(door, api, props, over_only)
    assert len(found) == 1
    assert found.over_price.notna().all()
    assert found.under_price.isna().all()


def test_an_alternate_that_repeats_the_main_line_yields_to_it(api, props, door):
    """The same number at two prices would be two values for one fact."""

    def repeat(event):
        over, under = outcomes(event)[:2]
        beyond = over | {"point": over["point"] + 5, "price": 350}
        alternates = [over | {"price": -300}, beyond]
        main = {"key": "player_points", "outcomes": [over, under]}
        event["bookmakers"][0]["markets"] = [{"key": "player_points_alternate", "outcomes": alternates}, main]
        return event

    found = at_the_example(door, api, props, repeat)
    assert len(found) == 2
    assert -300 not in set(found.over_price)
    assert 350 in set(found.over_price)


def test_prices_of_pickem_books_are_marked_as_none(api, props, door):
    found = at_the_example(door, api, props, put("bookmakers.0.key", "prizepicks"))
    assert set(found.source) == {"pickem_the_odds_api"}


def test_a_market_updated_after_it_was_received_is_not_believed(api, props, door):
    """One of two clocks is wrong, so nobody can say when the line was known."""
    later = (EXAMPLE + dt.timedelta(minutes=5)).isoformat()
    found = at_the_example(door, api, props, put("bookmakers.0.markets.0.last_update", later))
    assert found.empty


def test_a_game_moved_across_midnight_in_new_york_leaves_its_date(api, props, door):
    moved = at_the_example(door, api, props, put("commence_time", "2024-12-11T05:10:00Z"))
    assert moved.empty


FAULTS = [
    (rename("bookmakers", "books"), "field bookmakers is missing"),
    (rename("bookmakers.0.markets.0.outcomes.0.point", "line"), r"outcomes\[0\].point is missing"),
    (put("bookmakers.0.markets.0.outcomes.0.name", "Yes"), r"found str 'Yes', expected Over or Under"),
    (put("bookmakers.0.markets.0.outcomes.0.price", "even"), r"column over_price \(price\): found 'even'"),
    (put("bookmakers.0.markets.0.outcomes.0.point", 21.3), r"column line \(point\): found '21.3', expected a line"),
    (put("bookmakers.0.markets.0.outcomes.0.description", None), r"description: found null, expected text"),
    (put("commence_time", "tonight"), "commence_time: found str 'tonight', expected a time"),
    (put("commence_time", "2024-12-11T03:00:00"), "expected a time with its zone"),
    (lambda event: b'{"id": "abc", "book', "expected JSON, found 19 bytes"),
]


@pytest.mark.parametrize(("twist", "said"), FAULTS, ids=[said for _, said in FAULTS])
def test_a_fault_is_told_with_provider_endpoint_field_and_landed_file(api, props, door, twist, said):
    with pytest.raises(BadInput, match=said) as told:
        at_the_example(door, api, props, twist)
    assert "landing/the_odds_api/event_odds/2024-12-10/" in str(told.value)


def test_no_games_is_an_empty_list_and_no_error(api, props, door):
    props.twist("/events", lambda events: [])
    door.moment = EXAMPLE
    assert door.told(api, "player_points_props", DateRange(DAY, DAY)).empty
