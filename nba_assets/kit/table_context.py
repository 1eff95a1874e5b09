"""What a table made in Python works with.

Most tables are expressions and never leave the engine. Models cannot be: their tables gather rows in the engine, hand
them over as frames, and are finished by a plain function. Besides these frames the function may touch what is on its
bench, and nothing else.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import dagster as dg
import dagster_pandas as dgpd
import pandas as pd
import pyarrow as pa

from nba_resources.dates import DateRange
from nba_resources.objects.store import ObjectStore
from nba_resources.warehouse.base import Load, Warehouse
from nba_resources.warehouse.contract import Column, Contract


@dataclass(frozen=True)
class Bench:
    """The table's own stored rows, the files it keeps, and a voice for progress."""

    contract: Contract
    code_version: str
    warehouse: Warehouse
    objects: ObjectStore
    say: Callable[[str], None]

    def stored(self, dates: DateRange) -> pd.DataFrame:
        """The table's own rows of some dates, as they are before this run."""
        if not self.warehouse.holds(self.contract):
            return pd.DataFrame(columns=list(self.contract.columns))
        rows = self.contract.table()
        return self.warehouse.read(rows.filter(rows[self.contract.partition or ""].between(dates.start, dates.end)))

    def update(self, keys: Mapping[str, object], values: Mapping[str, object]) -> int:
        """Change stored rows of the table."""
        return self.warehouse.update(self.contract, keys, values)


@dataclass(frozen=True)
class Made:
    """Finished rows, and what is worth knowing of single dates beside them."""

    rows: pd.DataFrame
    facts: Mapping[dt.date, Mapping[str, int | float | str]] = field(default_factory=dict)


Finish = Callable[[Mapping[str, pd.DataFrame], DateRange, Bench], Made]


def arrow_rows(contract: Contract, rows: pd.DataFrame) -> pa.Table:
    """The frame in the contract's types; a column that lacks or does not fit is refused by name."""
    if missing := [name for name in contract.columns if name not in rows.columns]:
        raise ValueError(f"{contract.key}: the finished frame lacks {missing}")
    schema = contract.schema.to_pyarrow()
    return pa.table({name: pa.Array.from_pandas(rows[name], type=schema.field(name).type) for name in contract.columns})


def load_type(contract: Contract) -> dg.DagsterType:
    """The type of the table's frame, made from its contract: the orchestrator checks it before anything is written."""
    frame_type = dgpd.create_dagster_pandas_dataframe_type(
        name=f"frame_of_{contract.name}",
        columns=[_pandas_column(name, column) for name, column in contract.columns.items()],
    )

    def check(context: dg.TypeCheckContext, load: Load) -> Any:
        return frame_type.type_check(context, load.frame)

    return dg.DagsterType(name=f"load_of_{contract.name}", type_check_fn=check, description=contract.description)


def _pandas_column(name: str, column: Column) -> dgpd.PandasColumn:
    """Presence and NULLs; ranges and values are the contract's own to judge, inside the engine."""
    return dgpd.PandasColumn.exists(name, non_nullable=not column.null)
