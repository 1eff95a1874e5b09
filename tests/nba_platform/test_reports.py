import base64
import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import dagster as dg
import pytest

from nba_assets.kit.table import Table
from nba_platform.definitions import TABLES
from nba_platform.reports import Drawn, report
from nba_resources.object_store import ObjectStore
from nba_resources.sources.simulated import SimulatedSource
from nba_resources.warehouse.base import Warehouse
from nba_resources.warehouse.duckdb import DuckDBWarehouse

PNG = b"\x89PNG and so on"
TONIGHT = dt.date(2024, 12, 4)


def tonight(warehouse: Warehouse, tables: Mapping[str, Table], today: dt.date) -> Drawn:
    """What is on tonight."""
    return Drawn(PNG, f"{len(tables)} tables on {today}")


def asset() -> dg.AssetsDefinition:
    return report("tonight", tonight, after=[TABLES["schedule"]], tables=TABLES)


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dg.ExecuteInProcessResult:
    monkeypatch.setenv("NBA_TODAY", str(TONIGHT))
    resources = {
        "warehouse": DuckDBWarehouse(path=str(tmp_path / "nba.duckdb")),
        "objects": ObjectStore(root=str(tmp_path / "objects")),
        "source": SimulatedSource(today=TONIGHT),
    }
    return dg.materialize([asset()], resources=resources)


def test_a_report_is_kept_as_files(made: dg.ExecuteInProcessResult, tmp_path: Path):
    assert (tmp_path / "objects" / "reports" / "tonight.png").read_bytes() == PNG
    words = (tmp_path / "objects" / "reports" / "tonight.md").read_text()
    assert words == f"{len(TABLES)} tables on 2024-12-04"


def test_its_picture_is_shown_in_the_ui_without_a_file_to_fetch(made: dg.ExecuteInProcessResult):
    (event,) = made.get_asset_materialization_events()
    metadata = event.materialization.metadata
    assert metadata["picture"].value == f"![tonight](data:image/png;base64,{base64.b64encode(PNG).decode()})"
    assert metadata["report"].value.endswith("tables on 2024-12-04")


def test_a_report_is_described_by_what_draws_it_and_waits_for_its_tables():
    (spec,) = asset().specs
    assert (spec.key, spec.group_name) == (dg.AssetKey(["reports", "tonight"]), "reports")
    assert spec.description == "What is on tonight."
    assert [dep.asset_key for dep in spec.deps] == [dg.AssetKey(["nba_raw", "schedule"])]
    assert asset().backfill_policy == dg.BackfillPolicy.single_run()
