"""Simulated games: consistent box scores and shots, and realistic outcomes."""

import pandas as pd

from nba_resources.sources.simulated.columns import apportion

COUNTS = ["fgm", "fga", "fg3m", "fg3a", "ftm", "fta", "oreb", "dreb", "reb", "ast", "stl", "blk", "pf"]
SIDE = ["game_id", "team_abbr"]


def test_points_and_rebounds_are_the_sums_of_their_parts(finished):
    for box in (finished["player_boxscores"], finished["team_boxscores"]):
        assert (box.pts == 2 * (box.fgm - box.fg3m) + 3 * box.fg3m + box.ftm).all()
        assert (box.reb == box.oreb + box.dreb).all()
        assert ((box.fgm <= box.fga) & (box.fg3m <= box.fg3a) & (box.ftm <= box.fta)).all()


def test_player_lines_sum_to_the_team_line_except_for_team_turnovers(finished):
    players = finished["player_boxscores"].groupby(SIDE)[["pts", *COUNTS, "tov"]].sum()
    teams = finished["team_boxscores"].set_index(SIDE).loc[players.index]
    pd.testing.assert_frame_equal(players[["pts", *COUNTS]], teams[["pts", *COUNTS]])
    charged_to_nobody = teams.tov - players.tov
    assert charged_to_nobody.min() == 0
    assert 0.2 < charged_to_nobody.mean() < 1.5


def test_minutes_sum_to_240_and_25_for_each_overtime(finished):
    minutes = finished["player_boxscores"].groupby(SIDE).minutes.sum().round(6)
    overtimes = (minutes - 240) / 25
    assert (overtimes == overtimes.round()).all()
    assert 0.02 < (overtimes > 0).mean() < 0.09
    assert finished["player_boxscores"].minutes.max() <= 48 + 25


def test_five_players_start_and_those_who_did_not_play_have_no_row(finished):
    players = finished["player_boxscores"]
    assert (players.groupby(SIDE).starter.sum() == 5).all()
    idle = players[players.minutes == 0]
    assert 10 < len(idle) < 200
    assert (idle[[*COUNTS, "tov"]].sum(axis=1) > 0).all()


def test_both_sides_have_the_same_score_and_no_game_is_a_draw(finished):
    teams = finished["team_boxscores"].sort_values(["game_id", "is_home"])
    away, home = teams[~teams.is_home].reset_index(), teams[teams.is_home].reset_index()
    assert (home.pts == away.opp_pts).all()
    assert (away.pts == home.opp_pts).all()
    assert (home.plus_minus == -away.plus_minus).all()
    assert (home.plus_minus == home.pts - home.opp_pts).all()
    assert (home.pts != away.pts).all()
    final = finished["schedule"].set_index("game_id").loc[home.game_id]
    assert (final.home_pts.to_numpy() == home.pts).all()


def test_shots_are_the_field_goals_of_the_box_score_one_by_one(finished):
    shots = finished["shots"].assign(
        three=lambda s: s.shot_value == 3, three_made=lambda s: (s.shot_value == 3) & s.made
    )
    by_player = shots.groupby(["game_id", "player_id"]).agg(
        fgm=("made", "sum"), fga=("made", "size"), fg3m=("three_made", "sum"), fg3a=("three", "sum")
    )
    box = finished["player_boxscores"].set_index(["game_id", "player_id"])[["fgm", "fga", "fg3m", "fg3a"]]
    shooters = box[box.fga > 0].sort_index()
    pd.testing.assert_frame_equal(by_player.sort_index(), shooters, check_dtype=False)


def test_shots_lie_on_the_floor_where_their_zone_says(finished):
    shots = finished["shots"]
    assert shots.x.abs().max() <= 25
    assert shots[shots.zone_basic == "restricted_area"].distance_ft.max() <= 3
    assert shots[shots.shot_value == 3].distance_ft.min() == 22
    assert (shots[shots.shot_value == 2].distance_ft == 23).any()
    assert (shots[shots.zone_basic == "left_corner_3"].x > 0).all()
    assert not shots[shots.zone_basic == "backcourt"].made.any()


def test_the_clock_of_a_shot_fits_its_period(finished):
    shots = finished["shots"]
    overtime = shots[shots.period > 4]
    assert shots.seconds_left.between(0, 720).all()
    assert overtime.seconds_left.max() <= 300
    minutes = finished["player_boxscores"].groupby("game_id").minutes.sum()
    assert set(overtime.game_id) == set(minutes[minutes > 481].index)


def test_scoring_and_home_advantage_are_those_of_the_nba(finished, regular):
    teams = finished["team_boxscores"]
    teams = teams[teams.game_id.isin(regular.game_id)]
    assert 105 < teams.pts.mean() < 120
    assert 0.45 < teams.fgm.sum() / teams.fga.sum() < 0.49
    assert 0.37 < teams.fg3a.sum() / teams.fga.sum() < 0.43
    possessions = teams.fga + 0.44 * teams.fta + teams.tov - teams.oreb
    assert 97 < possessions.mean() < 106
    home = teams[teams.is_home]
    assert 0.52 <= (home.pts > home.opp_pts).mean() <= 0.60


def test_recent_form_predicts_the_next_game_as_well_as_in_the_nba(finished, regular):
    players = finished["player_boxscores"]
    players = players[players.game_id.isin(regular.game_id)].sort_values(["player_id", "game_date"])
    last_five = players.groupby("player_id").pts.transform(lambda pts: pts.shift().rolling(5).mean())
    assert 0.6 < last_five.corr(players.pts) < 0.8


def test_team_mates_shoot_more_when_the_leading_scorer_is_absent(finished, regular):
    players = finished["player_boxscores"]
    players = players[players.game_id.isin(regular.game_id)]
    totals = players.groupby(["team_abbr", "player_id"]).agg(ppg=("pts", "mean"), games=("pts", "size")).reset_index()
    leaders = totals[totals.games.between(20, 72)].sort_values("ppg").drop_duplicates("team_abbr", keep="last")
    stars = players.merge(leaders[["team_abbr", "player_id"]])[SIDE].assign(star_played=True)
    mates = players[(players.minutes >= 15) & ~players.player_id.isin(leaders.player_id)].merge(stars, how="left")
    by_mate = mates.groupby(["team_abbr", "player_id", mates.star_played.eq(True)])[["fga", "minutes"]].sum()
    rate = (by_mate.fga / by_mate.minutes)[by_mate.minutes > 100].unstack().dropna()
    assert rate[False].mean() > 1.04 * rate[True].mean()


def test_apportioned_parts_sum_to_the_whole_by_largest_remainder():
    shares = apportion(pd.Series([5.5, 3.3, 1.2]).to_numpy(), 10)
    assert shares.tolist() == [6, 3, 1]
