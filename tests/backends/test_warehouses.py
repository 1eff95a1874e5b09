"""Writes on every engine: DuckDB, and BigQuery's protocol through an emulator."""

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import duckdb
import ibis
import pytest
from google.api_core.exceptions import BadRequest

from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse, WarehouseUnavailable
from nba_resources.warehouse.contract import ContractBroken, text

from .scores import ALL_THREE, COLUMNS, MONDAY, SCORES, SUNDAY, TUESDAY, counts, in_threads, loaded, rows, score, stored


def test_a_replace_stores_exactly_the_rows_and_counts_them_by_date(warehouse: Warehouse):
    games = rows(score("a", SUNDAY), score("b", TUESDAY), score("c", TUESDAY, pts=117))
    written = warehouse.replace(SCORES, ALL_THREE, games)
    assert counts(written) == {SUNDAY: 1, TUESDAY: 2}
    assert stored(warehouse) == {"a": 100, "b": 100, "c": 117}


def test_the_same_replace_twice_changes_nothing(warehouse: Warehouse):
    """Appending after a DELETE of 'old' rows once left 71,010 duplicates among 89,954 rows."""
    games = rows(score("a", SUNDAY), score("b", TUESDAY))
    warehouse.replace(SCORES, ALL_THREE, games)
    warehouse.replace(SCORES, ALL_THREE, games)
    assert stored(warehouse) == {"a": 100, "b": 100}


def test_a_replace_touches_only_its_own_dates(warehouse: Warehouse):
    loaded(warehouse).replace(SCORES, DateRange(MONDAY, MONDAY), rows(score("m2", MONDAY, pts=7)))
    assert stored(warehouse) == {"s": 90, "m2": 7, "t": 112}


def test_an_empty_delivery_empties_its_dates(warehouse: Warehouse):
    written = loaded(warehouse).replace(SCORES, DateRange(MONDAY, TUESDAY), rows())
    assert counts(written) == {}
    assert stored(warehouse) == {"s": 90}


def test_an_empty_first_write_makes_the_table(warehouse: Warehouse):
    assert warehouse.replace(SCORES, ALL_THREE, rows()) == {}
    assert warehouse.holds(SCORES)
    assert stored(warehouse) == {}


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        ([score("x"), score("x", SUNDAY)], r"repeated keys \(game_id\), for instance \[\('x', 2\)\]"),
        ([score("x", pts=None)], r"1 rows where pts is NULL; the first at \[\('x',\)\]"),
        ([score("x", pts=201), score("y", pts=-1)], "2 rows where pts is outside 0 to 200"),
        ([score("x", side="left")], "1 rows where side is none of home, away"),
        ([score("x", pace=math.inf)], "1 rows where pace is not a finite number"),
        ([score("x", dt.date(2025, 1, 15))], "game_date is outside 2025-01-12...2025-01-14"),
        (
            [score("x", pts=None, side="left")],
            "1 rows where side is none of home, away; 1 rows where pts is NULL; the first",
        ),
    ],
)
def test_rows_that_break_the_contract_are_refused_and_the_old_rows_stay(
    warehouse: Warehouse, bad: list[dict[str, Any]], expected: str
):
    loaded(warehouse)
    with pytest.raises(ContractBroken, match=f"nba_raw.scores: nothing stored. Found .*({expected})"):
        warehouse.replace(SCORES, ALL_THREE, rows(score("good"), *bad))
    assert stored(warehouse) == {"s": 90, "m": 101, "t": 112}


def test_nan_is_refused(warehouse: Warehouse):
    with pytest.raises(ContractBroken, match="pace is not a finite number"):
        warehouse.replace(SCORES, ALL_THREE, rows(score("x")).mutate(pace=ibis.literal(math.nan)))


@pytest.mark.parametrize(
    "change", [lambda t: t.drop("pace"), lambda t: t.mutate(colour=ibis.literal("green"))], ids=["missing", "unknown"]
)
def test_a_missing_or_an_unknown_column_is_refused_and_the_old_rows_stay(warehouse: Warehouse, change: Any):
    loaded(warehouse)
    with pytest.raises(ContractBroken, match="columns missing"):
        warehouse.replace(SCORES, ALL_THREE, change(rows(score("x"))))
    assert stored(warehouse) == {"s": 90, "m": 101, "t": 112}


def test_an_error_inside_the_computation_leaves_the_old_rows(warehouse: Warehouse):
    loaded(warehouse)
    unreadable = rows(score("x")).mutate(pts=ibis.literal("thirty").cast("int64"))
    with pytest.raises((duckdb.ConversionException, BadRequest)):
        warehouse.replace(SCORES, ALL_THREE, unreadable)
    assert stored(warehouse) == {"s": 90, "m": 101, "t": 112}


def test_a_key_stored_under_another_date_is_refused(warehouse: Warehouse):
    loaded(warehouse)
    with pytest.raises(ContractBroken, match=r"already stored under other dates.*'m'.*refresh those dates together"):
        warehouse.replace(SCORES, DateRange(TUESDAY, TUESDAY), rows(score("m", TUESDAY)))
    assert stored(warehouse) == {"s": 90, "m": 101, "t": 112}


