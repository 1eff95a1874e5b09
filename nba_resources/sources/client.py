"""The one way to the network: polite, patient, and silent about keys.

Only what may pass by itself is tried again: 429, 5xx, and connections that fail or fall silent. A key is read from the
environment for one question, added to it here, and taken out of every text that leaves.
"""

import datetime as dt
import logging
import os
import random
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from nba_resources.sources.base import SourceUnavailable
from nba_resources.sources.circuit import Circuits
from nba_resources.sources.credits import Credits
from nba_resources.sources.landing import Received
from nba_resources.sources.pace import Pace
from nba_resources.sources.provider import CreditsSpent, KeyRefused, Manners, Request, utc_now
from nba_resources.sources.questions import Questions

AGENT = "nba-props-platform/0.1 (+https://github.com/nba-props-platform)"
PASSING = frozenset({429, 500, 502, 503, 504})
LONGEST_WAIT = 60.0  # a host that asks for more is left alone until then
_A_YEAR = 365 * 86400.0  # nobody means to be left alone for longer
_BACKOFF_CAP = 30.0
_CONNECT_SECONDS, _POOL_SECONDS, _LARGE_READ_SECONDS = 5.0, 5.0, 120.0
_SLOWEST = 10  # times the read time-out: an answer that drips in for longer will never be whole
_BODY_CAP, _LARGE_BODY_CAP = 64 * 2**20, 512 * 2**20
_SHOWN = 160
_NAMED_ERRORS = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.ReadTimeout,
    httpx.ReadError,
    httpx.RemoteProtocolError,
)


@dataclass(frozen=True)
class Unchanged:
    """What is landed is still what the provider says."""


@dataclass(frozen=True)
class Absent:
    """The provider says there is none; 403 may also mean that we are not welcome."""

    status: int


class _Passing(Exception):
    def __init__(self, said: str, wait: float | None = None) -> None:
        super().__init__(said)
        self.wait = wait


@cache
def _trusted() -> ssl.SSLContext:
    """Reading the certificates of the world takes longer than most questions."""
    return httpx.create_ssl_context()


def _silent(record: logging.LogRecord) -> bool:
    """The library logs the addresses it opens, with the keys some providers want there."""
    return record.levelno > logging.INFO


logging.getLogger("httpx").addFilter(_silent)


