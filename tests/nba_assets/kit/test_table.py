import datetime as dt
import inspect
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import dagster as dg
import ibis
import ibis.expr.types as ir
import pytest

import nba_assets
from nba_assets.kit import as_of as as_of_module
from nba_assets.kit.as_of import History, Leak, as_of
from nba_assets.kit.assets import asset_of
from nba_assets.kit.ledger import RANGE_END, RANGE_START
from nba_assets.kit.table import Owed, Table, declared_tables, feed_table, table
from nba_resources.dates import DateRange
from nba_resources.sources.feeds import FEEDS
from nba_resources.warehouse.contract import day, integer, number, text
from nba_resources.warehouse.duckdb import DuckDBWarehouse
from nba_resources.warehouse.io_manager import WarehouseIOManager

ROOT = Path(nba_assets.__file__).parents[1]
JANUARY = DateRange(dt.date(2025, 1, 1), dt.date(2025, 1, 31))


def declared(**changes: Any) -> Callable[[Callable[..., ir.Table]], Table]:
    columns = {"game_date": day(), "team": text(), "season": text(), "pts": integer("", 0, 200, post=True)}
    return table(**{"dataset": "nba_test", "grain": ["game_date", "team"], "columns": columns} | changes)


@declared()
def games() -> ir.Table:
    """What happened."""
    return ibis.table({"game_date": "date", "team": "string", "season": "string", "pts": "int64"}, name="elsewhere")


@declared(post=True)
def boxes(games: ir.Table) -> ir.Table:
    """Rows that exist only after the games."""
    return games


@declared(partition=None, grain=["team"])
def teams(games: ir.Table) -> ir.Table:
    """Has no dates."""
    return games


@declared(feed="schedule")
def calls(published: ir.Table, teams: ir.Table, boxes: History, dates: DateRange) -> ir.Table:
    """Reads in every way there is."""
    assert isinstance(boxes, History)
    return published.mutate(until=dates.end).cross_join(teams.select(club="team"))


TINY: Mapping[str, Table] = {"games": games, "boxes": boxes, "teams": teams, "calls": calls}


def sees(how: type, upstream: str, **changes: Any) -> Any:
    """What a table receives that reads another one in some way."""
    received = []

    def reader(**given: Any) -> ir.Table:
        received.append(given[upstream])
        return games()

    parameter = inspect.Parameter(upstream, inspect.Parameter.KEYWORD_ONLY, annotation=how)
    vars(reader)["__signature__"] = inspect.Signature([parameter])
    declared(**changes)(reader).build(TINY, JANUARY)
    return received[0]


def test_annotations_say_how_a_table_is_read():
    assert calls.reads == {"teams": ir.Table, "boxes": History}
    assert calls.build(TINY, JANUARY).columns == (*FEEDS["schedule"].fields, "until", "club")


def test_rows_of_the_date_are_those_of_the_computed_dates_without_what_happens_in_them():
    rows = sees(ir.Table, "games")
    assert "pts" not in rows.columns
    assert "BETWEEN MAKE_DATE(2025, 1, 1) AND MAKE_DATE(2025, 1, 31)" in str(ibis.to_sql(rows, dialect="duckdb"))


def test_a_table_made_after_the_games_sees_their_results():
    assert "pts" in sees(ir.Table, "games", post=True).columns
    assert "pts" in sees(ir.Table, "boxes", post=True).columns


def test_a_table_known_before_tipoff_cannot_read_box_scores_of_its_date():
    with pytest.raises(Leak, match=r"nba_test\.reader must be known before tip-off but reads rows of nba_test\.boxes"):
        sees(ir.Table, "boxes")
    assert isinstance(sees(History, "boxes"), History)


def test_a_table_without_dates_is_read_whole_and_has_no_history():
    assert sees(ir.Table, "teams").equals(teams.contract.table())
    with pytest.raises(Leak, match=r"nba_test\.teams has no event date"):
        sees(History, "teams")


def test_a_table_without_dates_reads_all_dates_of_others():
    assert sees(ir.Table, "games", partition=None, grain=["team"]).equals(games.contract.table())


def test_every_row_says_what_made_it_or_who_published_it():
    assert list(games.contract.columns)[-2:] == ["code_version", "computed_at"]
    assert list(calls.contract.columns)[-2:] == ["source", "ingested_at"]


def test_the_docstring_is_the_description():
    assert games.contract.description == "What happened."
    assert games.contract.key == "nba_test.games"
    assert games.owed is Owed.FINAL_GAMES


def test_a_table_is_its_function():
    assert games().equals(games.function())


