from collections.abc import Iterable

import pytest

from .league import League, Row, day

TONIGHT = "2024-12-10"
TWELVE = [f"2024-11-{n:02d}" for n in range(4, 28, 2)]


def tonight(league: League, **facts: str) -> Row:
    return league.game(TONIGHT, "BOS", "NYK", **{"status": "scheduled"} | facts)


def games(league: League, dates: Iterable[str], team: str = "BOS", other: str = "LAL") -> list[Row]:
    return [league.game(date, team, other) for date in dates]


def plays(league: League, player: int, played: list[Row], team: str = "BOS", **facts: float) -> None:
    for game in played:
        league.line(game, team, player, **facts)


def contexts(league: League) -> dict[int, Row]:
    return {row["player_id"]: row for row in league.compute("upcoming_player_game_context", TONIGHT)}


def test_a_player_belongs_to_the_night_while_he_was_seen_in_the_teams_last_ten_games(league: League) -> None:
    first, second, *others = games(league, TWELVE[:11])
    plays(league, 1, [first])
    plays(league, 2, [second])
    plays(league, 3, others)
    tonight(league)
    assert set(contexts(league)) == {2, 3}


def test_games_not_played_do_not_push_him_out(league: League) -> None:
    first, *others = games(league, TWELVE[:10])
    league.game("2024-11-28", "BOS", "LAL", status="postponed")
    plays(league, 1, [first])
    plays(league, 2, others)
    tonight(league)
    assert set(contexts(league)) == {1, 2}


def test_sitting_on_the_bench_is_not_being_seen(league: League) -> None:
    """A source that lists who did not play would keep a player who left the team in its roster."""
    played = games(league, TWELVE[:11])
    plays(league, 1, played[:1])
    plays(league, 1, played[1:], minutes=0, points=0)
    plays(league, 2, played)
    tonight(league)
    assert set(contexts(league)) == {2}


def test_who_plays_tonight_is_not_read_from_tonight(league: League) -> None:
    """The debut is unknown that morning, and whoever is scratched at noon is still on the list."""
    plays(league, 1, games(league, TWELVE[:5]))
    game = tonight(league, status="final")
    league.line(game, "BOS", 2, points=40)
    assert set(contexts(league)) == {1}


def test_a_traded_player_belongs_to_the_team_of_his_latest_game(league: League) -> None:
    plays(league, 1, games(league, ["2024-12-01", "2024-12-03"], "NYK", "UTA"), "NYK")
    plays(league, 1, games(league, ["2024-12-05"]))
    plays(league, 2, games(league, ["2024-12-06"], "NYK", "UTA"), "NYK")
    tonight(league)
    rows = contexts(league)
    assert set(rows) == {1, 2}
    assert [rows[1][name] for name in ("team_abbr", "opponent_team_abbr", "is_home")] == ["BOS", "NYK", True]
    assert [rows[2][name] for name in ("team_abbr", "opponent_team_abbr", "is_home")] == ["NYK", "BOS", False]
    assert (rows[1]["games_played_season"], rows[1]["universe_source"]) == (3, "recent_games")


def test_a_player_traded_to_a_team_that_rests_tonight_is_nobodys_tonight(league: League) -> None:
    plays(league, 1, games(league, ["2024-12-01"]))
    plays(league, 1, games(league, ["2024-12-03"], "UTA", "LAL"), "UTA")
    tonight(league)
    assert contexts(league) == {}


def test_the_first_night_of_a_season_has_no_rosters_yet(league: League) -> None:
    plays(league, 1, games(league, ["2024-04-10"]))
    tonight(league)
    assert contexts(league) == {}


def test_averages_are_of_his_last_five_and_ten_played_games(league: League) -> None:
    """Newest first a night on the bench, which is no game, 30, 28, 20, 21, 19, five times 10, and 50 long ago."""
    played = games(league, TWELVE)
    for game, points in zip(played[:11], [50, 10, 10, 10, 10, 10, 19, 21, 20, 28, 30], strict=True):
        league.line(game, "BOS", 1, minutes=points, points=points)
    league.line(played[11], "BOS", 1, minutes=0, points=0)
    tonight(league)
    row = contexts(league)[1]
    assert row["points_avg_last_5"] == pytest.approx(23.6)
    assert row["points_avg_last_10"] == pytest.approx(16.8)
    assert (row["games_played_season"], row["days_rest"]) == (11, 15)


def test_fewer_games_are_averaged_as_they_are(league: League) -> None:
    for game, points in zip(games(league, TWELVE[:2]), [10, 15], strict=True):
        league.line(game, "BOS", 1, points=points)
    tonight(league)
    row = contexts(league)[1]
    assert (row["points_avg_last_5"], row["points_avg_last_10"], row["games_played_season"]) == (12.5, 12.5, 2)


def test_windows_of_days_end_the_day_before_and_include_their_first_day(league: League) -> None:
    """[D-7, D-1] begins on the 3rd, [D-14, D-1] on the 26th."""
    dates = ["2024-11-25", "2024-11-26", "2024-12-02", "2024-12-03", "2024-12-08"]
    for game, minutes in zip(games(league, dates), [1, 10, 20, 30.5, 33], strict=True):
        league.line(game, "BOS", 1, minutes=minutes)
    tonight(league)
    row = contexts(league)[1]
    assert (row["games_last_7_days"], row["games_last_14_days"]) == (2, 4)
    assert (row["minutes_last_7_days"], row["minutes_last_14_days"]) == (63.5, 93.5)
    assert (row["avg_minutes_last_7_days"], row["days_rest"], row["back_to_back"]) == (31.75, 1, False)


