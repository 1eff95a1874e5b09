"""Writes compared with the rows before, on every engine: fingerprints, changed rows, columns that shifted."""

import datetime as dt
import math
from dataclasses import replace
from typing import Any

import ibis
import pytest

from nba_resources.dates import DateRange
from nba_resources.rejected import Unit
from nba_resources.warehouse.base import Rejected, Warehouse
from nba_resources.warehouse.changes import EMPTY, Shift, StoredDate
from nba_resources.warehouse.contract import Contract, day, moment, number, text

from .scores import ALL_THREE, COLUMNS, MONDAY, SCORES, SUNDAY, TUESDAY, rows, score

RATES = Contract(
    "nba_analytics",
    "rates",
    ("player", "game_date"),
    {
        "player": text(null=True),
        "game_date": day(),
        "rate": number(null=True),
        "code_version": text(),
        "computed_at": moment(),
    },
    partition="game_date",
)


def rates(*values: float | None, at: int = 1, names: str = "abcdefgh", version: str = "v1") -> Any:
    stamps = {"code_version": version, "computed_at": dt.datetime(2025, 1, 20, at, tzinfo=dt.UTC)}
    records = [
        {"player": name, "game_date": MONDAY, "rate": rate, **stamps} for name, rate in zip(names, values, strict=False)
    ]
    schema = ibis.schema({name: column.dtype(nullable=True) for name, column in RATES.columns.items()})
    return ibis.memtable(records, schema=schema)


def store(warehouse: Warehouse, *values: float | None, **options: Any) -> StoredDate:
    return warehouse.replace(RATES, DateRange(MONDAY, MONDAY), rates(*values, **options))[MONDAY]


def test_the_same_rows_have_the_same_fingerprint_in_any_order_at_any_time_and_by_any_code(warehouse: Warehouse):
    first = store(warehouse, 1.5, 2.5, None)
    assert (first.rows, first.added, first.removed, first.changed) == (3, 3, 0, 0)
    again = store(warehouse, None, 2.5, 1.5, names="cba", at=5, version="v2")
    assert again == StoredDate(3, first.fingerprint)


def test_the_last_bit_of_a_fraction_is_no_change_and_the_sixth_decimal_is_one(warehouse: Warehouse):
    first = store(warehouse, 0.3, -0.0)
    assert store(warehouse, 0.1 + 0.2, 0.0) == StoredDate(2, first.fingerprint)
    assert store(warehouse, 0.300001, 0.0).changed == 1


def test_a_mean_halfway_between_two_decimals_is_no_change_by_its_last_bit(warehouse: Warehouse):
    """A mean of 64 errors with one decimal has seven: rounded to six, the order of adding them up decided."""
    half = 0.1234565
    first = store(warehouse, half)
    for neighbour in (math.nextafter(half, 0), math.nextafter(half, 1)):
        assert store(warehouse, neighbour) == StoredDate(1, first.fingerprint)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((1.5, 2.5, 4.5), (0, 0, 1)),
        ((1.5, 2.5), (0, 1, 0)),
        ((1.5, 2.5, 3.5, 4.5), (1, 0, 0)),
        ((2.5, 1.5, 3.5), (0, 0, 2)),
    ],
)
def test_a_write_says_which_rows_it_added_removed_and_changed(
    warehouse: Warehouse, values: tuple[float, ...], expected: tuple[int, int, int]
):
    first = store(warehouse, 1.5, 2.5, 3.5)
    now = store(warehouse, *values)
    assert (now.added, now.removed, now.changed) == expected
    assert now.fingerprint != first.fingerprint
    assert now.before == 3


def test_a_null_in_the_key_is_compared_like_a_value(warehouse: Warehouse):
    keys: Any = [None, "b"]
    first = store(warehouse, 1.5, 2.5, names=keys)
    assert store(warehouse, 1.5, 2.5, names=keys) == StoredDate(2, first.fingerprint)
    assert store(warehouse, 9.5, 2.5, names=keys).changed == 1


