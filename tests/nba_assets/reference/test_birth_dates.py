import datetime as dt
from pathlib import Path

import duckdb
import pytest

from ..raw.delivered import MONDAY
from ..raw.loaded import Platform, TinySource


def test_of_birth_dates_the_newest_roster_decides_and_disagreement_is_told(tmp_path: Path):
    """A player listed without a date keeps the date of an older roster; one never dated has no row."""
    autumns = {year: dt.date(year, 10, 1) for year in (2022, 2023, 2024)}
    born = {1: (1986, 1986, 1986), 2: (2000, 2001, None), 3: (None, None, None), 4: (1999, 1998, 1999)}
    rosters = [
        {"player_id": player, "listed_on": listed, "birth_date": year and dt.date(year, 6, 3)}
        for player, years in born.items()
        for listed, year in zip(autumns.values(), years, strict=True)
    ]
    platform = Platform(tmp_path, TinySource(rosters=rosters))
    (metadata,) = platform.load("birth_dates", MONDAY).values()
    assert platform.stored("birth_dates", "player_id", "birth_date", "listed_on", "source") == [
        (1, dt.date(1986, 6, 3), autumns[2024], "tiny"),
        (2, dt.date(2001, 6, 3), autumns[2023], "tiny"),
        (4, dt.date(1999, 6, 3), autumns[2024], "tiny"),
    ]
    assert metadata["load whole"] == {"disagreements": 2, "disagree": ["2 2", "4 2"]}


def test_without_rosters_no_birth_date_is_known_and_nothing_is_told(tmp_path: Path):
    platform = Platform(tmp_path, TinySource())
    (metadata,) = platform.load("birth_dates", MONDAY).values()
    assert platform.stored("birth_dates", "player_id") == []
    assert "load whole" not in metadata


def test_loading_birth_dates_opens_nothing_but_the_warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Disagreements were once counted through a connection that nobody closed, also where BigQuery is the warehouse."""
    listed = [{"player_id": 1, "listed_on": MONDAY, "birth_date": dt.date(year, 6, 3)} for year in (1999, 2000)]
    platform = Platform(tmp_path, TinySource(rosters=listed))
    platform.load("birth_dates", MONDAY)
    monkeypatch.delattr(duckdb, "connect")  # the warehouse has its engine now
    (metadata,) = platform.load("birth_dates", MONDAY).values()
    assert metadata["load whole"] == {"disagreements": 1, "disagree": ["1 2"]}
