"""Where files are kept that are no tables: trained models, landed answers, pictures, exports. One interface."""

from pathlib import PurePosixPath

import dagster as dg

from nba_resources.objects.base import Files, ObjectMissing, StoreUnavailable
from nba_resources.objects.folder import Folder

__all__ = ["ObjectMissing", "ObjectStore", "StoreUnavailable"]

BUCKET = "gs://"
CONTENT_TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".gz": "application/gzip",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}


class ObjectStore(dg.ConfigurableResource):
    """Files by path under a root: a folder, a bucket (`gs://bucket/prefix`), or another address fsspec knows."""

    root: str
    patience_seconds: float = 120.0
    timeout_seconds: float = 60.0

    def write(self, path: str, content: bytes, max_age: int | None = None) -> None:
        """Whole or not at all. `max_age`: the seconds a reader may keep it; without it nobody keeps what may change."""
        kept = "no-store" if max_age is None else f"public, max-age={max_age}"
        kind = CONTENT_TYPES.get(PurePosixPath(path).suffix, "application/octet-stream")
        self._files().write(_inside(path), content, kind, kept)

    def read(self, path: str) -> bytes:
        """The content of a file."""
        try:
            return self._files().read(_inside(path))
        except FileNotFoundError:
            raise ObjectMissing(f"{path} is not in {self.root}") from None

    def exists(self, path: str) -> bool:
        """Whether there is such a file."""
        return self._files().exists(_inside(path))

    def paths(self, prefix: str = "") -> list[str]:
        """Every path that begins with the prefix, sorted; `exports/v1/` asks for a folder, "" for all."""
        return sorted(self._files().paths(prefix and _inside(prefix.rstrip("/")) + "/" * prefix.endswith("/")))

    def delete(self, path: str) -> None:
        """Remove a file; one that is not there is already gone."""
        self._files().delete(_inside(path))

    def _files(self) -> Files:
        """Google's client is imported only for a bucket: a laptop starts sooner without it, and need not have it."""
        if not self.root.startswith(BUCKET):
            return Folder(self.root)
        from nba_resources.objects.bucket import Bucket

        return Bucket(self.root, self.patience_seconds, min(self.timeout_seconds, self.patience_seconds))


def _inside(path: str) -> str:
    """Paths name files of the store on every kind of it: relative, plain, never hidden, never climbing."""
    if not path or "\\" in path or not path.isprintable() or any(part[:1] in ("", ".") for part in path.split("/")):
        raise ValueError(f"{path!r} leads out of the store: paths are relative, never climb and hide nothing")
    return path
