"""The Odds API: player points and game odds of many bookmakers, now and (on paid plans) at moments of the past.

Every answer with lines costs credits, so each question says what it may cost and when its game begins.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from nba_resources.dates import DateRange
from nba_resources.sources import eastern
from nba_resources.sources.answers import Answer, Row, published
from nba_resources.sources.conform import Published
from nba_resources.sources.provider import Door, Landed, Manners, NotOffered, Provider, Quota, Request
from nba_resources.sources.teams import tricode

BOOKMAKERS = ("draftkings", "fanduel", "betmgm", "caesars", "betrivers")  # up to ten cost as much as one region
POINTS, ALTERNATES = "player_points", "player_points_alternate"
GAME_MARKETS = ("h2h", "spreads", "totals")
PICKEM = frozenset({"prizepicks", "underdog", "pick6", "betr_us_dfs", "dabble_au", "sleeper"})  # prices are no odds
HISTORY_FROM = {"player_points_props": dt.date(2023, 5, 3), "game_odds": dt.date(2020, 6, 6)}
HISTORICAL = 10  # times the price of the same lines today
CREDITS_A_SNAPSHOT = {"player_points_props": 1.0, "game_odds": 3.0}


@dataclass(frozen=True)
class Event:
    """A game as the bookmakers list it."""

    id: str
    starts: dt.datetime
    home: str
    away: str
    listed: Answer

    @property
    def day(self) -> dt.date:
        """The league's date: a game moved across midnight in New York is on another one."""
        return eastern.eastern_day(self.starts)


