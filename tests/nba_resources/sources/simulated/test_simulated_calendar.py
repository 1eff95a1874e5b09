"""The simulated calendar, with the irregularities of a real one."""

import datetime as dt

import pandas as pd
import pytest

from nba_resources.sources.simulated.calendar import opening_day
from nba_resources.sources.teams import TEAMS


@pytest.fixture(scope="module")
def days_of(regular) -> dict[str, pd.Series]:
    """The dates of each club's regular season games, in order."""
    both = pd.concat(
        [regular[["game_date", side]].set_axis(["day", "club"], axis=1) for side in ("home_team", "away_team")]
    )
    both["day"] = pd.to_datetime(both.day)
    return {str(club): days.sort_values() for club, days in both.groupby("club").day}


def test_a_regular_season_has_1230_games_and_each_club_hosts_41_of_its_82(regular, days_of):
    assert len(regular) == 1230
    assert set(days_of) == set(TEAMS)
    assert {len(days) for days in days_of.values()} == {82}
    assert set(regular.home_team.value_counts()) == {41}


@pytest.mark.parametrize(
    ("year", "opener"),
    [(2021, "2021-10-19"), (2022, "2022-10-18"), (2023, "2023-10-24"), (2024, "2024-10-22"), (2025, "2025-10-21")],
)
def test_seasons_open_on_the_days_the_nba_opened(year, opener):
    assert opening_day(year) == dt.date.fromisoformat(opener)


def test_the_regular_season_runs_from_the_opener_to_the_last_sunday_without_holidays(regular):
    days = set(regular.game_date)
    assert (min(days), max(days)) == (dt.date(2024, 10, 22), dt.date(2025, 4, 13))
    assert days.isdisjoint({dt.date(2024, 11, 28), dt.date(2024, 12, 24)})


def test_no_club_plays_twice_on_a_date_or_on_three_days_running(days_of):
    for days in days_of.values():
        gaps = days.diff().dt.days.dropna()
        assert gaps.min() >= 1
        assert gaps.rolling(2).sum().min() >= 3


def test_every_club_has_back_to_backs_about_fourteen_on_average(days_of):
    back_to_backs = [int((days.diff().dt.days == 1).sum()) for days in days_of.values()]
    assert min(back_to_backs) >= 5
    assert 12 <= sum(back_to_backs) / 30 <= 16


def test_there_are_no_games_around_the_all_star_game(regular):
    break_days = {dt.date(2025, 2, 14) + dt.timedelta(days=n) for n in range(6)}
    assert break_days.isdisjoint(regular.game_date)


def test_every_club_plays_four_games_in_the_first_two_weeks(days_of):
    assert min((days < pd.Timestamp(2024, 11, 5)).sum() for days in days_of.values()) >= 4


def test_the_postseason_has_a_play_in_and_four_rounds_of_series_won_by_four_games(finished):
    schedule = finished["schedule"]
    assert (schedule.season_type == "play_in").sum() == 6
    playoffs = schedule[schedule.season_type == "playoffs"].copy()
    playoffs["winner"] = playoffs.home_team.where(playoffs.home_pts > playoffs.away_pts, playoffs.away_team)
    series = playoffs.groupby(playoffs.game_id.str[:9])
    assert series.ngroups == 8 + 4 + 2 + 1
    assert (series.winner.agg(lambda won: won.value_counts().max()) == 4).all()
    assert series.size().between(4, 7).all()
    assert dt.date(2025, 6, 10) < playoffs.game_date.max() < dt.date(2025, 6, 30)


def test_the_cup_final_has_players_like_any_game(finished):
    """Without them the first screen of the demo showed a date that no command mended."""
    final = finished["schedule"].query("season_type == 'nba_cup_final'")
    assert final.neutral_site.tolist() == [True]
    feeds = ("team_boxscores", "player_boxscores", "shots")
    teams, players, shots = (finished[feed][finished[feed].game_id == final.game_id.iloc[0]] for feed in feeds)
    assert len(teams) == 2
    assert players.groupby("team_abbr").pts.sum().to_dict() == teams.set_index("team_abbr").pts.to_dict()
    assert players.groupby("team_abbr").starter.sum().tolist() == [5, 5]
    assert len(shots) == teams.fga.sum()


def test_game_ids_name_the_kind_of_game_and_the_season(finished):
    prefix = {"preseason": "001", "regular": "002", "playoffs": "004", "play_in": "005", "nba_cup_final": "006"}
    schedule = finished["schedule"]
    assert (schedule.game_id.str[:5] == schedule.season_type.map(prefix) + "24").all()
    assert schedule.game_id.str.fullmatch(r"\d{10}").all()


def test_tip_offs_follow_new_york_through_the_change_of_clocks(regular):
    local = regular.start_time_utc.dt.tz_convert("America/New_York")
    known = local.dropna()
    assert 1 <= local.isna().sum() <= 20
    assert (known.dt.date == regular.game_date[known.index]).all()
    assert known.dt.hour.between(13, 22).all()
