from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pytest_httpserver import HTTPServer

from ..fakes.league import MORNING, League
from ..harness import Harness, MemoryFetcher


@pytest.fixture(scope="session")
def league() -> League:
    return League()


@pytest.fixture
def harness(httpserver: HTTPServer, tmp_path: Path) -> Harness:
    return Harness(httpserver, tmp_path, MORNING)


@pytest.fixture
def fetcher() -> Iterator[MemoryFetcher]:
    with httpx.Client(trust_env=False, verify=False) as connection:  # loopback needs no certificates
        yield MemoryFetcher(connection, MORNING)
