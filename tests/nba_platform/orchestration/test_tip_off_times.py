"""Dates and games that have begun, by the stored schedule."""

import datetime as dt

import pytest

from nba_platform.definitions import TABLES
from nba_platform.orchestration.tip_off_times import begun_games, last_tip_offs
from nba_resources.dates import EASTERN, DateRange
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from .on_the_clock import games


def test_a_date_is_over_with_its_last_tip_off(warehouse: DuckDBWarehouse, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NBA_TODAY", "2025-01-15")  # its morning, at nine
    games(warehouse, "2025-01-14", "19:00", "22:30")
    games(warehouse, "2025-01-15", "08:30", "12:30")
    assert last_tip_offs(warehouse, TABLES) == {dt.date(2025, 1, 14): dt.datetime(2025, 1, 14, 22, 30, tzinfo=EASTERN)}
    games(warehouse, "2025-01-15", "08:00", "08:30")
    assert set(last_tip_offs(warehouse, TABLES)) == {dt.date(2025, 1, 14), dt.date(2025, 1, 15)}


def test_a_game_has_begun_while_another_of_its_date_has_not(
    warehouse: DuckDBWarehouse, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("NBA_TODAY", "2025-01-15")  # its morning, at nine
    games(warehouse, "2025-01-14", "19:00", "22:30")
    games(warehouse, "2025-01-15", "08:30", "12:30")
    both = DateRange(dt.date(2025, 1, 14), dt.date(2025, 1, 15))
    assert [*begun_games(warehouse, TABLES, both).values()] == [dt.datetime(2025, 1, 15, 8, 30, tzinfo=EASTERN)]


def test_nothing_has_begun_before_a_schedule_is_stored(warehouse: DuckDBWarehouse):
    assert last_tip_offs(warehouse, TABLES) == {}
