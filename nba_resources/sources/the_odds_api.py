"""The Odds API: player points and game odds of many bookmakers, now and (on paid plans) at moments of the past.

Every answer with lines costs credits, so each question says what it may cost and when its game begins.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ClassVar

from nba_resources.dates import DateRange
from nba_resources.sources import eastern
from nba_resources.sources.answers import Answer
from nba_resources.sources.conform import Published
from nba_resources.sources.odds_answers import ALTERNATES, GAME_MARKETS, POINTS, Event, events, points, quotes
from nba_resources.sources.provider import Door, Manners, NotOffered, Provider, Quota, Request, utc_now

BOOKMAKERS = ("draftkings", "fanduel", "betmgm", "caesars", "betrivers")  # up to ten cost as much as one region
HISTORY_FROM = {"player_points_props": dt.date(2023, 5, 3), "game_odds": dt.date(2020, 6, 6)}
HISTORICAL = 10  # times the price of the same lines today
HISTORY = (360, 30)  # minutes before tip-off at which past lines are bought: how the market opened, and how it closed
A_DAY = dt.timedelta(hours=27)  # tip-offs after midnight, and the day on which clocks go back


class TheOddsApi(Provider):
    """Lines of games to come are asked as they stand, at the door's own times, and every answer stays a snapshot.

    Of dates that are over and of which nothing was landed the history is asked for, which costs ten times as much and
    which the door refuses unless credits were set aside for it.
    """

    name: ClassVar[str] = "the_odds_api"
    feeds: ClassVar[frozenset[str]] = frozenset({"player_points_props", "game_odds"})
    home: ClassVar[str] = "https://api.the-odds-api.com"
    manners: ClassVar[Manners] = Manners(
        seconds_between=0.2,
        key_variable="NBA_THE_ODDS_API_KEY",
        key_param="apiKey",
        absent=frozenset({404}),  # the event began, or is listed under another id
        spent="OUT_OF_USAGE_CREDITS",
        quota=Quota(
            monthly="NBA_THE_ODDS_API_MONTHLY",
            monthly_default=500.0,
            daily="NBA_THE_ODDS_API_DAILY",
            per_game=len(HISTORY) * HISTORICAL * 1.0,
            per_date=1 + len(HISTORY) * HISTORICAL * 3.0,
        ),
    )

    def __init__(
        self,
        base_url: str | None = None,
        clock: Callable[[], dt.datetime] = utc_now,
        bookmakers: Sequence[str] = BOOKMAKERS,
        alternates: bool = False,
        history: Sequence[int] = HISTORY,
    ) -> None:
        super().__init__(base_url, clock)
        self.history = history
        self.markets = (POINTS, ALTERNATES) if alternates else (POINTS,)
        self.asked = {"bookmakers": ",".join(bookmakers), "oddsFormat": "american", "dateFormat": "iso"}
        self.regions = -(-len(bookmakers) // 10)

    def fetch(self, feed: str, dates: DateRange, door: Door) -> list[Published]:
        """Date by date, every snapshot ever landed, at the time of its receipt or of the provider's archive."""
        if dates.end < HISTORY_FROM[feed]:
            raise NotOffered(f"{self.name} has {feed} since {HISTORY_FROM[feed]}, not of {dates}")
        read = self._points if feed == "player_points_props" else self._quotes
        return [one for day in dates if day >= HISTORY_FROM[feed] for one in read(day, door)]

    def canary(self) -> Request:
        """The list of events costs nothing."""
        return self._events_request(self.today())

    def _points(self, day: dt.date, door: Door) -> Iterator[Published]:
        nothing = True
        for event in self._events(day, door):
            for landed in door.snapshots(self._points_request(event, day)):
                nothing = False
                yield points(self.name, landed, Answer.of(landed), landed.received_at, day)
        for event in self._past_events(day, door) if nothing else []:
            asked = self._points_request(event, day)
            for before in self.history:
                at = event.starts - dt.timedelta(minutes=before)
                bought = door.get(self._past(f"events/{event.id}/odds", day, at, asked.params, asked.cost))
                if bought is not None:
                    told = Answer.of(bought)
                    yield points(self.name, bought, told["data"], told["timestamp"].moment(), day)

    def _quotes(self, day: dt.date, door: Door) -> Iterator[Published]:
        """One question for all games, until the last of them begins: those in play are among its answers."""
        nothing = True
        if starts := [event.starts for event in self._events(day, door)]:
            for landed in door.snapshots(self._quotes_request(day, max(starts))):
                nothing = False
                yield quotes(landed, Answer.of(landed), landed.received_at, day)
        past = self._past_events(day, door) if nothing else []
        for before in self.history if past else ():
            asked = self._quotes_request(day, max(event.starts for event in past))
            at = min(event.starts for event in past) - dt.timedelta(minutes=before)
            if (bought := door.get(self._past("odds", day, at, asked.params, asked.cost))) is not None:
                told = Answer.of(bought)
                yield quotes(bought, told["data"], told["timestamp"].moment(), day)

    def _events(self, day: dt.date, door: Door) -> list[Event]:
        """The games of a date, from every list of them: an event leaves the list when its game begins.

        What left the list before its time was moved or called off, and is not asked for any more.
        """
        known: dict[str, Event] = {}
        for landed in door.snapshots(self._events_request(day)):
            begun = {id: event for id, event in known.items() if event.starts <= landed.received_at}
            known = begun | {event.id: event for event in events(Answer.of(landed))}
        return [event for event in known.values() if event.day == day]

    def _past_events(self, day: dt.date, door: Door) -> list[Event]:
        """The games of a day that is over, as the provider's archive lists them that morning."""
        if day >= self.today():
            return []
        morning = dt.datetime.combine(day, dt.time(10), eastern.EASTERN)
        landed = door.get(self._past("events", day, morning, {"dateFormat": "iso"}, 1.0 / HISTORICAL))
        listed = [] if landed is None else events(Answer.of(landed)["data"])
        return [event for event in listed if event.day == day]

    def _events_request(self, day: dt.date) -> Request:
        midnight = dt.datetime.combine(day, dt.time(), eastern.EASTERN)
        params = {"dateFormat": "iso", "commenceTimeFrom": _iso(midnight), "commenceTimeTo": _iso(midnight + A_DAY)}
        settled = day < self.today()
        return Request(self.name, "events", self._url("events"), day.isoformat(), params, settled=settled)

    def _points_request(self, event: Event, day: dt.date) -> Request:
        params = {**self.asked, "markets": ",".join(self.markets)}
        cost = float(self.regions * len(self.markets))
        url = self._url(f"events/{event.id}/odds")
        return Request(self.name, "event_odds", url, day.isoformat(), params, cost, tip_off=event.starts)

    def _quotes_request(self, day: dt.date, last_tip_off: dt.datetime) -> Request:
        params = {**self.asked, "markets": ",".join(GAME_MARKETS)}
        cost = float(self.regions * len(GAME_MARKETS))
        return Request(self.name, "odds", self._url("odds"), day.isoformat(), params, cost, tip_off=last_tip_off)

    def _past(
        self, what: str, day: dt.date, at: dt.datetime, params: Mapping[str, str | list[str]], cost: float
    ) -> Request:
        """A moment of the past never changes, so it is paid for once."""
        endpoint = "historical_event_odds" if "/" in what else f"historical_{what}"
        url = self._url(what).replace("/v4/", "/v4/historical/")
        params, cost = {**params, "date": _iso(at)}, HISTORICAL * cost
        return Request(self.name, endpoint, url, day.isoformat(), params, cost, settled=True, history=True)

    def _url(self, what: str) -> str:
        return f"{self.base_url}/v4/sports/basketball_nba/{what}"


def _iso(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
