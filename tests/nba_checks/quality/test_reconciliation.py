"""Stored box scores that contradict themselves or the schedule, date by date."""

import datetime as dt
from pathlib import Path

import nba_assets
from nba_assets.kit.table import declared_tables
from nba_checks.quality.reconciliation import players_add_up_to_their_team
from nba_resources.dates import DateRange

from ...nba_platform.rows import filled
from ...shared import warehouse_at

NIGHT = dt.date(2024, 11, 6)
TABLES = declared_tables(nba_assets)
GAME = {"game_id": "1", "game_date": NIGHT, "home_team": "BOS", "away_team": "NYK"}
TEAM = {"game_id": "1", "game_date": NIGHT, "team_abbr": "BOS", "pts": 110}
LINE = {"game_id": "1", "game_date": NIGHT, "player_id": 1, "team_abbr": "BOS", "pts": 100, "minutes": 30.0}


def test_each_date_is_answered_for_and_a_bad_one_says_what_to_run(tmp_path: Path):
    """A game without any player row is a gap, not a contradiction: coverage tells of it."""
    warehouse = warehouse_at(tmp_path / "nba.duckdb")
    dates = DateRange(NIGHT, NIGHT + dt.timedelta(days=1))
    other = {"game_id": "2", "game_date": dates.end}
    stored = {"schedule": [GAME], "team_boxscores": [TEAM, TEAM | other], "player_boxscores": [LINE]}
    for name, facts in stored.items():
        contract = TABLES[name].contract
        warehouse.replace(contract, dates, filled(contract, facts))

    bad, quiet = players_add_up_to_their_team(warehouse, TABLES, dates, NIGHT).values()

    assert not bad.passed
    assert bad.metadata == {"games": 1, "faulty": 1}
    assert bad.message == (
        "1 of 1 games in player_boxscores disagree, expected 0: 1 (BOS: pts of players 100, of the team 110); "
        "run `nba backfill 2024-11-06 --select team_boxscores,player_boxscores+`"
    )
    assert (quiet.passed, quiet.metadata["games"]) == (True, 0)
