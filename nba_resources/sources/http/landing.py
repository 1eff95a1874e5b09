"""The landing: every response of a provider as it was received, kept for good. All parsing reads from here.

One gzipped file a response: a line of JSON about it, then its body. A response equal to the one before is not stored
again, so the time of a file is when its content was first known. A response that cannot be right (an HTML page, half
a document) is stored with the suffix `.refused.gz` for inspection and never read.
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
from nba_resources.sources.providers.provider import LandedResponse, Request

ROOT = "landing"
_SUFFIX, _REFUSED = ".gz", ".refused.gz"
_TIME = "%Y%m%dT%H%M%S.%fZ"


@dataclass(frozen=True)
class ReceivedResponse:
    """A response before it is landed. `validators` are the headers of a later conditional request."""

    body: bytes
    received_at: dt.datetime
    content_type: str
    validators: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """The hash by which equal responses are recognised."""
        return sha256(self.body).hexdigest()


@dataclass(frozen=True)
class Landing:
    """The landed responses in an object store. With `known_by`, only those received until then are visible."""

    objects: ObjectStore
    known_by: dt.datetime | None = None

    def land(self, request: Request, received: ReceivedResponse, refused: bool = False) -> LandedResponse:
        """Store a response, completely or not at all."""
        time = received.received_at.astimezone(dt.UTC)
        path = f"{self._folder(request)}{time.strftime(_TIME)}{_REFUSED if refused else _SUFFIX}"
        about: dict[str, Any] = {
            "provider": request.provider,
            "endpoint": request.endpoint,
            "filed_under": request.filed_under,
            "url": request.url,
            "params": dict(request.params),
            "received_at": time.isoformat(),
            "sha256": received.sha256,
            "content_type": received.content_type,
            "validators": dict(received.validators),
            "told": dict(received.headers),  # the name in files of version 0.1
        }
        head = json.dumps(about, sort_keys=True).encode()
        self.objects.write(path, gzip.compress(head + b"\n" + received.body, mtime=0))
        return LandedResponse(request, time, received.body, received.sha256, path, received.validators)

    def newest(self, request: Request) -> LandedResponse | None:
        """Return the last response to a request, if there is one."""
        paths = self._visible(self._folder(request))
        return self._read(request, paths[-1]) if paths else None

    def all(self, request: Request) -> list[LandedResponse]:
        """Return every response to a request, oldest first."""
        return [self._read(request, path) for path in self._visible(self._folder(request))]

    def paths(self, provider: str, endpoint: str = "") -> list[str]:
        """List the files of a provider's endpoints whose name starts with `endpoint`."""
        return self._visible(f"{ROOT}/{provider}/{endpoint}")

    def _visible(self, prefix: str) -> list[str]:
        return [
            path
            for path in self.objects.paths(prefix)
            if path.endswith(_SUFFIX)
            and not path.endswith(_REFUSED)
            and (self.known_by is None or received_at(path) <= self.known_by)
        ]

    def _folder(self, request: Request) -> str:
        return f"{ROOT}/{request.provider}/{request.endpoint}/{request.filed_under}/{request.digest}/"

    def _read(self, request: Request, path: str) -> LandedResponse:
        try:
            head, _, body = gzip.decompress(self.objects.read(path)).partition(b"\n")
            about = json.loads(head)
        except (OSError, EOFError, zlib.error, ValueError) as error:
            raise self._damaged(path, f"it cannot be read ({error})") from None
        if sha256(body).hexdigest() != about["sha256"]:
            raise self._damaged(path, "its body does not match its checksum")
        return LandedResponse(request, received_at(path), body, about["sha256"], path, about["validators"])

    def _damaged(self, path: str, reason: str) -> BadInput:
        return BadInput(f"{path} in {self.objects.root} is damaged: {reason}; remove it to request it again")


def received_at(path: str) -> dt.datetime:
    """Return when a landed response was received, from the name of its file."""
    name = path.rpartition("/")[2].removesuffix(_REFUSED).removesuffix(_SUFFIX)
    return dt.datetime.strptime(name, _TIME).replace(tzinfo=dt.UTC)
