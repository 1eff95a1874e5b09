"""Store the state of every table on every date as a table.

The states are computed in Python from counts of all other tables, so this table cannot be an expression like them. It
runs after all of them, and its rows are what `nba coverage` would show at that moment.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence

import dagster as dg
import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from nba_assets.kit.assets import asset_key, column_schema, computed_dates
from nba_assets.kit.calendar import State, today
from nba_assets.kit.partitions import DAILY
from nba_assets.kit.source_code import source_of
from nba_assets.kit.table import ExpectedRows, Table, Tables, table
from nba_checks.completeness.coverage import DateState, coverage, is_checked_by_date
from nba_checks.completeness.source_gaps import with_source_gaps
from nba_resources.warehouse.base import Load
from nba_resources.warehouse.contract import day, integer, text

GROUP = "reports"  # shown beside the calendar drawn from it


@table(
    dataset="nba_reference",
    grain=["game_date", "table_name"],
    expected_rows=ExpectedRows.NOT_COUNTED,
    columns={
        "game_date": day("US Eastern date, with games or without"),
        "table_name": text("`dataset.table`"),
        "state": text("The one state of the table on the date", *State),
        "expected_count": integer("Games or rows expected", 0),
        "actual_count": integer("Expected games or rows that are stored", 0),
        "reason": text("Why the table has this state", null=True),
        "command": text(
            "The command that computes the date again, if that can help",
            null=True,
        ),
    },
)
def pipeline_coverage(states: Sequence[DateState]) -> ir.Table:
    """One row per table and date: its state, counted against the schedule, as `nba coverage` shows it."""
    columns = {
        "game_date": [state.date for state in states],
        "table_name": [state.table for state in states],
        "state": [state.state.value for state in states],
        "expected_count": [state.expected for state in states],
        "actual_count": [state.actual for state in states],
        "reason": [state.reason for state in states],
        "command": [state.command for state in states],
    }
    schema = pa.schema([field for field in pipeline_coverage.contract.schema.to_pyarrow() if field.name in columns])
    return ibis.memtable(pa.table(columns, schema=schema))


def coverage_asset(tables: Tables, engine: str = "duckdb") -> dg.AssetsDefinition:
    """Create the asset that stores the states of all tables on the dates of its run, after they were computed."""
    contract, checked = pipeline_coverage.contract, [table for table in tables.values() if is_checked_by_date(table)]
    version = _code_version(checked)

    @dg.asset(
        key=asset_key(contract),
        deps=[asset_key(table.contract) for table in checked],
        partitions_def=DAILY,
        backfill_policy=dg.BackfillPolicy.single_run(),
        group_name=GROUP,
        kinds={engine},
        description=contract.description,
        code_version=version,
        io_manager_key="tables",
        required_resource_keys={"warehouse", "source"},
        metadata={
            "dagster/table_name": contract.key,
            "dagster/column_schema": column_schema(contract),
            "grain": ", ".join(contract.grain),
            "expected rows": str(pipeline_coverage.expected_rows),
        },
    )
    def compute(context: dg.AssetExecutionContext) -> Load:
        dates, resources = computed_dates(context), context.resources
        with resources.warehouse.session():
            states = coverage(resources.warehouse, tables, dates, today(resources.source), of=checked)
            states = with_source_gaps(states, context.instance, resources.warehouse, tables)
        stamp = ibis.literal(pd.Timestamp.now("UTC"), type="timestamp('UTC')")
        rows = pipeline_coverage(states).mutate(code_version=ibis.literal(version), computed_at=stamp)
        counts = Counter((state.date, state.state) for state in states)  # by date, for Dagster's plots
        facts = {state.date: {name.value: counts[state.date, name] for name in State} for state in states}
        return Load(contract, rows, dates, facts=facts)

    return compute


def _code_version(checked: Sequence[Table]) -> str:
    """Return a hash of the code that computes the states, and of the rows expected of each table."""
    rules = [
        (table.contract.key, table.contract.grain, str(table.expected_rows), str(table.scope)) for table in checked
    ]
    code = [source_of(function) for function in (coverage, with_source_gaps)]
    parts = (repr(pipeline_coverage.contract.without_prose()), repr(rules), *code)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
