import datetime as dt
from zoneinfo import ZoneInfo

import ibis
import pytest

from nba_assets.kit.expressions.eastern import eastern_moment

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(("hour", "minute"), [(6, 0), (18, 45)])
def test_every_day_of_eight_years_has_the_hour_of_new_york(hour: int, minute: int) -> None:
    days = [dt.date(2021, 1, 1) + dt.timedelta(days=n) for n in range(8 * 365 + 2)]
    rows = ibis.memtable({"day": days})
    found = rows.select("day", moment=eastern_moment(rows.day, hour, minute)).execute()
    assert len(found) == len(days)
    for day, moment in zip(found["day"].dt.date, found["moment"], strict=True):
        expected = dt.datetime.combine(day, dt.time(hour, minute), NEW_YORK)
        assert moment.tz_convert("UTC") == expected.astimezone(dt.UTC), day
