"""Storage of files that are not tables: trained models, landed responses, pictures and exports."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from nba_resources.errors import UserError
from nba_resources.objects.folder import Folder, StoreUnavailable

if TYPE_CHECKING:
    from nba_resources.objects.bucket import Bucket

__all__ = ["ObjectMissing", "ObjectStore", "StoreUnavailable"]

CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".gz": "application/gzip",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}


class ObjectMissing(UserError, FileNotFoundError):
    """A file does not exist: the message names it and the store."""


@dataclass(frozen=True)
class ObjectStore:
    """Files by path under a root: a folder, a bucket (`gs://bucket/prefix`) or another fsspec address."""

    root: str
    patience_seconds: float = 120.0
    timeout_seconds: float = 60.0

    def write(self, path: str, content: bytes, max_age: int | None = None) -> None:
        """Write or replace a file at once; readers may cache it for `max_age` seconds, by default not at all."""
        cache_control = "no-store" if max_age is None else f"public, max-age={max_age}"
        content_type = CONTENT_TYPES.get(PurePosixPath(path).suffix, "application/octet-stream")
        self._files().write(_inside(path), content, content_type, cache_control)

    def read(self, path: str) -> bytes:
        """Return the content of a file."""
        try:
            return self._files().read(_inside(path))
        except FileNotFoundError:
            raise ObjectMissing(f"{path} is not in {self.root}") from None

    def exists(self, path: str) -> bool:
        """Return whether the file exists."""
        return self._files().exists(_inside(path))

    def paths(self, prefix: str = "") -> list[str]:
        """Return the sorted paths that begin with the prefix; `exports/v1/` lists a folder, "" everything."""
        return sorted(self._files().paths(prefix and _inside(prefix.rstrip("/")) + "/" * prefix.endswith("/")))

    def delete(self, path: str) -> None:
        """Delete a file, if it exists."""
        self._files().delete(_inside(path))

    def _files(self) -> "Folder | Bucket":
        """Import Google's client only for a bucket: it is slow to import and optional."""
        if not self.root.startswith("gs://"):
            return Folder(self.root)
        from nba_resources.objects.bucket import Bucket

        return Bucket(self.root, self.patience_seconds, min(self.timeout_seconds, self.patience_seconds))


def _inside(path: str) -> str:
    """Refuse paths that lead out of the store or name hidden files."""
    if not path or "\\" in path or not path.isprintable() or any(part[:1] in ("", ".") for part in path.split("/")):
        raise ValueError(f"{path!r} leads out of the store: paths are relative, without .. and without hidden names")
    return path
