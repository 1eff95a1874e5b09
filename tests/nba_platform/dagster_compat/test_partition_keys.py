"""Dates and months are listed once, as Dagster lists them at any time."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import dagster as dg
import pytest

from nba_platform.dagster_compat import partition_keys
from nba_platform.dagster_compat.partition_keys import TimeWindowPartitionsDefinition, list_partitions_once

DAILY = dg.DailyPartitionsDefinition("2024-03-01", timezone="America/New_York", end_offset=1)
MONTHLY = dg.MonthlyPartitionsDefinition("2024-01-01", timezone="America/New_York", end_offset=1)


@pytest.fixture
def listings(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Calls of Dagster's own method, which lists anew."""
    calls: list[Any] = []
    stock: Callable[..., Any] = partition_keys._list

    def counted(partitions: Any) -> Any:
        calls.append(partitions)
        return stock(partitions)

    monkeypatch.setattr(partition_keys, "_list", counted)
    monkeypatch.setattr(TimeWindowPartitionsDefinition, "get_partition_keys", stock)
    list_partitions_once()
    return calls


def test_a_new_day_is_in_the_list_when_it_begins_in_new_york(listings: list[Any]):
    before, after = (dt.datetime(2024, 3, 5, 4, minute, tzinfo=dt.UTC) for minute in (0, 59))
    midnight = dt.datetime(2024, 3, 5, 5, tzinfo=dt.UTC)
    assert DAILY.get_partition_keys(before) == ["2024-03-01", "2024-03-02", "2024-03-03", "2024-03-04"]
    assert DAILY.get_partition_keys(after) == DAILY.get_partition_keys(before)
    assert DAILY.get_partition_keys(midnight) == [*DAILY.get_partition_keys(before), "2024-03-05"]
    assert len(listings) == 2


def test_dates_and_months_are_not_mixed_up(listings: list[Any]):
    now = dt.datetime(2024, 3, 3, 17, tzinfo=dt.UTC)
    assert DAILY.get_partition_keys(now) == ["2024-03-01", "2024-03-02", "2024-03-03"]
    assert MONTHLY.get_partition_keys(now) == ["2024-01-01", "2024-02-01", "2024-03-01"]


def test_a_list_that_is_changed_changes_no_other(listings: list[Any]):
    now = dt.datetime(2024, 3, 2, 17, tzinfo=dt.UTC)
    DAILY.get_partition_keys(now).clear()
    assert DAILY.get_partition_keys(now) == ["2024-03-01", "2024-03-02"]
