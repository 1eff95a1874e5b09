import datetime as dt
from pathlib import Path

from ..raw.delivered import a_game
from ..raw.loaded import Platform, TinySource


def test_seasons_are_whole_whichever_dates_are_loaded(tmp_path: Path):
    games = [
        a_game("0012400001", dt.date(2024, 10, 4), season_type="preseason"),
        a_game("0022400001", dt.date(2024, 10, 22)),
        a_game("0022401230", dt.date(2025, 4, 13), status="scheduled"),
        a_game("0022401231", dt.date(2025, 4, 20), status="cancelled"),
        a_game("0042400401", dt.date(2025, 6, 22), season_type="playoffs", status="scheduled"),
    ]
    platform = Platform(tmp_path, TinySource(schedule=games))
    platform.load("seasons", dt.date(2025, 1, 13))
    assert platform.stored("seasons", "season_year", "start_date", "regular_end_date", "end_date", "games") == [
        (2024, dt.date(2024, 10, 22), dt.date(2025, 4, 13), dt.date(2025, 6, 22), 3)
    ]
