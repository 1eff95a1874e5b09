"""Where answers come from: the network, by way of landing, or landing alone."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from nba_resources.sources.base import BEFORE_TIP, BadInput, SourceUnavailable
from nba_resources.sources.http.client import Client
from nba_resources.sources.http.http_request import Absent, Unchanged
from nba_resources.sources.http.landing import Landing, Received
from nba_resources.sources.providers.provider import Landed, Manners, Request

FRESH = dt.timedelta(seconds=60)  # the tables of one run ask the same questions
LONG_ENOUGH = dt.timedelta(days=1)
_ERROR = frozenset({"Message", "error", "error_code", "message", "details_url", "status", "statusCode", "code"})
_FORBIDDEN = 403


@dataclass(frozen=True)
class LiveDoor:
    """Asks, lands, and hands out what is landed.

    Not asked: what is settled, what was absent a day after it was due, what was answered within the minute, a line
    between two of its times, a game that has begun. An answer that cannot have been meant is kept for whoever looks
    into it, and refused.
    """

    landing: Landing
    client: Client
    manners: Manners
    canary: Request | None = None
    before_tip: tuple[dt.timedelta, ...] = BEFORE_TIP

    def get(self, request: Request) -> Landed | None:
        """The newest answer, asked for if there may be a newer one."""
        landed = self.landing.newest(request)
        if not self._may_be_newer(request, landed):
            return landed
        answer = self.client.ask(request, self.manners, landed.validators if landed else {})
        if isinstance(answer, Absent):
            self._see_whether_we_are_welcome(answer, request)
            landed = None
        elif isinstance(answer, Unchanged):
            if landed is None:
                raise SourceUnavailable(f"{request}: answered that nothing changed, though nothing was ever received")
        elif wrong := _unsound(answer, request):
            kept = self.landing.land(request, answer, refused=True)
            raise BadInput(f"{request}: {wrong}; kept as {kept.path}")
        elif landed is None or landed.sha256 != answer.sha256:
            landed = self.landing.land(request, answer)
        self.client.questions.answered(request)
        return landed

    def snapshots(self, request: Request) -> list[Landed]:
        """Every answer there has been, after asking once more if there may be a newer one."""
        self.get(request)
        return self.landing.all(request)

    def _may_be_newer(self, request: Request, landed: Landed | None) -> bool:
        now = self.client.now()
        if request.settled and landed is not None:
            return False
        if request.tip_off is not None and request.tip_off <= now:
            return False
        asked = self.client.questions.last_answered(request)
        if asked is None or asked > now:
            return True
        if landed is None and self._stays_absent(request, asked):
            return False
        if request.tip_off is not None:
            return any(asked < request.tip_off - before <= now for before in self.before_tip)
        return now - asked >= FRESH

    def _stays_absent(self, request: Request, asked: dt.datetime) -> bool:
        """Only where others of its date are here: a host that has shut us out says that everything is absent."""
        if request.due is None or asked < request.due + LONG_ENOUGH:
            return False
        return bool(self.landing.paths(request.provider, f"{request.endpoint}/{request.filed_under}/"))

    def _see_whether_we_are_welcome(self, answer: Absent, request: Request) -> None:
        """A host that forbids what is not there yet says the same to whom it has shut out."""
        if answer.status != _FORBIDDEN or self.canary is None or self.canary == request:
            return
        if self.get(self.canary) is None:
            raise SourceUnavailable(
                f"{request}: {urlsplit(request.url).netloc} refuses also what is certainly there: it has shut us out"
            )


@dataclass
class ReplayDoor:
    """Hands out what is landed, as far as it was received by then; nothing is asked.

    What the provider said is not there was never landed either, so only a door that found nothing at all tells that
    nobody asked.
    """

    landing: Landing
    found: int = field(default=0, init=False)
    not_found: int = field(default=0, init=False)

    @property
    def nobody_asked(self) -> bool:
        """Whether there were questions, and an answer to none."""
        return bool(self.not_found and not self.found)

    def get(self, request: Request) -> Landed | None:
        """The newest answer of that time."""
        landed = self.landing.newest(request)
        self._count(landed is not None)
        return landed

    def snapshots(self, request: Request) -> list[Landed]:
        """The answers until then."""
        landed = self.landing.all(request)
        self._count(bool(landed))
        return landed

    def _count(self, found: bool) -> None:
        self.found, self.not_found = self.found + found, self.not_found + (not found)


def _unsound(answer: Received, request: Request) -> str | None:
    """What is wrong with a body that calls itself good, before anybody maps it: not whole, or not what was asked."""
    body = answer.body
    match request.content:
        case "parquet":
            whole = body.startswith(b"PAR1") and body.endswith(b"PAR1")
            return None if whole else f"expected a whole Parquet file, found {_glimpse(body)}"
        case "pdf":
            whole = body.startswith(b"%PDF-") and b"%%EOF" in body[-1024:]
            return None if whole else f"expected a whole PDF, found {_glimpse(body)}"
    try:
        document = json.loads(body)
    except ValueError:
        return f"expected a whole JSON document, found {_glimpse(body)}"
    if isinstance(document, Mapping) and document and set(document) <= _ERROR:
        return f"expected an answer, found an error in place of one: {_glimpse(body)}"
    return None


def _glimpse(body: bytes) -> str:
    if not body:
        return "nothing at all"
    shown = " ".join(body[:60].decode("utf-8", "replace").split())
    return f"{len(body):,} bytes that begin with {shown!r}"
