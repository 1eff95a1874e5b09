"""A table is a function.

`@table` turns a pure function over tables into a declaration from which everything else is derived: partitions,
storage, lineage, the code version, the page in the UI. How a parameter is annotated says how the table of that name is
read:

- `ir.Table`: the rows of the computed dates; a table that must be known before tip-off sees no column that is not
- `History`: everything before, through `as_of` only
- `DateRange`: the dates being computed
- the name `published`: the rows a source delivered, for raw tables

What no engine can compute is finished in Python: such a table's function names the rows it gathers, and `finish` makes
the table of them.
"""

import datetime as dt
import hashlib
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from types import ModuleType
from typing import Any

import ibis
import ibis.expr.types as ir

from nba_assets.kit.as_of import History, Leak
from nba_assets.kit.calendar import Scope, after_bootstrap, month_of
from nba_assets.kit.source_code import source_of
from nba_assets.kit.table_context import Finish
from nba_resources.dates import DateRange
from nba_resources.sources.feeds import FEEDS, Feed, Kind
from nba_resources.warehouse.contract import Column, Contract, moment, text

PUBLISHED = "published"
STAMPED = ("source", "ingested_at", "code_version", "computed_at")
COMPILED_FOR = DateRange(dt.date(2024, 12, 1), dt.date(2024, 12, 31))  # any fixed range: only changes must show
_DROPPED = re.compile(r"(?<=EXCLUDE \()[^)]+|(?<=EXCEPT \()[^)]+")
_TYPES: Mapping[Kind, str] = {
    "text": "string",
    "team": "string",
    "integer": "int64",
    "price": "int64",
    "number": "float64",
    "line": "float64",
    "minutes": "float64",
    "flag": "boolean",
    "day": "date",
    "moment": "timestamp('UTC')",
}


class Owed(StrEnum):
    """What a table owes for a date with games, counted in the schedule or upstream and never in the table itself."""

    GAMES = "every game"
    FINAL_GAMES = "every finished game"
    TEAMS = "both teams of every game"
    FINAL_TEAMS = "both teams of every finished game"
    UNIVERSE = "every player on the two rosters"
    VETERANS = "every player on the two rosters with five played games"
    SEASONED_TEAMS = "every team with five finished games"
    EVERY_FORECAST = "every player who may be bet on, from every system"
    GRADES = "every stored prediction"
    PERFORMANCE = "every system and population, on dates with predictions"
    MODELS = "a model a month of every system that is trained"
    WHAT_IS_PUBLISHED = "whatever a source published"
    NOTHING = "nothing: it tells what the others owe"


@dataclass(frozen=True)
class Table:
    """A declared table: its contract, the function that makes its rows, and how it is kept."""

    contract: Contract
    function: Callable[..., Any]
    owed: Owed
    scope: Scope = Scope.GAME_DATES
    feed: Feed | None = None
    appends: bool = False
    left_out: Callable[..., ir.Table] | None = None
    disagreements: Callable[[ir.Table], ir.Table] | None = None
    finish: Finish | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The function itself: pure, and testable with in-memory tables."""
        return self.function(*args, **kwargs)

    @property
    def layer(self) -> str:
        """The layer named by the table's dataset: raw, reference, analytics, ..."""
        return self.contract.dataset.removeprefix("nba_")

    @cached_property
    def reads(self) -> dict[str, type]:
        """Upstream tables by name, and whether their rows of the date (`ir.Table`) or their `History` is read."""
        parameters = inspect.signature(self.function).parameters.values()
        told = {p.name: p.annotation for p in parameters if p.annotation in (ir.Table, History) and p.name != PUBLISHED}
        return told | ({"seasons": ir.Table} if self._is_cut_to_its_scope else {})

    @property
    def made(self) -> list[str]:
        """The columns the function makes: all but those the kit stamps on."""
        return [name for name in self.contract.columns if name not in STAMPED]

    def build(self, tables: Mapping[str, "Table"], dates: DateRange, published: ir.Table | None = None) -> ir.Table:
        """The table's expression for some dates, over upstream tables by name: nothing is read yet."""
        given = self._given(tables, dates, published)
        if not self._is_cut_to_its_scope:
            return self.function(**given)
        parameters = inspect.signature(self.function).parameters
        rows = self.function(**{name: value for name, value in given.items() if name in parameters})
        return after_bootstrap(rows, self.contract.partition or "", given["seasons"])

    def gathers(self, tables: Mapping[str, "Table"], dates: DateRange) -> dict[str, ir.Table]:
        """What a table finished in Python is made of, by name: nothing is read yet."""
        return self.function(**self._given(tables, dates))

    def asked(self, tables: Mapping[str, "Table"], dates: DateRange) -> dict[str, ir.Table]:
        """Everything the engine is asked for: the table, which then needs no name, or what it is finished from."""
        return self.gathers(tables, dates) if self.finish else {"": self.build(tables, dates)}

    def statements(self, tables: Mapping[str, "Table"], dialect: str = "duckdb") -> dict[str, str]:
        """What the engine is asked for one month, as it is written in one of its dialects."""
        return {name: _compiled(rows, dialect) for name, rows in self.asked(tables, COMPILED_FOR).items()}

    def sql(self, tables: Mapping[str, "Table"], dialect: str = "duckdb") -> str:
        """The same as one text, equal in every process."""
        return "\n\n".join(
            f"-- {name}\n{sql}" if name else sql for name, sql in self.statements(tables, dialect).items()
        )

    def code_version(self, tables: Mapping[str, "Table"], statement: str | None = None) -> str:
        """Return a hash of what computes the rows: the contract's types and ranges, the compiled SQL, and the Python
        behind a finished table. A fix, also one in `as_of`, marks stored dates stale; an edited text does not.
        """
        python = source_of(self.finish) if self.finish else ""
        parts = (repr(self.contract.without_prose()), statement or self.sql(tables), python)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]

    @property
    def _is_cut_to_its_scope(self) -> bool:
        """Frames are finished from tables that have been cut already."""
        return self.scope is Scope.AFTER_BOOTSTRAP and self.finish is None

    def _given(
        self, tables: Mapping[str, "Table"], dates: DateRange, published: ir.Table | None = None
    ) -> dict[str, Any]:
        given: dict[str, Any] = {
            name: self._door(tables[name].contract, how, dates) for name, how in self.reads.items()
        }
        if self.feed:
            given[PUBLISHED] = feed_table(self.feed) if published is None else published
        if any(p.annotation is DateRange for p in inspect.signature(self.function).parameters.values()):
            given["dates"] = dates
        return given

    def _door(self, upstream: Contract, how: type, dates: DateRange) -> ir.Table | History:
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


