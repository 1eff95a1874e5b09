"""Answers of providers exactly as they were received, kept for good: what is parsed is read from here.

One gzipped file an answer, a line of JSON about it before its body. An answer equal to the one before it is not kept
again: what it says was known since the first time. One that could not have been meant (a page of HTML, half a
document) is kept beside them for whoever looks into it, and never read as the newest.
"""

import datetime as dt
import gzip
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from nba_resources.objects.store import ObjectStore
from nba_resources.sources.base import BadInput
from nba_resources.sources.providers.provider import Landed, Request

ROOT = "landing"
_KEPT, _REFUSED = ".gz", ".refused.gz"
_MOMENT = "%Y%m%dT%H%M%S.%fZ"


@dataclass(frozen=True)
class Received:
    """What came over the wire, before it is landed. Validators are what a conditional request sends back."""

    body: bytes
    received_at: dt.datetime
    content_type: str
    validators: Mapping[str, str] = field(default_factory=dict)
    told: Mapping[str, str] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """Equal bodies are equal answers."""
        return sha256(self.body).hexdigest()


@dataclass(frozen=True)
class Landing:
    """The answers in an object store. `known_by`: only those received until then exist."""

    objects: ObjectStore
    known_by: dt.datetime | None = None

    def land(self, request: Request, received: Received, refused: bool = False) -> Landed:
        """Keep an answer; it is there whole or not at all."""
        moment = received.received_at.astimezone(dt.UTC).strftime(_MOMENT)
        path = f"{self._folder(request)}{moment}{_REFUSED if refused else _KEPT}"
        about: dict[str, Any] = {
            "provider": request.provider,
            "endpoint": request.endpoint,
            "filed_under": request.filed_under,
            "url": request.url,
            "params": dict(request.params),
            "received_at": received.received_at.astimezone(dt.UTC).isoformat(),
            "sha256": received.sha256,
            "content_type": received.content_type,
            "validators": dict(received.validators),
            "told": dict(received.told),
        }
        head = json.dumps(about, sort_keys=True).encode()
        self.objects.write(path, gzip.compress(head + b"\n" + received.body, mtime=0))
        return _landed(request, path, about, received.body)

    def newest(self, request: Request) -> Landed | None:
        """The last answer to a request, if there is one."""
        paths = self._paths(request)
        return self._read(request, paths[-1]) if paths else None

    def all(self, request: Request) -> list[Landed]:
        """Every answer to a request, oldest first."""
        return [self._read(request, path) for path in self._paths(request)]

    def paths(self, provider: str, endpoint: str = "") -> list[str]:
        """The files of all endpoints of a provider whose name begins so."""
        found = self.objects.paths(f"{ROOT}/{provider}/{endpoint}")
        return [path for path in found if self._counts(path)]

    def _paths(self, request: Request) -> list[str]:
        return [path for path in self.objects.paths(self._folder(request)) if self._counts(path)]

    def _counts(self, path: str) -> bool:
        if path.endswith(_REFUSED) or not path.endswith(_KEPT):
            return False
        return self.known_by is None or received_at(path) <= self.known_by

    def _folder(self, request: Request) -> str:
        return f"{ROOT}/{request.provider}/{request.endpoint}/{request.filed_under}/{request.digest}/"

    def _read(self, request: Request, path: str) -> Landed:
        try:
            head, _, body = gzip.decompress(self.objects.read(path)).partition(b"\n")
            about = json.loads(head)
        except (OSError, EOFError, zlib.error, ValueError) as error:
            raise self._damaged(path, f"it cannot be read ({error})") from None
        if sha256(body).hexdigest() != about["sha256"]:
            raise self._damaged(path, "its body is not the one that was received")
        return _landed(request, path, about, body)

    def _damaged(self, path: str, what: str) -> BadInput:
        return BadInput(f"{path} in {self.objects.root} is damaged: {what}; remove it, and the provider is asked again")


def _landed(request: Request, path: str, about: Mapping[str, Any], body: bytes) -> Landed:
    moment = dt.datetime.fromisoformat(about["received_at"])
    return Landed(request, moment, body, about["sha256"], path, about["validators"])


def received_at(path: str) -> dt.datetime:
    """When the answer kept in a file was received: its name says so, nothing is read."""
    moment = path.rpartition("/")[2].removesuffix(_REFUSED).removesuffix(_KEPT)
    return dt.datetime.strptime(moment, _MOMENT).replace(tzinfo=dt.UTC)
