"""Packed rows are read as often as needed."""

import pyarrow as pa

from nba_resources.warehouse.packed_rows import PackedRows

ROWS = pa.table({"game": ["a", "b", "c"], "points": [21, None, 8]})


def test_rows_come_back_as_they_were_packed_each_time():
    packed = PackedRows.of(ROWS)
    assert packed.table() == packed.table() == ROWS
    assert pa.concat_tables(packed.parts()) == ROWS
