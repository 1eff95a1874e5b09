"""The `@export` declaration: a function from stored tables to the JSON documents of the website.

The decorated function names the rows it needs of some dates, so that a range is read at once; what was published before
it reads as a table in memory. `make_documents` turns their frames into documents. Neither may use a clock, the
orchestrator or a decision to publish: the `Edition` holds these.
"""

import datetime as dt
import hashlib
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType, ModuleType
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from nba_assets.kit.calendar import season_floor
from nba_assets.kit.canonical_json import encode
from nba_assets.kit.source_code import source_of
from nba_assets.kit.table import Tables
from nba_resources.dates import DateRange
from nba_resources.warehouse.sql.statements import Query, Rows

SCHEMA_VERSION = 3
ENVELOPE = ("generated_at", "game_date", "schema_version", "code_version", "publish")
MINUTE, HOUR = 60, 3600
_PLAIN_PATH = re.compile(r"[a-z0-9-]+(/[a-z0-9-]+)*\.json")

Frames = Mapping[str, pd.DataFrame]
Content = Mapping[str, Any]
Explain = Callable[[pd.DataFrame], pd.DataFrame]  # of stored forecasts, with all explanations


class BadDocument(ValueError):
    """A document with an invalid path or content."""


def as_stored(forecasts: pd.DataFrame) -> pd.DataFrame:
    """Return the forecasts with the explanations that are stored."""
    return forecasts


@dataclass(frozen=True)
class Permit:
    """The decision to publish a date or not, with its reasons; every document of the date holds it."""

    allowed: bool
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document:
    """One file: its path, its date, and a second path that always holds the newest document (`pointer`)."""

    path: str
    game_date: dt.date
    content: Content
    pointer: str | None = None

    def __post_init__(self) -> None:
        for path in filter(None, (self.path, self.pointer)):
            if not _PLAIN_PATH.fullmatch(path):
                raise BadDocument(f"{path!r} names no document: expected lower-case words, slashes and .json")
        if taken := [name for name in ENVELOPE if name in self.content]:
            raise BadDocument(f"{self.path} uses names of its envelope: {taken}")


@dataclass(frozen=True)
class Edition:
    """The inputs of a publication besides tables: dates, clock, permits, and the documents stored by earlier ones.

    `explain` adds the explanations of forecasts that are not stored with them.
    """

    dates: DateRange
    today: dt.date
    now: dt.datetime
    permits: Mapping[dt.date, Permit]
    stored: Mapping[str, Content] = field(default_factory=dict)
    explain: Explain = as_stored

    @property
    def season(self) -> DateRange:
        """The dates of the current season up to today."""
        return DateRange(season_floor(self.today), self.today)


def within(rows: ir.Table, dates: DateRange, day: str = "game_date") -> ir.Table:
    """Return the rows of the dates."""
    column: Any = rows[day]
    return rows.filter(column.between(ibis.literal(dates.start), ibis.literal(dates.end)))


def season_so_far(dates: DateRange) -> DateRange:
    """Return the dates from the start of the season to the end of the dates."""
    return DateRange(season_floor(dates.start), dates.end)


MakeDocuments = Callable[[Frames, Edition], Iterable[Document]]


