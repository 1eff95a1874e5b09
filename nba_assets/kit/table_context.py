"""Support for tables computed in Python: the context their functions receive, and the rows of their frames."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from nba_resources.dates import DateRange
from nba_resources.objects.store import ObjectStore
from nba_resources.warehouse.base import Warehouse
from nba_resources.warehouse.contract import Contract
from nba_resources.warehouse.sql.statements import Query


@dataclass(frozen=True)
class TableContext:
    """All that a computed table may use besides its frames: its own stored rows, its files, and a log for progress."""

    contract: Contract
    code_version: str
    warehouse: Warehouse
    objects: ObjectStore
    log: Callable[[str], None]

    def stored(self, dates: DateRange) -> pd.DataFrame:
        """Read the table's own rows of some dates, as they were before this run."""
        if not self.warehouse.holds(self.contract):
            return pd.DataFrame(columns=list(self.contract.columns))

        def rows(dates: DateRange) -> ir.Table:
            stored = self.contract.table()
            return stored.filter(stored[self.contract.partition or ""].between(dates.start, dates.end))

        return self.warehouse.read(Query(f"{self.contract.key}.stored", rows, dates))

    def update(self, keys: Mapping[str, object], values: Mapping[str, object]) -> int:
        """Change stored rows of the table."""
        return self.warehouse.update(self.contract, keys, values)


@dataclass(frozen=True)
class ComputedFrame:
    """Rows of a table, and facts to show beside single dates."""

    rows: pd.DataFrame
    facts: Mapping[dt.date, Mapping[str, int | float | str]] = field(default_factory=dict)


# all rows at once, or in parts of which each is written down before the next is made
Computed = ComputedFrame | Iterator[ComputedFrame]
ComputeFrame = Callable[[Mapping[str, pd.DataFrame], DateRange, TableContext], Computed]


def parts_of(computed: Computed) -> Iterable[ComputedFrame]:
    """Return what was computed part by part."""
    return [computed] if isinstance(computed, ComputedFrame) else computed


def arrow_rows(contract: Contract, rows: pd.DataFrame) -> pa.Table:
    """Convert the frame to the contract's types; name a column that is missing or does not fit."""
    if missing := [name for name in contract.columns if name not in rows.columns]:
        raise ValueError(f"{contract.key}: the computed frame lacks {missing}")
    schema = contract.schema.to_pyarrow()
    return pa.table({name: pa.Array.from_pandas(rows[name], type=schema.field(name).type) for name in contract.columns})
