"""Count games and rows by date, expected and stored, from the rows of a few queries.

This module imports neither Ibis nor pandas: `nba coverage` reads the SQL of the queries from their stored templates.
`count_queries.py` has the queries, with the warehouse that evaluates them.
"""

import datetime as dt
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from nba_assets.kit.calendar import BOOTSTRAP_DAYS, FIRST_DAY, Scope
from nba_assets.kit.expected_rows import ExpectedRows
from nba_resources.dates import DateRange
from nba_resources.sources.base import ALWAYS
from nba_resources.warehouse.errors import WarehouseUnavailable
from nba_resources.warehouse.reader import Reader
from nba_resources.warehouse.sql.templates import TemplateFolder

QUERIES = "nba_checks.framework.count_queries"
_BY_GAME = (ExpectedRows.GAMES, ExpectedRows.FINAL_GAMES)
_OFF_SCHEDULE_TOO = (ExpectedRows.GRADES, ExpectedRows.PERFORMANCE, ExpectedRows.AS_DELIVERED)
# For each query of expected rows the tables that must be stored, and the rules that its numbers count, in order.
# Players come from games and schedule, not from the context table, which is itself checked by this count.
UPSTREAM: Mapping[str, tuple[tuple[str, ...], tuple[ExpectedRows, ...]]] = {
    "players": (
        ("player_game_summary",),
        (
            *(ExpectedRows.ROSTER_PLAYERS, ExpectedRows.PLAYERS_WITH_FIVE_GAMES),
            *(ExpectedRows.ROSTER_EDITIONS, ExpectedRows.ROSTER_STATISTICS),
        ),
    ),
    "seasoned": (("schedule",), (ExpectedRows.TEAMS_WITH_FIVE_GAMES,)),
    "forecasts": (("ml_feature_store_v2", "player_presence", "player_prop_lines"), (ExpectedRows.FORECASTS,)),
    "predictions": (("player_prop_predictions",), (ExpectedRows.GRADES, ExpectedRows.PERFORMANCE)),
}


class NotCompiled(LookupError):
    """A query has no stored template, so it must be compiled."""


