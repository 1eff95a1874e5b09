from collections.abc import Iterator

import pytest

from .postgres_server import Server, running, tools


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server, in which each test has a database; without one installed, tests that need it are skipped."""
    binaries = tools()
    if binaries is None:
        pytest.skip("needs a PostgreSQL server: apt-get install postgresql")
    with running(binaries) as started:
        yield started
