"""Contracts: the columns, units, ranges and grain of a table, declared once.

The DDL, the validation before every write, the column schema in the UI and the catalogue in the docs come from the
contract. Validation rules are Ibis expressions, so they run in the engine that holds the rows.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial, reduce
from operator import or_
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from nba_resources.dates import DateRange
from nba_resources.errors import UserError
from nba_resources.rejected import Unit

CONTRADICTION = "contradiction"  # a column that rows may have beside those of their contract: the text of a broken rule


class ContractBroken(UserError, ValueError):
    """Rows break the table's contract and were not stored."""


@dataclass(frozen=True)
class Column:
    """A column; a value outside `low`..`high` or `values` is an error and is never stored.

    `post` marks a value known only after the game: tables for use before tip-off may read it only through `as_of`.
    """

    dtype: dt.DataType
    meaning: str = ""
    unit: str = field(default="", kw_only=True)
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = field(default=(), kw_only=True)
    null: bool = field(default=False, kw_only=True)
    post: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "dtype", self.dtype(nullable=self.null))

    @property
    def allowed(self) -> str:
        """The allowed range or values as text, for people and error messages."""
        if self.values:
            return ", ".join(self.values)
        if self.low is not None and self.high is not None:
            return f"{self.low:.12g} to {self.high:.12g}"
        if self.low is not None:
            return f"{self.low:.12g} or more"
        return "" if self.high is None else f"{self.high:.12g} or less"

    @property
    def explained(self) -> str:
        """Meaning, unit and range in one line, for the UI and BigQuery."""
        return " · ".join(filter(None, (self.meaning, self.unit, self.allowed)))


def text(meaning: str = "", *values: str, null: bool = False, post: bool = False) -> Column:
    """Declare a text column; `values` limits it to a fixed set."""
    return Column(dt.string, meaning, values=values, null=null, post=post)


# Declare a column of another type: the meaning, then the lowest and highest value.
integer = partial(Column, dt.int64)
number = partial(Column, dt.float64)  # NaN and infinity are refused, missing is NULL
flag = partial(Column, dt.boolean)
day = partial(Column, dt.date)  # US Eastern
moment = partial(Column, dt.Timestamp(timezone="UTC"))
texts = partial(Column, dt.Array(dt.string))


@dataclass(frozen=True)
class NotLater:
    """A rule for rows: the time `fact` is not later than the time `limit`, and a limit is known.

    It holds for rows with one of the values in a column of `where`; for a column without values, with any value.
    """

    fact: str
    limit: str
    where: Mapping[str, tuple[str, ...]]

    def is_broken_by(self, rows: ir.Table) -> ir.BooleanValue:
        """Return an expression that is true for rows that break the rule."""
        conditions = [
            rows[name].isin(values) if values else rows[name].notnull() for name, values in self.where.items()
        ]
        applies = reduce(or_, (condition.ifelse(True, False) for condition in conditions))
        return applies & (rows[self.limit].isnull() | (rows[self.fact] > rows[self.limit]))


