"""Store the state of every table on every date as a table.

The states are computed in Python from counts of all other tables, so this table cannot be an expression like them. It
runs after all of them (`coverage_asset.py`), and its rows are what `nba coverage` would show at that moment.
"""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from nba_assets.kit.calendar import State
from nba_assets.kit.table import ExpectedRows, table
from nba_checks.completeness.coverage import DateState
from nba_resources.warehouse.contract import day, integer, text


@table(
    dataset="nba_reference",
    grain=["game_date", "table_name"],
    expected_rows=ExpectedRows.NOT_COUNTED,
    columns={
        "game_date": day("US Eastern date, with games or without"),
        "table_name": text("`dataset.table`"),
        "state": text("The one state of the table on the date", *State),
        "expected_count": integer("Games or rows expected", 0),
        "actual_count": integer("Expected games or rows that are stored", 0),
        "reason": text("Why the table has this state", null=True),
        "command": text(
            "The command that computes the date again, if that can help",
            null=True,
        ),
    },
)
def pipeline_coverage(states: Sequence[DateState]) -> ir.Table:
    """One row per table and date: its state, counted against the schedule, as `nba coverage` shows it."""
    return ibis.memtable(state_rows(states))


def state_rows(states: Sequence[DateState]) -> pa.Table:
    """Return the states as rows of the table, without its stamps."""
    columns = {
        "game_date": [state.date for state in states],
        "table_name": [state.table for state in states],
        "state": [state.state.value for state in states],
        "expected_count": [state.expected for state in states],
        "actual_count": [state.actual for state in states],
        "reason": [state.reason for state in states],
        "command": [state.command for state in states],
    }
    schema = pa.schema([field for field in pipeline_coverage.contract.schema.to_pyarrow() if field.name in columns])
    return pa.table(columns, schema=schema)
