import datetime as dt
from typing import Any

from nba_assets.raw.injury_reports import injury_reports
from nba_assets.raw.player_boxscores import player_boxscores
from nba_assets.raw.schedule import schedule
from nba_assets.raw.team_boxscores import team_boxscores

from ...nba_platform.rows import filled
from .delivered import MONDAY, TUESDAY, a_box, a_game, an_injury, at, delivered, rows_of, slate


def test_a_game_is_coded_for_people_by_date_and_teams():
    (game,) = rows_of(schedule(slate(a_game(home_team="LAL", away_team="BOS"))))
    assert (game["game_code"], game["season_year"]) == ("20250113_BOS_LAL", 2024)


def test_the_schedule_and_not_the_source_says_when_a_game_was_played():
    late = delivered("player_boxscores", a_box(game_date=TUESDAY))
    (found,) = rows_of(player_boxscores(late, schedule(slate()), filled(team_boxscores.contract, [])))
    assert found["game_date"] == MONDAY


def filed(**changes: Any) -> tuple[dt.date, str]:
    (found,) = rows_of(injury_reports(delivered("injury_reports", an_injury(**changes))))
    return found["report_date"], found["report_key"]


def test_news_from_before_the_first_partition_keeps_its_own_date_as_key():
    assert filed(report_date=dt.date(2021, 7, 22)) == (dt.date(2021, 10, 19), "2021-07-22")
    assert filed(report_date=dt.date(2024, 7, 3)) == (dt.date(2024, 7, 3), "2024-07-03")
    assert filed(report_date=MONDAY) == (MONDAY, "2025-01-13")


def test_timed_news_is_keyed_by_its_time():
    assert filed(known_at=at(22, 15)) == (MONDAY, "2025-01-13T22:15:00Z")
