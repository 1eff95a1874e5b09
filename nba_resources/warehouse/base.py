"""The verbs every warehouse speaks, whichever engine does the work."""

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field

import ibis.expr.types as ir
import pandas as pd

from nba_resources.dates import DateRange
from nba_resources.errors import UserError
from nba_resources.warehouse.contract import Contract

RUN: ContextVar[str] = ContextVar("run", default="")  # the run that writes: some engines label their work with it


class WarehouseBusy(UserError, RuntimeError):
    """Another program kept the warehouse locked for longer than we wait."""


class WarehouseUnavailable(UserError, RuntimeError):
    """The warehouse cannot be opened, read or written: says which file or table, and what to do."""


@dataclass(frozen=True)
class Load:
    """Rows on their way into a table: everything a write needs, still unevaluated.

    `notes` are about the whole load, `facts` about single dates of it. What was made in Python brings its `frame` too.
    """

    contract: Contract
    rows: ir.Table
    dates: DateRange | None = None
    appends: bool = False
    notes: Mapping[str, object] = field(default_factory=dict)
    facts: Mapping[dt.date, Mapping[str, int | float | str]] = field(default_factory=dict)
    frame: pd.DataFrame | None = None


class Warehouse(ABC):
    """Keeps tables. A write happens whole or not at all; what breaks the contract leaves the old rows."""

    @abstractmethod
    def replace(self, contract: Contract, dates: DateRange | None, rows: ir.Table) -> dict[dt.date, int]:
        """Put the rows in place of what the table held for the dates (None: for all); rows stored by date."""

    @abstractmethod
    def append(self, contract: Contract, dates: DateRange, rows: ir.Table) -> dict[dt.date, int]:
        """Add the rows whose key is not yet stored: snapshots are a record, never rewritten; rows held by date."""

    @abstractmethod
    def update(self, contract: Contract, keys: Mapping[str, object], values: Mapping[str, object]) -> int:
        """Change some columns of the rows with these keys, within the contract; how many rows that were."""

    @abstractmethod
    def read(self, rows: ir.Table) -> pd.DataFrame:
        """Evaluate an expression over stored tables."""

    @abstractmethod
    def stored_keys(self, contracts: Iterable[Contract]) -> set[str]:
        """The keys of those tables that have ever been written."""

    def holds(self, contract: Contract) -> bool:
        """Whether the table has ever been written."""
        return contract.key in self.stored_keys([contract])

    def cost(self) -> Mapping[str, int]:
        """What the last write cost, where that is counted."""
        return {}
