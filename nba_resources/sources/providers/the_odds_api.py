"""The Odds API: player points and game odds of many bookmakers, now and (on paid plans) at moments of the past.

Every answer with lines costs credits, so each question says what it may cost and when its game begins.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from nba_resources.dates import DateRange
from nba_resources.sources import eastern
from nba_resources.sources.providers.json_reader import Answer
from nba_resources.sources.providers.provider import Door, Manners, NotOffered, Provider, Quota, Request
from nba_resources.sources.providers.the_odds_api_responses import GAME_MARKETS, POINTS, Event, events, points, quotes
from nba_resources.sources.validation.validate import DeliveredTable

BOOKMAKERS = ("draftkings", "fanduel", "betmgm", "caesars", "betrivers")  # up to ten cost as much as one
LINE_MARKETS = (POINTS,)  # ALTERNATES as well would cost as much again; where they are told they are read
HISTORY_FROM = {"player_points_props": dt.date(2023, 5, 3), "game_odds": dt.date(2020, 6, 6)}
HISTORICAL = 10  # times the price of the same lines today
HISTORY = (dt.timedelta(hours=6), dt.timedelta(minutes=30))  # before tip-off: how the market opened, how it closed
A_DAY = dt.timedelta(hours=27)  # tip-offs after midnight, and the day on which clocks go back
_ODDS = {"bookmakers": ",".join(BOOKMAKERS), "oddsFormat": "american", "dateFormat": "iso"}


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
            per_game=float(len(HISTORY) * HISTORICAL * len(LINE_MARKETS)),
            per_date=float(1 + len(HISTORY) * HISTORICAL * len(GAME_MARKETS)),
        ),
    )

    def fetch(self, feed: str, dates: DateRange, door: Door) -> list[DeliveredTable]:
        """Date by date, every snapshot ever landed, at the time of its receipt or of the provider's archive."""
        if dates.end < HISTORY_FROM[feed]:
            raise NotOffered(f"{self.name} has {feed} since {HISTORY_FROM[feed]}, not of {dates}")
        read = self._points if feed == "player_points_props" else self._quotes
        return [one for day in dates if day >= HISTORY_FROM[feed] for one in read(day, door)]

    def canary(self) -> Request:
        """The list of events costs nothing."""
        return self._events_request(self.today())

    def _points(self, day: dt.date, door: Door) -> list[DeliveredTable]:
        """The history only where nothing was landed: it costs credits of its own."""
        told = [
            points(self.name, Answer.of(landed), landed.received_at, day)
            for event in self._events(day, door)
            for landed in door.snapshots(self._points_request(event, day))
        ]
        return told or list(self._past_points(day, door))

    def _past_points(self, day: dt.date, door: Door) -> Iterator[DeliveredTable]:
        for event in self._past_events(day, door):
            for before in HISTORY:
                told = self._past(self._points_request(event, day), event.starts - before, door)
                if told is not None:
                    yield points(self.name, told["data"], told["timestamp"].moment(), day)

    def _quotes(self, day: dt.date, door: Door) -> list[DeliveredTable]:
        """One question for all games, until the last of them begins: those in play are among its answers."""
        starts = [event.starts for event in self._events(day, door)]
        answers = door.snapshots(self._quotes_request(day, max(starts))) if starts else []
        told = [quotes(Answer.of(landed), landed.received_at, day) for landed in answers]
        return told or list(self._past_quotes(day, door))

    def _past_quotes(self, day: dt.date, door: Door) -> Iterator[DeliveredTable]:
        starts = [event.starts for event in self._past_events(day, door)]
        for before in HISTORY if starts else ():
            told = self._past(self._quotes_request(day, max(starts)), min(starts) - before, door)
            if told is not None:
                yield quotes(told["data"], told["timestamp"].moment(), day)

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
        params = {"dateFormat": "iso"}
        asked = Request(self.name, "events", self._url("events"), day.isoformat(), params, cost=1.0 / HISTORICAL)
        told = self._past(asked, morning, door)
        listed = [] if told is None else events(told["data"])
        return [event for event in listed if event.day == day]

    def _past(self, asked: Request, at: dt.datetime, door: Door) -> Answer | None:
        """What the same question was answered at a moment of the past, which never changes: it is paid for once."""
        past = replace(
            asked,
            endpoint=f"historical_{asked.endpoint}",
            url=asked.url.replace("/v4/", "/v4/historical/"),
            params={**asked.params, "date": _iso(at)},
            cost=HISTORICAL * asked.cost,
            tip_off=None,
            settled=True,
            history=True,
        )
        landed = door.get(past)
        return None if landed is None else Answer.of(landed)

    def _events_request(self, day: dt.date) -> Request:
        midnight = dt.datetime.combine(day, dt.time(), eastern.EASTERN)
        params = {"dateFormat": "iso", "commenceTimeFrom": _iso(midnight), "commenceTimeTo": _iso(midnight + A_DAY)}
        settled = day < self.today()
        return Request(self.name, "events", self._url("events"), day.isoformat(), params, settled=settled)

    def _points_request(self, event: Event, day: dt.date) -> Request:
        params = {**_ODDS, "markets": ",".join(LINE_MARKETS)}
        cost = float(len(LINE_MARKETS))
        url = self._url(f"events/{event.id}/odds")
        return Request(self.name, "event_odds", url, day.isoformat(), params, cost, tip_off=event.starts)

    def _quotes_request(self, day: dt.date, last_tip_off: dt.datetime) -> Request:
        params = {**_ODDS, "markets": ",".join(GAME_MARKETS)}
        cost = float(len(GAME_MARKETS))
        return Request(self.name, "odds", self._url("odds"), day.isoformat(), params, cost, tip_off=last_tip_off)

    def _url(self, what: str) -> str:
        return f"{self.base_url}/v4/sports/basketball_nba/{what}"


def _iso(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
