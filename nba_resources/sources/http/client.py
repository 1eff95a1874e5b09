"""The one way to the network: polite, patient, and silent about keys.

Only what may pass by itself is tried again: 429, 5xx, and connections that fail or fall silent. A key is read from the
environment for one question and kept nowhere.
"""

import datetime as dt
import os
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from nba_resources.sources.base import SourceUnavailable
from nba_resources.sources.http.circuit import Circuits
from nba_resources.sources.http.credits import Credits
from nba_resources.sources.http.http_request import Absent, Answered, Exchange, Passing, Unchanged
from nba_resources.sources.http.landing import Received
from nba_resources.sources.http.rate_limit import Pace
from nba_resources.sources.http.request_log import Questions
from nba_resources.sources.providers.provider import KeyRefused, Manners, Request, utc_now

LONGEST_WAIT = 60.0  # a host that asks for more is left alone until then
_BACKOFF_CAP = 30.0


@dataclass
class Client:
    """Asks providers. `home` is the folder in which all processes of this machine keep what they share."""

    home: Path
    for_history: float = 0.0
    now: Callable[[], dt.datetime] = utc_now
    sleep: Callable[[float], None] = time.sleep
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    body_cap: int | None = None
    skew: dt.timedelta | None = dt.timedelta(minutes=5)

    def __post_init__(self) -> None:
        records = self.home / "providers.db"
        self.circuits = Circuits(records, self.now)
        self.questions = Questions(records, self.now)
        self.credits = Credits(records, self.now, self.environment, self.for_history)
        self.pace = Pace(self.home / "pace.db", self.sleep, lambda: self.now().timestamp())

    def ask(
        self, request: Request, manners: Manners, validators: Mapping[str, str] | None = None
    ) -> Received | Unchanged | Absent:
        """The answer; or why there is none now, so that another provider is asked."""
        key = self._key(request, manners)
        host = urlsplit(request.url).netloc
        self.circuits.refuse_if_open(host, request.endpoint)
        entry = self.credits.reserve(request, manners.quota) if manners.quota and request.cost else None
        exchange = Exchange(request, manners, key, validators or {}, self.now, self.skew, self.body_cap)
        try:
            answer, headers = self._patiently(exchange, host)
        except Passing as error:
            self.circuits.failed(host, request.endpoint, str(error), None if _is_worth_a_wait(error) else error.wait)
            raise SourceUnavailable(f"{request}: {error}") from None
        self.circuits.answered(host, request.endpoint)
        if entry is not None:
            free = 0.0 if isinstance(answer, Absent | SourceUnavailable) else None
            cost = _number(headers, "last")
            self.credits.settle(entry, request, free if cost is None else cost, _number(headers, "remaining"))
        if isinstance(answer, SourceUnavailable):
            raise answer
        return answer

    def has_key(self, manners: Manners) -> bool:
        """Whether a provider can be asked: its key is set, or it needs none."""
        return manners.key_variable is None or bool(self.environment.get(manners.key_variable))

    def _key(self, request: Request, manners: Manners) -> str | None:
        if manners.key_variable is None:
            return None
        key = self.environment.get(manners.key_variable)
        if not key:
            raise KeyRefused(f"{request}: needs a key; set {manners.key_variable}")
        return key

    def _patiently(self, exchange: Exchange, host: str) -> tuple[Answered, httpx.Headers]:
        """As often as its manners allow, each time in turn with all who ask the host."""

        def once() -> tuple[Answered, httpx.Headers]:
            self.pace.wait(host, exchange.manners.seconds_between)
            return exchange.answer()

        tries = Retrying(
            stop=stop_after_attempt(exchange.manners.tries),
            wait=_pause,
            retry=retry_if_exception(_is_worth_a_wait),
            sleep=self.sleep,
            reraise=True,
        )
        return tries(once)


def _is_worth_a_wait(error: BaseException) -> bool:
    return isinstance(error, Passing) and (error.wait is None or error.wait <= LONGEST_WAIT)


def _pause(state: RetryCallState) -> float:
    """As long as the host asks for, else a random part of an ever longer time: a crowd does not come back at once."""
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, Passing) and error.wait is not None:
        return error.wait
    return random.uniform(0, min(_BACKOFF_CAP, 2.0 ** (state.attempt_number - 1)))


def _number(headers: httpx.Headers, name: str) -> float | None:
    """A count of credits; absent or unreadable, our own estimate stands."""
    try:
        return float(headers.get(f"x-requests-{name}", ""))
    except ValueError:
        return None
