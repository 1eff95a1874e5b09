"""Real answers of providers, which others recorded: read where they are, never part of the repository."""

import datetime as dt
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from nba_resources.dates import DateRange
from nba_resources.sources.base import Delivery
from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.providers.provider import LandedResponse, Provider, Request
from nba_resources.sources.validation.validate import validate_feed

PAYLOADS = Path(__file__).parents[4].parent / "shared" / "data" / "payloads"


def payload(path: str) -> bytes:
    """Return a payload; a test that needs it steps aside where it is absent."""
    if not (file := PAYLOADS / path).exists():
        pytest.skip(f"needs the real answers of providers: no {path}")
    return file.read_bytes()


@dataclass
class PayloadFetcher:
    """Answers each request by the first part of a URL that it contains; anything else is absent."""

    bodies: Mapping[str, bytes]
    received_at: dt.datetime

    def get(self, request: Request) -> LandedResponse | None:
        for part, body in self.bodies.items():
            if part in request.url:
                return LandedResponse(request, self.received_at, body, "", f"landing/{part}")
        return None

    def snapshots(self, request: Request) -> list[LandedResponse]:
        return [landed] if (landed := self.get(request)) else []


def delivered(
    kind: type[Provider], feed: str, day: dt.date, bodies: Mapping[str, bytes], at: dt.datetime | None = None
) -> Delivery:
    """Read a day of a feed from these bodies, by default on the next day."""
    now = at or dt.datetime.combine(day, dt.time(17), dt.UTC) + dt.timedelta(days=1)
    tables = kind(clock=lambda: now).fetch(feed, DateRange(day, day), PayloadFetcher(bodies, now))
    return validate_feed(FEEDS[feed], *tables)


def snake(name: str) -> str:
    """`personId` as the bulk releases write it."""
    return re.sub("(?=[A-Z])", "_", name).lower()


def parquet_file(rows: list[dict]) -> bytes:
    file = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(rows), file)
    return file.getvalue()
