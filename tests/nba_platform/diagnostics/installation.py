"""An NBA_HOME with one stored season, and the single finding of an examination."""

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

from nba_resources.findings import Finding

from ...shared import warehouse_at
from ..rows import store


def fill(home: Path) -> None:
    year = {"season_year": 2024, "season": "2024-25", "start_date": dt.date(2024, 10, 22)}
    ends = {"regular_end_date": dt.date(2025, 4, 13), "end_date": dt.date(2025, 6, 22), "games": 1230}
    store(warehouse_at(home / "nba.duckdb"), seasons=[year | ends])


def only(findings: Iterable[Finding]) -> Finding:
    (finding,) = findings
    return finding
