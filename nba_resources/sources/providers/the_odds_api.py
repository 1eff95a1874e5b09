"""The Odds API: lines on players and game odds of many bookmakers, current and (on paid plans) historical.

Every response with lines costs credits, so each request states its highest cost and when its game begins.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar, TypeVar

from nba_resources.dates import EASTERN, DateRange
from nba_resources.sources.base import BadInput
from nba_resources.sources.providers import the_odds_api_responses as responses
from nba_resources.sources.providers.json_reader import JsonValue, unreadable_table
from nba_resources.sources.providers.provider import (
    Fetcher,
    LandedResponse,
    NotOffered,
    Provider,
    Quota,
    Request,
    RequestPolicy,
    utc_now,
)
from nba_resources.sources.providers.the_odds_api_responses import GAME_MARKETS, POINTS, Event
from nba_resources.sources.validation.validate import DeliveredTable

BOOKMAKERS = ("draftkings", "fanduel", "betmgm", "williamhill_us", "betrivers")  # up to ten cost as much as one
HISTORY_FROM = {"player_props": dt.date(2023, 5, 3), "game_odds": dt.date(2020, 6, 6)}
HISTORY_COST = 10  # times the cost of current lines
HISTORY_TIMES = (dt.timedelta(hours=6), dt.timedelta(minutes=30))  # before tip-off: opening and closing lines
DAY_LENGTH = dt.timedelta(hours=27)  # includes tip-offs after midnight, and the day on which clocks go back
Read = TypeVar("Read")
_PATH = "v4/sports/basketball_nba"
_FORMAT = {"bookmakers": ",".join(BOOKMAKERS), "oddsFormat": "american", "dateFormat": "iso"}


class TheOddsApi(Provider):
    """Current lines are requested at the fetcher's times before tip-off, and every response stays a snapshot.

    Each of the `markets` asked costs a credit a look and a game; alternates would cost as much again, so they are only
    read if a response has them. Looks with other markets are filed together: a changed list loses none of them.
    For past dates without landed lines the history is requested; it costs ten times as much, and the client refuses it
    unless credits were set aside for it.
    """

    name: ClassVar[str] = "the_odds_api"
    feeds: ClassVar[frozenset[str]] = frozenset({"player_props", "game_odds"})
    default_url: ClassVar[str] = "https://api.the-odds-api.com"
    policy = RequestPolicy(
        seconds_between=0.2,
        key_variable="NBA_THE_ODDS_API_KEY",
        key_param="apiKey",
        not_found=frozenset({404}),  # the event began, or is listed under another id
        credits_spent_text="OUT_OF_USAGE_CREDITS",
        refusals={
            "INVALID_BOOKMAKERS": f"it does not know one of the bookmakers {', '.join(BOOKMAKERS)}; correct BOOKMAKERS "
            "in nba_resources/sources/providers/the_odds_api.py by the provider's list of bookmakers"
        },
        quota=Quota(
            monthly="NBA_THE_ODDS_API_MONTHLY",
            monthly_default=500.0,
            daily="NBA_THE_ODDS_API_DAILY",
            per_game=float(len(HISTORY_TIMES) * HISTORY_COST),
            per_date=float(1 + len(HISTORY_TIMES) * HISTORY_COST * len(GAME_MARKETS)),
        ),
    )

    def __init__(
        self,
        base_url: str | None = None,
        clock: Callable[[], dt.datetime] = utc_now,
        headers: Mapping[str, str] | None = None,
        markets: tuple[str, ...] = (POINTS,),
    ) -> None:
        super().__init__(base_url, clock, headers)
        self.markets, quota = markets, self.policy.quota
        if quota is not None:
            each = replace(quota, per_look=float(len(markets)), per_game=quota.per_game * len(markets))
            self.policy = replace(self.policy, quota=each)

    def fetch(self, feed: str, dates: DateRange, fetcher: Fetcher) -> list[DeliveredTable]:
        """Return every landed snapshot, with the time of its receipt or of the provider's archive."""
        if dates.end < HISTORY_FROM[feed]:
            raise NotOffered(f"{self.name} has {feed} since {HISTORY_FROM[feed]}, not of {dates}")
        read = self._player_lines if feed == "player_props" else self._game_odds
        return [table for day in dates if day >= HISTORY_FROM[feed] for table in read(day, fetcher)]

    def canary(self) -> Request:
        """The list of events, which costs nothing."""
        return self._events_request(self.today())

    def _player_lines(self, day: dt.date, fetcher: Fetcher) -> Iterator[DeliveredTable]:
        snapshots = [
            snapshot
            for event in self._events(day, fetcher)
            for snapshot in fetcher.snapshots(self._player_lines_request(event, day))
        ]
        landed = self._tables("player_props", day, snapshots, partial(responses.read_player_lines, self.name))
        yield from landed
        for event in () if landed else self._past_events(day, fetcher):
            for before in HISTORY_TIMES:
                past = self._past(self._player_lines_request(event, day), event.starts - before, fetcher)
                if past is not None:
                    yield responses.read_player_lines(self.name, past["data"], past["timestamp"].time(), day)

    def _game_odds(self, day: dt.date, fetcher: Fetcher) -> Iterator[DeliveredTable]:
        """Send one request for all games until the last one begins; its responses include games in play."""
        starts = [event.starts for event in self._events(day, fetcher)]
        snapshots = fetcher.snapshots(self._game_odds_request(day, max(starts))) if starts else []
        landed = self._tables("game_odds", day, snapshots, responses.read_game_odds)
        yield from landed
        starts = [] if landed else [event.starts for event in self._past_events(day, fetcher)]
        for before in HISTORY_TIMES if starts else ():
            past = self._past(self._game_odds_request(day, max(starts)), min(starts) - before, fetcher)
            if past is not None:
                yield responses.read_game_odds(past["data"], past["timestamp"].time(), day)

    def _tables(
        self,
        feed: str,
        day: dt.date,
        snapshots: Sequence[LandedResponse],
        read: Callable[[JsonValue, dt.datetime, dt.date], DeliveredTable],
    ) -> list[DeliveredTable]:
        """Return the table of each snapshot; one that cannot be read is set aside."""
        tables = self._read_each(day, snapshots, lambda one: read(JsonValue.parse(one), one.received_at, day))
        return [
            unreadable_table(feed, one, day, str(table)) if isinstance(table, BadInput) else table
            for one, table in zip(snapshots, tables, strict=True)
        ]

    def _events(self, day: dt.date, fetcher: Fetcher) -> list[Event]:
        """Collect the games of a date from all landed lists: an event leaves the list when its game begins.

        An event that left the list earlier was moved or cancelled, and is dropped.
        """
        known: dict[str, Event] = {}
        snapshots = fetcher.snapshots(self._events_request(day))
        lists = self._read_each(day, snapshots, lambda one: responses.read_events(JsonValue.parse(one)))
        for landed, events in zip(snapshots, lists, strict=True):
            if not isinstance(events, BadInput):
                begun = {id: event for id, event in known.items() if event.starts <= landed.received_at}
                known = begun | {event.id: event for event in events}
        return [event for event in known.values() if event.day == day]

    def _read_each(
        self, day: dt.date, snapshots: Sequence[LandedResponse], read: Callable[[LandedResponse], Read]
    ) -> list[Read | BadInput]:
        """Return what each snapshot says, or why it cannot be read: each is kept for good, and says nothing of others.

        If none of today's can be read, the next look may mend it, or the provider has changed its format: an error.
        """
        found: list[Read | BadInput] = []
        for one in snapshots:
            try:
                found.append(read(one))
            except BadInput as error:
                found.append(error)
        errors = [error for error in found if isinstance(error, BadInput)]
        if errors and len(errors) == len(found) and day >= self.today():
            raise errors[0]
        return found

    def _past_events(self, day: dt.date, fetcher: Fetcher) -> list[Event]:
        """Return the games of a past day, as listed that morning in the provider's archive."""
        if day >= self.today():
            return []
        morning = dt.datetime.combine(day, dt.time(10), EASTERN)
        request = self.request("events", f"{_PATH}/events", day, {"dateFormat": "iso"}, cost=1.0 / HISTORY_COST)
        past = self._past(request, morning, fetcher)
        return [] if past is None else [event for event in responses.read_events(past["data"]) if event.day == day]

    def _past(self, request: Request, at: dt.datetime, fetcher: Fetcher) -> JsonValue | None:
        """Return the response as of a past time. It never changes, so it is paid for once."""
        past = replace(
            request,
            endpoint=f"historical_{request.endpoint}",
            url=request.url.replace("/v4/", "/v4/historical/"),
            params={**request.params, "date": _iso(at)},
            filed_as=None,
            cost=HISTORY_COST * request.cost,
            tip_off=None,
            settled=True,
            history=True,
        )
        landed = fetcher.get(past)
        return None if landed is None else JsonValue.parse(landed)

    def _events_request(self, day: dt.date) -> Request:
        midnight = dt.datetime.combine(day, dt.time(), EASTERN)
        times = {"commenceTimeFrom": _iso(midnight), "commenceTimeTo": _iso(midnight + DAY_LENGTH)}
        params = {"dateFormat": "iso", **times}
        return self.request("events", f"{_PATH}/events", day, params, settled=day < self.today())

    def _player_lines_request(self, event: Event, day: dt.date) -> Request:
        path, filed_as = f"{_PATH}/events/{event.id}/odds", {**_FORMAT, "markets": POINTS}
        params = {**_FORMAT, "markets": ",".join(self.markets)}
        cost = float(len(self.markets))
        return self.request("event_odds", path, day, params, filed_as=filed_as, cost=cost, tip_off=event.starts)

    def _game_odds_request(self, day: dt.date, last_tip_off: dt.datetime) -> Request:
        params = {**_FORMAT, "markets": ",".join(GAME_MARKETS)}
        cost = float(len(GAME_MARKETS))
        return self.request("odds", f"{_PATH}/odds", day, params, cost=cost, tip_off=last_tip_off)


def _iso(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
