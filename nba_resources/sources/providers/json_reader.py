"""Read values from a provider's JSON. Each value holds its path, so errors name endpoint, field and landed file."""

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NoReturn, Self

import pyarrow as pa

from nba_resources.rejected import RejectedRow, as_json
from nba_resources.sources.base import BadInput
from nba_resources.sources.feeds import FEEDS, Kind
from nba_resources.sources.providers.provider import LandedResponse
from nba_resources.sources.validation.validate import DeliveredTable

_SHOWN = 60  # characters of an unexpected value
_INTEGER = re.compile(r"-?\d+")
_META_TIME, _META_BYTES = re.compile(rb'"meta": ?{[^{}]*"time": ?"([^"]+)"'), 500
Row = dict[str, Any]


@dataclass(frozen=True)
class JsonValue:
    """A value in a landed response, and its path."""

    landed: LandedResponse
    value: Any
    path: str = ""

    @classmethod
    def parse(cls, landed: LandedResponse) -> Self:
        """Return the whole document."""
        try:
            return cls(landed, json.loads(landed.body))
        except (ValueError, RecursionError):
            start = landed.body[:_SHOWN].decode("utf-8", "replace")
            raise bad_response(landed, f"expected JSON, found {len(landed.body)} bytes that begin {start!r}") from None

    def __getitem__(self, path: str) -> "JsonValue":
        """Return a field that must be present, though it may be null: a missing field was renamed."""
        part = self
        for name in path.split("."):
            if not isinstance(part.value, dict):
                part.fail("an object")
            if name not in part.value:
                names = ", ".join(sorted(part.value)[:20]) or "nothing"
                raise bad_response(
                    self.landed, f"field {part._path(name)} is missing; {part.path or 'the response'} has {names}"
                )
            part = JsonValue(self.landed, part.value[name], part._path(name))
        return part

    def find(self, *paths: str) -> "JsonValue | None":
        """Return the first of these fields, which some versions omit or name differently, that is not null."""
        for path in paths:
            value: Any = self.value
            for name in path.split("."):
                value = value.get(name) if isinstance(value, dict) else None
            if value is not None:
                return JsonValue(self.landed, value, self._path(path))
        return None

    def items(self) -> list["JsonValue"]:
        """Return the elements of a list."""
        if not isinstance(self.value, list):
            self.fail("a list")
        return [JsonValue(self.landed, value, f"{self.path}[{n}]") for n, value in enumerate(self.value)]

    def text(self) -> str:
        """Return a text that is not blank."""
        if not isinstance(self.value, str) or not self.value.strip():
            self.fail("text")
        return self.value

    def integer(self) -> int:
        """Return a whole number, which may be written as text."""
        if isinstance(self.value, bool) or not _INTEGER.fullmatch(str(self.value)):
            self.fail("a whole number")
        return int(self.value)

    def is_one(self) -> bool:
        """Return whether a flag is 1; it must be 0 or 1."""
        if self.value not in (0, 1):
            self.fail("0 or 1")
        return bool(self.value)

    def date(self, *, example: str) -> dt.date:
        """Return the date at the start of a text; a time after it is ignored."""
        try:
            return dt.date.fromisoformat(self.text()[:10])
        except ValueError:
            self.fail(f"a date such as {example}")

    def time(self) -> dt.datetime:
        """Return a time, whose zone must be given, in UTC."""
        try:
            time = dt.datetime.fromisoformat(self.text())
        except ValueError:
            self.fail("a time such as 2026-01-06T00:10:00Z")
        if time.tzinfo is None:
            self.fail("a time with its zone, such as 2026-01-06T00:10:00Z")
        return time.astimezone(dt.UTC)

    def row(self, names: Mapping[str, str]) -> Row:
        """Return one value for each feed field, read at the given path; none may be a list or an object."""
        parts = {field: self[path] for field, path in names.items()}
        for part in parts.values():
            if isinstance(part.value, dict | list):
                part.fail("a single value")
        return {field: part.value for field, part in parts.items()}

    def fail(self, expected: str) -> NoReturn:
        """Raise `BadInput` for this value."""
        found = "null" if self.value is None else f"{type(self.value).__name__} {str(self.value)[:_SHOWN]!r}"
        path = self.path or "(the whole response)"
        raise bad_response(self.landed, f"field {path}: found {found}, expected {expected}")

    def _path(self, name: str) -> str:
        return f"{self.path}.{name}".lstrip(".")