def table(
    *,
    dataset: str,
    grain: list[str],
    columns: Mapping[str, Column],
    owed: Owed = Owed.FINAL_GAMES,
    scope: Scope = Scope.GAME_DATES,
    partition: str | None = "game_date",
    post: bool = False,
    feed: str | None = None,
    appends: bool = False,
    moves: tuple[str, ...] = (),
    known_at: str | None = None,
    left_out: Callable[..., ir.Table] | None = None,
    disagreements: Callable[[ir.Table], ir.Table] | None = None,
    monthly: bool = False,
    finish: Finish | None = None,
) -> Callable[[Callable[..., Any]], Table]:
    """Declare a table over the function that makes its rows; the function's name is the table's.

    `post` says its rows exist only after the game. A `feed` makes it a raw table: its function receives what a source
    published, `left_out` says which of these rows belong to no game, `disagreements` of what they tell more than one
    thing. With `finish` the function returns several tables by name, and the frames read from them become the table in
    Python.
    """

    def declare(function: Callable[..., Any]) -> Table:
        kept = {"source": text("Who published the row"), "ingested_at": moment("When it was loaded")}
        made = {"code_version": text("What computed the row"), "computed_at": moment("When it was computed")}
        contract = Contract(
            dataset=dataset,
            name=function.__name__,
            grain=tuple(grain),
            columns={**columns, **(kept if feed else made)},
            partition=partition,
            description=inspect.getdoc(function) or "",
            post=post,
            moves=moves,
            known_at=known_at,
            monthly=monthly,
        )
        of = FEEDS[feed] if feed else None
        return Table(contract, function, owed, scope, of, appends, left_out, disagreements, finish)

    return declare


def feed_table(feed: Feed) -> ir.Table:
    """What a source will deliver, by name only: raw tables are compiled before anything is fetched."""
    return ibis.table({name: _TYPES[field.kind] for name, field in feed.fields.items()}, name=f"published_{feed.name}")


def declared_tables(package: ModuleType) -> dict[str, Table]:
    """Every table declared in the package, by name: writing the module is all it takes to add one."""
    found: dict[str, Table] = {}
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, Table) and found.setdefault(value.contract.name, value) is not value:
                raise ValueError(f"two tables are called {value.contract.name}: a name stands for one table")
    return found


def _compiled(rows: ir.Table, dialect: str) -> str:
    """Dropped columns come out of a set, in another order in every process."""
    statement = str(ibis.to_sql(rows, dialect=dialect))
    return _DROPPED.sub(lambda names: ", ".join(sorted(re.split(r",\s*", names.group().strip()))), statement)
