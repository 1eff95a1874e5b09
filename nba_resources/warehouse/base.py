"""The interface of every warehouse."""

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import pandas as pd

from nba_resources.dates import DateRange
from nba_resources.rejected import RejectedRow
from nba_resources.warehouse.changes import Written
from nba_resources.warehouse.contract import Contract
from nba_resources.warehouse.errors import WarehouseBusy as WarehouseBusy
from nba_resources.warehouse.errors import WarehouseUnavailable as WarehouseUnavailable
from nba_resources.warehouse.sql.statements import Rows

NOWHERE: Mapping[str, str] = MappingProxyType({})
RUN: ContextVar[str] = ContextVar("run", default="")  # id of the run that writes; BigQuery jobs carry it as a label


@dataclass(frozen=True)
class Load:
    """Rows to be written to a table, not yet evaluated; there are none of the dates that are `kept`.

    `notes` describe the whole load, `facts` single dates of it. `rejected` are delivered rows that could not be read,
    `fingerprints` what the source had of each date, if known.
    """

    contract: Contract
    rows: Rows
    dates: DateRange | None = None
    appends: bool = False
    notes: Mapping[str, object] = field(default_factory=dict)
    facts: Mapping[dt.date, Mapping[str, int | float | str]] = field(default_factory=dict)
    feed: str = ""
    rejected: tuple[RejectedRow, ...] = ()
    fingerprints: Mapping[dt.date, str] | None = None
    kept: frozenset[dt.date] = frozenset()

    def release(self) -> None:
        """Let go of the rows, once they are written: Dagster holds what a step returned until its run ends."""
        object.__setattr__(self, "rows", self.contract.table())


@dataclass
class Rejected:
    """Collects the units that a write leaves out: single rows, all rows of a game, or dates with the reason.

    `units` are the keys of those units: their stored rows stay.
    """

    rows: list[RejectedRow] = field(default_factory=list)
    dates: dict[dt.date, str] = field(default_factory=dict)
    units: set[tuple[Any, ...]] = field(default_factory=set)


class Warehouse(ABC):
    """Stores tables. A write is one transaction.

    Rows that break the contract refuse the write. With `rejected` they are left out with their unit instead, the stored
    rows of the unit stay, and everything else is stored. `templates` is the folder of SQL templates, if any.
    """

    templates: str

    @abstractmethod
    def replace(
        self,
        contract: Contract,
        dates: DateRange | None,
        rows: Rows,
        rejected: Rejected | None = None,
        where: Mapping[str, str] = NOWHERE,
    ) -> Written:
        """Replace the rows of the dates (None: of the whole table); return what is stored of each date with rows.

        `where` limits the replaced rows to those with these values.
        """

    @abstractmethod
    def append(self, contract: Contract, dates: DateRange, rows: Rows, rejected: Rejected | None = None) -> Written:
        """Add the rows whose key is not stored yet; return what is stored of each date with rows.

        Stored rows keep their values, but for the refreshed columns of the contract.
        """

    @abstractmethod
    def update(self, contract: Contract, keys: Mapping[str, object], values: Mapping[str, object]) -> int:
        """Set `values` in the rows with these keys, within the contract; return how many rows changed."""

    @abstractmethod
    def read(self, rows: Rows) -> pd.DataFrame:
        """Evaluate an expression or a query over stored tables."""

    @abstractmethod
    def results(self, statements: Sequence[str]) -> list[list[tuple[Any, ...]]]:
        """Return the rows of each SELECT; both engines understand it, such as `SELECT 1 FROM dataset.table`."""

    @abstractmethod
    def stored(self, keys: Iterable[str]) -> set[str]:
        """Return those keys (`dataset.table`) whose table exists."""

    def stored_keys(self, contracts: Iterable[Contract]) -> set[str]:
        """Return the keys of those tables that exist."""
        return self.stored(contract.key for contract in contracts)

    @contextmanager
    def session(self) -> Iterator[None]:
        """Let the reads and writes inside share a connection, in engines that hold one; sessions may be nested."""
        yield

    @contextmanager
    def kept(self, is_small: bool = False) -> Iterator[None]:
        """Keep what sessions open from one step of a run to the next, in engines that open something.

        `is_small`: the run has few rows, so that an engine in this process need not share its work among threads.
        """
        yield

    def holds(self, contract: Contract) -> bool:
        """Return whether the table exists."""
        return contract.key in self.stored_keys([contract])

    def cost(self) -> Mapping[str, int]:
        """Return the cost of the last write, for engines that count it."""
        return {}
