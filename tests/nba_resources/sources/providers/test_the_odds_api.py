"""The Odds API from a fake server: all odds of the simulated bookmakers arrive with their exact time."""

import datetime as dt

import pandas as pd
import pytest
from pytest_httpserver import HTTPServer

from models.markets import MARKETS, POINTS
from nba_resources.dates import DateRange
from nba_resources.sources.base import BadInput
from nba_resources.sources.providers.provider import NotOffered
from nba_resources.sources.providers.the_odds_api import BOOKMAKERS, TheOddsApi

from ..fakes.compare import assert_same_rows
from ..fakes.league import League
from ..fakes.odds import FakeOddsApi
from ..harness import MemoryFetcher
from .changes import put, rename

DAY = dt.date(2024, 12, 10)
DIFFERENT = (POINTS, "player_points_rebounds_assists", "player_blocks")  # markets of all kinds are read alike
QUOTED = DateRange(dt.date(2024, 12, 16), dt.date(2024, 12, 16))  # one of its games is quoted in play
EXAMPLE = dt.datetime(2024, 12, 10, 17, 7, 14, tzinfo=dt.UTC)  # one book's opening lines on LAL at LAC


@pytest.fixture
def props(httpserver: HTTPServer, league: League, fetcher: MemoryFetcher) -> FakeOddsApi:
    return FakeOddsApi(league, fetcher.now, "player_props").behind(httpserver)


@pytest.fixture
def odds(httpserver: HTTPServer, league: League, fetcher: MemoryFetcher) -> FakeOddsApi:
    return FakeOddsApi(league, fetcher.now, "game_odds").behind(httpserver)


@pytest.fixture
def api(httpserver: HTTPServer, fetcher: MemoryFetcher) -> TheOddsApi:
    return TheOddsApi(httpserver.url_for(""), clock=fetcher.now)


def watched(
    fetcher: MemoryFetcher, api: TheOddsApi, feed: str, dates: DateRange, times: list[dt.datetime]
) -> pd.DataFrame:
    """Fetch at each time, then read all landed responses after the games."""
    for time in sorted(times):
        fetcher.time = time
        day = (time - dt.timedelta(hours=8)).date()
        api.fetch(feed, DateRange(day, day), fetcher)
    fetcher.time = dt.datetime(2024, 12, 20, 15, tzinfo=dt.UTC)
    return fetcher.rows(api, feed, dates)


def of_dates(fake: FakeOddsApi, dates: DateRange) -> list[dt.datetime]:
    return sorted({time for (_, time), rows in fake.at.items() if rows[0]["game_date"] in dates})


def test_player_lines_arrive_row_for_row_and_none_from_games_in_play(props, httpserver, fetcher, league):
    """An event leaves the list when its game begins, and is not requested afterwards."""
    api = TheOddsApi(httpserver.url_for(""), fetcher.now, markets=DIFFERENT)
    lines = league.frame("player_props", QUOTED)
    in_play = lines[lines.snapshot_utc > lines.start_time_utc]
    homes = sorted(lines.home_team.dropna().unique())
    three_games = {*in_play.home_team.dropna(), *homes[:2]}
    lines = lines[lines.home_team.isin(three_games)]
    props.events = [game for game in props.events if game["home_team"] in three_games]
    props.at = {key: rows for key, rows in props.at.items() if rows[0]["home_team"] in three_games}
    result = watched(fetcher, api, "player_props", QUOTED, of_dates(props, QUOTED))
    offered = lines[(lines.source == "sim_books") & lines.market.isin(DIFFERENT)]
    expected = offered[offered.snapshot_utc < offered.start_time_utc]
    assert set(expected.market) == {*DIFFERENT} < {*MARKETS}
    assert (lines.snapshot_utc > lines.start_time_utc).any(), "no line in play to be kept out"
    assert_same_rows(result, expected, "player_props", own={"source": "the_odds_api"})