class TheOddsApi(Provider):
    """Lines of games to come are asked as they stand; of games that are over only what was landed, or the history.

    `history` are the minutes before tip-off at which past lines are bought; none are, unless some are named.
    """

    name: ClassVar[str] = "the_odds_api"
    feeds: ClassVar[frozenset[str]] = frozenset({"player_points_props", "game_odds"})
    home: ClassVar[str] = "https://api.the-odds-api.com"
    manners: ClassVar[Manners] = Manners(
        seconds_between=0.2,
        key_variable="NBA_THE_ODDS_API_KEY",
        key_param="apiKey",
        absent=frozenset({404}),  # the event began, or was listed under another id
        spent="OUT_OF_USAGE_CREDITS",
        quota=Quota(
            monthly="NBA_THE_ODDS_API_MONTHLY",
            monthly_default=500.0,
            daily="NBA_THE_ODDS_API_DAILY",
            per_game=HISTORICAL * CREDITS_A_SNAPSHOT["player_points_props"],
            per_date=1 + HISTORICAL * CREDITS_A_SNAPSHOT["game_odds"],
        ),
    )

    def __init__(
        self,
        base_url: str | None = None,
        clock: Callable[[], dt.datetime] = eastern.now,
        bookmakers: Sequence[str] = BOOKMAKERS,
        alternates: bool = False,
        history: Sequence[int] = (),
    ) -> None:
        super().__init__(base_url)
        self.clock, self.history = clock, history
        self.markets = [POINTS, ALTERNATES] if alternates else [POINTS]
        self.asked = {"bookmakers": ",".join(bookmakers), "oddsFormat": "american", "dateFormat": "iso"}
        self.regions = -(-len(bookmakers) // 10)

    def fetch(self, feed: str, dates: DateRange, door: Door) -> list[Published]:
        """Date by date, every snapshot that was ever landed; times are those of receipt, or the archive's own."""
        read = self._points if feed == "player_points_props" else self._odds
        told = [one for day in dates for one in read(day, door)]
        if not told and dates.end < HISTORY_FROM[feed]:
            raise NotOffered(f"{self.name} has {feed} since {HISTORY_FROM[feed]}, not of {dates}")
        return told

    def canary(self) -> Request:
        """The list of events costs nothing."""
        return self._events_request(eastern.eastern_day(self.clock()))

    def _points(self, day: dt.date, door: Door) -> Iterator[Published]:
        events = self._events(day, door)
        for event in events:
            for landed in door.snapshots(self._points_request(event, day)):
                yield _points(self.name, landed, Answer.of(landed), landed.received_at, day)
        for before in self.history:
            yield from self._past_points(day, before, door)

    def _odds(self, day: dt.date, door: Door) -> Iterator[Published]:
        """One question for all games; its last one is before the last tip-off, so games in play are among its answers."""
        starts = [event.starts for event in self._events(day, door)]
        if not starts:
            return
        cost = self.regions * CREDITS_A_SNAPSHOT["game_odds"]
        params = self.asked | {"markets": ",".join(GAME_MARKETS)}
        asked = Request(self.name, "odds", self._url("odds"), day.isoformat(), params, cost, tip_off=max(starts))
        for landed in door.snapshots(asked):
            yield _odds(landed, Answer.of(landed), landed.received_at, day)
        for before in self.history:
            moment = min(starts) - dt.timedelta(minutes=before)
            if (past := door.get(self._past("odds", day, moment, cost, asked.params))) is not None:
                yield _odds(past, Answer.of(past)["data"], _snapshot_time(past), day)

    def _events(self, day: dt.date, door: Door) -> list[Event]:
        """The games of a date, from every list of them landed: an event leaves the list when its game begins.

        A game that was moved is asked for at its new time, and on the date it left no longer.
        """
        latest: dict[str, Event] = {}
        for landed in door.snapshots(self._events_request(day)):
            latest |= {event.id: event for event in _listed(Answer.of(landed))}
        return [event for event in latest.values() if event.day == day]

    def _past_points(self, day: dt.date, before: int, door: Door) -> Iterator[Published]:
        """Asked at the minutes before each game's tip-off, as the list of that morning has it."""
        morning = dt.datetime.combine(day, dt.time(10), eastern.EASTERN).astimezone(dt.UTC)
        if (landed := door.get(self._past("events", day, morning, 1.0, {"dateFormat": "iso"}))) is None:
            return
        for event in _listed(Answer.of(landed)["data"]):
            if event.day != day:
                continue
            moment = event.starts - dt.timedelta(minutes=before)
            asked = self._points_request(event, day)
            past = door.get(self._past(f"events/{event.id}/odds", day, moment, asked.cost, asked.params))
            if past is not None:
                yield _points(self.name, past, Answer.of(past)["data"], _snapshot_time(past), day)

    def _events_request(self, day: dt.date) -> Request:
        midnight = dt.datetime.combine(day, dt.time(), eastern.EASTERN).astimezone(dt.UTC)
        params = {"dateFormat": "iso", "commenceTimeFrom": _iso(midnight), "commenceTimeTo": _iso(midnight + _A_DAY)}
        over = eastern.eastern_day(self.clock()) > day
        return Request(self.name, "events", self._url("events"), day.isoformat(), params, settled=over)

    def _points_request(self, event: Event, day: dt.date) -> Request:
        params = self.asked | {"markets": ",".join(self.markets)}
        cost = self.regions * len(self.markets) * CREDITS_A_SNAPSHOT["player_points_props"]
        url = self._url(f"events/{event.id}/odds")
        return Request(self.name, "event_odds", url, day.isoformat(), params, cost, tip_off=event.starts)

    def _past(self, what: str, day: dt.date, moment: dt.datetime, cost: float, params: Any) -> Request:
        url = self._url(what).replace("/v4/sports/", "/v4/historical/sports/")
        endpoint = "historical_event_odds" if "/" in what else f"historical_{what}"
        price = cost if what == "events" else HISTORICAL * cost
        params = {**params, "date": _iso(moment)}
        return Request(self.name, endpoint, url, day.isoformat(), params, price, settled=True, history=True)

    def _url(self, what: str) -> str:
        return f"{self.base_url}/v4/sports/basketball_nba/{what}"


_A_DAY = dt.timedelta(hours=27)  # tip-offs after midnight, and the day on which clocks go back


def _iso(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(told: Answer) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(told.text())
    except ValueError:
        told.refuse("a time such as 2026-01-06T00:10:00Z")
    if moment.tzinfo is None:
        told.refuse("a time with its zone, such as 2026-01-06T00:10:00Z")
    return moment.astimezone(dt.UTC)


def _snapshot_time(landed: Landed) -> dt.datetime:
    """When a past line was on show, which is at or before the moment asked for."""
    return _moment(Answer.of(landed)["timestamp"])


def _event(told: Answer) -> Event | None:
    """None: a meeting of others than two clubs of the league, such as the all-star game."""
    home, away = (tricode(told[side].text()) for side in ("home_team", "away_team"))
    if home is None or away is None:
        return None
    return Event(told["id"].text(), _moment(told["commence_time"]), home, away, told)


def _listed(events: Answer) -> list[Event]:
    return [event for told in events.parts() if (event := _event(told))]


_LINE = {"player_name_raw": "description", "line": "point", "over_price": "price", "under_price": "price"}


def _points(source: str, landed: Landed, told: Answer, seen: dt.datetime, day: dt.date) -> Published:
    event, rows, notes = _event(told), [], Counter[str]()
    if event is not None and event.day == day:
        for book in told["bookmakers"].parts():
            key = book["key"].text()
            about = _about(event, seen) | {
                "bookmaker": key,
                "source": f"pickem_{source}" if key in PICKEM else source,
            }
            rows += [about | line for line in _lines(book, notes)]
    return published("player_points_props", landed, rows, _LINE, notes)


def _about(event: Event, seen: dt.datetime) -> Row:
    return {
        "game_date": event.day,
        "home_team": event.home,
        "away_team": event.away,
        "start_time_utc": event.starts,
        "snapshot_utc": seen,
    }


def _lines(book: Answer, notes: Counter[str]) -> list[Row]:
    """Over and under of each player and number. Of a number told twice, as a main line and as an alternate, the main
    line counts."""
    lines: dict[tuple[str, Any], Row] = {}
    markets = {market["key"].text(): market for market in book["markets"].parts()}
    for key in (POINTS, ALTERNATES):
        mine: dict[tuple[str, Any], Row] = {}
        for outcome in markets[key]["outcomes"].parts() if key in markets else []:
            side = outcome["name"].text()
            if side not in ("Over", "Under"):
                outcome["name"].refuse("Over or Under")
            told = outcome.row({"player_name_raw": "description", "line": "point", "price": "price"})
            line = mine.setdefault(
                (outcome["description"].text(), told["line"]),
                {
                    "player_name_raw": told["player_name_raw"],
                    "line": told["line"],
                    "over_price": None,
                    "under_price": None,
                },
            )
            price = "over_price" if side == "Over" else "under_price"
            if line[price] is not None and line[price] != told["price"]:
                outcome["price"].refuse(f"the price told before for the same side and number, {line[price]}")
            line[price] = told["price"]
        notes["alternates that repeat a main line"] += len(mine.keys() & lines.keys())
        lines = mine | lines
    notes["lines with one side only"] += sum(None in (one["over_price"], one["under_price"]) for one in lines.values())
    return list(lines.values())


_QUOTE = {
    "ml_home": "h2h price",
    "ml_away": "h2h price",
    "spread_home": "spreads point",
    "spread_home_price": "spreads price",
    "spread_away_price": "spreads price",
    "total": "totals point",
    "over_price": "totals price",
    "under_price": "totals price",
}


def _odds(landed: Landed, events: Answer, seen: dt.datetime, day: dt.date) -> Published:
    """Every book's quotes on the games of the date; what is in play carries its time and is never used."""
    rows = [
        _about(event, seen) | {"bookmaker": book["key"].text(), "snapshot_kind": "snapshot"} | _quote(book, event)
        for event in _listed(events)
        if event.day == day
        for book in event.listed["bookmakers"].parts()
    ]
    return published("game_odds", landed, rows, _QUOTE)


def _quote(book: Answer, event: Event) -> Row:
    """A book that has taken a market down quotes it with NULL; away spreads are the home spread's opposite."""
    quote: Row = dict.fromkeys(_QUOTE)
    for market in book["markets"].parts():
        key = market["key"].text()
        for outcome in market["outcomes"].parts() if key in GAME_MARKETS else []:
            told, side = outcome["name"].text(), None
            if key != "totals":
                side = {event.home: "home", event.away: "away"}.get(tricode(told) or "")
                if side is None:
                    outcome["name"].refuse(f"{event.home} or {event.away} by their full names")
            match key, side or told:
                case "h2h", team:
                    quote[f"ml_{team}"] = outcome["price"].value
                case "spreads", team:
                    quote[f"spread_{team}_price"] = outcome["price"].value
                    if team == "home":
                        quote["spread_home"] = outcome["point"].value
                case "totals", ("Over" | "Under") as way:
                    quote["total"], quote[f"{way.lower()}_price"] = outcome["point"].value, outcome["price"].value
                case _:
                    outcome["name"].refuse("Over or Under")
    return quote
