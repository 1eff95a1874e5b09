"""An export is a function, like a table: from stored tables to the documents a website reads.

`@export` declares it over the function that names the rows it needs, so that a range of dates is read at once; `make`
turns the frames of these rows into documents. Neither knows a clock, the orchestrator, or whether anything may be
published: all of that is the edition's.
"""

import datetime as dt
import hashlib
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from nba_assets.kit.calendar import season_floor
from nba_assets.kit.canonical_json import written
from nba_assets.kit.source_code import source_of
from nba_assets.kit.table import Table
from nba_resources.dates import DateRange

SCHEMA_VERSION = 1
ENVELOPE = ("generated_at", "game_date", "schema_version", "code_version", "publish")
MINUTE, HOUR = 60, 3600
_PLAIN_PATH = re.compile(r"[a-z0-9-]+(/[a-z0-9-]+)*\.json")

Frames = Mapping[str, pd.DataFrame]
Content = Mapping[str, Any]


class BadDocument(ValueError):
    """A document that cannot be filed: says what is wrong with its path or its content."""


@dataclass(frozen=True)
class Permit:
    """Whether an evening may be published and, if not, why: the words every document of it carries."""

    allowed: bool
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document:
    """One file: where it lies, which date it tells of, and under which other name it is found while the newest."""

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
    """What documents are made for: which dates, seen from when, with which permits, beside which earlier documents."""

    dates: DateRange
    today: dt.date
    now: dt.datetime
    permits: Mapping[dt.date, Permit]
    before: Mapping[str, Content] = field(default_factory=dict)

    @property
    def season(self) -> DateRange:
        """The season of today, up to today."""
        return DateRange(season_floor(self.today), self.today)

    def within(self, rows: ir.Table, dates: DateRange | None = None, day: str = "game_date") -> ir.Table:
        """Rows of the edition's dates, or of others."""
        span = dates or self.dates
        column: Any = rows[day]
        return rows.filter(column.between(ibis.literal(span.start), ibis.literal(span.end)))


Make = Callable[[Frames, Edition], Iterable[Document]]


@dataclass(frozen=True)
class Export:
    """A declared export.

    `dated` has a document for each date of the edition; the others tell of the present, whatever dates were asked for.
    `guarded` holds nothing of a date that may not be published. `critical` is written before what is not.
    """

    name: str
    function: Callable[..., Mapping[str, ir.Table]]
    make: Make
    folder: str
    max_age: int
    dated: bool = False
    guarded: bool = False
    critical: bool = False

    @property
    def description(self) -> str:
        """What its documents hold."""
        return inspect.getdoc(self.function) or ""

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The tables it is made of."""
        parameters = inspect.signature(self.function).parameters.values()
        return tuple(parameter.name for parameter in parameters if parameter.annotation is ir.Table)

    @cached_property
    def code_version(self) -> str:
        """Return a hash of the code that makes the documents."""
        return hashlib.sha256(source_of(self.function, self.make, written).encode()).hexdigest()[:12]

    def gathers(self, tables: Mapping[str, Table], held: Iterable[str], edition: Edition) -> dict[str, ir.Table]:
        """The rows it is made of, by name. A table that was never stored has none, as the document then shows."""
        there = set(held)
        given = {
            name: contract.table() if contract.key in there else ibis.memtable([], schema=contract.schema)
            for name, contract in ((name, tables[name].contract) for name in self.reads)
        }
        return {**self.function(**given, edition=edition)}

    def documents(self, frames: Frames, edition: Edition) -> list[Document]:
        """All of them, without a row of a date that may not be published if they are guarded."""
        permitted = {name: _permitted(frame, edition) for name, frame in frames.items()} if self.guarded else frames
        return list(self.make(permitted, edition))


def export(
    *, make: Make, folder: str, max_age: int, dated: bool = False, guarded: bool = False, critical: bool = False
) -> Callable[[Callable[..., Mapping[str, ir.Table]]], Export]:
    """Declare an export over the function that names its rows; the function's name is the export's.

    `max_age`: the seconds a reader may keep a document.
    """

    def declare(function: Callable[..., Mapping[str, ir.Table]]) -> Export:
        return Export(function.__name__, function, make, folder, max_age, dated, guarded, critical)

    return declare


def declared_exports(package: ModuleType) -> dict[str, Export]:
    """Every export declared in the package, by name, what matters most first."""
    found = {
        value.name: value
        for module in _modules(package)
        for value in vars(module).values()
        if isinstance(value, Export)
    }
    return dict(sorted(found.items(), key=lambda pair: (not pair[1].critical, pair[0])))


def _permitted(frame: pd.DataFrame, edition: Edition) -> pd.DataFrame:
    """Without a row of the edition's dates that may not be published; what was long ago may be told."""
    if "game_date" not in frame.columns:
        return frame
    refused = {date for date in edition.dates if not edition.permits[date].allowed}
    return frame[~pd.to_datetime(frame["game_date"]).dt.date.isin(refused)]


def _modules(package: ModuleType) -> list[ModuleType]:
    names = [found.name for found in pkgutil.iter_modules(package.__path__) if not found.ispkg]
    return [importlib.import_module(f"{package.__name__}.{name}") for name in sorted(names)]