@dataclass(frozen=True)
class Export:
    """A declared export.

    `frames`: the names of what its function returns. `in_memory`: parameters of the function that are no stored tables,
    with what makes their rows. `dated`: one document for each date of the edition; other exports describe the present.
    `guarded`: no rows of dates that may not be published. `critical`: written before the others. `settled`: stored
    tables of which it shows games that are over only.
    """

    name: str
    function: Callable[..., Mapping[str, ir.Table]]
    make_documents: MakeDocuments
    folder: str
    max_age: int
    frames: tuple[str, ...]
    in_memory: Mapping[str, Callable[[Edition], pa.Table]] = field(default_factory=dict)
    settled: tuple[str, ...] = ()
    dated: bool = False
    guarded: bool = False
    critical: bool = False

    @property
    def description(self) -> str:
        """The contents of its documents."""
        return inspect.getdoc(self.function) or ""

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The names of the stored tables it reads."""
        parameters = inspect.signature(self.function).parameters.values()
        tables = (parameter.name for parameter in parameters if parameter.annotation is ir.Table)
        return tuple(name for name in tables if name not in self.in_memory)

    @cached_property
    def code_version(self) -> str:
        """Return a hash of the code that makes the documents."""
        functions: tuple[Callable[..., Any], ...] = (self.function, self.make_documents, encode)
        functions += tuple(self.in_memory.values())
        return hashlib.sha256(source_of(*functions).encode()).hexdigest()[:12]

    def queries(self, tables: Tables, stored_tables: Collection[str], edition: Edition) -> dict[str, Rows]:
        """Return what it reads by name, compiled once for each version of the code.

        A table that was never stored is empty, and what reads one is compiled each time.
        """
        contracts = {name: tables[name].contract for name in self.reads}
        made = {name: rows(edition) for name, rows in self.in_memory.items()}
        if any(contract.key not in stored_tables for contract in contracts.values()):
            arguments = {
                name: contract.table() if contract.key in stored_tables else ibis.memtable([], schema=contract.schema)
                for name, contract in contracts.items()
            }
            in_memory = {name: ibis.memtable(rows) for name, rows in made.items()}
            return {**self.function(**arguments, **in_memory, dates=edition.dates)}

        def build(frame: str) -> Callable[[DateRange], ir.Table]:
            read = {name: contract.table() for name, contract in contracts.items()}
            read |= {name: ibis.table(ibis.Schema.from_pyarrow(rows.schema), name=name) for name, rows in made.items()}
            return lambda dates: self.function(**read, dates=dates)[frame]

        name = f"exports.{self.name}"
        return {frame: Query(f"{name}.{frame}", build(frame), edition.dates, made) for frame in self.frames}

    def documents(self, frames: Frames, edition: Edition) -> list[Document]:
        """Make all documents; a guarded export gets no row of a date that may not be published."""
        if self.guarded:
            frames = {name: _permitted(frame, edition) for name, frame in frames.items()}
        return list(self.make_documents(frames, edition))


def export(
    *,
    make_documents: MakeDocuments,
    folder: str,
    max_age: int,
    frames: tuple[str, ...],
    in_memory: Mapping[str, Callable[[Edition], pa.Table]] = MappingProxyType({}),
    settled: tuple[str, ...] = (),
    **kinds: bool,
) -> Callable[[Callable[..., Mapping[str, ir.Table]]], Export]:
    """Declare an export over the function that names its rows; the function's name becomes the export's.

    `max_age`: how many seconds a reader may cache a document. `settled`: tables of which it shows results only.
    `kinds`: `dated`, `guarded` and `critical`.
    """
    return lambda function: Export(
        function.__name__, function, make_documents, folder, max_age, frames, in_memory, settled, **kinds
    )


def declared_exports(package: ModuleType) -> dict[str, Export]:
    """Return every export declared in a package, by name, critical ones first."""
    names = [f"{package.__name__}.{module.name}" for module in pkgutil.iter_modules(package.__path__)]
    values = [value for name in names for value in vars(importlib.import_module(name)).values()]
    exports = {value.name: value for value in values if isinstance(value, Export)}
    return dict(sorted(exports.items(), key=lambda pair: (not pair[1].critical, pair[0])))


def _permitted(frame: pd.DataFrame, edition: Edition) -> pd.DataFrame:
    """Drop rows of the edition's refused dates; rows of other dates stay."""
    refused = {date for date in edition.dates if not edition.permits[date].allowed}
    if not refused or "game_date" not in frame.columns:
        return frame
    return frame[~pd.to_datetime(frame["game_date"]).dt.date.isin(refused)]