def test_swapped_values_of_two_columns_change_the_fingerprint(warehouse: Warehouse):
    contract = replace(SCORES, name="pairs", columns={**COLUMNS, "other": text()})

    def pair(side: str, other: str) -> str:
        records = [{**score("a"), "side": side, "other": other}]
        found = warehouse.replace(contract, DateRange(MONDAY, MONDAY), rows(*records, contract=contract))
        return found[MONDAY].fingerprint

    assert pair("home", "away") != pair("away", "home")


def test_dates_have_fingerprints_of_their_own(warehouse: Warehouse):
    games = score("a", SUNDAY), score("b", MONDAY)
    first = warehouse.replace(SCORES, ALL_THREE, rows(*games, score("c", TUESDAY)))
    now = warehouse.replace(SCORES, ALL_THREE, rows(*games, score("c", TUESDAY, pts=99)))
    assert [first[day].fingerprint == now[day].fingerprint for day in (SUNDAY, MONDAY, TUESDAY)] == [True, True, False]


def test_an_emptied_date_says_so(warehouse: Warehouse):
    store(warehouse, 1.5, 2.5)
    assert store(warehouse) == StoredDate(0, EMPTY, removed=2)


def test_rows_that_stay_because_their_unit_is_refused_are_part_of_the_fingerprint(warehouse: Warehouse):
    contract = replace(SCORES, unit=Unit.DATE)
    first = warehouse.replace(contract, ALL_THREE, rows(score("a"), score("b")))
    now = warehouse.replace(contract, ALL_THREE, rows(score("a"), score("b", pts=900)), Rejected())
    assert now == {MONDAY: StoredDate(2, first[MONDAY].fingerprint)}


def test_an_append_of_stored_keys_changes_nothing_and_of_new_ones_adds_them(warehouse: Warehouse):
    first = warehouse.append(SCORES, ALL_THREE, rows(score("a"), score("b")))
    assert warehouse.append(SCORES, ALL_THREE, rows(score("a", pts=7))) == {
        MONDAY: StoredDate(2, first[MONDAY].fingerprint)
    }
    assert warehouse.append(SCORES, ALL_THREE, rows(score("c")))[MONDAY].added == 1


def test_a_table_without_dates_has_one_fingerprint(warehouse: Warehouse):
    whole = replace(SCORES, name="whole", partition=None)
    first = warehouse.replace(whole, None, rows(score("a"), score("b", TUESDAY)))
    now = warehouse.replace(whole, None, rows(score("b", TUESDAY), score("a", pts=90)))
    assert [*first] == [*now] == [None]
    assert (now[None].rows, now[None].changed) == (2, 1)
    assert first[None].fingerprint != now[None].fingerprint


def test_a_column_that_lost_values_or_moved_by_half_a_deviation_is_named(warehouse: Warehouse):
    """The values 1, 2, 3, 4 have the mean 2.5 and the deviation 1.29, so that 0.65 is half of it."""
    store(warehouse, 1.0, 2.0, 3.0, 4.0)
    assert store(warehouse, 1.6, 2.6, 3.6, 4.6).shifts == ()
    store(warehouse, 1.0, 2.0, 3.0, 4.0)
    (shift,) = store(warehouse, 1.7, 2.7, 3.7, 4.7).shifts
    assert shift == Shift("rate", "mean", 2.5, pytest.approx(3.2))
    assert store(warehouse, 1.7, 2.7, 3.7, None).shifts[0] == Shift("rate", "share of NULLs", 0.0, 0.25)


def test_facts_may_change_at_will(warehouse: Warehouse):
    warehouse.replace(SCORES, ALL_THREE, rows(score("a", pts=90), score("b", pts=91)))
    assert warehouse.replace(SCORES, ALL_THREE, rows(score("a", pts=190), score("b", pts=191)))[MONDAY].shifts == ()
