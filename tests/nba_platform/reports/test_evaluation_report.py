import datetime as dt
from pathlib import Path

from nba_platform.definitions import TABLES
from nba_platform.reports.evaluation import evaluation_report

from ...shared import warehouse_at


def test_where_nothing_is_graded_the_report_says_so_and_the_run_goes_on(tmp_path: Path):
    warehouse = warehouse_at(tmp_path / "nba.duckdb")
    drawn = evaluation_report(warehouse, TABLES, dt.date(2025, 1, 31))
    assert drawn.png is None
    assert "nba backfill" in drawn.markdown
