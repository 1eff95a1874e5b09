"""The asset of `pipeline_coverage`, which runs after all other tables and their checks.

As the checks have results by then, it also decides whether the newest date may be published: commands read that.
"""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Sequence

import dagster as dg
import ibis

from nba_assets.kit.assets import asset_key, column_schema, computed_dates
from nba_assets.kit.calendar import State, today
from nba_assets.kit.partitions import DAILY
from nba_assets.kit.source_code import source_of
from nba_assets.kit.table import Table, Tables
from nba_checks.completeness.coverage import coverage, is_checked_by_date
from nba_checks.completeness.pipeline_coverage import pipeline_coverage, state_rows
from nba_checks.completeness.source_gaps import with_source_gaps
from nba_checks.publish import PREDICTIONS, permission
from nba_resources.warehouse.base import Load
from nba_resources.warehouse.sql.statements import Query

FOUND = "states"  # the states in memory
GROUP = "reports"  # shown beside the calendar drawn from it


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
        now = today(resources.source)
        with resources.warehouse.session():
            states = coverage(resources.warehouse, tables, dates, now, of=checked)
            states = with_source_gaps(states, context.instance, resources.warehouse, tables)
            if (newest := min(dates.end, now)) in dates and PREDICTIONS in tables:
                permission(context.instance, resources.warehouse, tables, newest, now)
        found = state_rows(states)
        schema = ibis.Schema.from_pyarrow(found.schema)
        stamps = {"code_version": version, "computed_at": dt.datetime.now(dt.UTC)}
        rows = Query(f"{contract.key}.states", lambda _: ibis.table(schema, name=FOUND), dates, {FOUND: found}, stamps)
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
