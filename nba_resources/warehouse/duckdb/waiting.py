"""Show to other processes that one waits for the DuckDB file: by a shared lock on the folder in which it lies.

A process that keeps the file open asks between two steps whether one waits, and lets it in.
"""

import fcntl
import os
from contextlib import AbstractContextManager
from pathlib import Path

from nba_resources.folder_lock import locked


def waiting_for(file: Path) -> AbstractContextManager[None]:
    """Show that this process waits for the file; where folders have no locks it waits unseen."""
    return locked(file.parent, fcntl.LOCK_SH)


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
