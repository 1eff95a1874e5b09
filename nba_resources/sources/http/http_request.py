"""One question over the wire, and what came back: an answer, a reason to ask elsewhere, or one to try again.

The key is added to the question here, and taken out of every text that leaves.
"""

import datetime as dt
import logging
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

import httpx

from nba_resources.sources.base import SourceUnavailable
from nba_resources.sources.http.landing import Received
from nba_resources.sources.providers.provider import CreditsSpent, KeyRefused, Manners, Request

AGENT = "nba-props-platform/0.1 (+https://github.com/nba-props-platform)"
PASSING = frozenset({429, 500, 502, 503, 504})
REFUSED = frozenset({401, 402})
_PASSING_ERRORS = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.ReadTimeout,
    httpx.ReadError,
    httpx.RemoteProtocolError,
)
_CONNECT_SECONDS, _POOL_SECONDS, _LARGE_READ_SECONDS = 5.0, 5.0, 120.0
_SLOWEST = 10  # times the read time-out: an answer that drips in for longer will never be whole
_BODY_CAP, _LARGE_BODY_CAP = 64 * 2**20, 512 * 2**20
_SHOWN = 160
_A_YEAR = 365 * 86400.0  # nobody means to be left alone for longer


@dataclass(frozen=True)
class Unchanged:
    """What is landed is still what the provider says."""


@dataclass(frozen=True)
class Absent:
    """The provider says there is none; 403 may also mean that we are not welcome."""

    status: int


Answered = Received | Unchanged | Absent | SourceUnavailable


class Passing(Exception):
    """There was no answer, which may pass by itself; `wait` is how many seconds the host asks for, if it says."""

    def __init__(self, said: str, wait: float | None = None) -> None:
        super().__init__(said)
        self.wait = wait


class _TooLarge(Exception):
    pass


def _silent(record: logging.LogRecord) -> bool:
    """The library logs the addresses it opens, with the keys some providers want there."""
    return record.levelno > logging.INFO


logging.getLogger("httpx").addFilter(_silent)


@dataclass(frozen=True)
class Exchange:
    """A question and what it is sent with. `skew`: how far the two clocks may stand apart, if that matters."""

    request: Request
    manners: Manners
    key: str | None = field(repr=False)
    validators: Mapping[str, str]
    now: Callable[[], dt.datetime]
    skew: dt.timedelta | None
    body_cap: int | None

    def answer(self) -> tuple[Answered, httpx.Headers]:
        """What was answered, with its headers, which say what it cost; `Passing` is raised, to be tried again."""
        headers = {"User-Agent": AGENT, **self.manners.headers, **self.validators}
        params: dict[str, Any] = dict(self.request.params)
        if self.key and self.manners.key_header:
            headers[self.manners.key_header] = self.key
        if self.key and self.manners.key_param:
            params[self.manners.key_param] = self.key
        patience = httpx.Timeout(self._read_seconds, connect=_CONNECT_SECONDS, pool=_POOL_SECONDS)
        follows = self.request.large and self.key is None
        try:
            with (
                httpx.Client(
                    timeout=patience, follow_redirects=follows, max_redirects=5, trust_env=False, verify=_trusted()
                ) as client,
                client.stream("GET", self.request.url, params=params or None, headers=headers) as response,
            ):
                try:
                    return self._judged(response), response.headers
                except _TooLarge as error:
                    return self._unavailable(str(error)), response.headers
        except _PASSING_ERRORS as error:
            raise Passing(self._without_key(f"{type(error).__name__} ({error})")) from None
        except httpx.HTTPError as error:
            return self._unavailable(self._without_key(f"{type(error).__name__} ({error})")), httpx.Headers()

    def _judged(self, response: httpx.Response) -> Answered:
        status = response.status_code
        if status == httpx.codes.OK:
            return self._received(response)
        if status == httpx.codes.NOT_MODIFIED:
            return Unchanged()
        if status in self.manners.absent:
            return Absent(status)
        if response.is_redirect:
            return self._unavailable("answered with a redirect, which only bulk downloads may follow")
        told = self._without_key(" ".join(self._body(response).decode("utf-8", "replace").split()))
        said = f"answered {status}: {told[:_SHOWN] or 'nothing more'}"
        if status in PASSING:
            raise Passing(said, _retry_after(response.headers, self.now()))
        if status in REFUSED:
            return self._refusal(status, told)
        return self._unavailable(said)

    def _refusal(self, status: int, told: str) -> SourceUnavailable:
        if self.manners.spent and self.manners.spent in told:
            return CreditsSpent(f"{self.request}: the provider says that the credits are spent")
        variable = self.manners.key_variable
        mend = f"check the key in {variable}" if variable else "it wants no key of ours"
        return KeyRefused(f"{self.request}: answered {status}, so the key or its plan was not accepted; {mend}")

    def _received(self, response: httpx.Response) -> Received | SourceUnavailable:
        kept = {"If-None-Match": "etag", "If-Modified-Since": "last-modified"}
        told = ("x-requests-remaining", "x-requests-used", "x-requests-last", "date")
        body, headers, now = self._body(response), response.headers, self.now()
        if wrong := self._clock_is_wrong(headers, now):
            return self._unavailable(wrong)
        return Received(
            body,
            now,
            headers.get("content-type", ""),
            {asked: headers[given] for asked, given in kept.items() if given in headers},
            {name: headers[name] for name in told if name in headers},
        )

    def _body(self, response: httpx.Response) -> bytes:
        """At most so much and so long: neither a flood nor a drip may hold a run."""
        cap = self.body_cap or (_LARGE_BODY_CAP if self.request.large else _BODY_CAP)
        patience = self._read_seconds * _SLOWEST
        began, parts, size = time.monotonic(), [], 0
        for part in response.iter_bytes():
            size += len(part)
            if size > cap:
                raise _TooLarge(f"the answer is larger than {cap:,} bytes, which none should be")
            if time.monotonic() - began > patience:
                raise Passing(f"the answer was not whole after {patience:g} seconds")
            parts.append(part)
        return b"".join(parts)

    @property
    def _read_seconds(self) -> float:
        return _LARGE_READ_SECONDS if self.request.large else self.manners.read_seconds

    def _clock_is_wrong(self, headers: httpx.Headers, now: dt.datetime) -> str | None:
        """An answer filed under a wrong time would be a line that was known before it was."""
        try:
            theirs = parsedate_to_datetime(headers["date"]) + dt.timedelta(seconds=float(headers.get("age", "0")))
        except (KeyError, ValueError, TypeError, OverflowError):
            return None
        if self.skew is None or theirs.tzinfo is None or abs(now - theirs) <= self.skew:
            return None
        return f"the clock of this machine says {now:%Y-%m-%d %H:%M:%S} UTC where theirs says {theirs:%H:%M:%S}; set it"

    def _unavailable(self, why: str) -> SourceUnavailable:
        return SourceUnavailable(f"{self.request}: {why}")

    def _without_key(self, text: str) -> str:
        return text.replace(self.key, "***") if self.key else text


@cache
def _trusted() -> ssl.SSLContext:
    """Reading the certificates of the world takes longer than most questions."""
    return httpx.create_ssl_context()


def _retry_after(headers: httpx.Headers, now: dt.datetime) -> float | None:
    """Seconds, or a date; what is neither is not there."""
    said = headers.get("retry-after", "").strip()
    try:
        seconds = float(said) if said[:1].isdigit() else (parsedate_to_datetime(said) - now).total_seconds()
    except (ValueError, TypeError):
        return None
    return max(0.0, seconds) if seconds < _A_YEAR else None
