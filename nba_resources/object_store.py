"""Where files are kept that are no tables: trained models, pictures, exports. A folder or a bucket, one interface."""

import dagster as dg
import fsspec


class ObjectMissing(FileNotFoundError):
    """A file that something refers to is not there: says which, and where it was looked for."""


class ObjectStore(dg.ConfigurableResource):
    """Files by path under a root: a folder, or any address fsspec knows such as `gs://bucket/prefix`."""

    root: str

    def write(self, path: str, content: bytes, max_age: int | None = None) -> None:
        """Whole or not at all: written beside its place and moved there, so nobody ever reads half a file.

        `max_age`: the seconds a reader may keep it, where the store can say so; a folder cannot.
        """
        files, place = self._open(path)
        files.makedirs(place.rpartition("/")[0], exist_ok=True)
        with files.transaction, files.open(place, "wb") as file:
            file.write(content)

    def read(self, path: str) -> bytes:
        """The content of a file."""
        files, place = self._open(path)
        try:
            return files.cat_file(place)
        except FileNotFoundError:
            raise ObjectMissing(f"{path} is not in {self.root}") from None

    def exists(self, path: str) -> bool:
        """Whether there is such a file."""
        files, place = self._open(path)
        return bool(files.exists(place))

    def paths(self, prefix: str = "") -> list[str]:
        """Every path under a folder, sorted."""
        files, root = fsspec.core.url_to_fs(self.root)
        there = files.find(f"{root.rstrip('/')}/{prefix}")
        return sorted(path.removeprefix(root.rstrip("/") + "/") for path in there)

    def _open(self, path: str) -> tuple[fsspec.AbstractFileSystem, str]:
        if ".." in path.split("/") or path.startswith("/"):
            raise ValueError(f"{path!r} leads out of the store: paths are relative and never climb")
        files, place = fsspec.core.url_to_fs(f"{self.root.rstrip('/')}/{path}")
        return files, place
