from pathlib import Path

import pytest

from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from ...shared import warehouse_at


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DuckDBWarehouse:
    """An empty warehouse, with today by the clock."""
    monkeypatch.delenv("NBA_TODAY", raising=False)
    return warehouse_at(tmp_path / "nba.duckdb")
