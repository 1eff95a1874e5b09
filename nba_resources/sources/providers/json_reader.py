"""Reading a provider's JSON: every part knows where it stands, so a complaint names endpoint, field and landed file.

What must be there is asked for by name; what some versions leave out or spell otherwise is looked for with `find`.
"""

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, Self

import pyarrow as pa

from nba_resources.sources.base import BadInput
from nba_resources.sources.feeds import FEEDS, Kind
from nba_resources.sources.providers.provider import Landed
from nba_resources.sources.validation.validate import DeliveredTable

_SHOWN = 60  # of a body that is something else: enough to recognise a page that says no
_WHOLE = re.compile(r"-?\d+")
Row = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """A part of an answer, at its place in it."""

    landed: Landed
    value: Any
    place: str = ""

    @classmethod
    def of(cls, landed: Landed) -> Self:
        """The whole answer."""
        try:
            return cls(landed, json.loads(landed.body))
        except ValueError:
            found = landed.body[:_SHOWN].decode("utf-8", "replace")
            raise complaint(landed, f"expected JSON, found {len(landed.body)} bytes that begin {found!r}") from None

    def __getitem__(self, path: str) -> "Answer":
        """A part that must be there, though it may be null: a key left out is a field that was renamed."""
        part = self
        for name in path.split("."):
            if not isinstance(part.value, dict):
                part.refuse("an object")
            if name not in part.value:
                has = ", ".join(sorted(part.value)[:20]) or "nothing"
                raise complaint(
                    self.landed, f"field {part._at(name)} is missing; {part.place or 'the answer'} has {has}"
                )
            part = Answer(self.landed, part.value[name], part._at(name))
        return part

    def find(self, *paths: str) -> "Answer | None":
        """The first of the paths that leads to something, if any does."""
        for path in paths:
            part: Any = self.value
            for name in path.split("."):
                part = part.get(name) if isinstance(part, dict) else None
            if part is not None:
                return Answer(self.landed, part, f"{self.place}.{path}".lstrip("."))
        return None

    def parts(self) -> list["Answer"]:
        """The elements of a list."""
        if not isinstance(self.value, list):
            self.refuse("a list")
        return [Answer(self.landed, value, f"{self.place}[{n}]") for n, value in enumerate(self.value)]

    def text(self) -> str:
        """What is written there, which must be something."""
        if not isinstance(self.value, str) or not self.value.strip():
            self.refuse("text")
        return self.value

    def whole(self) -> int:
        """A whole number, also one written as text."""
        if isinstance(self.value, bool) or not _WHOLE.fullmatch(str(self.value)):
            self.refuse("a whole number")
        return int(self.value)

    def day(self, *, such_as: str) -> dt.date:
        """The date a text begins with; what follows it (a time that is not meant, as a rule) is not read."""
        try:
            return dt.date.fromisoformat(self.text()[:10])
        except ValueError:
            self.refuse(f"a date such as {such_as}")

    def moment(self) -> dt.datetime:
        """A time, which must say its zone."""
        try:
            read = dt.datetime.fromisoformat(self.text())
        except ValueError:
            self.refuse("a time such as 2026-01-06T00:10:00Z")
        if read.tzinfo is None:
            self.refuse("a time with its zone, such as 2026-01-06T00:10:00Z")
        return read.astimezone(dt.UTC)

    def row(self, names: Mapping[str, str]) -> Row:
        """One value for each field, from where it is named; each must be there and be no list or object."""
        values = {field: self[path] for field, path in names.items()}
        for part in values.values():
            if isinstance(part.value, dict | list):
                part.refuse("a single value")
        return {field: part.value for field, part in values.items()}

    def refuse(self, expected: str) -> NoReturn:
        """The value cannot be what it should."""
        found = "null" if self.value is None else f"{type(self.value).__name__} {str(self.value)[:_SHOWN]!r}"
        raise complaint(self.landed, f"field {self.place or '(the whole answer)'}: found {found}, expected {expected}")

    def _at(self, name: str) -> str:
        return f"{self.place}.{name}".lstrip(".")


def complaint(landed: Landed, what: str) -> BadInput:
    """Everything needed to look for oneself: who was asked what, and the file that holds the answer."""
    return BadInput(f"{landed.request}, landed as {landed.path}: {what}")


def published(
    feed: str, landed: Landed, rows: Iterable[Row], names: Mapping[str, str], notes: Mapping[str, int] | None = None
) -> DeliveredTable:
    """Rows by field, to be typed like any other; a field the provider does not have is NULL.

    Columns are called after the field and what the provider calls it, so that a complaint about a value names both.
    """
    rows, fields = list(rows), FEEDS[feed].fields
    called = {field: f"{field} ({names[field]})" if field in names else field for field in fields}
    columns = {called[name]: _column(landed, called[name], told.kind, rows, name) for name, told in fields.items()}
    return DeliveredTable(landed.path, pa.table(columns), called, notes=notes or {})


def _column(landed: Landed, called: str, kind: Kind, rows: list[Row], name: str) -> pa.Array:
    """Values of several types are told as text, which is read as strictly; but text was never a number.

    An id that comes as a number has lost its leading zeros.
    """
    values = [row.get(name) for row in rows]
    types = {type(value) for value in values if value is not None}
    if kind in ("text", "team") and types - {str}:
        odd = next(value for value in values if value is not None and not isinstance(value, str))
        raise complaint(landed, f"column {called}: found {type(odd).__name__} {str(odd)[:_SHOWN]!r}, expected text")
    if len(types) > 1 and types != {int, float}:
        values = [None if value is None else str(value) for value in values]
    return pa.array(values)
