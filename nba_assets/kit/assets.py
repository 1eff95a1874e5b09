"""From a declared table to a Dagster asset: the only module in which tables meet the orchestrator."""

import datetime as dt
import warnings
from collections.abc import Mapping

import dagster as dg
import ibis
import ibis.expr.types as ir
import pandas as pd

from nba_assets.kit.as_of import History
from nba_assets.kit.calendar import DAILY, MONTHLY, WINDOW, with_unfiled_days
from nba_assets.kit.table import Table
from nba_assets.kit.table_context import Bench, arrow_rows, load_type
from nba_resources.dates import DateRange
from nba_resources.sources.base import ALWAYS, Delivery, Source
from nba_resources.warehouse.base import Load, Warehouse
from nba_resources.warehouse.contract import Contract

warnings.filterwarnings("ignore", category=dg.BetaWarning)  # backfill policies and mappings: beta, measured to hold
SEASON_BACK = dg.TimeWindowPartitionMapping(start_offset=-WINDOW, allow_nonexistent_upstream_partitions=True)
# what exists only after the games, for what is made before them
SEASON_BEFORE = dg.TimeWindowPartitionMapping(
    start_offset=-WINDOW, end_offset=-1, allow_nonexistent_upstream_partitions=True
)
# never the month itself, which the default mapping would give
PAST_MONTHS = dg.TimeWindowPartitionMapping(
    start_offset=-120, end_offset=-1, allow_nonexistent_upstream_partitions=True
)
_LISTED = 20


def asset_of(
    table: Table,
    tables: Mapping[str, Table],
    statement: str | None = None,
    engine: str = "duckdb",
) -> dg.AssetsDefinition:
    """The asset that materialises a table, for one date or any range of them, in one run and one statement.

    `statement` spares compiling the table's SQL where it is known already.
    """
    contract, statement = table.contract, statement or table.sql(tables)
    version = table.code_version(tables, statement)

    @dg.asset(
        key=asset_key(contract),
        deps=[_dependency(tables[name], table, how) for name, how in table.reads.items()],
        partitions_def=partitions_of(contract),
        backfill_policy=dg.BackfillPolicy.single_run(),
        group_name=table.layer,
        kinds={engine},
        description=contract.description,
        code_version=version,
        io_manager_key="tables",
        required_resource_keys=_resources_of(table),
        dagster_type=load_type(contract) if table.finish else None,
        metadata={
            "dagster/table_name": contract.key,
            "dagster/column_schema": column_schema(contract),
            "grain": ", ".join(contract.grain),
            "owes": str(table.owed),
            "sql": dg.MetadataValue.md(f"```sql\n{statement}\n```"),
        },
    )
    def materialise(context: dg.AssetExecutionContext) -> Load:
        dates = computed_dates(context) if contract.partition else None
        if table.finish:
            return _finished(table, tables, dates or ALWAYS, context, version)
        if table.feed:
            return _fetched(table, tables, dates, context)
        rows = table.build(tables, dates or ALWAYS).mutate(code_version=ibis.literal(version), computed_at=_now())
        return Load(contract, rows, dates, table.appends)

    return materialise


def asset_key(contract: Contract) -> dg.AssetKey:
    """`dataset/table`."""
    return dg.AssetKey([contract.dataset, contract.name])


def on_the_date(table: Table, upstream: Table, how: type) -> bool:
    """Whether a table may read the rows of its own date: never what exists only after the games, if it comes before."""
    return how is not History or table.contract.post or not upstream.contract.post


def delivered(table: Table, source: Source, dates: DateRange) -> Delivery:
    """What a source says of the dates of a raw table; news from before the first partition is filed under it."""
    assert table.feed is not None
    return source.fetch(table.feed.name, with_unfiled_days(dates) if table.feed.off_days else dates)


def with_registries(table: Table, tables: Mapping[str, Table], dates: DateRange, warehouse: Warehouse) -> None:
    """Where no model was ever made there is an empty registry: who reads it says so, instead of failing."""
    for registry in (tables[name].contract for name in table.reads if tables[name].contract.monthly):
        if not table.contract.monthly and not warehouse.holds(registry):
            warehouse.append(registry, dates, ibis.memtable([], schema=registry.schema))


def partitions_of(contract: Contract) -> dg.TimeWindowPartitionsDefinition | None:
    """The family of partitions a table is stored in."""
    if contract.partition is None:
        return None
    return MONTHLY if contract.monthly else DAILY


