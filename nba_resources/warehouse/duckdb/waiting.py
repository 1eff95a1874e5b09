"""Show to other processes that one waits for the DuckDB file: by a shared lock on the folder in which it lies.

A process that keeps the file open asks between two steps whether one waits, and lets it in.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def waiting_for(file: Path) -> Iterator[None]:
    """Show that this process waits for the file; where folders have no locks it waits unseen."""
    folder = None
    with suppress(OSError):
        folder = os.open(file.parent, os.O_RDONLY)
        fcntl.flock(folder, fcntl.LOCK_SH)
    try:
        yield
    finally:
        if folder is not None:
            os.close(folder)


def somebody_waits_for(file: Path) -> bool:
    """Return whether a process waits for the file, or cannot show it."""
    try:
        folder = os.open(file.parent, os.O_RDONLY)
    except OSError:
        return True
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(folder)
    return False