def test_game_odds_arrive_row_for_row_those_in_play_with_their_time(api, odds, fetcher, league):
    result = watched(fetcher, api, "game_odds", QUOTED, of_dates(odds, QUOTED))
    expected = league.frame("game_odds", QUOTED)
    last = expected.groupby("game_date").start_time_utc.transform("max")
    assert_same_rows(result, expected[expected.snapshot_utc < last], "game_odds")


def test_a_longer_list_of_markets_loses_no_look_that_was_landed(api, props, httpserver, fetcher):
    """Looks were filed by the list that was asked, so one more market made the day's earlier lines vanish."""
    both = {POINTS, "player_assists"}
    looks = {time: rows for (_, time), rows in props.at.items() if both <= {row["market"] for row in rows}}
    before, after = sorted(time for time, rows in looks.items() if rows[0]["game_date"] == DAY)[:2]
    longer = TheOddsApi(httpserver.url_for(""), fetcher.now, markets=(POINTS, "player_assists"))
    fetcher.time = before
    api.fetch("player_props", DateRange(DAY, DAY), fetcher)
    fetcher.time = after
    longer.fetch("player_props", DateRange(DAY, DAY), fetcher)
    fetcher.time += dt.timedelta(minutes=1)
    for reader in (api, longer):
        seen = fetcher.rows(reader, "player_props", DateRange(DAY, DAY)).groupby("snapshot_utc").market.agg(set)
        assert seen.to_dict() == {before: {POINTS}, after: both}


def test_each_request_for_lines_costs_one_credit_and_event_lists_are_free(api, props, fetcher):
    """One look here; the real fetcher looks seven times before each tip-off."""
    games = [game for game in props.events if game["game_date"] == DAY]
    fetcher.time = min(game["starts"] for game in games) - dt.timedelta(hours=1)
    fetcher.rows(api, "player_props", DateRange(DAY, DAY))
    assert fetcher.spent == len(games)
    assert props.counts() == {
        "sports/basketball_nba/events": 1,
        "sports/basketball_nba/events/id/odds": len(games),
    }


def test_current_lines_of_a_finished_game_are_not_requested(api, props, fetcher):
    """Its history is requested instead, which the real client refuses unless credits were set aside."""
    fetcher.rows(api, "player_props", DateRange(DAY, DAY))
    assert "sports/basketball_nba/events/id/odds" not in props.counts()
    assert props.counts()["historical/sports/basketball_nba/events"] == 1


def test_paid_history_has_the_time_of_its_snapshot_and_is_paid_for_once(api, props, fetcher):
    day = DateRange(DAY, DAY)
    result = fetcher.rows(api, "player_props", day)
    games = [game for game in props.events if game["game_date"] == DAY]
    assert fetcher.spent == 1 + 2 * 10 * len(games)
    requests = props.counts()["historical/sports/basketball_nba/events/id/odds"]
    fetcher.time += dt.timedelta(days=1)
    assert fetcher.rows(api, "player_props", day).equals(result)
    assert props.counts()["historical/sports/basketball_nba/events/id/odds"] == requests == 2 * len(games)
    assert fetcher.spent == 1 + 2 * 10 * len(games)


def test_dates_before_the_history_are_not_offered(api, props, fetcher):
    with pytest.raises(NotOffered, match="since 2023-05-03"):
        fetcher.rows(api, "player_props", DateRange(dt.date(2022, 1, 1), dt.date(2022, 1, 2)))


def at_the_example(fetcher: MemoryFetcher, api: TheOddsApi, props: FakeOddsApi, change) -> pd.DataFrame:
    fetcher.time = EXAMPLE
    assert (("LAC", "LAL"), EXAMPLE) in props.at
    assert any(game["game_date"] == DAY and game["home_team"] == "LAC" for game in props.events)
    props.change("/odds", lambda event: change(event) if event["bookmakers"] else event)
    return fetcher.rows(api, "player_props", DateRange(DAY, DAY))


