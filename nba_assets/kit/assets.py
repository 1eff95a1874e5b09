"""Builds the Dagster asset of a declared table. No other module of the kit runs inside Dagster."""

import datetime as dt
import warnings
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any

import dagster as dg
import dagster_pandas as dgpd
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from nba_assets.kit.as_of import History
from nba_assets.kit.calendar import FIRST_DAY, WINDOW, with_unfiled_days
from nba_assets.kit.computed_tables import computed_load
from nba_assets.kit.partitions import DAILY, MONTHLY
from nba_assets.kit.table import ExpectedRows, Table, Tables, delivered_name, feed_table
from nba_assets.kit.table_context import TableContext
from nba_resources.dates import DateRange
from nba_resources.rejected import RejectedRow
from nba_resources.sources.base import ALWAYS, Delivery, Source
from nba_resources.warehouse.base import Load, Warehouse
from nba_resources.warehouse.contract import Contract
from nba_resources.warehouse.packed_rows import PackedRows
from nba_resources.warehouse.sql.statements import Query

warnings.filterwarnings("ignore", category=dg.BetaWarning)  # backfill policies and partition mappings
_back = partial(dg.TimeWindowPartitionMapping, allow_nonexistent_upstream_partitions=True)
SEASON_BACK = _back(start_offset=-WINDOW)
# for tables known before tip-off that read tables written after the games
SEASON_BEFORE = _back(start_offset=-WINDOW, end_offset=-1)
# the default mapping would include the month itself
PAST_MONTHS = _back(start_offset=-120, end_offset=-1)
_LISTED = 20
UpToDate = Callable[[dg.AssetExecutionContext], Collection[dt.date]]  # of the dates of a run
GamesToKeep = Callable[[dg.AssetExecutionContext, DateRange], Mapping[str, dt.datetime]]  # with their starts


def asset_of(
    table: Table,
    tables: Tables,
    statement: str | None = None,
    engine: str = "duckdb",
    up_to_date: UpToDate = lambda context: (),
    games_to_keep: GamesToKeep = lambda context, dates: {},
) -> dg.AssetsDefinition:
    """Return the asset of a table, of which one run computes any dates; `statement` is its SQL, if compiled already.

    Before a derived table is computed, `up_to_date` returns those dates of the run whose stored rows stay. Before
    forecasts are made, `games_to_keep` returns the games whose stored rows stay if they were made before the start.
    """
    contract, statement = table.contract, statement or table.sql(tables)
    version = table.code_version(tables, statement)
    resources = {"warehouse", "objects"} if table.compute_frame else {"source", "warehouse"} if table.feed else set()

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
        required_resource_keys=resources,
        dagster_type=load_type(contract) if table.compute_frame else None,
        metadata={
            "dagster/table_name": contract.key,
            "dagster/column_schema": column_schema(contract),
            "grain": ", ".join(contract.grain),
            "expected rows": str(table.expected_rows),
            "sql": dg.MetadataValue.md(f"```sql\n{statement}\n```"),
        },
    )
    def materialise(context: dg.AssetExecutionContext) -> Load:
        dates = computed_dates(context) if contract.partition else None
        if table.feed:
            return _load_delivery(table, tables, dates, context)
        kept = frozenset(up_to_date(context)) if dates and not contract.monthly else frozenset()
        behind = [date for date in dates or () if date not in kept]
        if kept and not behind:
            return Load(contract, PackedRows(contract.schema.to_pyarrow()), dates, kept=kept)
        computed = DateRange(behind[0], behind[-1]) if kept else dates
        if table.compute_frame:
            is_forecast = table.expected_rows is ExpectedRows.FORECASTS
            games = games_to_keep(context, computed) if is_forecast and computed else {}
            warehouse: Warehouse = context.resources.warehouse
            create_missing_tables(table, tables, computed or ALWAYS, warehouse)
            in_python = TableContext(contract, version, warehouse, context.resources.objects, context.log.info)
            load = computed_load(table, tables, computed or ALWAYS, kept, games, in_python)
        else:  # dates between two that are behind cost less than a statement for each
            kept = frozenset(date for date in kept if computed and date not in computed)
            (query,) = table.queries(tables, computed or ALWAYS).values()
            stamps = {"code_version": version, "computed_at": dt.datetime.now(dt.UTC)}
            load = Load(contract, replace(query, stamps=stamps), appends=table.appends)
        return replace(load, dates=dates, kept=kept)

    return materialise


def load_type(contract: Contract) -> dg.DagsterType:
    """Return the type of the frame: columns and NULLs are checked before writing, ranges by the warehouse."""
    frame_type = dgpd.create_dagster_pandas_dataframe_type(
        name=f"frame_of_{contract.name}",
        columns=[
            dgpd.PandasColumn.exists(name, non_nullable=not column.null) for name, column in contract.columns.items()
        ],
    )

    def check(context: dg.TypeCheckContext, load: Load) -> Any:
        rows: Any = load.rows
        for batch in chain([rows.schema.empty_table()], rows.reader()):  # one at a time: all would fill the memory
            checked = frame_type.type_check(context, batch.to_pandas(types_mapper=pd.ArrowDtype))
            if not checked.success:
                break
        return checked

    return dg.DagsterType(name=f"load_of_{contract.name}", type_check_fn=check, description=contract.description)


def asset_key(contract: Contract) -> dg.AssetKey:
    """Return the key `dataset/table`."""
    return dg.AssetKey([contract.dataset, contract.name])


def may_read_same_date(table: Table, upstream: Table, how: type) -> bool:
    """Return whether a table may read rows of its own date: not those written after the games, if it comes before."""
    return how is not History or table.contract.post or not upstream.contract.post