@dataclass(frozen=True)
class Contract:
    """The name, grain and columns of a table.

    `partition` is the date column by which a write replaces rows; without it the table is replaced whole. `moves` are
    the columns that identify a row under any date: writing a game under its new date deletes it from the old one.
    `known_at` is the column of the time a fact became visible; a fact without that time counts from the next day on,
    unless its source is pre-game by nature. `monthly` means that the partition column holds the first day of a month.
    `unit` is the part of a write that a broken row takes with it. `not_later` are rules about two times of a row.
    `refreshed` are columns that follow from other tables
    or rows: an append, which keeps stored rows, updates them.
    """

    dataset: str
    name: str
    grain: tuple[str, ...]
    columns: Mapping[str, Column]
    partition: str | None = None
    description: str = ""
    post: bool = False
    moves: tuple[str, ...] = ()
    known_at: str | None = None
    monthly: bool = False
    unit: Unit = Unit.DATE
    refreshed: tuple[str, ...] = ()
    not_later: tuple[NotLater, ...] = ()

    def __post_init__(self) -> None:
        named = (*self.grain, *self.moves, *self.refreshed, *filter(None, (self.partition, self.known_at)))
        named += tuple(name for rule in self.not_later for name in (rule.fact, rule.limit, *rule.where))
        unknown = [name for name in named if name not in self.columns]
        if unknown or not self.grain:
            raise ValueError(
                f"{self.key}: the grain, partition, moves, refreshed and rules must name its columns, unlike {unknown}"
            )

    @property
    def key(self) -> str:
        """`dataset.table`."""
        return f"{self.dataset}.{self.name}"

    @property
    def unit_columns(self) -> tuple[str, ...]:
        """The columns that name a unit of failure; none if the whole write is one."""
        if self.unit is Unit.WHOLE or self.partition is None:
            return ()
        return {Unit.ROW: self.grain, Unit.GAME: ("game_id",), Unit.DATE: (self.partition,)}[self.unit]

    @property
    def schema(self) -> ibis.Schema:
        """Names and types of the columns, in declared order."""
        return ibis.schema({name: column.dtype for name, column in self.columns.items()})

    def without_prose(self) -> "Contract":
        """Return the contract with its texts blank: types, ranges, grain and keys decide which rows are valid."""
        columns = {name: replace(column, meaning="", unit="") for name, column in self.columns.items()}
        return replace(self, columns=columns, description="")

    def table(self) -> ir.Table:
        """Return the table as an unbound expression: no connection is opened."""
        return ibis.table(self.schema, name=self.name, database=self.dataset)

    def cast(self, rows: ir.Table) -> ir.Table:
        """Return the rows with exactly the declared columns, in order and type, and the contradiction if there is one.

        Refuse casts that lose something: rounding, parsing, or a calendar date taken from a UTC time.
        """
        return rows.select(**{name: rows[name].cast(dtype) for name, dtype in self.staged_types(rows.schema()).items()})

    def staged_types(self, schema: ibis.Schema) -> dict[str, dt.DataType]:
        """Return the columns to which rows of these types are cast, or refuse casts that lose something."""
        dtypes = {name: column.dtype(nullable=True) for name, column in self.columns.items()}
        if CONTRADICTION in schema:
            dtypes[CONTRADICTION] = dt.string
        missing = [name for name in self.columns if name not in schema]
        extra = [name for name in schema if name not in dtypes]
        if missing or extra:
            raise ContractBroken(f"{self.key}: columns missing {missing}, columns not in the contract {extra}")
        lossy = []
        for name, dtype in dtypes.items():
            actual = schema[name].copy(nullable=True)
            if not actual.castable(dtype) or (actual.is_timestamp() and dtype.is_date()):
                lossy.append(f"{name} is {actual}, not {dtype}")
        if lossy:
            raise ContractBroken(
                f"{self.key}: {'; '.join(lossy)}: engines round differently, so convert it in the table"
            )
        return dtypes

    def rules(self, rows: ir.Table, dates: DateRange | None) -> Iterator[tuple[str, ir.BooleanValue]]:
        """Yield each rule about single rows: its text, and an expression that is true for rows that break it."""
        for text, name, breaks in self._rules(dates):
            yield text, breaks(rows[name])
        for rule in self.not_later:
            yield self._text_of(rule), rule.is_broken_by(rows)

    def rule_texts(self, dates: DateRange | None) -> list[str]:
        """Return the texts of the rules, in the same order."""
        return [*(text for text, _, _ in self._rules(dates)), *map(self._text_of, self.not_later)]

    def _text_of(self, rule: NotLater) -> str:
        return f"{rule.fact} is later than {rule.limit} in spite of {' or '.join(rule.where)}"

    def _rules(self, dates: DateRange | None) -> Iterator[tuple[str, str, Callable[[Any], ir.BooleanValue]]]:
        """Yield the text of each rule, its column, and what breaks it."""
        for name, column in self.columns.items():
            if not column.null:
                yield f"{name} is NULL", name, lambda value: value.isnull()
            if column.dtype.is_floating():
                yield f"{name} is not a finite number", name, lambda value: value.isnan() | value.isinf()
            if column.values:
                yield f"{name} is none of {column.allowed}", name, partial(_is_none_of, column.values)
            if column.low is not None or column.high is not None:
                yield f"{name} is outside {column.allowed}", name, partial(_is_outside, column.low, column.high)
        if self.partition and dates:
            start, end = dates.start, dates.end
            yield f"{self.partition} is outside {dates}", self.partition, lambda value: ~value.between(start, end)

    def markdown(self) -> str:
        """Return the columns as a Markdown table, for the UI and the catalogue."""
        head = "| column | type | unit | allowed | null | meaning |\n|---|---|---|---|---|---|"
        lines = [
            (f"`{name}`", str(c.dtype(nullable=True)), c.unit, c.allowed, "yes" if c.null else "no", c.meaning)
            for name, c in self.columns.items()
        ]
        return "\n".join((head, *(f"| {' | '.join(cells)} |" for cells in lines)))


def _is_none_of(values: tuple[str, ...], value: Any) -> ir.BooleanValue:
    return value.notin(values)


def _is_outside(low: float | None, high: float | None, value: Any) -> ir.BooleanValue:
    bounds = [] if low is None else [value < low]
    bounds += [] if high is None else [value > high]
    return bounds[0] | bounds[-1]