def test_a_moved_game_leaves_its_old_date(warehouse: Warehouse):
    calendar = replace(SCORES, moves=("game_id",))
    loaded(warehouse)
    written = warehouse.replace(calendar, DateRange(TUESDAY, TUESDAY), rows(score("m", TUESDAY), score("t", TUESDAY)))
    assert counts(written) == {TUESDAY: 2}
    assert stored(warehouse) == {"s": 90, "m": 100, "t": 100}


def test_an_append_refreshes_only_what_follows_from_other_tables(warehouse: Warehouse):
    """Lines stored before the league named a tip-off once stayed without it for ever."""
    offers = replace(SCORES, refreshed=("pace",))
    warehouse.append(offers, ALL_THREE, rows(score("a", pts=20, pace=None), score("b", pts=30)))
    warehouse.append(offers, ALL_THREE, rows(score("a", pts=25, pace=99.0), score("c", pts=40)))
    assert stored(warehouse) == {"a": 20, "b": 30, "c": 40}
    paces = warehouse.read(offers.table().order_by("game_id").select("pace"))["pace"]
    assert paces.tolist() == [99.0, 98.5, 98.5]


def test_an_append_never_changes_stored_rows(warehouse: Warehouse):
    warehouse.append(SCORES, ALL_THREE, rows(score("a", pts=20)))
    written = warehouse.append(SCORES, ALL_THREE, rows(score("a", pts=25), score("b", TUESDAY, pts=30)))
    assert counts(written) == {MONDAY: 1, TUESDAY: 1}
    assert stored(warehouse) == {"a": 20, "b": 30}


def test_null_parts_of_an_appended_key_are_equal(warehouse: Warehouse):
    keyed = replace(SCORES, grain=("game_id", "pace"))
    for _ in range(2):
        warehouse.append(keyed, ALL_THREE, rows(score("a", pace=None)))
    assert stored(warehouse) == {"a": 100}
    assert len(warehouse.read(SCORES.table())) == 1


def test_an_append_is_checked_against_the_contract(warehouse: Warehouse):
    warehouse.append(SCORES, ALL_THREE, rows(score("a")))
    with pytest.raises(ContractBroken, match="pts is outside"):
        warehouse.append(SCORES, ALL_THREE, rows(score("b", pts=900)))
    assert stored(warehouse) == {"a": 100}


def test_a_table_without_dates_is_replaced_whole(warehouse: Warehouse):
    whole = replace(SCORES, partition=None)
    warehouse.replace(whole, None, rows(score("a"), score("b", TUESDAY)))
    assert warehouse.replace(whole, None, rows(score("c", SUNDAY)))[None].rows == 1
    assert stored(warehouse) == {"c": 100}


def test_a_range_of_900_dates_is_one_write(warehouse: Warehouse):
    first = dt.date(2022, 10, 1)
    dates = DateRange(first, first + dt.timedelta(days=899))
    warehouse.replace(SCORES, DateRange(first, first), rows(score("old", first)))
    written = warehouse.replace(SCORES, dates, rows(*(score(f"{date}", date) for date in dates)))
    assert counts(written) == dict.fromkeys(dates, 1)
    assert len(stored(warehouse)) == 900


def test_a_table_of_months_is_replaced_by_its_months(warehouse: Warehouse):
    monthly = replace(SCORES, name="models", monthly=True)
    january, february = dt.date(2025, 1, 1), dt.date(2025, 2, 1)
    warehouse.replace(monthly, DateRange(january, february), rows(score("j", january), score("f", february)))
    written = warehouse.replace(monthly, DateRange(february, february), rows(score("f", february, pts=7)))
    assert counts(written) == {february: 1}
    assert stored(warehouse, monthly) == {"j": 100, "f": 7}


def test_an_error_names_the_columns_that_differ_from_the_stored_table(warehouse: Warehouse):
    loaded(warehouse)
    grown = replace(SCORES, columns={**COLUMNS, "coach": text(null=True)})
    with pytest.raises(WarehouseUnavailable, match=r"nba_raw\.scores .*\(coach\): drop the table and backfill it"):
        warehouse.replace(grown, ALL_THREE, rows(score("x", coach="Mazzulla"), contract=grown))
    assert stored(warehouse) == {"s": 90, "m": 101, "t": 112}


def test_readers_and_a_writer_within_one_process_wait_for_each_other(warehouse: Warehouse):
    loaded(warehouse)

    def read() -> None:
        for _ in range(4):
            warehouse.read(SCORES.table())

    def write() -> None:
        for n in range(3):
            warehouse.replace(SCORES, ALL_THREE, rows(score("w", pts=n)))

    assert in_threads(read, write, read) == []
    assert stored(warehouse) == {"w": 2}


def test_writers_within_one_process_wait_for_each_other(warehouse: Warehouse):
    """Two threads that created the same dataset at once once failed with a catalogue conflict."""

    def writes(game_date: dt.date, game_id: str) -> Callable[[], object]:
        one_day = DateRange(game_date, game_date)
        return lambda: [warehouse.replace(SCORES, one_day, rows(score(game_id, game_date))) for _ in range(2)]

    assert in_threads(writes(SUNDAY, "s"), writes(MONDAY, "m"), writes(TUESDAY, "t")) == []
    assert stored(warehouse) == {"s": 100, "m": 100, "t": 100}