class CountQueries(Protocol):
    """Evaluates the queries of `count_queries.py` by name."""

    def rows(self, query: str, dates: DateRange = ALWAYS, *texts: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""

    def stored(self, keys: Iterable[str]) -> set[str]:
        """Return those keys (`dataset.table`) whose table exists."""


@dataclass(frozen=True)
class StoredQueries:
    """Renders the stored templates of the queries."""

    reader: Reader
    templates: TemplateFolder
    dialect: str

    def rows(self, query: str, dates: DateRange = ALWAYS, *texts: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query; refuse if it must be compiled."""
        template = self.templates.find(".".join((QUERIES, query, *texts)), self.dialect)
        if template is None:
            raise NotCompiled(query)
        (rows,) = self.reader.results([template.render(dates)])
        return rows

    def stored(self, keys: Iterable[str]) -> set[str]:
        """Return those keys whose table exists."""
        return self.reader.stored(keys)


@dataclass(frozen=True)
class CountedTable:
    """A table as the counts of its rows need it; `reads` are the names of upstream tables."""

    key: str
    partition: str | None
    monthly: bool
    expected_rows: ExpectedRows
    scope: Scope
    feed: bool
    reads: tuple[str, ...]

    @property
    def name(self) -> str:
        """The table's name without its dataset."""
        return self.key.split(".")[-1]

    @property
    def layer(self) -> str:
        """The layer named by the dataset."""
        return self.key.split(".")[0].removeprefix("nba_")

    @property
    def by_date(self) -> bool:
        """True if rows are expected on single dates: not for tables stored whole or by month, nor for reports."""
        is_counted = self.expected_rows is not ExpectedRows.NOT_COUNTED
        return is_counted and self.partition is not None and not self.monthly


CountedTables = Mapping[str, CountedTable]


@dataclass(frozen=True)
class ExpectedCounts:
    """The games of one date on the schedule, and the rows counted in upstream tables."""

    date: dt.date
    games: int
    final: int
    days_into_season: int | None
    upstream: Mapping[ExpectedRows, int] = field(default_factory=dict)

    def expected(self, rule: ExpectedRows) -> int:
        """Return how many games or rows a table should have on the date."""
        games = {ExpectedRows.GAMES: self.games, ExpectedRows.TEAMS: 2 * self.games}
        finished = {ExpectedRows.FINAL_GAMES: self.final, ExpectedRows.FINAL_TEAMS: 2 * self.final}
        return {**games, **finished, **self.upstream}.get(rule, 0)

    @property
    def is_bootstrap(self) -> bool:
        """True in the first days of a season, when hardly a game has been played."""
        return self.days_into_season is not None and 0 <= self.days_into_season < BOOTSTRAP_DAYS


@dataclass(frozen=True)
class StoredCounts:
    """The stored rows of a table on one date, and how many games or rows of the expected ones they are."""

    rows: int = 0
    actual: int = 0


def count_expected(
    queries: CountQueries, tables: CountedTables, dates: DateRange, rules: Collection[ExpectedRows]
) -> list[ExpectedCounts]:
    """Count what every partition date of the range should have, as far as tables with these rules need it."""
    refuse_before_the_schedule(queries)
    games = {day: (total, final) for day, total, final in queries.rows("games", dates)}
    upstream: dict[dt.date, dict[ExpectedRows, int]] = {}
    for query, (names, counted) in UPSTREAM.items():
        if not {*counted} & {*rules} or not {*names} <= tables.keys():
            continue
        if len(queries.stored([tables[name].key for name in names])) == len(names):
            for day, *numbers in queries.rows(query, dates):
                upstream.setdefault(day, {}).update(zip(counted, map(int, numbers), strict=True))
    starts = [start for (start,) in queries.rows("season_starts")]
    results = []
    for day in dates:
        if day < FIRST_DAY:
            continue
        start = max((start for start in starts if start <= day), default=None)
        total, final = map(int, games.get(day, (0, 0)))
        days_into_season = (day - start).days if start else None
        results.append(ExpectedCounts(day, total, final, days_into_season, upstream.get(day, {})))
    return results


def count_stored(
    queries: CountQueries, of: Collection[CountedTable], dates: DateRange
) -> dict[str, dict[dt.date, StoredCounts]]:
    """Return counts by table key and date; a table that was never written has no entry, an empty one an empty entry.

    Rows of a game that was postponed or is on no schedule are counted as rows, but not towards the expected count.
    """
    held = queries.stored(table.key for table in of)
    written = {table.key: table for table in of if table.key in held}
    if not written:
        return {}
    final_games = {(game, day): final for game, day, final in queries.rows("scheduled", dates)}
    totals: dict[str, dict[dt.date, list[int]]] = {key: {} for key in written}
    names = sorted(table.name for table in written.values())
    for key, day, game, pending, n in queries.rows("rows_by_game", dates, *names):
        rule, on_schedule = written[key].expected_rows, game is None or (game, day) in final_games
        ungraded = pending and final_games.get((game, day))  # still pending although the game is over
        counts = (on_schedule or rule in _OFF_SCHEDULE_TOO) and not ungraded
        total = totals[key].setdefault(day, [0, 0])
        total[0] += n
        total[1] += (1 if rule in _BY_GAME else n) if counts else 0
    return {key: {day: StoredCounts(*total) for day, total in of_key.items()} for key, of_key in totals.items()}


def refuse_before_the_schedule(queries: CountQueries) -> None:
    """Raise unless schedule and seasons are stored: without them nothing would look missing."""
    needed = ("nba_raw.schedule", "nba_reference.seasons")
    held = queries.stored(needed)
    if absent := [key for key in needed if key not in held]:
        raise WarehouseUnavailable(
            f"{' and '.join(absent)} was never loaded, so nothing is known to be missing: "
            f"run `nba backfill START END` first."
        )


def write_tables(file: Path, tables: CountedTables) -> None:
    """Store the tables in order, for processes that do not import their declarations."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps([asdict(table) for table in tables.values()]), encoding="utf-8")


def read_tables(file: Path) -> CountedTables | None:
    """Return the stored tables, if there are any."""
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return {table.name: table for table in map(_table, stored)}


def _table(stored: Mapping[str, Any]) -> CountedTable:
    typed = {"expected_rows": ExpectedRows(stored["expected_rows"]), "scope": Scope(stored["scope"])}
    return CountedTable(**{**stored, **typed, "reads": tuple(stored["reads"])})
