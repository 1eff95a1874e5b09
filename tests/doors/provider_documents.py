"""Every document that the live providers answer with for two games of the simulated league, and ways to break one."""

import copy
import datetime as dt
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pyarrow as pa
from pyarrow import parquet
from werkzeug.test import EnvironBuilder

from nba_resources.dates import DateRange
from nba_resources.sources.provider_priority import provider_class
from nba_resources.sources.providers.provider import LandedResponse, Provider, Request

from ..nba_resources.sources.fakes.league import League, Row
from ..nba_resources.sources.fakes.nba_com import FakeNbaCom
from ..nba_resources.sources.fakes.odds import FakeOddsApi
from ..nba_resources.sources.fakes.report import FakeReports
from ..nba_resources.sources.fakes.server import Fake
from ..nba_resources.sources.fakes.sportsdataverse import FakeSportsDataverse
from .test_archives import OTHER_TYPES

DAY = dt.date(2024, 12, 10)
BEFORE_TIP = dt.datetime(2024, 12, 10, 23, tzinfo=dt.UTC)
NEXT_DAY = dt.datetime(2024, 12, 11, 15, tzinfo=dt.UTC)
SCALARS = (None, "", " ", -1, 0, 1.5, 1e308, 10**400, True, [], {}, [[]], {"a": None}, "NaN", float("nan"), "9" * 400)


class Evening(League):
    """One date of the league with its first two games."""

    @cached_property
    def schedule(self) -> list[Row]:
        return self.rows("schedule", DateRange(DAY, DAY))[:2]


@dataclass
class Answers:
    """Answers requests from documents; the first time it asks the fake, as a server would."""

    fake: Fake | None = None
    now: dt.datetime = NEXT_DAY
    bodies: dict[str, bytes] = field(default_factory=dict)

    def get(self, request: Request) -> LandedResponse | None:
        if self.fake and request.digest not in self.bodies:
            path = "/" + request.url.split("/", 3)[3]
            answer = self.fake.answer(path, EnvironBuilder(path, query_string=dict(request.params)).get_request())
            if answer is not None:
                self.bodies[request.digest] = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        body = self.bodies.get(request.digest)
        return None if body is None else LandedResponse(request, self.now, body, "", f"landing/{request.endpoint}.gz")

    def snapshots(self, request: Request) -> list[LandedResponse]:
        return [landed] if (landed := self.get(request)) else []


@dataclass(frozen=True)
class Delivered:
    """A feed of a provider, and the documents that it is read from."""

    provider: Provider
    feed: str
    bodies: Mapping[str, bytes]
    now: dt.datetime

    def tables(self, instead: Mapping[str, bytes] = {}) -> list[Any]:
        """Read the feed with some documents in place of the right ones."""
        answers = Answers(now=self.now, bodies={**self.bodies, **instead})
        return self.provider.fetch(self.feed, DateRange(DAY, DAY), answers)


def everything() -> list[Delivered]:
    """Return each feed of each provider."""
    league = Evening(today=DAY + dt.timedelta(days=1), dates=DateRange(DAY, DAY))
    fakes: dict[str, Callable[[str], tuple[Fake, dt.datetime]]] = {
        "nba_com": lambda feed: (FakeNbaCom(league), NEXT_DAY),
        "sportsdataverse": lambda feed: (FakeSportsDataverse(league), NEXT_DAY),
        "the_odds_api": lambda feed: (FakeOddsApi(league, lambda: BEFORE_TIP, feed), BEFORE_TIP),
        "injury_report": lambda feed: (FakeReports(league), NEXT_DAY),
    }
    found = []
    for name, fake_of in fakes.items():
        kind = provider_class(name)
        for feed in sorted(kind.feeds):
            fake, now = fake_of(feed)
            provider, answers = kind("http://fake", clock=lambda now=now: now), Answers(fake, now)
            provider.fetch(feed, DateRange(DAY, DAY), answers)
            found.append(Delivered(provider, feed, answers.bodies, now))
    return found


def broken_json(body: bytes, path: list[int], change: int, text: str) -> bytes:
    """Return the document with another value, without a value, or with one twice or under another name."""
    document = {"": copy.deepcopy(json.loads(body))}
    holder: Any = document
    key: Any = ""
    for number in path:
        inside = holder[key]
        if not isinstance(inside, dict | list) or not inside:
            break
        holder, key = inside, [*inside][number % len(inside)] if isinstance(inside, dict) else number % len(inside)
    changes = [*SCALARS, text, "without", "again", "renamed"]
    value = changes[change % len(changes)]
    if value == "without" and holder is not document:
        del holder[key]
    elif value == "again" and isinstance(holder, list):
        holder.append(holder[key])
    elif value == "renamed" and isinstance(holder, dict):
        holder[text] = holder.pop(key)
    else:
        holder[key] = value
    return json.dumps(next(iter(document.values()))).encode()


def broken_parquet(body: bytes, path: list[int], change: int, text: str) -> bytes:
    """Return the file with a column of another type, with another name, or without it."""
    table = parquet.read_table(io.BytesIO(body))
    place = path[0] % table.num_columns
    name, number = table.column_names[place], path[1] % (len(OTHER_TYPES) + 3)
    if number < len(OTHER_TYPES):
        values = OTHER_TYPES[number].take(pa.array([row % 9 for row in range(table.num_rows)]))
        table = table.set_column(place, name, values)
    elif number == len(OTHER_TYPES):
        table = table.drop_columns(name)
    elif number == len(OTHER_TYPES) + 1:
        table = table.set_column(place, text.encode("utf-8", "replace").decode(), table[name])
    else:
        table = table.slice(0, change % 2)
    file = io.BytesIO()
    parquet.write_table(table, file)
    return file.getvalue()


def broken_bytes(body: bytes, path: list[int], change: int, text: str) -> bytes:
    """Return a document that is cut, garbled, of another encoding or of another kind."""
    middle = path[0] * 7919 % (len(body) + 1)
    garbled = body[:middle] + text.encode("utf-8", "surrogatepass") + b"\x00\xff" + body[middle + 9 :]
    others = (b"", b"null", b"[]", b"{}", b"<html>", b"[" * 5_000, b"\xef\xbb\xbf" + body, body.replace(b"a", b"\xe9"))
    return [body[:middle], garbled, *others][change % (2 + len(others))]
