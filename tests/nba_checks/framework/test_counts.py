import datetime as dt
from pathlib import Path

import pytest

from nba_assets.kit.table import ExpectedRows, Table
from nba_checks.framework.count_queries import WarehouseQueries, counted_tables
from nba_checks.framework.counts import StoredCounts, count_stored
from nba_resources.dates import DateRange
from nba_resources.warehouse.contract import day, text
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from ...nba_platform.rows import filled
from ..declared import declared

FIRST, SECOND = dt.date(2024, 12, 3), dt.date(2024, 12, 4)
BOTH = DateRange(FIRST, SECOND)


def owing(owed: ExpectedRows, name: str, *columns: str) -> Table:
    texts = {column: text(null=True) for column in columns}
    return declared(name, "nba_test", ["game_date", *columns], {"game_date": day(), **texts}, expected_rows=owed)


SCHEDULE = owing(ExpectedRows.GAMES, "schedule", "game_id", "season_type", "status")
SUMMARY = owing(ExpectedRows.FINAL_GAMES, "summary", "game_id", "player")
TEAMS = owing(ExpectedRows.FINAL_TEAMS, "teams", "game_id", "team")
PROPS = owing(ExpectedRows.AS_DELIVERED, "props", "game_id", "book")
ZONES = owing(ExpectedRows.TEAMS_WITH_FIVE_GAMES, "zones", "team")
GRADED = owing(ExpectedRows.GRADES, "graded", "game_id", "player", "outcome_state")
TABLES = {one.contract.name: one for one in (SCHEDULE, SUMMARY, TEAMS, PROPS, ZONES, GRADED)}
SLATE = [
    (FIRST, "a", "regular", "final"),
    (FIRST, "b", "regular", "postponed"),
    (SECOND, "c", "regular", "scheduled"),
    (SECOND, "d", "all_star", "final"),
]


@pytest.fixture
def warehouse(tmp_path: Path) -> DuckDBWarehouse:
    made = DuckDBWarehouse(path=str(tmp_path / "nba.duckdb"))
    store(made, SCHEDULE, SLATE)
    return made


def store(warehouse: DuckDBWarehouse, kept: Table, rows: list[tuple]) -> None:
    named = [dict(zip(kept.contract.columns, row, strict=False)) for row in rows]
    warehouse.replace(kept.contract, BOTH, filled(kept.contract, named))


def counted(warehouse: DuckDBWarehouse, kept: Table) -> dict[dt.date, StoredCounts] | None:
    return all_counted(warehouse).get(kept.contract.key)


def all_counted(warehouse: DuckDBWarehouse) -> dict[str, dict[dt.date, StoredCounts]]:
    return count_stored(WarehouseQueries(warehouse, TABLES), [*counted_tables(TABLES).values()], BOTH)


def test_games_are_counted_once_whatever_rows_they_have(warehouse):
    store(warehouse, SUMMARY, [(FIRST, "a", "ann"), (FIRST, "a", "bob"), (SECOND, "c", "ann")])
    assert counted(warehouse, SUMMARY) == {FIRST: StoredCounts(2, 1), SECOND: StoredCounts(1, 1)}


def test_rows_of_a_game_that_does_not_count_are_rows_and_nothing_more(warehouse):
    store(warehouse, TEAMS, [(FIRST, "a", "BOS"), (FIRST, "a", "NYK"), (FIRST, "b", "LAL"), (SECOND, "d", "EST")])
    assert counted(warehouse, TEAMS) == {FIRST: StoredCounts(3, 2), SECOND: StoredCounts(1, 0)}


def test_what_a_source_published_counts_with_or_without_a_game(warehouse):
    store(warehouse, PROPS, [(FIRST, "b", "x"), (FIRST, None, "y")])
    assert counted(warehouse, PROPS) == {FIRST: StoredCounts(2, 2)}


def test_a_table_without_games_counts_its_rows(warehouse):
    store(warehouse, ZONES, [(FIRST, "BOS"), (FIRST, "NYK"), (SECOND, "BOS")])
    assert counted(warehouse, ZONES) == {FIRST: StoredCounts(2, 2), SECOND: StoredCounts(1, 1)}


def test_a_grade_still_pending_after_its_game_is_no_grade(warehouse):
    store(
        warehouse, GRADED, [(FIRST, "a", "ann", "PENDING"), (FIRST, "a", "bob", "DNP"), (SECOND, "c", "ann", "PENDING")]
    )
    assert counted(warehouse, GRADED) == {FIRST: StoredCounts(2, 1), SECOND: StoredCounts(1, 1)}


def test_never_written_is_not_the_same_as_empty(warehouse):
    store(warehouse, ZONES, [])
    assert counted(warehouse, ZONES) == {}
    assert counted(warehouse, PROPS) is None


def test_all_tables_take_two_statements(warehouse, monkeypatch):
    """A statement for each table was half the time of a single date's run."""
    for kept in (SUMMARY, TEAMS, PROPS, ZONES, GRADED):
        store(warehouse, kept, [])
    asked, read = [], DuckDBWarehouse.read
    monkeypatch.setattr(DuckDBWarehouse, "read", lambda self, rows: asked.append(rows) or read(self, rows))
    assert set(all_counted(warehouse)) == {t.contract.key for t in TABLES.values()}
    assert len(asked) == 2
