"""Files in a bucket of Google Cloud Storage, through the official client.

An object appears when its last byte and its checksum have arrived, so a cut upload leaves the old one. The client finds
its credentials itself, and an emulator where `STORAGE_EMULATOR_HOST` names one. `GCSResource` of dagster-gcp hands out
the same client and adds nothing that is used here, for an import that takes ten times as long.
"""

import functools
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus

import requests
from google.api_core.exceptions import Forbidden, GoogleAPICallError, GoogleAPIError, NotFound, RetryError, Unauthorized
from google.auth.exceptions import GoogleAuthError, TransportError
from google.cloud import storage
from google.cloud.storage.exceptions import DataCorruption, InvalidResponse
from google.cloud.storage.retry import DEFAULT_RETRY

from nba_resources.objects.base import StoreUnavailable

CONNECT_SECONDS = 10.0


class Bucket:
    """Objects under a prefix, which every path is relative to."""

    def __init__(self, root: str, patience_seconds: float, timeout_seconds: float) -> None:
        self.root = root
        self._name, _, prefix = root.removeprefix("gs://").strip("/").partition("/")
        self._prefix = f"{prefix}/" if prefix else ""
        self._patience = patience_seconds
        self._retry = DEFAULT_RETRY.with_timeout(patience_seconds).with_delay(initial=0.5, maximum=20.0)
        self._timeout = (min(CONNECT_SECONDS, timeout_seconds), timeout_seconds)

    def write(self, path: str, content: bytes, content_type: str, cache_control: str) -> None:
        """Written again after a lost answer it is the same object, so every failure that may pass is tried again."""
        with self._told():
            blob = self._bucket().blob(self._prefix + path)
            blob.cache_control = cache_control
            blob.upload_from_string(
                content, content_type=content_type, checksum="crc32c", timeout=self._timeout, retry=self._retry
            )

    def read(self, path: str) -> bytes:
        """The content, with its checksum verified."""
        with self._told():
            blob = self._bucket().blob(self._prefix + path)
            return bytes(blob.download_as_bytes(checksum="crc32c", timeout=self._timeout, retry=self._retry))

    def exists(self, path: str) -> bool:
        """Whether there is such an object; of a bucket that is not there nothing can be said."""
        try:
            with self._told():
                self._bucket().blob(self._prefix + path).reload(timeout=self._timeout, retry=self._retry)
        except FileNotFoundError:
            return False
        return True

    def paths(self, prefix: str) -> list[str]:
        """Asked page by page."""
        with self._told(of_bucket=True):
            found = self._bucket().list_blobs(
                prefix=self._prefix + prefix,
                fields="items(name),nextPageToken",
                timeout=self._timeout,
                retry=self._retry,
            )
            return [blob.name.removeprefix(self._prefix) for blob in found]

    def delete(self, path: str) -> None:
        """Gone, whoever removed it: also by an attempt of ours whose answer was lost."""
        with suppress(FileNotFoundError), self._told():
            self._bucket().blob(self._prefix + path).delete(timeout=self._timeout, retry=self._retry)

    def _bucket(self) -> storage.Bucket:
        return _client(os.environ.get("STORAGE_EMULATOR_HOST")).bucket(self._name)

    @contextmanager
    def _told(self, of_bucket: bool = False) -> Iterator[None]:
        """An object that is not there is not the same as a bucket that is not there. Google answers 404 to both, so
        the bucket is asked for a listing, which takes no further permission.
        """
        try:
            yield
        except NotFound:
            if of_bucket:
                raise StoreUnavailable(
                    f"{self.root}: there is no bucket {self._name}. Create it, or set NBA_OBJECTS to one that exists."
                ) from None
            with self._told(of_bucket=True):
                next(iter(self._bucket().list_blobs(max_results=1, timeout=self._timeout, retry=self._retry)), None)
            raise FileNotFoundError(self.root) from None
        except (Forbidden, Unauthorized) as error:
            raise StoreUnavailable(
                f"{self.root} refused us ({_reason(error)}): the account needs roles/storage.objectAdmin on the bucket."
            ) from None
        except TransportError:
            raise self._silent("no way to the sign-in server") from None
        except GoogleAuthError:
            raise StoreUnavailable(
                f"{self.root} wants credentials and none were found: attach a service account to the machine, or set "
                f"GOOGLE_APPLICATION_CREDENTIALS to the file of its key."
            ) from None
        except (GoogleAPIError, requests.RequestException, DataCorruption, InvalidResponse, ConnectionError) as error:
            raise self._silent(_reason(error)) from None

    def _silent(self, reason: str) -> StoreUnavailable:
        return StoreUnavailable(
            f"{self.root} did not answer as it should within {self._patience:g} s ({reason}): nothing half-written is "
            f"visible. Look at the network and at status.cloud.google.com, then run again."
        )


@functools.cache
def _client(emulator: str | None) -> storage.Client:
    """Signing in is slow, so once a process; another one where the emulator is another."""
    return storage.Client(project=None)


def _reason(error: BaseException | None) -> str:
    """The status or the kind of failure, never the address: that of an upload under way is a key to it."""
    if isinstance(error, RetryError):
        return _reason(error.cause)
    if isinstance(error, InvalidResponse):
        return _status(error.response.status_code)
    if isinstance(error, GoogleAPICallError) and error.code:
        return _status(error.code)
    return type(error).__name__


def _status(code: int) -> str:
    return f"{int(code)} {HTTPStatus(code).phrase}"
