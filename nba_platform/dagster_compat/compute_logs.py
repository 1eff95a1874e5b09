"""Show what a run prints while it is written to its log, by a thread.

Dagster 1.13.27 starts `tail` for each of stdout and stderr of a run, and a Python that ends it if the run is killed:
four processes a run. A thread ends with its run, and shows the last lines before the run ends.
"""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from dagster._core.execution import compute_logs

_FUNCTION = "tail_to_stream"
_SECONDS = 0.1  # between two looks at the file


def tail_logs_in_threads() -> None:
    """Start no process for the logs of the runs of this process."""
    setattr(compute_logs, _FUNCTION, _tail)


@contextmanager
def _tail(path: str, stream: Any) -> Iterator[tuple[None, None]]:
    """Copy what is appended to a file to the stream as it is now; the run then redirects the stream to the file."""
    descriptor = compute_logs._fileno(stream)
    if descriptor is None:  # it is not redirected either
        yield None, None
        return
    ended = threading.Event()
    with open(path, "rb") as written, os.fdopen(os.dup(descriptor), "wb", buffering=0) as shown:

        def copy() -> None:
            is_last = False
            while not is_last:
                is_last = ended.wait(_SECONDS)
                with suppress(OSError):  # nobody reads it any more
                    shutil.copyfileobj(written, shown)

        thread = threading.Thread(target=copy, daemon=True)
        thread.start()
        try:
            yield None, None
        finally:
            ended.set()
            thread.join()
