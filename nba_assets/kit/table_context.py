"""Support for tables computed in Python: the context their functions receive, and the rows of their frames."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from nba_resources.dates import DateRange
from nba_resources.objects.store import ObjectStore
from nba_resources.warehouse.base import Warehouse
from nba_resources.warehouse.contract import Contract
from nba_resources.warehouse.statements import Query


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
    """The rows of a table, and facts to show beside single dates."""

    rows: pd.DataFrame
    facts: Mapping[dt.date, Mapping[str, int | float | str]] = field(default_factory=dict)


ComputeFrame = Callable[[Mapping[str, pd.DataFrame], DateRange, TableContext], ComputedFrame]


def compact(contract: Contract, rows: pd.DataFrame, repeated: Collection[str]) -> pd.DataFrame:
    """Return the frame with Arrow arrays for texts and lists; equal texts of the columns `repeated` are held once.

    A frame over five seasons takes half the memory of one of Python objects, and is written without a copy. Do not sort
    by a repeated column: pandas sorts it by the places of the texts.
    """
    schema = contract.schema.to_pyarrow()
    arrays = {}
    for name in (name for name in contract.columns if name in rows and rows[name].dtype.kind == "O"):
        values = pa.Array.from_pandas(rows[name], type=schema.field(name).type)
        arrays[name] = values.dictionary_encode() if name in repeated else values
    return rows.assign(**pa.table(arrays).to_pandas(types_mapper=pd.ArrowDtype).set_axis(rows.index))


def arrow_rows(contract: Contract, rows: pd.DataFrame) -> pa.Table:
    """Convert the frame to the contract's types; name a column that is missing or does not fit."""
    if missing := [name for name in contract.columns if name not in rows.columns]:
        raise ValueError(f"{contract.key}: the computed frame lacks {missing}")
    schema = contract.schema.to_pyarrow()
    return pa.table({name: _array(rows[name], schema.field(name).type) for name in contract.columns})


def _array(values: pd.Series, kind: pa.DataType) -> Any:
    """Return the values as an array of the type; texts that are held once stay so, as engines read them as texts."""
    held_once = isinstance(values.dtype, pd.ArrowDtype) and pa.types.is_dictionary(values.dtype.pyarrow_dtype)
    return pa.Array.from_pandas(values) if held_once else pa.Array.from_pandas(values, type=kind)
