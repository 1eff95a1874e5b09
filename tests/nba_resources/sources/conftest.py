from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest
from pytest_httpserver import HTTPServer

from .harness import Harness
from .loopback import ProviderServer


@pytest.fixture
def bucket() -> Iterator[str]:
    system = fsspec.filesystem("memory")
    system.makedirs("/an-archive")
    yield "memory://an-archive"
    system.rm("/an-archive", recursive=True)


@pytest.fixture
def harness(httpserver: HTTPServer, tmp_path: Path) -> Harness:
    return Harness(httpserver, tmp_path)


@pytest.fixture
def server(harness: Harness) -> ProviderServer:
    return ProviderServer(harness)
