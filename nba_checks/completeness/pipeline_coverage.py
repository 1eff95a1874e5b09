"""What became of every table on every date, as a table.

Judging is Python over counts and sits above the tables, so this one cannot be an expression like the others; it is
kept like them. It runs after all of them, and its rows are exactly what `nba coverage` would say at that moment.
"""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

import dagster as dg
import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from nba_assets.kit.assets import asset_key, column_schema, computed_dates
from nba_assets.kit.calendar import DAILY, State, today
from nba_assets.kit.source_code import source_of
from nba_assets.kit.table import Owed, Table, table
from nba_checks.completeness.coverage import DateState, coverage, is_checked_by_date
from nba_resources.warehouse.base import Load
from nba_resources.warehouse.contract import day, integer, text

GROUP = "reports"  # shown beside the calendar that is drawn of it


@table(
    dataset="nba_reference",
    grain=["game_date", "table_name"],
    owed=Owed.NOTHING,
    columns={
        "game_date": day("US Eastern date, with games or without"),
        "table_name": text("`dataset.table`"),
        "state": text("The one state of the table on the date", *State),
        "expected_count": integer("Games or rows owed", 0),
        "actual_count": integer("Those of them that are stored", 0),
        "reason": text("Why it is called so", null=True),
        "command": text("What mends the date, if it wants work", null=True),
    },
)
def pipeline_coverage(states: Sequence[DateState]) -> ir.Table:
    """What became of every table on every date, counted against the schedule; `nba coverage` says the same."""
    made = {
        "game_date": [state.date for state in states],
        "table_name": [state.table for state in states],
        "state": [state.state.value for state in states],
        "expected_count": [state.expected for state in states],
        "actual_count": [state.actual for state in states],
        "reason": [state.reason for state in states],
        "command": [state.command for state in states],
    }
    schema = pa.schema([field for field in pipeline_coverage.contract.schema.to_pyarrow() if field.name in made])
    return ibis.memtable(pa.table(made, schema=schema))


def coverage_asset(tables: Mapping[str, Table], engine: str = "duckdb") -> dg.AssetsDefinition:
    """The asset that judges all tables on the dates of its run, after they were made."""
    contract, judged = pipeline_coverage.contract, [table for table in tables.values() if is_checked_by_date(table)]
    version = _code_version(judged)

    @dg.asset(
        key=asset_key(contract),
        deps=[asset_key(table.contract) for table in judged],
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
            "owes": str(pipeline_coverage.owed),
        },
    )
    def judge(context: dg.AssetExecutionContext) -> Load:
        dates, resources = computed_dates(context), context.resources
        states = coverage(resources.warehouse, tables, dates, today(resources.source), of=judged)
        stamp = ibis.literal(pd.Timestamp.now("UTC"), type="timestamp('UTC')")
        rows = pipeline_coverage(states).mutate(code_version=ibis.literal(version), computed_at=stamp)
        return Load(contract, rows, dates, facts=_states_by_date(states))

    return judge


def _states_by_date(states: Sequence[DateState]) -> dict[dt.date, dict[str, int]]:
    """How many tables are in each state: numbers that the orchestrator plots over the dates."""
    counts: dict[dt.date, Counter[str]] = {}
    for state in states:
        counts.setdefault(state.date, Counter()).update([state.state.value])
    return {date: {state.value: found[state.value] for state in State} for date, found in counts.items()}


def _code_version(judged: Sequence[Table]) -> str:
    """Return a hash of the code that judges, and of the rows expected of each table."""
    owed = [(table.contract.key, table.contract.grain, str(table.owed), str(table.scope)) for table in judged]
    parts = (repr(pipeline_coverage.contract.without_prose()), repr(owed), source_of(coverage))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
