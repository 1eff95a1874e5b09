"""One finished season of the simulated league, read once."""

import datetime as dt

import pandas as pd
import pytest

from nba_resources.dates import DateRange
from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.simulated import SimulatedSource


@pytest.fixture(scope="session")
def finished() -> dict[str, pd.DataFrame]:
    """All feeds of 2024-25 as seen in the summer after it. Tests must not change them."""
    source = SimulatedSource(today=dt.date(2025, 7, 15))
    season = DateRange(dt.date(2024, 8, 1), dt.date(2025, 7, 31))
    return {feed: source.fetch(feed, season).rows.to_pandas() for feed in FEEDS}


@pytest.fixture(scope="session")
def regular(finished) -> pd.DataFrame:
    """The schedule without preseason, cup final and postseason."""
    schedule = finished["schedule"]
    return schedule[schedule.season_type == "regular"]