def outcomes(event: dict) -> list[dict]:
    return event["bookmakers"][0]["markets"][0]["outcomes"]


def test_an_over_without_an_under_has_no_under_price(api, props, fetcher):
    def over_only(event):
        outcomes(event)[:] = [outcome for outcome in outcomes(event) if outcome["name"] == "Over"][:1]
        return event

    result = at_the_example(fetcher, api, props, over_only)
    assert len(result) == 1
    assert result.over_price.notna().all()
    assert result.under_price.isna().all()


def test_an_alternate_that_repeats_the_main_line_is_ignored(api, props, fetcher):
    """The same line at two prices would be two values of one field."""

    def repeat(event):
        over, under = outcomes(event)[:2]
        beyond = over | {"point": over["point"] + 5, "price": 350}
        alternates = [over | {"price": -300}, beyond]
        main = {"key": "player_points", "outcomes": [over, under]}
        event["bookmakers"][0]["markets"] = [{"key": "player_points_alternate", "outcomes": alternates}, main]
        return event

    result = at_the_example(fetcher, api, props, repeat)
    assert len(result) == 2
    assert -300 not in set(result.over_price)
    assert 350 in set(result.over_price)


@pytest.mark.parametrize("in_one_market", [True, False])
def test_of_players_told_twice_with_other_prices_the_first_set_is_kept(api, props, fetcher, in_one_market):
    """One book writes every player again in another order; a player of the second set alone is kept too."""

    def twice(event):
        first = outcomes(event)[:6]
        new = [first[0] | {"description": "Only Second", "name": side} for side in ("Over", "Under")]
        second = [outcome | {"price": outcome["price"] - 7} for outcome in reversed(first)]
        sets = [[*first, *second, *new]] if in_one_market else [first, [*second, *new]]
        event["bookmakers"] = event["bookmakers"][:1]
        event["bookmakers"][0]["markets"] = [{"key": "player_points", "outcomes": one} for one in sets]
        expected.update({(one["description"], one["name"]): one["price"] for one in [*first, *new]})
        return event

    expected: dict = {}
    result = at_the_example(fetcher, api, props, twice)
    sides = (("over_price", "Over"), ("under_price", "Under"))
    found = {(row.player_name_raw, side): getattr(row, name) for row in result.itertuples() for name, side in sides}
    assert found == expected
    notes = fetcher.delivery(api, "player_props", DateRange(DAY, DAY)).notes
    assert notes["prices of a second set of the same bookmaker, left out"] == 6


@pytest.mark.parametrize("written", ["player_points", "player_points_alternate"])
def test_whole_ladders_are_lines_of_the_market_points(api, props, fetcher, written):
    """Some books write all lines of a player into the main market, others into its alternates."""

    def ladder(event):
        over, under = outcomes(event)[:2]
        event["bookmakers"] = event["bookmakers"][:1]
        rungs = [side | {"point": 10.5 + step} for step in range(8) for side in (over, under)]
        event["bookmakers"][0]["markets"] = [{"key": written, "outcomes": rungs}]
        return event

    result = at_the_example(fetcher, api, props, ladder)
    assert sorted(result.line) == [10.5 + step for step in range(8)]
    assert set(result.market) == {"player_points"}


def test_a_market_nobody_knows_is_counted_and_the_others_are_read(api, props, fetcher):
    def add(event):
        unknown = {"key": "player_first_basket", "outcomes": [{"name": "Tatum", "description": "Yes", "price": 650}]}
        event["bookmakers"][0]["markets"].insert(0, unknown)
        return event

    result = at_the_example(fetcher, api, props, add)
    quoted = [row for row in props.at[("LAC", "LAL"), EXAMPLE] if row["market"] == POINTS]
    assert len(result) == len(quoted) > 0
    notes = fetcher.delivery(api, "player_props", DateRange(DAY, DAY)).notes
    assert notes["markets nobody here knows, left out"] == 1


