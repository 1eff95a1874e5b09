"""Fetchers return landed responses to providers: the live one requests and lands them first, the replay one never."""

import datetime as dt
import json
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from nba_resources.sources.base import BEFORE_TIP, BadInput, SourceUnavailable
from nba_resources.sources.http.client import Client
from nba_resources.sources.http.http_request import NotFound, NotModified
from nba_resources.sources.http.landing import Landing
from nba_resources.sources.providers.provider import LandedResponse, Request, RequestPolicy

FRESH = dt.timedelta(seconds=60)  # the tables of one run send the same requests
STAYS_ABSENT_AFTER = dt.timedelta(days=1)
_ERROR_FIELDS = {"Message", "error", "error_code", "message", "details_url", "status", "statusCode", "code"}
_FORBIDDEN = 403


@dataclass(frozen=True)
class LiveFetcher:
    """Sends a request if there may be a newer response, lands the response, and returns what is landed.

    It sends nothing for: settled requests; responses less than a minute old; documents still absent a day after they
    were due; lines between two of the times in `before_tip`; games that have begun. An unusable response is stored
    aside and refused.
    """

    landing: Landing
    client: Client
    policy: RequestPolicy
    canary: Request | None = None
    before_tip: tuple[dt.timedelta, ...] = BEFORE_TIP

    def get(self, request: Request) -> LandedResponse | None:
        """Return the newest response; None if the provider never had such a document.

        One that it had and has no longer is kept: hosts lose files for a while, and its rows are stored.
        """
        landed = self.landing.newest(request)
        if not self._is_due(request, landed):
            return landed
        result = self.client.send(request, self.policy, landed.validators if landed else {})
        if isinstance(result, NotFound):
            self._check_not_blocked(result, request)
        elif isinstance(result, NotModified):
            if landed is None:
                raise SourceUnavailable(f"{request}: answered that nothing changed, but nothing was ever received")
        elif error := _body_error(self.client.without_key(result.body, self.policy), request):
            path = self.landing.land(request, result, refused=True).path
            raise BadInput(f"{request}: {error}; stored as {path}")
        elif landed is None or landed.sha256 != result.sha256:
            landed = self.landing.land(request, result)
        self.client.state.record_response(request)
        return landed

    def snapshots(self, request: Request) -> list[LandedResponse]:
        """Return all responses, oldest first, after requesting a newer one if there may be one."""
        self.get(request)
        return self.landing.all(request)

    def _is_due(self, request: Request, landed: LandedResponse | None) -> bool:
        now = self.client.now()
        if request.settled and landed is not None:
            return False
        if request.tip_off is not None and request.tip_off <= now:
            return False
        last = self.client.state.last_response(request)
        if last is None or last > now:
            return True
        if landed is None and self._stays_absent(request, last):
            return False
        if request.tip_off is not None:
            return any(last < request.tip_off - before <= now for before in self.before_tip)
        return now - last >= FRESH

    def _stays_absent(self, request: Request, last: dt.datetime) -> bool:
        """Require another document of the date: a host that blocks us answers that everything is absent."""
        if request.due is None or last < request.due + STAYS_ABSENT_AFTER:
            return False
        return bool(self.landing.paths(request.provider, f"{request.endpoint}/{request.filed_under}/"))

    def _check_not_blocked(self, result: NotFound, request: Request) -> None:
        """Request the canary: a host may answer 403 both for a missing document and to a client it blocks."""
        if result.status != _FORBIDDEN or self.canary is None:
            return
        if self.canary == request or self.get(self.canary) is None:
            raise SourceUnavailable(
                f"{self.canary}: {urlsplit(request.url).netloc} answered {result.status}, though this document always "
                "exists: it refuses this machine or its headers; `nba doctor` names what to try"
            )


@dataclass
class ReplayFetcher:
    """Returns landed responses only, and sends nothing."""

    landing: Landing
    had_response: set[bool] = field(default_factory=set, init=False)  # of the requests so far

    @property
    def nothing_landed(self) -> bool:
        """Return whether all requests had no response. One alone proves nothing: absent documents are not landed."""
        return self.had_response == {False}

    def get(self, request: Request) -> LandedResponse | None:
        """Return the newest landed response."""
        landed = self.landing.newest(request)
        self.had_response.add(landed is not None)
        return landed

    def snapshots(self, request: Request) -> list[LandedResponse]:
        """Return all landed responses, oldest first."""
        landed = self.landing.all(request)
        self.had_response.add(bool(landed))
        return landed


def _body_error(body: bytes, request: Request) -> str | None:
    """Return what is wrong with the body of a successful response: incomplete, or an error document."""
    match request.content:
        case "parquet":
            complete = body.startswith(b"PAR1") and body.endswith(b"PAR1")
            return None if complete else f"expected a complete Parquet file, found {_glimpse(body)}"
        case "pdf":
            complete = body.startswith(b"%PDF-") and b"%%EOF" in body[-1024:]
            return None if complete else f"expected a complete PDF, found {_glimpse(body)}"
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return f"expected a complete JSON document, found {_glimpse(body)}"
    if isinstance(document, dict) and document and document.keys() <= _ERROR_FIELDS:
        return f"expected data, found an error in its place: {_glimpse(body)}"
    return None


def _glimpse(body: bytes) -> str:
    if not body:
        return "an empty body"
    start = " ".join(body[:60].decode("utf-8", "replace").split())
    return f"{len(body):,} bytes that begin with {start!r}"
