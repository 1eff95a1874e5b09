"""Between the orchestrator and the warehouse: stores what a table function returned and reports rows date by date."""

import datetime as dt

import dagster as dg
import ibis.expr.types as ir

from nba_resources.warehouse.base import RUN, Load, Warehouse

ROWS = "dagster/partition_row_count"


class WarehouseIOManager(dg.IOManager):
    """Writes a `Load`; counts come from the stored table, so an empty write cannot look like a full one."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    def handle_output(self, context: dg.OutputContext, obj: Load) -> None:
        """One write for the whole range, one metadata entry for each date of it."""
        RUN.set(context.run_id)
        if obj.appends and obj.dates:
            counted = self._warehouse.append(obj.contract, obj.dates, obj.rows)
        else:
            counted = self._warehouse.replace(obj.contract, obj.dates, obj.rows)
        stored = {day.isoformat(): rows for day, rows in counted.items()}
        told = {"load": obj.notes, "cost": self._warehouse.cost()}
        notes = {
            f"{what} {obj.dates or 'whole'}": dg.MetadataValue.json(dict(said)) for what, said in told.items() if said
        }
        if obj.dates is None:
            context.add_output_metadata({"dagster/row_count": self._count(obj), **notes})
            return
        for key in context.asset_partition_keys:
            facts = obj.facts.get(dt.date.fromisoformat(key), {})
            metadata = {ROWS: stored.get(key, 0), **facts, **notes}
            context.step_context.add_asset_metadata(metadata, asset_key=context.asset_key, partition_key=key)

    def load_input(self, context: dg.InputContext) -> ir.Table:
        """Tables are read by name inside expressions; an asset that wants rows asks the warehouse resource."""
        raise dg.DagsterInvariantViolationError(
            f"{context.asset_key.to_user_string()} is not handed over as a value: declare it as a dependency and read "
            f"it with the `warehouse` resource"
        )

    def _count(self, load: Load) -> int:
        return int(self._warehouse.read(load.contract.table().count().as_table()).iat[0, 0])
