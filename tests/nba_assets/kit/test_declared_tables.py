"""Adding a table is writing its module: how modules are found, and the guide that says so."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import dagster as dg
import ibis
import pytest

import nba_assets
from nba_assets.kit.assets import asset_of
from nba_assets.kit.table import Table, declared_tables
from nba_platform.dagster_compat.output_partitions import leave_out
from nba_platform.orchestration.automation.tick_state import RANGE_END, RANGE_START
from nba_resources.dates import DateRange
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse
from nba_resources.warehouse.io_manager import WarehouseIOManager

ROOT = Path(nba_assets.__file__).parents[1]
JANUARY = DateRange(dt.date(2025, 1, 1), dt.date(2025, 1, 31))


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., ModuleType]:
    """A package of tables written for one test, under a name no other test uses."""

    def write(**modules: str) -> ModuleType:
        name = f"tables_{abs(hash(tmp_path)):x}"
        layer = tmp_path / name / "layer"
        layer.mkdir(parents=True)
        for folder in (layer, layer.parent):
            (folder / "__init__.py").touch()
        for module, source in modules.items():
            (layer / f"{module}.py").write_text(source, encoding="utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))
        return __import__(name)

    return write


DECLARATION = """
import ibis.expr.types as ir
from nba_assets.kit.table import table
from nba_resources.warehouse.contract import day

@table(dataset="nba_test", grain=["game_date"], columns={"game_date": day()})
def NAME(schedule: ir.Table) -> ir.Table:
    return schedule.select("game_date").distinct()
"""


def test_writing_the_module_is_all_it_takes_to_add_a_table(package: Callable[..., ModuleType]):
    written = package(one=DECLARATION.replace("NAME", "nights"), two=DECLARATION.replace("NAME", "dates"))
    assert set(declared_tables(written)) == {"nights", "dates"}
    assert declared_tables(written)["nights"].layer == "test"


def test_a_name_stands_for_one_table(package: Callable[..., ModuleType]):
    """The second declaration would have silently taken the place of the first."""
    written = package(one=DECLARATION.replace("NAME", "nights"), two=DECLARATION.replace("NAME", "nights"))
    with pytest.raises(ValueError, match="two tables are called nights"):
        declared_tables(written)


def test_the_project_declares_each_table_once_in_a_module_of_its_name():
    for name, found in declared_tables(nba_assets).items():
        assert found.contract.name == name
        assert found.function.__module__.endswith(f".{name}")


def documented_table() -> str:
    guide = (ROOT / "docs" / "adding-a-table.md").read_text(encoding="utf-8")
    return guide.split("```python\n")[1].split("```")[0]


def a_game(game_id: str, on: dt.date, home: str, away: str, **changes: Any) -> dict[str, Any]:
    return {
        "game_id": game_id,
        "game_date": on,
        "home_team": home,
        "away_team": away,
        "home_team_id": 1,
        "away_team_id": 2,
        "season": "2024-25",
        "season_year": 2024,
        "season_type": "regular",
        "status": "final",
        "game_code": game_id,
        "source": "test",
        "ingested_at": dt.datetime(2025, 1, 1, tzinfo=dt.UTC),
    } | changes


def store(warehouse: DuckDBWarehouse, stored: Table, *rows: dict[str, Any]) -> None:
    blank = dict.fromkeys(stored.contract.columns)
    anything = ibis.schema({name: column.dtype(nullable=True) for name, column in stored.contract.columns.items()})
    warehouse.replace(stored.contract, JANUARY, ibis.memtable([blank | row for row in rows], schema=anything))


def test_the_documented_table_has_under_twenty_lines_and_works(tmp_path: Path, package: Callable[..., ModuleType]):
    source = documented_table()
    assert sum(bool(line.strip()) for line in source.splitlines()) < 20
    tables = declared_tables(nba_assets) | declared_tables(package(recent_points_allowed=source))
    warehouse = DuckDBWarehouse(path=str(tmp_path / "nba.duckdb"))
    tenth, twelfth = dt.date(2025, 1, 10), dt.date(2025, 1, 12)
    games = [a_game("g1", tenth, "BOS", "NYK"), a_game("g2", twelfth, "NYK", "BOS", status="scheduled")]
    store(warehouse, tables["schedule"], *games)
    allowed = tables["team_defense_game_summary"]
    relaxed = {name: replace(column, null=True) for name, column in allowed.contract.columns.items()}
    game = {"game_id": "g1", "game_date": tenth, "season": "2024-25"}
    store(
        warehouse,
        replace(allowed, contract=replace(allowed.contract, columns=relaxed)),
        game | {"defending_team_abbr": "BOS", "points_allowed": 101},
        game | {"defending_team_abbr": "NYK", "points_allowed": 117},
    )

    made, instance = asset_of(tables["recent_points_allowed"], tables), dg.DagsterInstance.ephemeral()
    tags = {RANGE_START: "2025-01-10", RANGE_END: "2025-01-12"}
    resources = {"tables": WarehouseIOManager(warehouse, leave_out)}
    assert dg.materialize([made], resources=resources, instance=instance, tags=tags).success

    stored = warehouse.read(tables["recent_points_allowed"].contract.table())
    known = {(row.game_date.date(), row.team_abbr): row.points_allowed for row in stored.itertuples()}
    assert known == {(twelfth, "BOS"): 101.0, (twelfth, "NYK"): 117.0}
    records = instance.fetch_materializations(made.key, limit=10).records
    counted = {
        record.partition_key: record.asset_materialization.metadata["dagster/partition_row_count"].value
        for record in records
        if record.asset_materialization
    }
    assert counted == {"2025-01-10": 0, "2025-01-11": 0, "2025-01-12": 2}
