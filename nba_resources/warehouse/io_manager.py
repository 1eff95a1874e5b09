"""The I/O manager: writes what a table function returned to the warehouse and reports the rows of each date."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import dagster as dg
import ibis.expr.types as ir

from nba_resources.memory import give_back
from nba_resources.rejected import OTHER_ROW, RejectedRow
from nba_resources.warehouse.base import RUN, Load, Rejected, Warehouse
from nba_resources.warehouse.changes import StoredDate
from nba_resources.warehouse.contract import ContractBroken
from nba_resources.warehouse.metadata import ADDED, CHANGED, FINGERPRINT, REMOVED, ROWS, ROWS_OF_WHOLE, SHIFTS
from nba_resources.warehouse.rejected_rows import store_rejected
from nba_resources.warehouse.source_fingerprints import store_fingerprints

_SHOWN = 3
LeaveOut = Callable[[dg.OutputContext, Mapping[str, str]], None]


class WarehouseIOManager(dg.IOManager):
    """Writes a `Load`; row counts come from the stored table, so an empty write cannot look like a full one.

    A date whose rows break the contract is not stored and not reported as stored. `leave_out` takes such partitions out
    of the output, with their reasons.
    """

    def __init__(self, warehouse: Warehouse, leave_out: LeaveOut) -> None:
        self._warehouse, self._leave_out = warehouse, leave_out

    def handle_output(self, context: dg.OutputContext, obj: Load) -> None:
        """Write the whole range at once, then add metadata for each of its dates."""
        RUN.set(context.run_id)
        with self._warehouse.session():
            self._write(context, obj)
            obj.release()
        if obj.dates and obj.dates.start < obj.dates.end:
            give_back()

    def _write(self, context: dg.OutputContext, obj: Load) -> None:
        rejected = Rejected([*obj.rejected], units={(one.unit,) for one in obj.rejected if one.unit})
        rejected.units |= {(date,) for date in obj.kept}
        if obj.appends and obj.dates:
            written = self._warehouse.append(obj.contract, obj.dates, obj.rows, rejected)
        else:
            written = self._warehouse.replace(obj.contract, obj.dates, obj.rows, rejected)
        notes = {
            f"{kind} {obj.dates or 'whole'}": dg.MetadataValue.json(dict(values))
            for kind, values in (("load", obj.notes), ("cost", self._warehouse.cost()))
            if values
        }
        if obj.dates is None:
            whole = written.get(None, StoredDate())
            context.add_output_metadata({ROWS_OF_WHOLE: whole.rows, **_what_changed(whole), **notes})
            return
        if obj.feed:
            store_rejected(self._warehouse, obj.feed, obj.dates, rejected.rows)
        if obj.feed and obj.fingerprints is not None:
            store_fingerprints(self._warehouse, obj.feed, obj.dates, obj.fingerprints)
        if rejected.rows:
            context.log.warning(_sentence(obj, rejected.rows))
        self._report_refused(context, obj, rejected)
        set_aside = Counter(one.date for one in rejected.rows)
        for key in context.asset_partition_keys:
            day = dt.date.fromisoformat(key)
            stored = written.get(day, StoredDate())
            metadata = {ROWS: stored.rows, **_what_changed(stored), **obj.facts.get(day, {}), **notes}
            metadata |= {"rows set aside": set_aside[day]} if set_aside[day] else {}
            context.step_context.add_asset_metadata(metadata, asset_key=context.asset_key, partition_key=key)

    def load_input(self, context: dg.InputContext) -> ir.Table:
        """Refuse to load: expressions read tables by name, and an asset that needs rows uses the warehouse."""
        raise dg.DagsterInvariantViolationError(
            f"{context.asset_key.to_user_string()} cannot be loaded as an input: declare it as a dependency and read "
            f"it with the `warehouse` resource"
        )

    def _report_refused(self, context: dg.OutputContext, load: Load, rejected: Rejected) -> None:
        """Leave refused dates out of the output; fail if no other date is left."""
        refused = {date.isoformat(): reason for date, reason in sorted(rejected.dates.items())}
        if refused.keys() >= {*context.asset_partition_keys}:
            days = "; ".join(f"{date}: {reason}" for date, reason in refused.items())
            raise ContractBroken(f"{load.contract.key}: nothing stored. Found {days}")
        if refused:
            self._leave_out(context, refused)


def _what_changed(stored: StoredDate) -> dict[str, Any]:
    """Return the fingerprint, and what differs from the rows before as far as anything does."""
    counts = {ADDED: stored.added, REMOVED: stored.removed, CHANGED: stored.changed}
    shifts = {SHIFTS: dg.MetadataValue.json([asdict(shift) for shift in stored.shifts])} if stored.shifts else {}
    return {FINGERPRINT: stored.fingerprint, **{name: n for name, n in counts.items() if n}, **shifts}


def _sentence(load: Load, rows: list[RejectedRow]) -> str:
    """Return how many rows are set aside and why, by example."""
    reasons = Counter(one.reason for one in rows if not one.reason.startswith(OTHER_ROW))
    shown = "; ".join(reason for reason, _ in reasons.most_common(_SHOWN))
    more = f"; and {len(reasons) - _SHOWN} more reasons" if len(reasons) > _SHOWN else ""
    count = f"{len(rows):,} row{'s' if len(rows) > 1 else ''} set aside in nba_raw.rejected_rows"
    return f"{load.contract.key}, {load.dates}: {count}: {shown}{more}"
