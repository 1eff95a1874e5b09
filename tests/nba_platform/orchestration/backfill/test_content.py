"""What is behind after a raw date was loaded again: nothing if its rows are the same, else exactly what reads it."""

import datetime as dt
from dataclasses import replace

import dagster as dg
import pyarrow as pa
import pytest

from nba_assets.kit.as_of import History
from nba_assets.kit.assets import asset_key
from nba_platform.definitions import DECLARED
from nba_platform.orchestration.backfill.stale_partitions import stale_partitions
from nba_platform.orchestration.event_log_reader import EventLogReader
from nba_platform.orchestration.instance import open_instance
from nba_resources.sources.simulated import SimulatedSource

WINDOW = dt.timedelta(days=365)
DATES = [dt.date(2024, 10, 8) + dt.timedelta(days=n) for n in range(17)]
CHANGED = dt.date(2024, 10, 22)
RAW = [name for name, table in DECLARED.items() if table.feed and table.contract.partition]
DAILY_TABLES = {
    name: table for name, table in DECLARED.items() if table.contract.partition and not table.contract.monthly
}


def behind(definitions: dg.Definitions) -> set[tuple[str, dt.date]]:
    """Return the dates of daily tables that a backfill of all of them would compute."""
    graph = definitions.resolve_asset_graph()
    requested = {asset_key(table.contract): [str(date) for date in DATES] for table in DAILY_TABLES.values()}
    with open_instance() as instance:
        found = stale_partitions(graph, EventLogReader(instance, graph), requested, {})
    return {(key.path[-1], dt.date.fromisoformat(date)) for key, dates in found.items() for date in dates}


def readers(changed: set[tuple[str, dt.date]]) -> set[tuple[str, dt.date]]:
    """Return by brute force over the declarations every table and date that reads a changed one, at any distance."""
    found: set[tuple[str, dt.date]] = set()
    waiting = [*changed]
    while waiting:
        name, day = waiting.pop()
        for reader, table in DAILY_TABLES.items():
            how = table.reads.get(name)
            if how is None:
                continue
            same_date = how is not History or table.contract.post or not DAILY_TABLES[name].contract.post
            last = day + WINDOW if how is History else day
            dates = [date for date in DATES if day <= date <= last and (date > day or same_date)]
            new = {(reader, date) for date in dates} - found
            found |= new
            waiting += new
    return found


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    from nba_platform.definitions import platform

    return platform()


def test_loading_every_raw_date_again_makes_nothing_behind(filled_home, nba, definitions):
    assert behind(definitions) == set()
    again = nba("backfill", str(DATES[0]), str(DATES[-1]), "--select", ",".join(RAW), "--force", "--json").document()
    assert again["error"] is None
    assert again["dates"]["computed"] == len(RAW) * len(DATES)
    assert behind(definitions) == set()


def test_one_corrected_value_makes_behind_exactly_what_reads_it(filled_home, nba, definitions, monkeypatch):
    fetch = SimulatedSource.fetch

    def corrected(self, feed, dates):
        delivery = fetch(self, feed, dates)
        if feed != "player_boxscores" or CHANGED not in dates:
            return delivery
        rows = delivery.rows.to_pylist()
        next(row for row in rows if row["game_date"] == CHANGED and row["minutes"])["plus_minus"] += 1
        return replace(delivery, rows=pa.Table.from_pylist(rows, schema=delivery.rows.schema))

    monkeypatch.setattr(SimulatedSource, "fetch", corrected)
    nba("backfill", str(DATES[0]), str(DATES[-1]), "--select", "player_boxscores", "--force")

    expected = readers({("player_boxscores", CHANGED)})
    assert behind(definitions) == expected
    assert ("player_game_summary", CHANGED) in expected
    assert ("player_daily_cache", CHANGED) not in expected
    assert ("player_daily_cache", CHANGED + dt.timedelta(days=1)) in expected
