"""Rendered statements are those compiled for the dates themselves, and a second process compiles nothing."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import ibis
import pytest

from nba_assets.kit.assets import asset_of
from nba_assets.kit.export import Edition
from nba_assets.kit.stored_query import QUERIES
from nba_assets.kit.table import COMPILED_FOR
from nba_checks.completeness.coverage import coverage
from nba_checks.quality.rejected_rows import rejections
from nba_platform.cli.views import player_search  # noqa: F401 - declares a query
from nba_platform.dagster_compat.output_partitions import leave_out
from nba_platform.definitions import DECLARED, EXPORTS, TABLES
from nba_platform.orchestration.compiled_sql_cache import compiled_sql
from nba_resources.dates import DateRange
from nba_resources.sources.simulated import SimulatedSource
from nba_resources.warehouse import contract_checks as checks
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse
from nba_resources.warehouse.io_manager import WarehouseIOManager
from nba_resources.warehouse.sql.statements import Query, compile_sql
from nba_resources.warehouse.sql.templates import TemplateFolder

from ..shared import TEMPLATES

LEAP_DAY_TO_NEXT_SEASON = DateRange(dt.date(2024, 2, 29), dt.date(2024, 7, 1))
FIRST_PARTITION = DateRange(dt.date(2021, 10, 19), dt.date(2021, 10, 19))
TOKEN = re.compile(r"@{[^}]+}")  # a date of a template
LOADED = ("seasons", "schedule", "team_boxscores")
TEXTS = {  # the variants of queries that need texts
    "rows_by_game": ["player_boxscores", "prediction_accuracy", "schedule"],
    "row_count": ["ml_model_registry"],
    "_rows_by_day": ["player_props"],
    "_set_aside": ["player_props", "shots"],
    "_games_without_rows": ["player_game_summary"],
    "_rejected_rows": ["player_boxscores"],
    "_nights": ["ml_feature_store_v2"],
    "_newest": ["ml_feature_store_v2"],
    "rows_of": ["prediction_evidence"],
    "raw_rows": ["injury_reports", "changed"],
    "_sums_by_month": ["1", "12"],
    "graded_rows": ["player_rebounds", "at_line"],
}


EDITION = Edition(COMPILED_FOR, COMPILED_FOR.end, dt.datetime(2024, 12, 31, tzinfo=dt.UTC), {})


def queries() -> Iterator[tuple[str, Query]]:
    for name, table in DECLARED.items():
        for part, query in table.queries(DECLARED, COMPILED_FOR).items():
            yield f"{name} {part}".strip(), query
    for name, build in QUERIES.items():
        texts = TEXTS.get(name.rpartition(".")[2], [])
        yield name, Query(name, lambda dates, build=build, texts=texts: build(TABLES, dates, *texts))
    for export in EXPORTS.values():
        keys = {TABLES[name].contract.key for name in export.reads}
        yield from ((query.name, query) for query in export.queries(TABLES, keys, EDITION).values())
    for table in TABLES.values():
        yield from rules_of(table.contract)


def rules_of(contract: Any) -> Iterator[tuple[str, Query]]:
    """Yield the queries of a write that keeps the contract."""
    asked: list[Any] = []

    def run_query(query: Any) -> list[tuple[int, ...]]:
        asked.append(query)
        return [] if "repeated" in query.name else [(0,) * len(contract.rule_texts(COMPILED_FOR))]

    schema = ibis.schema(contract.staged_types(contract.schema))
    assert checks.check_rows(contract, schema, COMPILED_FOR if contract.partition else None, run_query)
    yield from ((query.name, query) for query in asked)


ALL = dict(queries())
OF_TABLES = {name: query for name, query in ALL.items() if name.split()[0] in DECLARED}


@pytest.mark.parametrize("name", [name for name in ALL if name not in OF_TABLES])
def test_a_rendered_statement_is_the_one_compiled_for_the_dates(name: str):
    assert_rendered_as_compiled(ALL[name], LEAP_DAY_TO_NEXT_SEASON)


def test_a_rendered_statement_of_a_table_is_the_one_compiled_for_the_dates():
    """Functions of tables see no dates, and all inputs are restricted by the same rules: each set of rules once."""
    found = shortest_of_each_rules(OF_TABLES.values())
    assert len(found) > 8
    for query in found:
        assert_rendered_as_compiled(query, LEAP_DAY_TO_NEXT_SEASON)


def test_a_statement_rendered_for_the_first_date_of_all_is_the_one_compiled_for_it():
    """A range of one date: rules that differ in longer ones give the same date."""
    for query in shortest_of_each_rules(query for name, query in ALL.items() if name not in OF_TABLES):
        assert_rendered_as_compiled(query, FIRST_PARTITION)


def shortest_of_each_rules(queries: Iterable[Query]) -> list[Query]:
    """Return the shortest query of each set of rules for dates."""
    by_length = sorted(queries, key=lambda query: -len(query.template("duckdb", TEMPLATES).sql))
    return [*{frozenset(dates_of(query, "duckdb")): query for query in by_length}.values()]


def assert_rendered_as_compiled(query: Query, dates: DateRange) -> None:
    rendered = query.template("duckdb", TEMPLATES).render(dates)
    assert without_space(rendered) == without_space(compile_sql(query.build(dates), "duckdb")), dates


def dates_of(query: Query, dialect: str) -> set[str]:
    return {*TOKEN.findall(query.template(dialect, TEMPLATES).sql)}


@pytest.mark.parametrize("name", ALL)
def test_both_dialects_render_the_same_dates(name: str):
    """They are the same literals in both, though one may repeat an expression that the other names once."""
    assert dates_of(ALL[name], "bigquery") == dates_of(ALL[name], "duckdb")


def without_space(sql: str) -> str:
    """Lines are broken by their length, and 2777-11-17 is longer than 2023-1-1."""
    return "".join(sql.split())


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_names_all_frames_it_returns(name: str):
    assert [*EXPORTS[name].queries(TABLES, (), EDITION)] == [*EXPORTS[name].frames]


def test_names_of_queries_are_their_own():
    names = [query.name for query in ALL.values()]
    assert len({*names}) == len(names) == len(ALL)


def test_code_versions_come_from_the_templates(tmp_path: Path):
    """Reading a template must not make stored dates stale."""
    some = {name: DECLARED[name] for name in ("seasons", "schedule", "team_defense_game_summary")}
    templates = TemplateFolder(tmp_path / "compiled" / "hash")
    for _ in ("compiled", "read"):
        rendered = {name: one.sql(DECLARED, templates=templates) for name, one in some.items()}
        assert rendered == {name: one.sql(DECLARED) for name, one in some.items()}


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    compiled: list[Any] = []
    to_sql = ibis.to_sql
    monkeypatch.setattr(ibis, "to_sql", lambda rows, **options: compiled.append(rows) or to_sql(rows, **options))
    return compiled


def a_run(home: Path, date: str) -> None:
    """Load a date and count it, as a new process would: nothing is kept but the folder of templates."""
    home.mkdir(exist_ok=True)
    warehouse = DuckDBWarehouse(path=str(home / "nba.duckdb"), templates=str(home / "compiled" / "hash"))
    source, dates = SimulatedSource(today=dt.date(2024, 12, 8)), DateRange(*[dt.date.fromisoformat(date)] * 2)
    tables = {name: DECLARED[name] for name in LOADED}
    compiled = compiled_sql(tables, TemplateFolder(home / "compiled" / "hash"))
    resources: Mapping[str, Any] = {
        "warehouse": warehouse,
        "source": source,
        "tables": WarehouseIOManager(warehouse, leave_out),
    }
    for name in LOADED:
        asset = asset_of(DECLARED[name], DECLARED, compiled[name])
        key = date if DECLARED[name].contract.partition else None
        assert dg.materialize([asset], resources=resources, partition_key=key).success
    states = coverage(warehouse, DECLARED, dates, dates.end, of=[DECLARED["schedule"], DECLARED["team_boxscores"]])
    assert [state.state.value for state in states] == ["complete", "complete"]
    assert rejections(warehouse, DECLARED, dates, ["schedule"]) == {}


def test_a_second_process_compiles_nothing(tmp_path: Path, compilations: list[Any]):
    a_run(tmp_path / "home", "2024-12-03")
    assert len(compilations) > len(LOADED)
    compilations.clear()
    a_run(tmp_path / "home", "2024-12-04")
    assert compilations == []
