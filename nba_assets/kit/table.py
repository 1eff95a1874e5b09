"""The `@table` declaration: a pure function over tables, from which everything else is derived.

Partitions, storage, lineage, the code version and the page in the UI follow from it. The annotation of a parameter
says how the table of that name is read:

- `ir.Table`: the rows of the computed dates; a table that must be known before tip-off gets no column that is not
- `History`: all earlier rows, through `as_of` only
- `DateRange`: the dates being computed
- the name `delivered`: the rows a source delivered, for raw tables

What no engine can compute is computed in Python: the function then returns several tables by name, annotated as
`dict[Literal["rows", ...], ir.Table]`, and `compute_frame` receives the frames read from them.
"""

import datetime as dt
import hashlib
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from types import MappingProxyType, ModuleType
from typing import Any, get_args

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from nba_assets.kit.as_of import History, Leak
from nba_assets.kit.calendar import Scope, after_bootstrap, month_of
from nba_assets.kit.expected_rows import ExpectedRows as ExpectedRows
from nba_assets.kit.source_code import source_of
from nba_assets.kit.table_context import ComputeFrame
from nba_resources.dates import DateRange
from nba_resources.rejected import Unit
from nba_resources.sources.feeds import FEEDS, Feed, Kind
from nba_resources.warehouse.contract import Column, Contract, moment, text
from nba_resources.warehouse.sql.statements import Query, Statement
from nba_resources.warehouse.sql.templates import TemplateFolder

DELIVERED = "delivered"
STAMPED = ("source", "ingested_at", "code_version", "computed_at")
COMPILED_FOR = DateRange(dt.date(2024, 12, 1), dt.date(2024, 12, 31))  # any fixed range serves
_TYPES: Mapping[Kind, str] = {
    **dict.fromkeys(("text", "name", "team"), "string"),
    **dict.fromkeys(("integer", "price"), "int64"),
    **dict.fromkeys(("number", "line", "minutes"), "float64"),
    "flag": "boolean",
    "day": "date",
    "moment": "timestamp('UTC')",
}


@dataclass(frozen=True)
class Table:
    """A declared table: its contract, the function that computes its rows, and how it is stored."""

    contract: Contract
    function: Callable[..., Any]
    expected_rows: ExpectedRows
    scope: Scope = Scope.GAME_DATES
    feed: Feed | None = None
    appends: bool = False
    left_out: Callable[..., ir.Table] | None = None
    disagreements: Callable[[pd.DataFrame], pd.DataFrame] | None = None
    compute_frame: ComputeFrame | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function: it is pure, so tests can pass in-memory tables."""
        return self.function(*args, **kwargs)

    @property
    def layer(self) -> str:
        """The layer named by the dataset: raw, reference, analytics, ..."""
        return self.contract.dataset.removeprefix("nba_")

    @cached_property
    def reads(self) -> dict[str, type]:
        """Upstream tables by name, each read as rows of the date (`ir.Table`) or as `History`."""
        reads = {name: how for name, how in self._parameters.items() if how in (ir.Table, History)}
        reads.pop(DELIVERED, None)
        return reads | ({"seasons": ir.Table} if self._drops_bootstrap_dates else {})

    def columns(self, *names: str) -> dict[str, Column]:
        """Return some declared columns, for a table that repeats them."""
        return {name: self.contract.columns[name] for name in names}

    @property
    def computed_columns(self) -> list[str]:
        """The columns the function computes: all but the stamps added by the kit."""
        return [name for name in self.contract.columns if name not in STAMPED]

    def build(self, tables: "Tables", dates: DateRange, delivered: ir.Table | None = None) -> ir.Table:
        """Return the table's expression for some dates, over upstream tables by name. Reads nothing."""
        arguments = self._arguments(tables, dates, delivered)
        if not self._drops_bootstrap_dates:
            return self.function(**arguments)
        rows = self.function(**{name: value for name, value in arguments.items() if name in self._parameters})
        return after_bootstrap(rows, self.contract.partition or "", arguments["seasons"])

    def input_queries(self, tables: "Tables", dates: DateRange) -> dict[str, ir.Table]:
        """Return the named expressions that `compute_frame` needs. Reads nothing."""
        return self.function(**self._arguments(tables, dates))

    def queries(self, tables: "Tables", dates: DateRange) -> dict[str, Query]:
        """Return every query sent to the engine: the table under an empty name, or the inputs of its frame."""
        key = self.contract.key
        named = {name: Query(f"{key}.{name}", self._input(tables, name), dates) for name in self._inputs}
        return named or {"": Query(key, partial(self.build, tables), dates)}

    def delivered_query(self, tables: "Tables", dates: DateRange, rows: pa.Table) -> Query:
        """Return the query of a raw table over delivered rows, which may name their source beside the feed's fields."""
        assert self.feed is not None
        feed, others = self.feed, [name for name in rows.column_names if name not in self.feed.fields]
        types = ibis.Schema.from_pyarrow(rows.select(others).schema)
        name = ".".join((self.contract.key, *others))
        frames = {delivered_name(feed): rows}
        return Query(name, lambda dates: self.build(tables, dates, feed_table(feed, types)), dates, frames)

    def statements(
        self, tables: "Tables", dialect: str = "duckdb", templates: TemplateFolder | None = None
    ) -> dict[str, str]:
        """Return the SQL of the queries for one fixed month in a dialect, by name."""
        queries = self.queries(tables, COMPILED_FOR)
        return {name: Statement.of(query, dialect, templates).sql for name, query in queries.items()}

    def sql(self, tables: "Tables", dialect: str = "duckdb", templates: TemplateFolder | None = None) -> str:
        """Return the statements as one text, equal in every process."""
        return "\n\n".join(
            f"-- {name}\n{sql}" if name else sql for name, sql in self.statements(tables, dialect, templates).items()
        )

    def code_version(self, tables: "Tables", statement: str | None = None) -> str:
        """Return a hash of what computes the rows: the contract's types and ranges, the compiled SQL, and the Python
        behind a finished table. A fix, also one in `as_of`, marks stored dates stale; an edited text does not.
        """
        python = source_of(self.compute_frame) if self.compute_frame else ""
        parts = (repr(self.contract.without_prose()), statement or self.sql(tables), python)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]

    def _input(self, tables: "Tables", name: str) -> Callable[[DateRange], ir.Table]:
        return lambda dates: self.input_queries(tables, dates)[name]

    @cached_property
    def _inputs(self) -> tuple[str, ...]:
        """The names of the frames that `compute_frame` receives, from the annotation: building them takes long."""
        if self.compute_frame is None:
            return ()
        names, _ = get_args(inspect.signature(self.function).return_annotation)
        return get_args(names)

    @cached_property
    def _parameters(self) -> dict[str, Any]:
        return {name: p.annotation for name, p in inspect.signature(self.function).parameters.items()}

    @property
    def _drops_bootstrap_dates(self) -> bool:
        """Frames are computed from tables that lack these dates already."""
        return self.scope is Scope.AFTER_BOOTSTRAP and self.compute_frame is None

    def _arguments(self, tables: "Tables", dates: DateRange, delivered: ir.Table | None = None) -> dict[str, Any]:
        arguments: dict[str, Any] = {
            name: self._upstream(tables[name].contract, how, dates) for name, how in self.reads.items()
        }
        if self.feed:
            arguments[DELIVERED] = feed_table(self.feed) if delivered is None else delivered
        if DateRange in self._parameters.values():
            arguments["dates"] = dates
        return arguments

    def _upstream(self, upstream: Contract, how: type, dates: DateRange) -> ir.Table | History:
        """Return what this table may read of another one; refuse what would leak."""
        if how is History:
            return History.of(upstream, dates, after_games=self.contract.post)
        if upstream.partition is None or self.contract.partition is None:
            return upstream.table()
        if self.contract.monthly and not upstream.monthly:
            raise Leak(
                f"{self.contract.key} is made for a month and must not see it, but reads rows of {upstream.key} of the "
                f"same month: annotate it as History"
            )
        if upstream.monthly:
            dates = DateRange(month_of(dates.start), month_of(dates.end))
        if upstream.post and not self.contract.post:
            raise Leak(
                f"{self.contract.key} must be known before tip-off but reads rows of {upstream.key} of the same date, "
                f"which exist only after the games: annotate it as History and use as_of"
            )
        return History.of(upstream, dates, after_games=self.contract.post).on()