@dataclass
class Client:
    """Asks providers. `home` is the folder in which all processes of this machine keep what they share."""

    home: Path
    for_history: float = 0.0
    now: Callable[[], dt.datetime] = utc_now
    sleep: Callable[[float], None] = time.sleep
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    body_cap: int | None = None
    read_seconds: float | None = None
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
        tries = Retrying(
            stop=stop_after_attempt(manners.tries),
            wait=_pause,
            retry=retry_if_exception(_is_worth_a_wait),
            sleep=self.sleep,
            reraise=True,
        )
        try:
            answer, headers = tries(self._once, request, manners, key, dict(validators or {}), host)
        except _Passing as error:
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

    def _once(
        self, request: Request, manners: Manners, key: str | None, validators: Mapping[str, str], host: str
    ) -> tuple[Received | Unchanged | Absent | SourceUnavailable, httpx.Headers]:
        self.pace.wait(host, manners.seconds_between)
        headers = {"User-Agent": AGENT, **manners.headers, **validators}
        params: dict[str, Any] = dict(request.params)
        if key and manners.key_header:
            headers[manners.key_header] = key
        if key and manners.key_param:
            params[manners.key_param] = key
        read = self.read_seconds or (_LARGE_READ_SECONDS if request.large else manners.read_seconds)
        patience = httpx.Timeout(read, connect=_CONNECT_SECONDS, pool=_POOL_SECONDS)
        follows = request.large and key is None
        try:
            with (
                httpx.Client(
                    timeout=patience, follow_redirects=follows, max_redirects=5, trust_env=False, verify=_trusted()
                ) as client,
                client.stream("GET", request.url, params=params or None, headers=headers) as response,
            ):
                try:
                    return self._judged(request, manners, key, response, read), response.headers
                except _TooLarge as error:
                    return SourceUnavailable(f"{request}: {error}"), response.headers
        except _NAMED_ERRORS as error:
            raise _Passing(_without(key, f"{type(error).__name__} ({error})")) from None
        except httpx.HTTPError as error:
            said = _without(key, f"{type(error).__name__} ({error})")
            return SourceUnavailable(f"{request}: {said}"), httpx.Headers()

    def _judged(
        self, request: Request, manners: Manners, key: str | None, response: httpx.Response, read: float
    ) -> Received | Unchanged | Absent | SourceUnavailable:
        status = response.status_code
        if status == httpx.codes.OK:
            return self._received(request, response, read)
        if status == httpx.codes.NOT_MODIFIED:
            return Unchanged()
        if status in manners.absent:
            return Absent(status)
        if response.is_redirect:
            return SourceUnavailable(f"{request}: answered with a redirect, which only bulk downloads may follow")
        told = _without(key, " ".join(self._read(request, response, read).decode("utf-8", "replace").split()))
        said = told[:_SHOWN] or "nothing more"
        if status in PASSING:
            wait = _retry_after(response.headers, self.now())
            raise _Passing(f"answered {status}: {said}", wait)
        if status in manners.refused:
            return self._refusal(request, manners, status, told)
        return SourceUnavailable(f"{request}: answered {status}: {said}")

    def _refusal(self, request: Request, manners: Manners, status: int, told: str) -> SourceUnavailable:
        if manners.spent and manners.spent in told:
            return CreditsSpent(f"{request}: the provider says that the credits are spent")
        mend = f"check the key in {manners.key_variable}" if manners.key_variable else "it wants no key of ours"
        return KeyRefused(f"{request}: answered {status}, so the key or its plan was not accepted; {mend}")

    def _received(self, request: Request, response: httpx.Response, read: float) -> Received | SourceUnavailable:
        body = self._read(request, response, read)
        kept = {"If-None-Match": "etag", "If-Modified-Since": "last-modified"}
        told = ("x-requests-remaining", "x-requests-used", "x-requests-last", "date")
        headers, now = response.headers, self.now()
        if wrong := self._clock_is_wrong(headers, now):
            return SourceUnavailable(f"{request}: {wrong}")
        return Received(
            body,
            now,
            headers.get("content-type", ""),
            {asked: headers[given] for asked, given in kept.items() if given in headers},
            {name: headers[name] for name in told if name in headers},
        )

    def _read(self, request: Request, response: httpx.Response, read: float) -> bytes:
        """At most so much and so long: neither a flood nor a drip may hold a run."""
        cap = self.body_cap or (_LARGE_BODY_CAP if request.large else _BODY_CAP)
        began, parts, size = time.monotonic(), [], 0
        for part in response.iter_bytes():
            size += len(part)
            if size > cap:
                raise _TooLarge(f"the answer is larger than {cap:,} bytes, which none should be")
            if time.monotonic() - began > read * _SLOWEST:
                raise _Passing(f"the answer was not whole after {read * _SLOWEST:g} seconds")
            parts.append(part)
        return b"".join(parts)

    def _clock_is_wrong(self, headers: httpx.Headers, now: dt.datetime) -> str | None:
        """An answer filed under a wrong time would be a line that was known before it was."""
        try:
            theirs = parsedate_to_datetime(headers["date"]) + dt.timedelta(seconds=float(headers.get("age", "0")))
        except (KeyError, ValueError, TypeError, OverflowError):
            return None
        if self.skew is None or theirs.tzinfo is None or abs(now - theirs) <= self.skew:
            return None
        return f"the clock of this machine says {now:%Y-%m-%d %H:%M:%S} UTC where theirs says {theirs:%H:%M:%S}; set it"

    def _key(self, request: Request, manners: Manners) -> str | None:
        if manners.key_variable is None:
            return None
        key = self.environment.get(manners.key_variable)
        if not key:
            raise KeyRefused(f"{request}: needs a key; set {manners.key_variable}")
        return key


class _TooLarge(Exception):
    pass


def _is_worth_a_wait(error: BaseException) -> bool:
    return isinstance(error, _Passing) and (error.wait is None or error.wait <= LONGEST_WAIT)


def _pause(state: RetryCallState) -> float:
    """As long as the host asks for, else a random part of an ever longer time: a crowd does not come back at once."""
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, _Passing) and error.wait is not None:
        return error.wait
    return random.uniform(0, min(_BACKOFF_CAP, 2.0 ** (state.attempt_number - 1)))


def _retry_after(headers: httpx.Headers, now: dt.datetime) -> float | None:
    """Seconds, or a date; what is neither is not there."""
    said = headers.get("retry-after", "").strip()
    try:
        seconds = float(said) if said[:1].isdigit() else (parsedate_to_datetime(said) - now).total_seconds()
    except (ValueError, TypeError):
        return None
    return max(0.0, seconds) if seconds < _A_YEAR else None


def _number(headers: httpx.Headers, name: str) -> float | None:
    """A count of credits; absent or unreadable, our own estimate stands."""
    try:
        return float(headers.get(f"x-requests-{name}", ""))
    except ValueError:
        return None


def _without(key: str | None, text: str) -> str:
    return text.replace(key, "***") if key else text
