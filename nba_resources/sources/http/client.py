"""The HTTP client of all providers: limits its rate, retries 429, 5xx and lost connections, and counts credits."""

import datetime as dt
import os
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from nba_resources.sources.base import SourceUnavailable
from nba_resources.sources.http.http_request import HttpRequest, NotFound, NotModified, Result, TemporaryFailure
from nba_resources.sources.http.landing import ReceivedResponse
from nba_resources.sources.http.state_db import Credits, StateDb
from nba_resources.sources.providers.provider import KeyRefused, Request, RequestPolicy, utc_now

_MAX_BACKOFF = 30.0


@dataclass
class Client:
    """Sends requests to providers. `home` is the folder of the state that all processes of this machine share."""

    home: Path
    for_history: float = 0.0
    now: Callable[[], dt.datetime] = utc_now
    sleep: Callable[[float], None] = time.sleep
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    max_skew: dt.timedelta | None = dt.timedelta(minutes=5)

    def __post_init__(self) -> None:
        self.state = StateDb(self.home / "providers.db", self.now, self.sleep)
        self.credits = Credits(self.state, self.environment, self.for_history)

    def send(
        self, request: Request, policy: RequestPolicy, validators: Mapping[str, str] | None = None
    ) -> ReceivedResponse | NotModified | NotFound:
        """Return the response, or raise `SourceUnavailable` with the reason, so that another provider is tried."""
        if not self.has_key(policy):
            raise KeyRefused(f"{request}: needs a key; set {policy.key_variable}")
        key = self.environment[policy.key_variable] if policy.key_variable else None
        host = urlsplit(request.url).netloc
        self.state.check_circuit(host, request.endpoint)
        record = self._reserve(request, policy)
        http = HttpRequest(request, policy, key, validators or {}, self.now, self.max_skew)
        try:
            result, headers = self._with_retries(http, host)
        except TemporaryFailure as error:
            if record is not None:
                self.credits.settle(record, request, None, None)
            self.state.record_failure(host, request.endpoint, str(error), error.long_wait)
            raise SourceUnavailable(f"{request}: {error}") from None
        self.state.close_circuit(host, request.endpoint)
        remaining = _credits(headers, "x-requests-remaining")
        if record is not None:
            cost = _credits(headers, "x-requests-last")
            if cost is None and isinstance(result, NotFound | SourceUnavailable):
                cost = 0.0
            self.credits.settle(record, request, cost, remaining)
        elif policy.quota and remaining is not None:
            self.credits.record_remaining(request, remaining)
        if isinstance(result, SourceUnavailable):
            raise result
        return result

    def has_key(self, policy: RequestPolicy) -> bool:
        """Return whether a provider's key is set, or none is needed."""
        return policy.key_variable is None or bool(self.environment.get(policy.key_variable))

    def without_key(self, body: bytes, policy: RequestPolicy) -> bytes:
        """Return a body without the provider's key, which a host may echo, for a message."""
        key = self.environment.get(policy.key_variable, "") if policy.key_variable else ""
        return body.replace(os.fsencode(key), b"***") if key else body

    def _reserve(self, request: Request, policy: RequestPolicy) -> int | None:
        """Count the cost of sending a request once; raise `CreditsSpent` if the plan does not allow it."""
        return self.credits.reserve(request, policy.quota) if policy.quota and request.cost else None

    def _with_retries(self, http: HttpRequest, host: str) -> tuple[Result, httpx.Headers]:
        """Send as often as the policy allows. Pauses are random, so that processes do not retry at the same time."""
        attempt = 1
        while True:
            self.state.wait_for_turn(host, http.policy.seconds_between)
            try:
                return http.send()
            except TemporaryFailure as error:
                if attempt == http.policy.tries or error.long_wait is not None:
                    raise
                if error.may_be_charged:
                    self._reserve(http.request, http.policy)
                pause = random.uniform(0, min(_MAX_BACKOFF, 2.0 ** (attempt - 1)))
                self.sleep(pause if error.retry_after is None else error.retry_after)
                attempt += 1


def _credits(headers: httpx.Headers, name: str) -> float | None:
    try:
        return float(headers.get(name, ""))
    except ValueError:
        return None
