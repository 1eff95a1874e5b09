"""Modes of the files of a command: only its owner reads them, unless they are written for others."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

_OTHERS = 0o077
_OF_USER = os.umask(_OTHERS)
os.umask(_OF_USER)


@contextmanager
def private_files() -> Iterator[None]:
    """Make files with mode 0600 and folders with 0700, also those of libraries and of processes that are started."""
    before = os.umask(_OTHERS)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def files_for_others() -> Iterator[None]:
    """Make files as the user's shell would: a page for a host, an archive, a picture."""
    before = os.umask(_OF_USER)
    try:
        yield
    finally:
        os.umask(before)
