from pathlib import Path

import pytest

from ....shared import filled_once

EVENINGS = ("2024-10-21", "2024-10-23")  # a date without games, and two whose games are over
EIGHT_TABLES = "schedule,seasons,birth_dates,player_boxscores,team_boxscores,shots,players,player_game_summary"


@pytest.fixture(scope="session")
def eight_tables(nba, settled) -> Path:
    """The home of a backfill of eight tables on three dates that nobody disturbed; all tests share it."""

    def fill(folder: Path) -> None:
        with pytest.MonkeyPatch.context() as monkeypatch:
            settled(folder, monkeypatch)
            assert nba("backfill", *EVENINGS, "--select", EIGHT_TABLES).code == 0

    return filled_once("eight_tables", fill)
