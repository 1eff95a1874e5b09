"""A lock on a folder between processes, as long as a block lasts; it ends with its process."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def locked(folder: Path, kind: int = fcntl.LOCK_EX) -> Iterator[None]:
    """Hold a lock on a folder; where a folder is missing or has no locks, go on without."""
    opened = None
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        fcntl.flock(opened, kind)
    try:
        yield
    finally:
        if opened is not None:
            os.close(opened)