Tables = Mapping[str, Table]


def table(
    *,
    dataset: str,
    grain: list[str],
    columns: Mapping[str, Column],
    expected_rows: ExpectedRows = ExpectedRows.FINAL_GAMES,
    scope: Scope = Scope.GAME_DATES,
    feed: str | None = None,
    partition: str | None = "game_date",
    appends: bool = False,
    left_out: Callable[..., ir.Table] | None = None,
    disagreements: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
    compute_frame: ComputeFrame | None = None,
    **stored: Any,
) -> Callable[[Callable[..., Any]], Table]:
    """Declare a table over the function that computes its rows; the function's name becomes the table's.

    `post`: rows exist only after the game. `feed`: a raw table, whose function receives the delivered rows; `left_out`
    returns delivered rows without a scheduled game, `disagreements` those that contradict each other. `compute_frame`:
    the function returns several tables by name, and the frames read from them become the table in Python. `stored`:
    further fields of the contract, such as `monthly`.
    """

    def declare(function: Callable[..., Any]) -> Table:
        if feed:
            stamps = {"source": text("Source that delivered the row"), "ingested_at": moment("Time of loading")}
        else:
            version = text("Version of the code that computed the row")
            stamps = {"code_version": version, "computed_at": moment("Time of computation")}
        source = FEEDS[feed] if feed else None
        contract = Contract(
            dataset=dataset,
            name=function.__name__,
            grain=tuple(grain),
            columns={**columns, **stamps},
            partition=partition,
            description=inspect.getdoc(function) or "",
            unit=source.unit if source else Unit.DATE,
            **stored,
        )
        return Table(contract, function, expected_rows, scope, source, appends, left_out, disagreements, compute_frame)

    return declare


def feed_table(feed: Feed, others: Mapping[str, Any] = MappingProxyType({})) -> ir.Table:
    """Return an unbound table of a feed's columns and others: raw tables are compiled before anything is fetched."""
    types = {name: _TYPES[field.kind] for name, field in feed.fields.items()}
    return ibis.table({**types, **others}, name=delivered_name(feed))


def delivered_name(feed: Feed) -> str:
    """Return the name under which statements read the delivered rows of a feed."""
    return f"{DELIVERED}_{feed.name}"


def declared_tables(package: ModuleType) -> dict[str, Table]:
    """Return every table declared in a package, by name."""
    tables: dict[str, Table] = {}
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        for value in vars(importlib.import_module(module.name)).values():
            if not isinstance(value, Table) or value.function.__module__ != module.name:
                continue  # imported from the module that declares it
            if tables.setdefault(value.contract.name, value) is not value:
                raise ValueError(f"two tables are called {value.contract.name}: table names must be unique")
    return tables