def fetch_rows(table: Table, source: Source, dates: DateRange) -> Delivery:
    """Fetch a raw table's dates from a source; news from before the first partition is filed under it."""
    assert table.feed is not None
    return source.fetch(table.feed.name, with_unfiled_days(dates) if table.feed.off_days else dates)


def create_missing_tables(table: Table, tables: Tables, dates: DateRange, warehouse: Warehouse) -> None:
    """Create empty tables that may be read before they are stored: registries of models, and box scores to compare."""
    for upstream in (tables[name] for name in table.reads):
        compared = table.feed and upstream.feed and upstream.contract.post
        optional = compared or (upstream.contract.monthly and not table.contract.monthly)
        if optional and not warehouse.holds(upstream.contract):
            warehouse.append(upstream.contract, dates, upstream.contract.schema.to_pyarrow().empty_table())


def partitions_of(contract: Contract) -> dg.TimeWindowPartitionsDefinition | None:
    """Return the table's partitions: daily, monthly or none."""
    if contract.partition is None:
        return None
    return MONTHLY if contract.monthly else DAILY


def computed_dates(context: dg.AssetExecutionContext) -> DateRange:
    """Return the date or range of dates of a run."""
    keys = context.partition_keys
    return DateRange(dt.date.fromisoformat(keys[0]), dt.date.fromisoformat(keys[-1]))


def column_schema(contract: Contract) -> dg.TableSchema:
    """Return the columns for the UI, with units and ranges."""
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
    """Return the same date for rows of the date, the season so far for history, earlier months for a month's models."""
    above, below = upstream.contract, table.contract
    back = SEASON_BACK if may_read_same_date(table, upstream, how) else SEASON_BEFORE
    looks_back = how is History and above.partition and below.partition
    mapping = PAST_MONTHS if below.monthly else back
    return dg.AssetDep(asset_key(above), partition_mapping=mapping if looks_back else None)


def _load_delivery(table: Table, tables: Tables, dates: DateRange | None, context: dg.AssetExecutionContext) -> Load:
    """Fetch and build a raw table; its repaired, omitted and contradictory rows are logged as warnings, too."""
    assert table.feed is not None
    source: Source = context.resources.source
    fingerprints = fingerprints_of(table, source)  # before the rows, so that a change between the two is noticed
    delivery = fetch_rows(table, source, dates or ALWAYS)
    with context.resources.warehouse.session():
        create_missing_tables(table, tables, dates or ALWAYS, context.resources.warehouse)
        left_out = _left_out(table, tables, dates, delivery.rows, context.resources.warehouse)
    stamps = {"source": source.name, "ingested_at": dt.datetime.now(dt.UTC)}
    rows = replace(table.delivered_query(tables, dates or ALWAYS, delivery.rows), stamps=stamps)
    notes = {**delivery.notes, **left_out}
    if table.disagreements and len(found := table.disagreements(delivery.rows.to_pandas())):
        notes |= {"disagreements": len(found), "disagree": _listed(found)}
    if dates is None and delivery.rejected:
        notes |= {"rows set aside": len(delivery.rejected), "the first because": delivery.rejected[0].reason}
    undated = sum(one.date is None for one in delivery.rejected)
    if dates and undated and FIRST_DAY not in dates:
        command = f"`nba backfill {FIRST_DAY} --select {table.contract.name}` sets them aside"
        notes |= {"rows without a readable date": f"{undated}; {command}"}
    for name, note in notes.items():
        context.log.warning(f"{table.contract.key}, {dates}: {name}: {note}")
    load = Load(table.contract, rows, dates, table.appends, {**notes, **delivery.facts})
    if dates is None:
        return load
    rejected = _filed(delivery.rejected, source.name, dates)
    return replace(load, feed=table.feed.name, rejected=rejected, fingerprints=fingerprints)


def fingerprints_of(table: Table, source: Source) -> dict[dt.date, str] | None:
    """Return a text for each date that changes with the source's facts of it; None if the source cannot be watched."""
    if table.feed is None or table.contract.partition is None or not source.watches_facts:
        return None
    found = source.fingerprints(table.feed.name)
    filed = " ".join(value for day, value in sorted(found.items()) if day <= FIRST_DAY)
    return found | ({FIRST_DAY: filed} if filed else {})


def _filed(rows: Iterable[RejectedRow], source: str, dates: DateRange) -> tuple[RejectedRow, ...]:
    """Return the rejected rows that belong to the dates; one without a readable date belongs to the first partition."""
    filed = (replace(one, date=max(one.date or FIRST_DAY, FIRST_DAY), source=one.source or source) for one in rows)
    return tuple(one for one in filed if one.date and one.date in dates)


def _left_out(
    table: Table, tables: Tables, dates: DateRange | None, delivered: pa.Table, warehouse: Warehouse
) -> dict[str, object]:
    """Count and list rows without a scheduled game."""
    left_out, feed = table.left_out, table.feed
    if left_out is None or feed is None or dates is None:
        return {}

    def unscheduled(dates: DateRange) -> ir.Table:
        schedule = tables["schedule"].contract.table()
        return left_out(feed_table(feed), schedule.filter(schedule.game_date.between(dates.start, dates.end)))

    frames = {delivered_name(feed): delivered}
    found = warehouse.read(Query(f"{table.contract.key}.left out", unscheduled, dates, frames))
    if found.empty:
        return {}
    return {"rows without a scheduled game": int(found["n_rows"].sum()), "without a scheduled game": _listed(found)}


def _listed(found: pd.DataFrame) -> list[str]:
    return [" ".join(row) for row in found.head(_LISTED).astype(str).itertuples(index=False)]
