"""BigQuery only: partitions, clusters, labels, and its statements, checked by Google's analyser."""

import datetime as dt
import json
import uuid
from dataclasses import replace

import ibis
import pytest

import nba_assets
from nba_assets.kit.table import declared_tables
from nba_resources.dates import DateRange
from nba_resources.warehouse import contract_checks as checks
from nba_resources.warehouse.base import RUN, WarehouseUnavailable
from nba_resources.warehouse.bigquery import sql as sql
from nba_resources.warehouse.bigquery.warehouse import BigQueryWarehouse
from nba_resources.warehouse.contract import Contract

from .scores import ALL_THREE, SCORES, rows, score
from .unreliable import Network, moves_rows

pytest.importorskip("zetasql", reason="the GoogleSQL analyser comes with the [test] extra")
from .googlesql import GoogleSQL

TABLES = declared_tables(nba_assets)
WIDEST = max(TABLES, key=lambda name: len(TABLES[name].contract.columns))
DAY = DateRange(dt.date(2025, 1, 14), dt.date(2025, 1, 14))
TEMPORARY = {  # tables that a script makes for itself
    "rows_before": ibis.schema({"day": "date", "row_key": "int64", "content": "int64"}),
    "profile_before": ibis.schema({"day": "date"} | {f"p_{n}": "float64" for n in range(400)}),
}


@pytest.fixture(scope="module")
def analyser() -> GoogleSQL:
    stored = {table.contract.key: table.contract.schema for table in TABLES.values()}
    staged = {f"{sql.STAGING}.{key.replace('.', '_')}": schema for key, schema in stored.items()}
    return GoogleSQL(stored | staged | TEMPORARY)


def with_one_column_of_each_kind(contract: Contract) -> Contract:
    """Leave out columns that statements treat like another, as the analyser takes as long for each."""
    rules = (name for rule in contract.not_later for name in (rule.fact, rule.limit, *rule.where))
    keys = (*contract.grain, *contract.moves, *contract.unit_columns, contract.partition, contract.known_at)
    named = {*keys, *contract.refreshed, *rules}
    kinds = {
        (column.dtype, column.low is None, column.high is None, column.values == ()): name
        for name, column in contract.columns.items()
    }
    kept = {name: column for name, column in contract.columns.items() if name in named | {*kinds.values()}}
    return replace(contract, columns=kept)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_statement_about_a_table_is_valid_googlesql(analyser: GoogleSQL, name: str):
    contract = TABLES[name].contract
    if name != WIDEST:
        contract = with_one_column_of_each_kind(contract)
    dates, staged = DAY if contract.partition else None, contract.key.replace(".", "_")
    select = str(ibis.to_sql(contract.table(), dialect="bigquery"))
    scripts = [sql.replace(contract, staged, dates)]
    if contract.unit_columns:
        scripts.append(sql.replace(contract, staged, DAY, staged))
    if TABLES[name].appends:
        scripts.append(sql.append(contract, staged, DAY))
    statements = [statement for script in scripts for statement in script.split(";\n") if statement.strip()]
    statements += [sql.stage(contract, "fresh", select), sql.stored_elsewhere(contract, staged, dates)]
    if contract.unit_columns:
        rows = ibis.table(contract.schema, name=staged, database=sql.STAGING)
        statements.append(str(ibis.to_sql(checks.sound(contract, checks.judged(contract, rows)), dialect="bigquery")))
    for statement in statements:
        analyser.refuse_invalid(statement.removesuffix(";"))


@pytest.fixture
def warehouse(network: Network) -> BigQueryWarehouse:
    return BigQueryWarehouse(project=f"own-{uuid.uuid4().hex[:12]}", endpoint=network.address, patience_seconds=30)


@pytest.mark.parametrize("monthly", [False, True])
def test_a_table_is_partitioned_clustered_and_described(warehouse: BigQueryWarehouse, monthly: bool):
    contract = replace(SCORES, monthly=monthly, description="A game's score", grain=("game_id", "game_date", "side"))
    warehouse.replace(contract, ALL_THREE, rows())
    with warehouse.client() as client:
        table = client.get_table(f"{warehouse.project}.{SCORES.key}")
        staged = [*client.list_tables(f"{warehouse.project}.{sql.STAGING}")]
    assert (table.time_partitioning.type_, table.time_partitioning.field) == (
        "MONTH" if monthly else "DAY",
        "game_date",
    )
    assert table.clustering_fields == ["game_id", "side"]
    assert table.description == "A game's score"
    assert {field.name: field.description for field in table.schema}["pts"] == "0 to 200"
    assert staged == []


def test_jobs_are_labelled_with_table_dates_and_run_and_have_a_cost_limit(
    warehouse: BigQueryWarehouse, network: Network
):
    capped, before = warehouse.model_copy(update={"max_bytes_billed": 10**9}), RUN.set("RUN-42")
    capped.replace(SCORES, ALL_THREE, rows(score("a")))
    RUN.reset(before)
    jobs = [json.loads(request.body)["configuration"] for request in network.seen if moves_rows(request)]
    labels = {"table": "nba_raw-scores", "run": "run-42", "start": "2025-01-12", "end": "2025-01-14"}
    assert [job["labels"] for job in jobs] == [labels]
    assert [job["query"]["maximumBytesBilled"] for job in jobs] == ["1000000000"]
    assert set(capped.cost()) == {"bytes foreseen", "bytes billed", "slot milliseconds"}


def test_the_rows_of_a_sql_table_are_not_uploaded(warehouse: BigQueryWarehouse, network: Network):
    warehouse.replace(SCORES, ALL_THREE, rows(score("a")))
    network.seen.clear()
    copy = replace(SCORES, name="copies")
    warehouse.replace(copy, ALL_THREE, SCORES.table())
    assert not [request for request in network.seen if request.path.startswith("/upload/")]


def test_without_credentials_the_error_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch, tmp_path: object):
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", f"{tmp_path}/none.json")
    with pytest.raises(WarehouseUnavailable, match="gcloud auth application-default login"):
        BigQueryWarehouse(project="nobody").holds(SCORES)
