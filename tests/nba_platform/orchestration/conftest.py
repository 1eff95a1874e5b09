from pathlib import Path

import pytest

from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DuckDBWarehouse:
    """An empty warehouse, with today by the clock."""
    monkeypatch.delenv("NBA_TODAY", raising=False)
    return DuckDBWarehouse(path=str(tmp_path / "nba.duckdb"))
