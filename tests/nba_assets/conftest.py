import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from ..autumn import AUTUMN, compute, shared_autumn
from ..shared import filled_once
from .analytics.league import League
from .compared import SPANS, computed
from .predictions.brute_force_features import BruteForceFeatures


@pytest.fixture
def league() -> League:
    return League()


@pytest.fixture(scope="session")
def stored(archive_dir: str) -> dict[str, pd.DataFrame]:
    """Spans of the archive by table: loaded and computed once for everything that is held against them."""
    return computed(archive_dir)


@pytest.fixture(scope="session")
def archive(archive_dir: str) -> BruteForceFeatures:
    return BruteForceFeatures(archive_dir, SPANS)


@pytest.fixture(scope="session")
def autumn() -> DuckDBWarehouse:
    """The autumn as a backfill leaves it: its games are played and known when the tables are computed."""
    return shared_autumn()


@pytest.fixture(scope="session")
def autumn_with_statuses(autumn: DuckDBWarehouse) -> DuckDBWarehouse:
    """The same with the statuses of each edition, which forecasts do not read."""

    def fill(folder: Path) -> None:
        own = replace(autumn, path=str(shutil.copy(autumn.path, folder / "nba.duckdb")))
        compute(own, ("game_editions", "player_statuses"), AUTUMN)

    return replace(autumn, path=str(filled_once("statuses", fill) / "nba.duckdb"))


@pytest.fixture
def own_autumn(autumn: DuckDBWarehouse, tmp_path: Path) -> DuckDBWarehouse:
    """A copy that a test may change; its templates are shared, and so is the code."""
    return replace(autumn, path=str(shutil.copy(autumn.path, tmp_path / "nba.duckdb")))
