"""Files in a folder, or at another fsspec address such as `memory://`."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import fsspec
from fsspec.implementations.local import LocalFileSystem

from nba_resources.errors import UserError


class StoreUnavailable(UserError, RuntimeError):
    """The store cannot read or write files: the message says why and what to do."""


class Folder:
    """Files under `root`; content types and cache times are not stored."""

    def __init__(self, root: str) -> None:
        self.root = root
        try:
            files, base = fsspec.core.url_to_fs(root, use_listings_cache=False)
        except (ImportError, OSError, TypeError, ValueError) as error:
            raise StoreUnavailable(f"{root} is no place for files ({error}): name a folder or a bucket") from None
        self._files: fsspec.AbstractFileSystem = files
        self._base = base.rstrip("/")

    def write(self, path: str, content: bytes, content_type: str, cache_control: str) -> None:
        """Write a file at once: a reader sees the old or the new one, never a part."""
        target = f"{self._base}/{path}"
        with self._explained_errors(may_be_missing=False):
            if isinstance(self._files, LocalFileSystem):
                _write_and_rename(Path(target), content)
            else:
                self._files.pipe_file(target, content)

    def read(self, path: str) -> bytes:
        """Return the content of a file, or raise `FileNotFoundError`."""
        with self._explained_errors():
            return bytes(self._files.cat_file(f"{self._base}/{path}"))

    def exists(self, path: str) -> bool:
        """Return whether the file exists; a folder is not a file."""
        with self._explained_errors():
            return bool(self._files.isfile(f"{self._base}/{path}"))

    def paths(self, prefix: str) -> list[str]:
        """Return the paths that begin with the prefix; hidden names are unfinished writes."""
        folder = f"{self._base}/{prefix.rpartition('/')[0]}".rstrip("/")
        with self._explained_errors():
            paths = [name.removeprefix(f"{self._base}/") for name in self._files.find(folder)]
        return [path for path in paths if path.startswith(prefix) and not Path(path).name.startswith(".")]

    def delete(self, path: str) -> None:
        """Delete a file, if it exists; another process may delete it at the same time."""
        with suppress(FileNotFoundError), self._explained_errors():
            if self.exists(path):
                self._files.rm_file(f"{self._base}/{path}")

    @contextmanager
    def _explained_errors(self, may_be_missing: bool = True) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if may_be_missing and isinstance(error, FileNotFoundError):
                raise
            raise StoreUnavailable(
                f"cannot read or write files in {self.root} ({error.strerror or error}): check that it is a folder, "
                f"that it is writable and that the disk is not full"
            ) from None


def _write_and_rename(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
