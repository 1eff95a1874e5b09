"""Compared with the stock calendar, which works out of each date whether it exists."""

import datetime as dt

import dagster as dg
import pytest
from dagster._core.definitions.partitions.context import partition_loading_context

from nba_assets.kit.calendar import DAILY, MONTHLY
from nba_platform.dagster_compat.known_dates import known_dates

EXISTING = {"2021-10-19", "2022-06-30", "2022-10-01", "2024-02-29", "2024-12-25"}
STRANGE = {"2021-10-18", "2022-07-01", "2023-09-30", "2023-02-29", "2999-01-01", "yesterday", ""}


def test_a_date_exists_where_the_stock_calendar_says_so():
    assert DAILY.filter_valid_partition_keys(EXISTING | STRANGE) == EXISTING
    assert known_dates(DAILY).filter_valid_partition_keys(EXISTING | STRANGE) == EXISTING


@pytest.mark.parametrize("partitions", [DAILY, MONTHLY], ids=["days", "months"])
def test_known_dates_have_the_name_under_which_the_stock_calendar_keeps_its_states(partitions: dg.PartitionsDefinition):
    assert known_dates(partitions) is not partitions
    assert known_dates(partitions).get_serializable_unique_identifier() == (
        partitions.get_serializable_unique_identifier()
    )


def test_a_day_that_has_come_since_the_list_was_made_exists():
    evening, a_week_later = (dt.datetime(2031, 1, day, 20, tzinfo=dt.UTC) for day in (10, 17))
    with partition_loading_context(evening):
        assert known_dates(DAILY).filter_valid_partition_keys({"2031-01-10", "2031-01-16"}) == {"2031-01-10"}
    with partition_loading_context(a_week_later):
        assert known_dates(DAILY).filter_valid_partition_keys({"2031-01-16", "2031-01-18"}) == {"2031-01-16"}


def test_of_dates_in_the_list_nothing_is_worked_out(monkeypatch: pytest.MonkeyPatch):
    """Working it out took 3 s for each table; the graph over five seasons stood still for up to 39 s during a run."""
    worked_out = []
    monkeypatch.setattr(
        dg.TimeWindowPartitionsDefinition, "has_partition_key", lambda _, key: worked_out.append(key) or False
    )
    assert known_dates(DAILY).filter_valid_partition_keys(EXISTING | STRANGE) == EXISTING
    assert set(worked_out) == STRANGE


def test_partitions_that_are_no_dates_stay_as_they_are():
    systems = dg.StaticPartitionsDefinition(["trees", "rules"])
    assert known_dates(systems) is systems
