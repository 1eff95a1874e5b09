import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from nba_resources.warehouse.base import Warehouse
from nba_resources.warehouse.bigquery.warehouse import BigQueryWarehouse
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from .emulator import emulator
from .unreliable import Network, unreliable


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the emulator; every warehouse has its own project."""
    pytest.importorskip("bqemulator", reason="the emulator comes with the [test] extra")
    with emulator(tmp_path_factory.mktemp("bigquery")) as address:
        yield address


@pytest.fixture
def network(endpoint: str) -> Iterator[Network]:
    """A proxy to the emulator that injects faults."""
    with unreliable(endpoint) as proxy:
        yield proxy


ENGINES = ["duckdb", pytest.param("bigquery", marks=pytest.mark.emulator)]


@pytest.fixture(params=ENGINES)
def warehouse(request: pytest.FixtureRequest, tmp_path: Path) -> Warehouse:
    """Each engine in turn."""
    return _empty(request, tmp_path / "home")


@pytest.fixture(params=ENGINES, scope="module")
def shared_warehouse(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Each engine in turn, for all tests of a module: who changes a row puts it back."""
    return _empty(request, tmp_path_factory.mktemp("home"))


def _empty(request: pytest.FixtureRequest, folder: Path) -> Warehouse:
    if request.param == "duckdb":
        return DuckDBWarehouse(path=str(folder / "nba.duckdb"), patience_seconds=60)
    project = f"test-{uuid.uuid4().hex[:12]}"
    return BigQueryWarehouse(project=project, endpoint=request.getfixturevalue("endpoint"), patience_seconds=60)