def test_a_time_of_update_on_the_bookmaker_is_read_if_the_market_has_none(api, props, fetcher):
    """2022: on the bookmaker; since 2024 on the market only."""

    def late(event):
        for book in event["bookmakers"]:
            del book["markets"][0]["last_update"]
        event["bookmakers"][0]["last_update"] = (EXAMPLE + dt.timedelta(minutes=5)).isoformat()
        return event

    books = {row["bookmaker"] for row in props.at[("LAC", "LAL"), EXAMPLE]}
    assert len(set(at_the_example(fetcher, api, props, late).bookmaker)) == len(books) - 1


def test_caesars_is_asked_under_the_key_it_has_there():
    assert "williamhill_us" in BOOKMAKERS
    assert "caesars" not in BOOKMAKERS


def test_pickem_prices_have_a_source_of_their_own(api, props, fetcher):
    result = at_the_example(fetcher, api, props, put("bookmakers.0.key", "prizepicks"))
    assert set(result.source) == {"pickem_the_odds_api"}


def test_a_market_updated_after_it_was_received_is_ignored(api, props, fetcher):
    """One of the two clocks is wrong, so the time of the line is unknown."""
    later = (EXAMPLE + dt.timedelta(minutes=5)).isoformat()
    result = at_the_example(fetcher, api, props, put("bookmakers.0.markets.0.last_update", later))
    assert result.empty


def test_a_game_moved_across_midnight_in_new_york_leaves_its_date(api, props, fetcher):
    moved = at_the_example(fetcher, api, props, put("commence_time", "2024-12-11T05:10:00Z"))
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


@pytest.mark.parametrize(("change", "message"), FAULTS, ids=[message for _, message in FAULTS])
def test_an_error_names_provider_endpoint_field_and_landed_file(api, props, fetcher, change, message):
    with pytest.raises(BadInput, match=message) as error:
        at_the_example(fetcher, api, props, change)
    assert "landing/the_odds_api/event_odds/2024-12-10/" in str(error.value)


@pytest.mark.parametrize(("feed", "name"), [("player_props", "props"), ("game_odds", "odds")])
def test_a_snapshot_that_cannot_be_read_is_set_aside_and_the_others_are_read(api, fetcher, feed, name, request):
    """Each is kept for good: one number in brackets, and no line of its date could ever be loaded again."""
    fake, on_day = request.getfixturevalue(name), DateRange(DAY, DAY)
    fetcher.time = of_dates(fake, on_day)[0]
    good = fetcher.rows(api, feed, on_day)
    fake.change("/odds", lambda document: {"number": [21.5]})
    fetcher.time += dt.timedelta(hours=1)
    delivery = fetcher.delivery(api, feed, on_day)
    assert not good.empty
    assert delivery.rows.to_pandas().equals(good)
    assert {one.date for one in delivery.rejected} == {DAY}
    assert all("landing/the_odds_api/" in one.row and "landing/" in one.reason for one in delivery.rejected)


def test_a_past_day_whose_only_snapshots_cannot_be_read_has_no_lines_and_says_why(api, props, fetcher):
    """No later look mends it: its load failed for two weeks."""
    fetcher.time = EXAMPLE
    props.change("/odds", lambda document: {"number": [21.5]})
    with pytest.raises(BadInput):
        fetcher.rows(api, "player_props", DateRange(DAY, DAY))
    fetcher.time += dt.timedelta(days=1)
    delivery = fetcher.delivery(api, "player_props", DateRange(DAY, DAY))
    assert delivery.rows.num_rows == 0
    assert delivery.rejected


def test_a_day_without_games_is_not_an_error(api, props, fetcher):
    props.change("/events", lambda events: [])
    fetcher.time = EXAMPLE
    assert fetcher.rows(api, "player_props", DateRange(DAY, DAY)).empty
