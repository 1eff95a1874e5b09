"""Files in a bucket of Google Cloud Storage, through the official client.

An object appears only after its last byte and checksum arrived, so an interrupted upload leaves the old one. The client
finds its credentials itself, and uses the emulator in `STORAGE_EMULATOR_HOST` if that is set. `GCSResource` of
dagster-gcp returns the same client, but takes ten times as long to import.
"""

import functools
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from typing import Any

import requests
from google.api_core.exceptions import Forbidden, GoogleAPICallError, GoogleAPIError, NotFound, RetryError, Unauthorized
from google.auth.exceptions import GoogleAuthError, TransportError
from google.cloud import storage
from google.cloud.storage.exceptions import DataCorruption, InvalidResponse
from google.cloud.storage.retry import DEFAULT_RETRY

from nba_resources.objects.folder import StoreUnavailable

CONNECT_SECONDS = 10.0


class Bucket:
    """Objects under the prefix of `root`; paths are relative to it."""

    def __init__(self, root: str, patience_seconds: float, timeout_seconds: float) -> None:
        self.root = root
        self._name, _, prefix = root.removeprefix("gs://").strip("/").partition("/")
        self._prefix = f"{prefix}/" if prefix else ""
        self._patience = patience_seconds
        self._limits: dict[str, Any] = {
            "retry": DEFAULT_RETRY.with_timeout(patience_seconds).with_delay(initial=0.5, maximum=20.0),
            "timeout": (min(CONNECT_SECONDS, timeout_seconds), timeout_seconds),
        }

    def write(self, path: str, content: bytes, content_type: str, cache_control: str) -> None:
        """Write an object; temporary errors are retried, since writing it twice gives the same object."""
        with self._explained_errors():
            blob = self._blob(path)
            blob.cache_control = cache_control
            blob.upload_from_string(content, content_type=content_type, checksum="crc32c", **self._limits)

    def read(self, path: str) -> bytes:
        """Return the content, with its checksum verified, or raise `FileNotFoundError`."""
        with self._explained_errors():
            return bytes(self._blob(path).download_as_bytes(checksum="crc32c", **self._limits))

    def exists(self, path: str) -> bool:
        """Return whether the object exists; raise `StoreUnavailable` if the bucket does not."""
        try:
            with self._explained_errors():
                self._blob(path).reload(**self._limits)
        except FileNotFoundError:
            return False
        return True

    def paths(self, prefix: str) -> list[str]:
        """Return the paths that begin with the prefix."""
        with self._explained_errors(is_listing=True):
            fields = "items(name),nextPageToken"
            blobs = self._bucket().list_blobs(prefix=self._prefix + prefix, fields=fields, **self._limits)
            return [blob.name.removeprefix(self._prefix) for blob in blobs]

    def delete(self, path: str) -> None:
        """Delete an object, if it exists: an earlier attempt whose response was lost may have deleted it."""
        with suppress(FileNotFoundError), self._explained_errors():
            self._blob(path).delete(**self._limits)

    def _bucket(self) -> storage.Bucket:
        return _client(os.environ.get("STORAGE_EMULATOR_HOST")).bucket(self._name)

    def _blob(self, path: str) -> storage.Blob:
        return self._bucket().blob(self._prefix + path)

    @contextmanager
    def _explained_errors(self, is_listing: bool = False) -> Iterator[None]:
        """Raise `FileNotFoundError` for a missing object, `StoreUnavailable` for everything else.

        Google returns 404 for a missing object and for a missing bucket. Listing the bucket tells them apart, and
        needs no further permission.
        """
        try:
            yield
        except NotFound:
            if is_listing:
                raise StoreUnavailable(
                    f"{self.root}: there is no bucket {self._name}. Create it, or set NBA_OBJECTS to one that exists."
                ) from None
            with self._explained_errors(is_listing=True):
                next(iter(self._bucket().list_blobs(max_results=1, **self._limits)), None)
            raise FileNotFoundError(self.root) from None
        except (Forbidden, Unauthorized) as error:
            raise StoreUnavailable(
                f"{self.root} denied access ({_reason(error)}): the account needs "
                f"roles/storage.objectAdmin on the bucket."
            ) from None
        except TransportError:
            raise self._failed("the sign-in server cannot be reached") from None
        except GoogleAuthError:
            raise StoreUnavailable(
                f"{self.root} needs credentials and none were found: attach a service account to the machine, or set "
                f"GOOGLE_APPLICATION_CREDENTIALS to the path of its key file."
            ) from None
        except (GoogleAPIError, requests.RequestException, DataCorruption, InvalidResponse, ConnectionError) as error:
            raise self._failed(_reason(error)) from None

    def _failed(self, reason: str) -> StoreUnavailable:
        return StoreUnavailable(
            f"{self.root} gave no valid response within {self._patience:g} s ({reason}): nothing half-written is "
            f"visible. Check the network and status.cloud.google.com, then run again."
        )


@functools.cache
def _client(emulator: str | None) -> storage.Client:
    """Create a client once for each process and emulator: signing in is slow."""
    return storage.Client(project=None)


def _reason(error: BaseException | None) -> str:
    """Return the status or the error type; never the address, since the URL of a resumable upload is secret."""
    if isinstance(error, RetryError):
        return _reason(error.cause)
    if isinstance(error, InvalidResponse):
        code = error.response.status_code
    elif isinstance(error, GoogleAPICallError) and error.code:
        code = error.code
    else:
        return type(error).__name__
    return f"{int(code)} {HTTPStatus(code).phrase}"
