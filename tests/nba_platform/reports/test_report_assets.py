import base64
import datetime as dt
import io
import re
from collections.abc import Mapping
from pathlib import Path

import dagster as dg
import pytest
from PIL import Image

from nba_assets.kit.table import Table
from nba_platform.definitions import TABLES
from nba_platform.reports.report_assets import Report, fit_dialog, report_asset
from nba_resources.objects.store import ObjectStore
from nba_resources.sources.simulated import SimulatedSource
from nba_resources.warehouse.base import Warehouse

from ...shared import warehouse_at

TONIGHT = dt.date(2024, 12, 4)


def picture(width: int, height: int) -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (width, height), "navy").save(kept, "png")
    return kept.getvalue()


PNG = picture(1600, 900)


def tonight(warehouse: Warehouse, tables: Mapping[str, Table], today: dt.date) -> Report:
    """What is on tonight."""
    return Report(PNG, f"{len(tables)} tables on {today}")


def asset() -> dg.AssetsDefinition:
    return report_asset("tonight", tonight, after=[TABLES["schedule"]], tables=TABLES)


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dg.ExecuteInProcessResult:
    monkeypatch.setenv("NBA_TODAY", str(TONIGHT))
    resources = {
        "warehouse": warehouse_at(tmp_path / "nba.duckdb"),
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
    shown = re.fullmatch(r"!\[tonight\]\(data:image/png;base64,(.*)\)", metadata["picture"].value)
    assert shown
    assert base64.b64decode(shown[1]) == fit_dialog(PNG)
    assert metadata["report"].value.endswith("tables on 2024-12-04")


def test_a_report_is_described_by_what_draws_it_and_waits_for_its_tables():
    (spec,) = asset().specs
    assert (spec.key, spec.group_name) == (dg.AssetKey(["reports", "tonight"]), "reports")
    assert spec.description == "What is on tonight."
    assert [dep.asset_key for dep in spec.deps] == [dg.AssetKey(["nba_raw", "schedule"])]
    assert asset().backfill_policy == dg.BackfillPolicy.single_run()


@pytest.mark.parametrize(
    ("drawn", "shown"), [((1600, 900), (1100, 619)), ((400, 1600), (200, 800)), ((800, 500), (800, 500))]
)
def test_a_picture_fits_into_the_dialog_that_shows_it(drawn: tuple[int, int], shown: tuple[int, int]):
    """The calendar's last months and its counts lay outside of the dialog, which is four fifths of a page wide."""
    with Image.open(io.BytesIO(fit_dialog(picture(*drawn)))) as small:
        assert small.size == shown