def test_no_game_in_a_week_is_a_true_zero_but_no_average(league: League) -> None:
    plays(league, 1, games(league, ["2024-11-20"]))
    tonight(league)
    row = contexts(league)[1]
    assert (row["games_last_7_days"], row["games_last_14_days"]) == (0, 0)
    assert (row["minutes_last_7_days"], row["minutes_last_14_days"]) == (0.0, 0.0)
    assert row["avg_minutes_last_7_days"] is None


@pytest.mark.parametrize(
    ("dates", "pairs"),
    [
        (["2024-11-25", "2024-11-26"], 0),
        (["2024-11-26", "2024-11-27"], 1),
        (["2024-12-08", "2024-12-09"], 1),
        (["2024-12-07", "2024-12-09"], 0),
        (["2024-11-30", "2024-12-01", "2024-12-03", "2024-12-04"], 2),
    ],
)
def test_back_to_backs_are_pairs_of_played_games_within_the_fortnight(
    league: League, dates: list[str], pairs: int
) -> None:
    plays(league, 1, games(league, dates))
    tonight(league)
    row = contexts(league)[1]
    assert row["back_to_backs_last_14_days"] == pairs
    assert row["back_to_back"] is (dates[-1] == "2024-12-09")


def test_a_night_on_the_bench_breaks_a_back_to_back(league: League) -> None:
    played = games(league, ["2024-12-07", "2024-12-08", "2024-12-09"])
    plays(league, 1, [played[0], played[2]])
    plays(league, 2, played)
    tonight(league)
    rows = contexts(league)
    assert [rows[player]["back_to_backs_last_14_days"] for player in (1, 2)] == [0, 2]


def test_usage_is_the_mean_of_the_last_ten_where_it_is_known(league: League) -> None:
    for game, usage in zip(games(league, TWELVE[:11]), [0.6] + [0.2, 0.3] * 4 + [None, None], strict=True):
        league.line(game, "BOS", 1, usage_rate=usage)
    tonight(league)
    assert contexts(league)[1]["avg_usage_rate_last_10"] == pytest.approx(0.25)


def test_what_is_known_of_the_teams_is_copied_from_their_context(league: League) -> None:
    plays(league, 1, games(league, TWELVE[:5]))
    tonight(league)
    league.add(
        "upcoming_team_game_context",
        game_date=day(TONIGHT),
        team_abbr="BOS",
        pace_differential=2.8,
        opponent_days_rest=3,
    )
    league.add("upcoming_team_game_context", game_date=day(TONIGHT), team_abbr="NYK", pace_differential=-2.8)
    row = contexts(league)[1]
    assert (row["pace_differential"], row["opponent_days_rest"]) == (2.8, 3)


def test_age_is_known_where_the_birth_date_is(league: League) -> None:
    played = games(league, TWELVE[:5])
    league.person(1, birth_date=day("2000-12-10"))
    plays(league, 1, played)
    plays(league, 2, played)
    tonight(league)
    rows = contexts(league)
    assert rows[1]["player_age"] == pytest.approx(24.0, abs=0.01)
    assert rows[2]["player_age"] is None


def test_his_own_absence_is_no_gap_in_the_data(league: League) -> None:
    played = games(league, TWELVE[:10])
    plays(league, 1, played[9:])
    plays(league, 2, played)
    tonight(league)
    row = contexts(league)[1]
    assert (row["expected_count"], row["actual_count"], row["is_production_ready"]) == (10, 10, True)
    assert row["readiness_reasons"] == []


@pytest.mark.parametrize(("known", "ready", "reasons"), [(7, True, []), (6, False, ["own:0.60"])])
def test_games_of_his_team_without_any_player_are_a_gap(
    league: League, known: int, ready: bool, reasons: list[str]
) -> None:
    played = games(league, TWELVE[:10])
    plays(league, 1, played[10 - known :])
    tonight(league)
    row = contexts(league)[1]
    assert (row["expected_count"], row["actual_count"], row["completeness"]) == (10, known, known / 10)
    assert (row["is_production_ready"], row["readiness_reasons"]) == (ready, reasons)


def test_the_opponents_rows_fill_no_gap_of_his_team(league: League) -> None:
    played = games(league, TWELVE[:10])
    plays(league, 1, played[9:])
    plays(league, 2, played, "LAL")
    tonight(league)
    assert contexts(league)[1]["actual_count"] == 1


def test_a_player_whose_teams_games_are_not_final_yet_is_kept_and_flagged(league: League) -> None:
    """The box score came in before the schedule said so: the row must not vanish without a word."""
    played = games(league, TWELVE[:1])
    plays(league, 1, played)
    league.facts["schedule"][-1]["status"] = "live"
    tonight(league)
    row = contexts(league)[1]
    assert (row["expected_count"], row["actual_count"], row["completeness"]) == (0, 0, None)
    assert row["readiness_reasons"] == ["own:nothing expected"]