@pytest.mark.parametrize("feed", FEEDS.values(), ids=list(FEEDS))
def test_what_a_source_will_deliver_is_typed_before_anything_is_fetched(feed: Any):
    assert feed_table(feed).columns == tuple(feed.fields)


def looking_back(days: int = 7) -> Table:
    @declared(columns={"game_date": day(), "team": text(), "pts": number("Mean of the last days")})
    def form(games: History) -> ir.Table:
        """How it went."""
        slate = games.on()
        recent = as_of(games, slate, ["team"], days=days)
        return recent.group_by("game_date", "team").aggregate(pts=recent.pts.mean())

    return form


def test_the_code_version_is_the_same_for_the_same_declaration():
    assert looking_back().code_version(TINY) == looking_back().code_version(TINY)


def test_the_code_version_changes_with_the_statement():
    assert looking_back(7).code_version(TINY) != looking_back(8).code_version(TINY)


@pytest.mark.parametrize(
    "change", [{"grain": ("game_date",)}, {"description": "Other words."}, {"post": True}], ids=str
)
def test_the_code_version_changes_with_the_contract(change: dict[str, Any]):
    form = looking_back()
    assert replace(form, contract=replace(form.contract, **change)).code_version(TINY) != form.code_version(TINY)


def test_the_code_version_changes_with_the_range_of_a_column():
    form = looking_back()
    narrower = {**form.contract.columns, "pts": number("Mean of the last days", 0, 200)}
    assert replace(form, contract=replace(form.contract, columns=narrower)).code_version(TINY) != form.code_version(
        TINY
    )


def test_a_fix_of_as_of_marks_every_table_that_looks_back_as_stale(monkeypatch: pytest.MonkeyPatch):
    @declared()
    def season_form(games: History) -> ir.Table:
        return as_of(games, games.on(), ["team"])

    before = season_form.code_version(TINY), boxes.code_version(TINY)
    monkeypatch.setattr(as_of_module, "season_floor", lambda date: dt.date(2000, 1, 1))
    after = season_form.code_version(TINY), boxes.code_version(TINY)
    assert before[0] != after[0]
    assert before[1] == after[1]


def test_what_a_table_owes_is_no_reason_to_compute_it_again():
    form = looking_back()
    assert replace(form, owed=Owed.UNIVERSE).code_version(TINY) == form.code_version(TINY)


VERSIONS = """
import nba_assets
from nba_assets.kit.table import declared_tables
tables = declared_tables(nba_assets)
for name in sorted(tables):
    print(name, tables[name].code_version(tables))
"""


def test_code_versions_are_the_same_in_every_process():
    """An order taken from a set would mark everything stale at each start."""
    told = [
        subprocess.run(
            [sys.executable, "-c", VERSIONS],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert told[0] == told[1]
    assert told[0].count("\n") == len(declared_tables(nba_assets))


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
    assert declared_tables(written)["nights"].layer == "layer"


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
    tenth, eleventh, twelfth = (dt.date(2025, 1, n) for n in (10, 11, 12))
    games = [a_game("g1", tenth, "BOS", "NYK"), a_game("g2", twelfth, "NYK", "BOS", status="scheduled")]
    store(warehouse, tables["schedule"], *games)
    allowed = tables["team_defense_game_summary"]
    relaxed = {name: replace(column, null=True) for name, column in allowed.contract.columns.items()}
    told = {"game_id": "g1", "game_date": tenth, "season": "2024-25"}
    store(
        warehouse,
        replace(allowed, contract=replace(allowed.contract, columns=relaxed)),
        told | {"defending_team_abbr": "BOS", "points_allowed": 101},
        told | {"defending_team_abbr": "NYK", "points_allowed": 117},
    )

    made, instance = asset_of(tables["recent_points_allowed"], tables), dg.DagsterInstance.ephemeral()
    asked = {RANGE_START: "2025-01-10", RANGE_END: "2025-01-12"}
    resources = {"tables": WarehouseIOManager(warehouse)}
    assert dg.materialize([made], resources=resources, instance=instance, tags=asked).success

    stored = warehouse.read(tables["recent_points_allowed"].contract.table())
    known = {(row.game_date.date(), row.team_abbr): row.points_allowed for row in stored.itertuples()}
    assert known == {(twelfth, "BOS"): 101.0, (twelfth, "NYK"): 117.0}
    records = instance.fetch_materializations(made.key, limit=10).records
    counted = {
        record.partition_key: record.asset_materialization.metadata["dagster/partition_row_count"].value
        for record in records
        if record.asset_materialization
    }
    assert counted == {"2025-01-10": 0, eleventh.isoformat(): 0, "2025-01-12": 2}
