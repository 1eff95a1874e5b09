"""Send one HTTP request. The API key is added here, and removed from every text that is raised or logged."""

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
from nba_resources.sources.http.landing import ReceivedResponse
from nba_resources.sources.providers.provider import CreditsSpent, KeyRefused, Request, RequestPolicy

USER_AGENT = "nba-props-platform/0.1 (+https://github.com/nba-props-platform)"
_TEMPORARY_STATUSES = frozenset({429, 500, 502, 503, 504})
_KEY_STATUSES = frozenset({401, 402})
_NO_CONNECTION = (httpx.ConnectError, httpx.ConnectTimeout)
_TEMPORARY_ERRORS = (*_NO_CONNECTION, httpx.ReadTimeout, httpx.ReadError, httpx.RemoteProtocolError)
_CONNECT_SECONDS, _POOL_SECONDS, _LARGE_READ_SECONDS = 5.0, 5.0, 120.0
_MAX_READ_TIMEOUTS = 10  # a body that takes more read time-outs than this is given up
_MAX_BODY, _MAX_LARGE_BODY = 64 * 2**20, 512 * 2**20
_STORED_HEADERS = ("x-requests-remaining", "x-requests-used", "x-requests-last", "date")
_SHOWN = 160
LONGEST_WAIT = 60.0  # a host that asks for a longer wait gets no request until then
_MAX_RETRY_AFTER = 365 * 86400.0  # a longer wait is nonsense and ignored


@dataclass(frozen=True)
class NotModified:
    """The landed response is still current."""


@dataclass(frozen=True)
class NotFound:
    """The provider has no such document; 403 may also mean that it blocks us."""

    status: int


Result = ReceivedResponse | NotModified | NotFound | SourceUnavailable


class TemporaryFailure(Exception):
    """The request failed, but a retry may succeed; `retry_after` is the wait in seconds that the host asks for.

    It `may_be_charged` if it was sent and its response was lost: then a retry is paid for once more.
    """

    def __init__(self, message: str, retry_after: float | None = None, may_be_charged: bool = False) -> None:
        super().__init__(message)
        self.retry_after, self.may_be_charged = retry_after, may_be_charged

    @property
    def long_wait(self) -> float | None:
        """Return `retry_after` if it is too long to wait for within a run."""
        return self.retry_after if (self.retry_after or 0) > LONGEST_WAIT else None


# httpx logs each URL at INFO, and some providers want the key in the URL.
logging.getLogger("httpx").addFilter(lambda record: record.levelno > logging.INFO)


