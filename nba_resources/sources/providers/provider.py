"""What a live provider is: questions, answers as they were received, and the mapping from them to feeds.

A provider never opens a connection. It asks a door, which may lead to the network or to what was landed before, so the
parsing of a replay is the parsing of the day itself.

The endpoint that holds a season's fixtures is named `schedule` and filed under the season: a source that is watched
looks there for games that moved.
"""

import datetime as dt
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import ClassVar, Literal, Protocol

from nba_resources.dates import DateRange
from nba_resources.sources import eastern
from nba_resources.sources.base import SourceUnavailable
from nba_resources.sources.validation.validate import DeliveredTable

CORRECTED_FOR = dt.timedelta(days=7)  # statisticians look at a game again; after a week it stays as it is
Content = Literal["json", "parquet", "pdf"]


def utc_now() -> dt.datetime:
    """The clock, unless another is given."""
    return dt.datetime.now(dt.UTC)


class NotOffered(SourceUnavailable):
    """A provider does not have a feed for such dates: says which it has. The next in the chain is asked."""


class KeyRefused(SourceUnavailable):
    """A key is missing or was not accepted: says which variable to set, and never its value."""


class CreditsSpent(SourceUnavailable):
    """A question would spend more than was allowed: says how much is left, and what allows more."""


@dataclass(frozen=True)
class Request:
    """One question to a provider, and where its answers are kept. Neither address nor parameters hold a secret."""

    provider: str
    endpoint: str  # a stable name, for the landing folder, the circuit and error texts: "boxscore"
    url: str
    filed_under: str  # the date or season the answers belong to: "2024-12-04", "2024-25"
    params: Mapping[str, str | list[str]] = field(default_factory=dict)
    cost: float = 0.0  # credits it may spend
    settled: bool = False  # once landed it never changes and is never asked again
    large: bool = False  # a bulk download: waited for longer, redirects followed
    content: Content = "json"
    tip_off: dt.datetime | None = None  # of lines: asked at set times before it, and never after it
    due: dt.datetime | None = None  # when its answer was to be there: what is absent a day later stays absent
    history: bool = False  # paid for out of an allowance nobody has unless it was given: `nba ingest --credits`

    @property
    def digest(self) -> str:
        """The same for the same question, whatever the order of its parameters."""
        told = json.dumps([self.url, sorted((name, value) for name, value in self.params.items())])
        return sha256(told.encode()).hexdigest()[:16]

    def __str__(self) -> str:
        return f"{self.provider} {self.endpoint} of {self.filed_under}"


@dataclass(frozen=True)
class Landed:
    """An answer as received. `path` is its place in the object store, which every complaint about it names.

    `validators` are what to ask with the next time, so that an unchanged answer is not sent again.
    """

    request: Request
    received_at: dt.datetime
    body: bytes
    sha256: str
    path: str
    validators: Mapping[str, str] = field(default_factory=dict)


class Door(Protocol):
    """Live it asks and lands, then hands out; in a replay it hands out what is landed."""

    def get(self, request: Request) -> Landed | None:
        """The newest answer. None: the provider says there is none."""
        ...

    def snapshots(self, request: Request) -> list[Landed]:
        """All answers ever landed to this request, oldest first; live after asking once more."""
        ...


@dataclass(frozen=True)
class Quota:
    """What a paid plan allows. `per_game` and `per_date` are what its history costs, for an estimate beforehand."""

    monthly: str  # the variable that says how many credits a month may be spent
    monthly_default: float
    daily: str | None = None
    min_remaining: float = 10.0  # as the provider counts: other programs may spend from the same key
    per_game: float = 0.0
    per_date: float = 0.0


@dataclass(frozen=True)
class Manners:
    """How a provider wants to be asked. The key is read from the environment for each question and kept nowhere."""

    seconds_between: float = 1.0
    read_seconds: float = 20.0
    tries: int = 4
    headers: Mapping[str, str] = field(default_factory=dict)
    key_variable: str | None = None
    key_header: str | None = None  # one of these two carries the key
    key_param: str | None = None
    absent: frozenset[int] = frozenset({404})
    spent: str | None = None  # what the body of a refusal says if it is not the key but the credits
    quota: Quota | None = None


class Provider(ABC):
    """The mapping from one provider's answers to feeds."""

    name: ClassVar[str]
    feeds: ClassVar[frozenset[str]]
    home: ClassVar[str]  # where it lives: "https://cdn.nba.com"
    manners: ClassVar[Manners] = Manners()

    def __init__(self, base_url: str | None = None, clock: Callable[[], dt.datetime] = utc_now) -> None:
        self.base_url, self.clock = (base_url or self.home).rstrip("/"), clock

    @abstractmethod
    def fetch(self, feed: str, dates: DateRange, door: Door) -> list[DeliveredTable]:
        """Rows in the provider's own names, mapped to fields, dated within the range.

        Raises `BadInput` naming provider, endpoint, field and file in landing; `NotOffered` for dates it never has.
        """

    def canary(self) -> Request | None:
        """A cheap question that always has an answer: asked to see whether the provider can be reached."""
        return None

    def today(self) -> dt.date:
        """The league's date."""
        return eastern.date_of(self.clock())

    def is_settled(self, day: dt.date) -> bool:
        """Whether nobody corrects the games of a day any more."""
        return self.today() - day > CORRECTED_FOR
