"""Which seasons are meant, and the months each is filled in."""

import datetime as dt

import pytest

from nba_platform.errors import NothingToDo
from nba_platform.orchestration.backfill.ingest import months_of, parse_seasons
from nba_resources.dates import DateRange


@pytest.mark.parametrize(
    ("first", "last"), [("2024", "2024"), ("2024-26", "2024-26"), ("2025-26", "2024-25"), ("2020-21", "2024-25")]
)
def test_what_is_no_season_is_refused(first: str, last: str):
    with pytest.raises(NothingToDo):
        parse_seasons(first, last, dt.date(2026, 1, 3))


def test_seasons_are_counted_from_one_to_another():
    assert parse_seasons("2022-23", "2024-25", dt.date(2026, 1, 3)) == ["2022-23", "2023-24", "2024-25"]


def test_months_of_a_season_leave_out_the_summer_and_what_is_to_come():
    months = [f"{month.start:%Y-%m}" for month in months_of("2024-25", dt.date(2026, 1, 3))]
    assert months == [f"2024-{n}" for n in (10, 11, 12)] + [f"2025-{n:02}" for n in range(1, 7)]
    assert months_of("2025-26", dt.date(2025, 11, 5))[-1] == DateRange(dt.date(2025, 11, 1), dt.date(2025, 11, 5))