@dataclass(frozen=True)
class HttpRequest:
    """A request and how to send it. `max_skew` is the accepted difference between the two clocks; None accepts any."""

    request: Request
    policy: RequestPolicy
    key: str | None = field(repr=False)
    validators: Mapping[str, str]
    now: Callable[[], dt.datetime]
    max_skew: dt.timedelta | None

    def send(self) -> tuple[Result, httpx.Headers]:
        """Return the result and its headers, which state the cost; raise `TemporaryFailure` if a retry may help."""
        headers = {"User-Agent": USER_AGENT, **self.policy.headers, **self.validators}
        params: dict[str, Any] = dict(self.request.params)
        if self.key and self.policy.key_param:
            params[self.policy.key_param] = self.key
        timeout = httpx.Timeout(self._read_seconds, connect=_CONNECT_SECONDS, pool=_POOL_SECONDS)
        follow = self.request.large and self.key is None
        try:
            with (
                httpx.Client(
                    timeout=timeout, follow_redirects=follow, max_redirects=5, trust_env=False, verify=_ssl_context()
                ) as client,
                client.stream("GET", self.request.url, params=params or None, headers=headers) as response,
            ):
                try:
                    return self._result(response), response.headers
                except SourceUnavailable as error:
                    return error, response.headers
        except _TEMPORARY_ERRORS as error:
            message = self._without_key(f"{type(error).__name__} ({error})")
            raise TemporaryFailure(message, may_be_charged=not isinstance(error, _NO_CONNECTION)) from None
        except httpx.HTTPError as error:
            return self._unavailable(self._without_key(f"{type(error).__name__} ({error})")), httpx.Headers()

    def _result(self, response: httpx.Response) -> Result:
        status = response.status_code
        if status == httpx.codes.OK:
            return self._received(response)
        if status == httpx.codes.NOT_MODIFIED:
            return NotModified()
        if status in self.policy.not_found:
            return NotFound(status)
        if response.is_redirect:
            return self._unavailable("answered with a redirect, which only bulk downloads may follow")
        body = self._without_key(" ".join(self._body(response).decode("utf-8", "replace").split()))
        message = f"answered {status}: {body[:_SHOWN] or 'nothing more'}"
        if status in _TEMPORARY_STATUSES:
            raise TemporaryFailure(message, _retry_after(response.headers, self.now()))
        for code, advice in self.policy.refusals.items():
            if code in body:
                return self._unavailable(f"answered {status} {code}: {advice}")
        if status not in _KEY_STATUSES:
            return self._unavailable(message)
        if self.policy.credits_spent_text and self.policy.credits_spent_text in body:
            return CreditsSpent(f"{self.request}: the provider reports that the credits are spent")
        variable = self.policy.key_variable
        advice = f"check the key in {variable}" if variable else "it should need no key"
        return KeyRefused(f"{self.request}: answered {status}, so the key or its plan was not accepted; {advice}")

    def _received(self, response: httpx.Response) -> ReceivedResponse | SourceUnavailable:
        body, headers, now = self._body(response), response.headers, self.now()
        if error := self._clock_error(headers, now):
            return self._unavailable(error)
        names = {"If-None-Match": "etag", "If-Modified-Since": "last-modified"}
        validators = {sent: headers[received] for sent, received in names.items() if received in headers}
        stored = {name: headers[name] for name in _STORED_HEADERS if name in headers}
        return ReceivedResponse(body, now, headers.get("content-type", ""), validators, stored)

    def _body(self, response: httpx.Response) -> bytes:
        """Read the body up to a maximal size and time, so that no response can block a run."""
        limit = _MAX_LARGE_BODY if self.request.large else _MAX_BODY
        max_seconds = self._read_seconds * _MAX_READ_TIMEOUTS
        start, parts, size = time.monotonic(), [], 0
        for part in response.iter_bytes():
            size += len(part)
            if size > limit:
                raise self._unavailable(f"the response is larger than {limit:,} bytes, the most that is accepted")
            if time.monotonic() - start > max_seconds:
                message = f"the response was not complete after {max_seconds:g} seconds"
                raise TemporaryFailure(message, may_be_charged=True)
            parts.append(part)
        return b"".join(parts)

    @property
    def _read_seconds(self) -> float:
        return _LARGE_READ_SECONDS if self.request.large else self.policy.read_seconds

    def _clock_error(self, headers: httpx.Headers, now: dt.datetime) -> str | None:
        """Compare the clocks: a response filed under a wrong time would make a line known before it was."""
        try:
            theirs = parsedate_to_datetime(headers["date"]) + dt.timedelta(seconds=float(headers.get("age", "0")))
        except (KeyError, ValueError, TypeError, OverflowError):
            return None
        if self.max_skew is None or theirs.tzinfo is None or abs(now - theirs) <= self.max_skew:
            return None
        return (
            f"the clock of this machine shows {now:%Y-%m-%d %H:%M:%S} UTC, the server's {theirs:%H:%M:%S}; "
            "correct the clock of this machine"
        )

    def _unavailable(self, reason: str) -> SourceUnavailable:
        return SourceUnavailable(f"{self.request}: {reason}")

    def _without_key(self, text: str) -> str:
        return text.replace(self.key, "***") if self.key else text


@cache
def _ssl_context() -> ssl.SSLContext:
    """Load the certificates once: loading takes longer than most requests."""
    return httpx.create_ssl_context()


def _retry_after(headers: httpx.Headers, now: dt.datetime) -> float | None:
    """Return the seconds to wait, given as a number or a date; None if Retry-After is missing or invalid."""
    text = headers.get("retry-after", "").strip()
    try:
        seconds = float(text) if text[:1].isdigit() else (parsedate_to_datetime(text) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return max(0.0, seconds) if seconds < _MAX_RETRY_AFTER else None
