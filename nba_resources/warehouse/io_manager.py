"""The I/O manager: writes what a table function returned to the warehouse and reports the rows of each date."""

import datetime as dt

import dagster as dg
import ibis.expr.types as ir

from nba_resources.warehouse.base import RUN, Load, Warehouse

ROWS = "dagster/partition_row_count"


class WarehouseIOManager(dg.IOManager):
    """Writes a `Load`; row counts come from the stored table, so an empty write cannot look like a full one."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    def handle_output(self, context: dg.OutputContext, obj: Load) -> None:
        """Write the whole range at once, then add metadata for each of its dates."""
        RUN.set(context.run_id)
        if obj.appends and obj.dates:
            counts = self._warehouse.append(obj.contract, obj.dates, obj.rows)
        else:
            counts = self._warehouse.replace(obj.contract, obj.dates, obj.rows)
        notes = {
            f"{kind} {obj.dates or 'whole'}": dg.MetadataValue.json(dict(values))
            for kind, values in (("load", obj.notes), ("cost", self._warehouse.cost()))
            if values
        }
        if obj.dates is None:
            stored = self._warehouse.read(obj.contract.table().count().as_table())
            context.add_output_metadata({"dagster/row_count": int(stored.iat[0, 0]), **notes})
            return
        for key in context.asset_partition_keys:
            day = dt.date.fromisoformat(key)
            metadata = {ROWS: counts.get(day, 0), **obj.facts.get(day, {}), **notes}
            context.step_context.add_asset_metadata(metadata, asset_key=context.asset_key, partition_key=key)

    def load_input(self, context: dg.InputContext) -> ir.Table:
        """Refuse to load: expressions read tables by name, and an asset that needs rows uses the warehouse."""
        raise dg.DagsterInvariantViolationError(
            f"{context.asset_key.to_user_string()} cannot be loaded as an input: declare it as a dependency and read "
            f"it with the `warehouse` resource"
        )
