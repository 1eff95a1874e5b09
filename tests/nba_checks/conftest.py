import shutil
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from ..nba_platform.rows import store
from ..shared import warehouse_at
from .evening import SOUND, Evening


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse of a sound evening."""
    path = tmp_path_factory.mktemp("sound") / "nba.duckdb"
    store(warehouse_at(path), **SOUND)
    return path


@pytest.fixture
def evening(sound: Path, tmp_path: Path) -> Iterator[Evening]:
    """A sound evening that nobody has judged yet."""
    path = shutil.copy(sound, tmp_path / "nba.duckdb")
    with dg.DagsterInstance.ephemeral() as instance:
        yield Evening(warehouse_at(path), instance)
