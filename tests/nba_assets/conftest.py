import pandas as pd
import pytest

from .analytics.league import League
from .compared import SPANS, computed
from .predictions.brute_force_features import BruteForceFeatures


@pytest.fixture
def league() -> League:
    return League()


@pytest.fixture(scope="session")
def stored(archive_dir: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    """Spans of the archive by table: loaded and computed once for everything that is held against them."""
    return computed(archive_dir, str(tmp_path_factory.mktemp("archive") / "nba.duckdb"))


@pytest.fixture(scope="session")
def archive(archive_dir: str) -> BruteForceFeatures:
    return BruteForceFeatures(archive_dir, SPANS)
