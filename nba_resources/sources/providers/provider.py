"""The interface of a live provider: its requests, and the mapping from landed responses to feeds.

A provider never opens a connection. It calls a fetcher, which requests and lands responses or reads only the landing,
so a replay parses exactly as the live run did. The endpoint that holds a season's fixtures must be named `schedule` and
be filed under the season: the live source watches it for games that moved.
"""

import datetime as dt
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, ClassVar, Literal, Protocol

from nba_resources.dates import DateRange, eastern_date, season_year
from nba_resources.sources.base import SourceUnavailable
from nba_resources.sources.validation.validate import DeliveredTable

REQUESTED_FOR = dt.timedelta(days=16)  # after a game: as long as a load of it is tried again, as a file may be broken


def utc_now() -> dt.datetime:
    """Return the current time."""
    return dt.datetime.now(dt.UTC)


class NotOffered(SourceUnavailable):
    """The provider does not have a feed for these dates: names the dates it has. The next provider is tried."""


class KeyRefused(SourceUnavailable):
    """A key is missing or was not accepted: names the variable to set, never its value."""


class CreditsSpent(SourceUnavailable):
    """A request would spend more than is allowed: names what is left and what allows more."""


@dataclass(frozen=True)
class Request:
    """A request to a provider, and where its responses are landed. URL and parameters must not hold a secret."""

    provider: str
    endpoint: str  # a stable name, for the landing folder, the circuit breaker and messages: "boxscore"
    url: str
    filed_under: str  # the date or season of the response: "2024-12-04", "2024-25"
    params: Mapping[str, str | list[str]] = field(default_factory=dict)
    filed_as: Mapping[str, str | list[str]] | None = None  # other parameters to find its responses by
    cost: float = 0.0  # the credits it may spend
    settled: bool = False  # the response never changes: once landed it is not requested again
    large: bool = False  # a bulk download: longer time-outs, redirects are followed
    content: Literal["json", "parquet", "pdf"] = "json"
    tip_off: dt.datetime | None = None  # for lines: requested at set times before it, never after it
    due: dt.datetime | None = None  # when the document should exist; if it is absent a day later it stays absent
    history: bool = False  # paid history: needs the allowance of `nba ingest --credits`
    made_at: Callable[[bytes], dt.datetime | None] | None = None  # reads from a response when it was made

    @property
    def digest(self) -> str:
        """A hash of URL and parameters, independent of the parameters' order."""
        params = self.params if self.filed_as is None else self.filed_as
        content = json.dumps([self.url, sorted(params.items())])
        return sha256(content.encode()).hexdigest()[:16]

    def __str__(self) -> str:
        return f"{self.provider} {self.endpoint} of {self.filed_under}"


@dataclass(frozen=True)
class LandedResponse:
    """A stored response. `path` is its file in the object store; `validators` are for the next conditional request."""

    request: Request
    received_at: dt.datetime
    body: bytes
    sha256: str
    path: str
    validators: Mapping[str, str] = field(default_factory=dict)


class Fetcher(Protocol):
    """Returns landed responses: a live fetcher requests them first, a replay fetcher does not."""

    def get(self, request: Request) -> LandedResponse | None:
        """Return the newest response; None if the provider has no such document."""

    def snapshots(self, request: Request) -> list[LandedResponse]:
        """Return all landed responses, oldest first."""


@dataclass(frozen=True)
class Quota:
    """The limits of a paid plan, and what is paid: `per_look` for the lines of a game now, the others for history."""

    monthly: str  # the variable that sets the credits of a month
    monthly_default: float
    daily: str | None = None
    min_remaining: float = 10.0  # by the provider's count: other programs may use the same key
    per_look: float = 0.0
    per_game: float = 0.0
    per_date: float = 0.0


@dataclass(frozen=True)
class RequestPolicy:
    """The rules for sending requests to a provider. The key is read from the environment each time and not kept."""

    seconds_between: float = 1.0
    read_seconds: float = 20.0
    tries: int = 4
    headers: Mapping[str, str] = field(default_factory=dict)
    key_variable: str | None = None
    key_param: str | None = None  # the parameter that the key goes into
    not_found: frozenset[int] = frozenset({404})
    credits_spent_text: str | None = None  # in the body of a refusal: the credits are spent, the key is fine
    refusals: Mapping[str, str] = field(default_factory=dict)  # a code in the body of a refusal, and what to change
    quota: Quota | None = None


class Provider(ABC):
    """Maps the responses of one provider to feeds."""

    name: ClassVar[str]
    feeds: ClassVar[frozenset[str]]
    default_url: ClassVar[str]
    policy: RequestPolicy = RequestPolicy()
    if_refused: ClassVar[str] = ""  # what to try if the canary is refused, for `nba doctor`

    def __init__(
        self,
        base_url: str | None = None,
        clock: Callable[[], dt.datetime] = utc_now,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """`headers` are added to those of the policy; an empty one removes its header."""
        self.base_url, self.clock = (base_url or self.default_url).rstrip("/"), clock
        if headers:
            sent = {name: text for name, text in {**self.policy.headers, **headers}.items() if text}
            self.policy = replace(self.policy, headers=sent)

    def request(
        self, endpoint: str, path: str, filed_under: dt.date | str, params: Mapping[str, Any] | None = None, **how: Any
    ) -> Request:
        """Return a request for a path under the base URL; `how` are further fields of `Request`."""
        return Request(self.name, endpoint, f"{self.base_url}/{path}", str(filed_under), params or {}, **how)

    @abstractmethod
    def fetch(self, feed: str, dates: DateRange, fetcher: Fetcher) -> list[DeliveredTable]:
        """Return the rows dated within the range, under the provider's own names.

        Raises `BadInput` naming provider, endpoint, field and landed file; `NotOffered` for dates it never has.
        """

    def canary(self) -> Request | None:
        """A cheap request that always has a response, to test whether the provider can be reached."""
        return None

    def today(self) -> dt.date:
        """The current date in US Eastern time."""
        return eastern_date(self.clock())

    def season_years(self, dates: DateRange, first: int) -> range:
        """Return the first years of the seasons of the dates, from `first` to the current season."""
        return range(max(first, season_year(dates.start)), season_year(min(dates.end, self.today())) + 1)

    def is_settled(self, day: dt.date) -> bool:
        """Return whether the files of a day's games are no longer requested."""
        return self.today() - day > REQUESTED_FOR
