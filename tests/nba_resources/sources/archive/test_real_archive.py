"""The real archive, if there is one: all its rows are delivered, also date by date."""

import datetime as dt

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from nba_resources.dates import DateRange
from nba_resources.sources.archive.source import ArchiveSource
from nba_resources.sources.base import ALWAYS, Delivery
from nba_resources.sources.feeds import FEEDS

EXPECTED = {  # rows and notes
    "schedule": (6514, {}),
    "player_boxscores": (123461, {}),
    "team_boxscores": (11590, {}),
    "shots": (655448, {}),
    "player_props": (
        138911 + 478183 - 918 - 24,
        {"prices out of range": 14 + 753, "exact duplicates collapsed": 894, "duplicates merged": 24 + 24},
    ),
    "injury_reports": (10097 + 51469, {"duplicates merged": 306}),
    "game_odds": (45383 + 2556 + 1319, {}),
    "rosters": (0, {}),  # the archive has none
}


@pytest.fixture(scope="module", params=FEEDS)
def whole(request: pytest.FixtureRequest, archive_dir: str) -> tuple[str, Delivery]:
    """A feed with all its rows."""
    return request.param, ArchiveSource(archive_dir).fetch(request.param, ALWAYS)


def test_the_real_archive_is_delivered_whole(whole: tuple[str, Delivery]):
    feed, delivery = whole
    assert (delivery.rows.num_rows, delivery.notes) == EXPECTED[feed]


def test_one_date_of_the_real_archive_is_that_part_of_the_whole(whole: tuple[str, Delivery], archive_dir: str):
    """Two dates: lines of the later one come from another file."""
    feed, delivery = whole
    for day in (dt.date(2022, 12, 2), dt.date(2024, 3, 8)):
        part = delivery.rows.filter(pc.field(FEEDS[feed].date) == pa.scalar(day))
        assert ArchiveSource(archive_dir).fetch(feed, DateRange(day, day)).rows.equals(part)


def test_the_real_archive_ends_on_the_eve_of_its_tonight(archive_dir):
    assert ArchiveSource(archive_dir).today() == dt.date(2026, 1, 3)
