"""What every place for files does, and how it says that it cannot."""

from typing import Protocol

from nba_resources.errors import UserError


class ObjectMissing(UserError, FileNotFoundError):
    """A file that something refers to is not there: says which, and where it was looked for."""


class StoreUnavailable(UserError, RuntimeError):
    """The place where files are kept does not take or give them: says which, why, and what to do."""


class Files(Protocol):
    """Files by path. A write is whole or not at all: a reader sees the old file or the new one, never a part."""

    def write(self, path: str, content: bytes, content_type: str, cache_control: str) -> None:
        """Replaces what was there."""
        ...

    def read(self, path: str) -> bytes:
        """Raises `FileNotFoundError`."""
        ...

    def exists(self, path: str) -> bool:
        """Whether there is such a file."""
        ...

    def paths(self, prefix: str) -> list[str]:
        """Every path that begins so."""
        ...

    def delete(self, path: str) -> None:
        """What is not there is already gone."""
        ...
