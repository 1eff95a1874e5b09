"""Files in a folder, or at any address fsspec knows such as `memory://`."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import fsspec
from fsspec.implementations.local import LocalFileSystem

from nba_resources.objects.base import StoreUnavailable


class Folder:
    """Nothing is kept of a content type or a cache time: whoever serves the folder decides on them."""

    def __init__(self, root: str) -> None:
        self.root = root
        files, base = fsspec.core.url_to_fs(root, use_listings_cache=False)
        self._files: fsspec.AbstractFileSystem = files
        self._base = base.rstrip("/")

    def write(self, path: str, content: bytes, content_type: str, cache_control: str) -> None:
        """In a folder a file is moved into place once it is whole; other stores take it in one piece anyway."""
        place = f"{self._base}/{path}"
        with self._told():
            if isinstance(self._files, LocalFileSystem):
                _moved_into_place(Path(place), content)
            else:
                self._files.pipe_file(place, content)

    def read(self, path: str) -> bytes:
        """The content of a file."""
        with self._told():
            return bytes(self._files.cat_file(f"{self._base}/{path}"))

    def exists(self, path: str) -> bool:
        """Whether there is such a file; a folder of files is none."""
        with self._told():
            return bool(self._files.isfile(f"{self._base}/{path}"))

    def paths(self, prefix: str) -> list[str]:
        """Hidden names are writes under way."""
        folder = f"{self._base}/{prefix.rpartition('/')[0]}".rstrip("/")
        with self._told():
            found = [place.removeprefix(f"{self._base}/") for place in self._files.find(folder)]
        return [path for path in found if path.startswith(prefix) and not Path(path).name.startswith(".")]

    def delete(self, path: str) -> None:
        """Gone, whoever removed it."""
        with suppress(FileNotFoundError), self._told():
            if self.exists(path):
                self._files.rm_file(f"{self._base}/{path}")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise
        except OSError as error:
            raise StoreUnavailable(
                f"files cannot be kept in {self.root} ({error.strerror or error}): is it a folder, may it be written, "
                f"is the disk full?"
            ) from None


def _moved_into_place(place: Path, content: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = place.with_name(f".{place.name}.{uuid.uuid4().hex}")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(place)
    finally:
        beside.unlink(missing_ok=True)
