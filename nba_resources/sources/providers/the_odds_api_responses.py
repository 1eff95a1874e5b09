"""Read The Odds API's responses: events, player lines, game odds."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nba_resources.dates import eastern_date
from nba_resources.sources.providers.json_reader import JsonValue, Row, delivered_table, snapshot_columns
from nba_resources.sources.teams import tricode
from nba_resources.sources.validation.validate import DeliveredTable

POINTS = "player_points"
PLAYER_MARKETS = (
    *(POINTS, "player_rebounds", "player_assists", "player_threes", "player_steals", "player_blocks"),
    *("player_turnovers", "player_blocks_steals", "player_points_rebounds_assists", "player_points_rebounds"),
    *("player_points_assists", "player_rebounds_assists"),
)
_KNOWN = frozenset({*PLAYER_MARKETS, *(f"{market}_alternate" for market in PLAYER_MARKETS)})
GAME_MARKETS = ("h2h", "spreads", "totals")
PICKEM = frozenset({"prizepicks", "underdog", "pick6", "betr_us_dfs", "sleeper"})  # their prices are not odds
MAX_CLOCK_DIFFERENCE = dt.timedelta(minutes=1)

_LINE = {"player_name_raw": "description", "line": "point", "over_price": "price", "under_price": "price"}
_ODDS = {
    "ml_home": "h2h price",
    "ml_away": "h2h price",
    "spread_home": "spreads point",
    "spread_home_price": "spreads price",
    "spread_away_price": "spreads price",
    "total": "totals point",
    "over_price": "totals price",
    "under_price": "totals price",
}


@dataclass(frozen=True)
class Event:
    """A game as the bookmakers list it."""

    id: str
    starts: dt.datetime
    home: str
    away: str
    json: JsonValue

    @property
    def day(self) -> dt.date:
        """The Eastern date; a game moved across midnight Eastern time is on another one."""
        return eastern_date(self.starts)


def read_events(events: JsonValue) -> list[Event]:
    """Return the games between two NBA teams; others, such as the all-star game, are left out."""
    return [event for item in events.items() if (event := _event(item))]


def _event(event: JsonValue) -> Event | None:
    home, away = (tricode(event[side].text()) for side in ("home_team", "away_team"))
    if home is None or away is None:
        return None
    return Event(event["id"].text(), event["commence_time"].time(), home, away, event)


def read_player_lines(source: str, response: JsonValue, seen: dt.datetime, day: dt.date) -> DeliveredTable:
    """Return every bookmaker's lines on the players of one event, if it is still on the date."""
    event, notes = _event(response), Counter[str]()
    if event is None or event.day != day:
        return delivered_table("player_props", response.landed, [], _LINE)
    rows: list[Row] = []
    for book in response["bookmakers"].items():
        key = book["key"].text()
        names = {"bookmaker": key, "source": f"pickem_{source}" if key in PICKEM else source}
        rows += [snapshot_columns(event, seen) | names | line for line in _lines(book, seen, notes)]
    return delivered_table("player_props", response.landed, rows, _LINE, notes)


def read_game_odds(events: JsonValue, seen: dt.datetime, day: dt.date) -> DeliveredTable:
    """Return every bookmaker's odds on the games of the date; odds in play carry their time and are not used."""
    notes: Counter[str] = Counter()
    rows = [
        snapshot_columns(event, seen) | {"bookmaker": book["key"].text(), "snapshot_kind": "snapshot"} | odds
        for event in read_events(events)
        if event.day == day
        for book in event.json["bookmakers"].items()
        if (odds := _odds(book, event, seen, notes))
    ]
    return delivered_table("game_odds", events.landed, rows, _ODDS, notes)


def _markets(book: JsonValue, seen: dt.datetime, notes: Counter[str]) -> Iterator[tuple[str, JsonValue]]:
    """Leave out markets updated after they were received: a clock is wrong, so the time of the line is unknown."""
    for market in book["markets"].items():
        updated = market.find("last_update") or book.find("last_update")
        if updated is not None and updated.time() > seen + MAX_CLOCK_DIFFERENCE:
            notes["markets updated after they were received: check the clock"] += 1
        else:
            yield market["key"].text(), market


def _lines(book: JsonValue, seen: dt.datetime, notes: Counter[str]) -> list[Row]:
    """Return over and under of each player, market and line; a main line wins over an alternate with the same number.

    A market with whole ladders, as some bookmakers write it, needs no alternates.
    """
    markets: dict[str, list[JsonValue]] = {}
    for key, market in _markets(book, seen, notes):
        markets.setdefault(key, []).append(market)
    rows: list[Row] = []
    for name in PLAYER_MARKETS:
        main, alternates = (_over_under(markets.get(key, []), notes) for key in (name, f"{name}_alternate"))
        notes["alternates that repeat a main line"] += len(alternates.keys() & main.keys())
        rows += [{"market": name} | line for line in (alternates | main).values()]
    notes["markets nobody here knows, left out"] += len(markets.keys() - _KNOWN)
    notes["lines with one side only"] += sum(None in row.values() for row in rows)
    return rows


def _over_under(markets: list[JsonValue], notes: Counter[str]) -> dict[tuple[str, Any], Row]:
    """Return the lines of each player from the first set that has him.

    A bookmaker may write all players twice, with other prices, in one market or in two: a second set begins where a
    side of a line comes again.
    """
    lines: dict[tuple[str, Any], Row] = {}
    set_of: dict[str, int] = {}
    number = 0
    for market in markets:
        number, written = number + 1, set[tuple[str, Any, str]]()
        for outcome in market["outcomes"].items():
            side = {"Over": "over_price", "Under": "under_price"}.get(outcome["name"].text())
            if side is None:
                outcome["name"].fail("Over or Under")
            row = outcome.row({"player_name_raw": "description", "line": "point", "price": "price"})
            player, price = outcome["description"].text(), row.pop("price")
            if (player, row["line"], side) in written:
                number, written = number + 1, set()
            written.add((player, row["line"], side))
            if set_of.setdefault(player, number) != number:
                notes["prices of a second set of the same bookmaker, left out"] += 1
                continue
            lines.setdefault((player, row["line"]), row | {"over_price": None, "under_price": None})[side] = price
    return lines


def _odds(book: JsonValue, event: Event, seen: dt.datetime, notes: Counter[str]) -> Row | None:
    """Return one bookmaker's odds: a market it has taken down is NULL, and without any market there is no row."""
    odds: Row = dict.fromkeys(_ODDS)
    for key, market in _markets(book, seen, notes):
        for outcome in market["outcomes"].items() if key in GAME_MARKETS else []:
            side, price = _side(outcome, key, event), outcome["price"].value
            match key:
                case "h2h":
                    odds[f"ml_{side}"] = price
                case "spreads":
                    odds[f"spread_{side}_price"] = price
                    if side == "home":
                        odds["spread_home"] = outcome["point"].value
                case "totals":
                    odds |= {f"{side}_price": price, "total": outcome["point"].value}
    return odds if any(value is not None for value in odds.values()) else None


def _side(outcome: JsonValue, market: str, event: Event) -> str:
    """Return over or under for a total, home or away for other markets."""
    name = outcome["name"].text()
    sides = {"Over": "over", "Under": "under"} if market == "totals" else {event.home: "home", event.away: "away"}
    side = sides.get(name if market == "totals" else tricode(name) or "")
    if side is None:
        outcome["name"].fail(f"one of {', '.join(sides)}")
    return side