def computed_dates(context: dg.AssetExecutionContext) -> DateRange:
    """The dates a run was asked for, whether one or a range."""
    keys = context.partition_keys
    return DateRange(dt.date.fromisoformat(keys[0]), dt.date.fromisoformat(keys[-1]))


def column_schema(contract: Contract) -> dg.TableSchema:
    """The columns as the UI shows them, units and ranges included."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name,
                str(column.dtype(nullable=True)),
                description=column.explained,
                constraints=dg.TableColumnConstraints(nullable=column.null),
            )
            for name, column in contract.columns.items()
        ]
    )


def _dependency(upstream: Table, table: Table, how: type) -> dg.AssetDep:
    """Same date for rows of the date; the season so far for history, and for a month's models the months before."""
    above, below = upstream.contract, table.contract
    back = SEASON_BACK if on_the_date(table, upstream, how) else SEASON_BEFORE
    looks_back = how is History and above.partition and below.partition
    mapping = PAST_MONTHS if below.monthly else back
    return dg.AssetDep(asset_key(above), partition_mapping=mapping if looks_back else None)


def _resources_of(table: Table) -> set[str]:
    if table.finish:
        return {"warehouse", "objects"}
    return {"source", "warehouse"} if table.feed else set()


def _fetched(
    table: Table, tables: Mapping[str, Table], dates: DateRange | None, context: dg.AssetExecutionContext
) -> Load:
    """What a source published. What was mended, left out or contradictory is told beside it and in the log; who
    delivered it is no reason to worry, and is told beside it only.
    """
    source: Source = context.resources.source
    delivery = delivered(table, source, dates or ALWAYS)
    published = ibis.memtable(delivery.rows)
    rows = table.build(tables, dates or ALWAYS, published).mutate(ingested_at=_now())
    if "source" not in rows.columns:
        rows = rows.mutate(source=ibis.literal(source.name))
    notes = {**delivery.notes, **_left_out(table, tables, dates, published, context.resources.warehouse)}
    notes |= _disagreements(table, published)
    for what, found in notes.items():
        context.log.warning(f"{table.contract.key}, {dates}: {what}: {found}")
    return Load(table.contract, rows, dates, table.appends, {**notes, **delivery.facts})


def _left_out(
    table: Table, tables: Mapping[str, Table], dates: DateRange | None, published: ir.Table, warehouse: Warehouse
) -> dict[str, object]:
    """Rows that belong to no scheduled game are counted and listed, never dropped in silence."""
    if table.left_out is None or dates is None:
        return {}
    schedule = tables["schedule"].contract.table()
    slate = schedule.filter(schedule.game_date.between(dates.start, dates.end))
    found = warehouse.read(table.left_out(published, slate))
    if found.empty:
        return {}
    return {"rows without a scheduled game": int(found["n_rows"].sum()), "without a scheduled game": _listed(found)}


def _disagreements(table: Table, published: ir.Table) -> dict[str, object]:
    """Where a table must choose between what was published, whoever reads the run is told. Nothing stored is asked."""
    if table.disagreements is None:
        return {}
    found = ibis.duckdb.connect().to_pandas(table.disagreements(published))
    return {} if found.empty else {"disagreements": len(found), "disagree": _listed(found)}


def _listed(found: pd.DataFrame) -> list[str]:
    return [" ".join(row) for row in found.head(_LISTED).astype(str).itertuples(index=False)]


def _finished(
    table: Table, tables: Mapping[str, Table], dates: DateRange, context: dg.AssetExecutionContext, version: str
) -> Load:
    """Rows gathered in the engine, finished in Python: one read for each, whatever the range."""
    warehouse: Warehouse = context.resources.warehouse
    with_registries(table, tables, dates, warehouse)
    bench = Bench(table.contract, version, warehouse, context.resources.objects, context.log.info)
    gathered = {name: warehouse.read(rows) for name, rows in table.gathers(tables, dates).items()}
    assert table.finish is not None
    made = table.finish(gathered, dates, bench)
    frame = made.rows.assign(code_version=version, computed_at=pd.Timestamp.now("UTC"))
    rows = ibis.memtable(arrow_rows(table.contract, frame), schema=table.contract.schema)
    return Load(table.contract, rows, dates, table.appends, facts=made.facts, frame=frame)


def _now() -> ir.TimestampScalar:
    return ibis.literal(dt.datetime.now(dt.UTC), type="timestamp('UTC')")
