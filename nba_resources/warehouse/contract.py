"""What a table promises: its columns, units, ranges and grain, declared once.

From a contract come the table's DDL, its validation before every write, the column schema in the UI and the catalogue
in the docs. Validation is an expression too, so it runs inside whichever engine holds the rows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from nba_resources.dates import DateRange
from nba_resources.errors import UserError


class ContractBroken(UserError, ValueError):
    """Rows that do not keep the table's promises: nothing of the write is stored."""


@dataclass(frozen=True)
class Column:
    """One column: a value outside `low`..`high` or `values` is an error of ours or of the source, never stored.

    `post` marks what is known only after the game: a table that must be known before tip-off never sees it, except
    through `as_of`.
    """

    dtype: dt.DataType
    meaning: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()
    null: bool = False
    post: bool = False

    @property
    def allowed(self) -> str:
        """The range or the values in words, for people and error messages."""
        if self.values:
            return ", ".join(self.values)
        if self.low is not None and self.high is not None:
            return f"{self.low:g} to {self.high:g}"
        if self.low is not None:
            return f"{self.low:g} or more"
        return "" if self.high is None else f"{self.high:g} or less"

    @property
    def explained(self) -> str:
        """Meaning, unit and range in one line, as the UI and BigQuery show a column."""
        return " · ".join(filter(None, (self.meaning, self.unit, self.allowed)))


def text(meaning: str = "", *values: str, null: bool = False, post: bool = False) -> Column:
    """A text, or one of a fixed set of texts."""
    return Column(dt.String(nullable=null), meaning, values=values, null=null, post=post)


def integer(
    meaning: str = "",
    low: int | None = None,
    high: int | None = None,
    *,
    unit: str = "",
    null: bool = False,
    post: bool = False,
) -> Column:
    """A whole number."""
    return Column(dt.Int64(nullable=null), meaning, unit, low, high, null=null, post=post)


def number(
    meaning: str = "",
    low: float | None = None,
    high: float | None = None,
    *,
    unit: str = "",
    null: bool = False,
    post: bool = False,
) -> Column:
    """A measurement; NaN and infinity are refused, missing is NULL."""
    return Column(dt.Float64(nullable=null), meaning, unit, low, high, null=null, post=post)


def flag(meaning: str = "", *, null: bool = False, post: bool = False) -> Column:
    """True or false."""
    return Column(dt.Boolean(nullable=null), meaning, null=null, post=post)


def day(meaning: str = "", *, null: bool = False) -> Column:
    """A calendar date, US Eastern."""
    return Column(dt.Date(nullable=null), meaning, null=null)


def moment(meaning: str = "", *, null: bool = False) -> Column:
    """A point in time, UTC."""
    return Column(dt.Timestamp(timezone="UTC", nullable=null), meaning, null=null)


def texts(meaning: str = "", *, null: bool = False) -> Column:
    """A list of texts."""
    return Column(dt.Array(dt.String(), nullable=null), meaning, null=null)


@dataclass(frozen=True)
class Contract:
    """A table's name, grain and columns.

    `partition` is the date column a write replaces by; None means the table is replaced whole. `moves` names the
    columns that identify a row wherever it is stored: a game moved to another date leaves its old one. `known_at`
    names the time a fact became visible; a fact without that time counts from the next day on, unless its source is
    pre-game by nature. `monthly` says the partition column holds the first day of a month.
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

    def __post_init__(self) -> None:
        named = (*self.grain, *self.moves, *filter(None, (self.partition, self.known_at)))
        unknown = [name for name in named if name not in self.columns]
        if unknown or not self.grain:
            raise ValueError(
                f"{self.key}: the grain, partition and moves must be columns of the table, unlike {unknown}"
            )

    @property
    def key(self) -> str:
        """`dataset.table`, as people and both engines write it."""
        return f"{self.dataset}.{self.name}"

    @property
    def schema(self) -> ibis.Schema:
        """Names and types in declared order."""
        return ibis.schema({name: column.dtype for name, column in self.columns.items()})

    def without_prose(self) -> "Contract":
        """Return the contract with its texts blank: types, ranges, grain and keys decide which rows are valid."""
        columns = {name: replace(column, meaning="", unit="") for name, column in self.columns.items()}
        return replace(self, columns=columns, description="")

    def table(self) -> ir.Table:
        """The table by name only: nothing is opened before something is read or replaced."""
        return ibis.table(self.schema, name=self.name, database=self.dataset)

    def cast(self, rows: ir.Table) -> ir.Table:
        """Rows with exactly the declared columns, in order and type, or a refusal that names the difference."""
        missing = [name for name in self.columns if name not in rows.columns]
        extra = [name for name in rows.columns if name not in self.columns]
        if missing or extra:
            raise ContractBroken(f"{self.key}: columns missing {missing}, columns not in the contract {extra}")
        found = {name: rows[name].type().copy(nullable=True) for name in self.columns}
        lossy = [
            f"{name} is {found[name]}, not {column.dtype(nullable=True)}"
            for name, column in self.columns.items()
            if not _keeps_all(found[name], column.dtype(nullable=True))
        ]
        if lossy:
            raise ContractBroken(
                f"{self.key}: {'; '.join(lossy)}: engines round differently, so convert it in the table"
            )
        return rows.select(
            **{name: rows[name].cast(column.dtype(nullable=True)) for name, column in self.columns.items()}
        )

    def rules(self, rows: ir.Table, dates: DateRange | None) -> Iterator[tuple[str, ir.BooleanValue]]:
        """Each promise about single rows, in words, with the expression that is true where it is broken."""
        for name, column in self.columns.items():
            value: Any = rows[name]
            if not column.null:
                yield f"{name} is NULL", value.isnull()
            if column.dtype.is_floating():
                yield f"{name} is not a finite number", value.isnan() | value.isinf()
            if column.values:
                yield f"{name} is none of {column.allowed}", value.notin(column.values)
            bounds = [] if column.low is None else [value < column.low]
            bounds += [] if column.high is None else [value > column.high]
            if bounds:
                yield f"{name} is outside {column.allowed}", bounds[0] | bounds[-1]
        if self.partition and dates:
            yield f"{self.partition} is outside {dates}", ~rows[self.partition].between(dates.start, dates.end)

    def repeated(self, rows: ir.Table) -> ir.Table:
        """The grains that occur more than once: a table with two truths has none."""
        return rows.group_by(self.grain).aggregate(rows_found=rows.count()).filter(lambda found: found.rows_found > 1)

    def markdown(self) -> str:
        """The columns as a Markdown table, for the UI and the catalogue."""
        head = "| column | type | unit | allowed | null | meaning |\n|---|---|---|---|---|---|"
        lines = [
            (f"`{name}`", str(c.dtype(nullable=True)), c.unit, c.allowed, "yes" if c.null else "no", c.meaning)
            for name, c in self.columns.items()
        ]
        return "\n".join((head, *(f"| {' | '.join(cells)} |" for cells in lines)))


def _keeps_all(found: dt.DataType, wanted: dt.DataType) -> bool:
    """Whether a cast loses nothing: no rounding, no parsing, and no calendar date read off a UTC clock."""
    return found.castable(wanted) and not (found.is_timestamp() and wanted.is_date())
