"""Packed rows are read as often as needed, and hold no memory once they are forgotten."""

import weakref

import pyarrow as pa

from nba_resources.warehouse.packed_rows import PackedRows

ROWS = pa.table({"game": ["a", "b", "c"], "points": [21, None, 8]})


def test_rows_come_back_as_they_were_packed_each_time():
    packed = PackedRows.of(ROWS)
    assert packed.table() == packed.table() == ROWS
    assert pa.concat_tables(packed.parts()) == ROWS


def test_forgotten_rows_hold_no_memory():
    """Their writer held the buffer: 650 MB of five seasons of forecasts lay beside the grades made of them."""
    packed = PackedRows.of(ROWS)
    packed.table()
    buffer = weakref.ref(packed._buffer)
    packed.clear()
    assert buffer() is None
    assert packed.table().num_rows == 0
