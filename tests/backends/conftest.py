from collections.abc import Iterator

import pytest

from .emulator import emulator
from .unreliable import Network, unreliable


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """BigQuery's protocol on a port of its own; every test takes a project of its own."""
    pytest.importorskip("bqemulator", reason="the emulator comes with the [test] extra")
    with emulator(tmp_path_factory.mktemp("bigquery")) as address:
        yield address


@pytest.fixture
def network(endpoint: str) -> Iterator[Network]:
    """The way to the emulator, which a test may disturb."""
    with unreliable(endpoint) as proxy:
        yield proxy