def bad_response(landed: LandedResponse, problem: str) -> BadInput:
    """Return the error for a response, naming the request and the landed file."""
    return BadInput(f"{landed.request}, landed as {landed.path}: {problem}")


def time_of_meta(body: bytes) -> dt.datetime | None:
    """Read when a file of the NBA was made from its start: `2025-01-07 00:31:06.557478` or `2026-01-05T10:00:00Z`."""
    found = _META_TIME.search(body, 0, _META_BYTES)
    try:
        made = dt.datetime.fromisoformat(found[1].decode()) if found else None
    except ValueError:
        return None
    return made and made.replace(tzinfo=made.tzinfo or dt.UTC)


def team_columns(game: Row, team: str) -> Row:
    """Return the columns of a box score's rows that follow from the game and the team."""
    home, away = game["home_team"], game["away_team"]
    about = {"game_id": game["game_id"], "game_date": game["game_date"], "team_abbr": team}
    return about | {"opponent_team_abbr": away if team == home else home, "is_home": team == home}


def snapshot_columns(game: Any, seen: dt.datetime) -> Row:
    """Return the columns of a line's row that follow from its game, as a provider lists it, and the snapshot's time."""
    teams = {"game_date": game.day, "home_team": game.home, "away_team": game.away}
    return teams | {"start_time_utc": game.starts, "snapshot_utc": seen}


def delivered_table(
    feed: str,
    landed: LandedResponse,
    rows: Iterable[Row],
    names: Mapping[str, str],
    notes: Mapping[str, int] | None = None,
) -> DeliveredTable:
    """Make a table of rows by feed field; a field the provider does not have is NULL.

    Columns are named after the field and the provider's name of it, so that errors show both.
    """
    rows, fields = list(rows), FEEDS[feed].fields
    columns = {field: f"{field} ({names[field]})" if field in names else field for field in fields}
    table = {columns[name]: _column(landed, columns[name], field.kind, rows, name) for name, field in fields.items()}
    return DeliveredTable(landed.path, pa.table(table), columns, notes=notes or {})


def unreadable_table(feed: str, landed: LandedResponse, day: dt.date, reason: str) -> DeliveredTable:
    """Make a table without rows of a response that is set aside whole."""
    aside = RejectedRow(day, landed.request.provider, as_json({"response": landed.path}), reason)
    return replace(delivered_table(feed, landed, [], {}), rejected=(aside,))


def _column(landed: LandedResponse, column: str, kind: Kind, rows: list[Row], name: str) -> pa.Array:
    """Make a column; values of several types become text, which is validated as strictly.

    A number where text belongs is refused: an id that comes as a number has lost its leading zeros.
    """
    values = [row.get(name) for row in rows]
    types = {type(value) for value in values if value is not None}
    if kind in ("text", "name", "team") and types - {str}:
        odd = next(value for value in values if value is not None and not isinstance(value, str))
        raise bad_response(landed, f"column {column}: found {type(odd).__name__} {str(odd)[:_SHOWN]!r}, expected text")
    if len(types) > 1 and types != {int, float}:
        values = [None if value is None else str(value) for value in values]
    try:
        return pa.array(values)
    except (pa.ArrowException, OverflowError, UnicodeEncodeError) as error:
        raise bad_response(landed, f"column {column}: found a value that cannot be stored: {error}") from None
