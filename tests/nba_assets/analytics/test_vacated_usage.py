import pytest

from .league import League, Row

TONIGHT = "2024-12-10"
PAST = [f"2024-11-{n:02d}" for n in range(7, 31, 2)]
HIM, STAR, FIRST_MATE, SECOND_MATE, ANOTHER = 1, 2, 3, 4, 9


@pytest.fixture
def past(league: League) -> list[Row]:
    """Twelve games of Boston before tonight's; somebody in Utah shows that an injury source is alive."""
    league.game(TONIGHT, "BOS", "NYK", status="scheduled")
    league.move("2024-12-08", 99, "placed", team="UTA")
    return [league.game(date, "BOS", "LAL") for date in PAST]


def plays(league: League, player: int, games: list[Row], minutes: float, usage: float | None, points: int = 10) -> None:
    for game in games:
        league.line(game, "BOS", player, minutes=minutes, usage_rate=usage, points=points)


def contexts(league: League) -> dict[int, Row]:
    return {row["player_id"]: row for row in league.compute("upcoming_player_game_context", TONIGHT)}


def example(league: League, past: list[Row]) -> None:
    """u 0.26; the star: usage 0.30 in 35 minutes, beside him in 8 of his 10 games; loads that remain: 0.74 in all."""
    plays(league, HIM, past[2:], 36, 0.26)  # 0.195
    plays(league, STAR, past[:10], 35, 0.30, points=24)  # 0.21875
    plays(league, FIRST_MATE, past, 30, 0.24)  # 0.15
    plays(league, SECOND_MATE, past, 47.4, 0.40)  # 0.395


def test_half_of_the_load_an_absent_team_mate_leaves_becomes_usage(league: League, past: list[Row]) -> None:
    """V = 0.21875 x 0.8 = 0.175; 0.26 x (1 + 0.5 x 0.175 / 0.74) = 0.29074."""
    example(league, past)
    league.move("2024-12-05", STAR, "placed")
    row = contexts(league)[HIM]
    assert row["avg_usage_rate_last_10"] == pytest.approx(0.26)
    assert row["projected_usage_rate"] == pytest.approx(0.29074, abs=5e-6)
    assert (row["star_teammates_out"], row["teammates_out"]) == (1, ["player2"])


def test_where_it_is_known_that_nobody_is_out_usage_stays_as_it_is(league: League, past: list[Row]) -> None:
    example(league, past)
    row = contexts(league)[HIM]
    assert row["injury_info_available"] is True
    assert row["projected_usage_rate"] == row["avg_usage_rate_last_10"]
    assert (row["star_teammates_out"], row["teammates_out"]) == (0, [])


def test_where_injuries_are_unknown_so_is_what_they_change(league: League, past: list[Row]) -> None:
    example(league, past)
    league.facts["injury_reports"].clear()
    row = contexts(league)[HIM]
    assert (row["projected_usage_rate"], row["star_teammates_out"], row["teammates_out"]) == (None, None, None)


@pytest.mark.parametrize(
    ("said", "out"),
    [("out", True), ("doubtful", True), ("questionable", False), ("probable", False), ("available", False)],
)
def test_out_and_doubtful_are_out_and_questionable_is_not(
    league: League, past: list[Row], said: str, out: bool
) -> None:
    example(league, past)
    league.report("2024-12-10 20:00", STAR, said)
    row = contexts(league)[HIM]
    assert row["teammates_out"] == (["player2"] if out else [])
    assert row["star_teammates_out"] == int(out)
    assert (row["projected_usage_rate"] > 0.2601) is out


def test_two_absent_team_mates_leave_both_loads(league: League, past: list[Row]) -> None:
    """V = 0.21875 x 0.8 + 0.15 x 1 = 0.325; what remains is 0.59."""
    example(league, past)
    league.move("2024-12-05", STAR, "placed")
    league.move("2024-12-05", FIRST_MATE, "placed")
    rows = contexts(league)
    assert rows[HIM]["projected_usage_rate"] == pytest.approx(0.26 * (1 + 0.5 * 0.325 / 0.59))
    assert (rows[HIM]["star_teammates_out"], rows[HIM]["teammates_out"]) == (1, ["player2", "player3"])
    assert rows[SECOND_MATE]["teammates_out"] == ["player2", "player3"]


def test_who_is_out_himself_is_counted_among_those_who_carry(league: League, past: list[Row]) -> None:
    """The star shares 8 of his 10 games with the other: 0.3 x (1 + 0.5 x 0.195 x 0.8 / (0.545 + 0.21875))."""
    example(league, past)
    league.move("2024-12-05", STAR, "placed")
    league.move("2024-12-05", HIM, "placed")
    rows = contexts(league)
    assert rows[STAR]["player_status"] == "out"
    assert rows[STAR]["teammates_out"] == ["player1"]
    assert rows[STAR]["projected_usage_rate"] == pytest.approx(0.30 * (1 + 0.5 * 0.195 * 0.8 / 0.76375))


def test_who_is_no_rotation_player_carries_his_own_load_too(league: League, past: list[Row]) -> None:
    """Four games are no rotation: A = 0.195 + 0.15 + 0.395 of the others and his own 0.125; the star was in 2 of 4."""
    example(league, past)
    plays(league, ANOTHER, past[8:], 30, 0.20)
    league.move("2024-12-05", STAR, "placed")
    rows = contexts(league)
    assert rows[ANOTHER]["projected_usage_rate"] == pytest.approx(0.20 * (1 + 0.5 * 0.21875 * 0.5 / (0.74 + 0.125)))
    assert rows[HIM]["projected_usage_rate"] == pytest.approx(0.29074, abs=5e-6)


@pytest.mark.parametrize(("games", "minutes", "rotation"), [(5, 10, True), (4, 30, False), (5, 9.9, False)])
def test_only_rotation_players_leave_anything(
    league: League, past: list[Row], games: int, minutes: float, rotation: bool
) -> None:
    plays(league, HIM, past, 30, 0.20)
    plays(league, STAR, past[:games], minutes, 0.25)
    plays(league, ANOTHER, past, 30, 0.20)
    league.move("2024-12-05", STAR, "placed")
    assert set(contexts(league)) >= {HIM, ANOTHER}
    row = contexts(league)[HIM]
    assert row["teammates_out"] == (["player2"] if rotation else [])
    assert (row["projected_usage_rate"] > 0.2) is rotation


def test_an_opponents_absence_leaves_no_shots(league: League, past: list[Row]) -> None:
    example(league, past)
    for date in PAST[:6]:
        league.line(league.game(date, "NYK", "UTA"), "NYK", ANOTHER, minutes=35, usage_rate=0.3)
    league.move("2024-12-05", ANOTHER, "placed", team="NYK")
    rows = contexts(league)
    assert rows[ANOTHER]["player_status"] == "out"
    assert (rows[HIM]["projected_usage_rate"], rows[HIM]["teammates_out"]) == (rows[HIM]["avg_usage_rate_last_10"], [])


def test_usage_is_never_projected_above_the_ceiling(league: League, past: list[Row]) -> None:
    plays(league, HIM, past, 30, 0.40)
    plays(league, STAR, past, 40, 0.35)
    league.move("2024-12-05", STAR, "placed")
    assert contexts(league)[HIM]["projected_usage_rate"] == pytest.approx(0.45)


def test_who_already_uses_more_than_the_ceiling_loses_nothing(league: League, past: list[Row]) -> None:
    plays(league, HIM, past, 30, 0.50)
    plays(league, STAR, past, 40, 0.35)
    league.move("2024-12-05", STAR, "placed")
    assert contexts(league)[HIM]["projected_usage_rate"] == pytest.approx(0.50)


@pytest.mark.parametrize(("shared", "stars"), [(5, 1), (4, 0)])
def test_a_star_missing_from_most_of_his_games_is_no_news(
    league: League, past: list[Row], shared: int, stars: int
) -> None:
    """He counts as out either way, but a player used to being without him gets no boost for it."""
    plays(league, HIM, past[2:], 36, 0.26)
    earlier = [league.game(f"2024-10-{n}", "BOS", "LAL") for n in range(24, 32)]
    plays(league, STAR, earlier + past[2 : 2 + shared], 35, 0.30, points=24)
    league.move("2024-12-05", STAR, "placed")
    row = contexts(league)[HIM]
    assert (row["star_teammates_out"], row["teammates_out"]) == (stars, ["player2"])
    assert row["projected_usage_rate"] == pytest.approx(0.26 * (1 + 0.5 * 0.21875 * shared / 10 / 0.195))


def test_only_his_last_ten_games_tell_what_he_is_used_to(league: League, past: list[Row]) -> None:
    """Eight of twelve games together, but only six of the last ten."""
    plays(league, HIM, past, 36, 0.26)
    plays(league, STAR, past[:8], 35, 0.30)
    league.move("2024-12-05", STAR, "placed")
    projected = contexts(league)[HIM]["projected_usage_rate"]
    assert projected == pytest.approx(0.26 * (1 + 0.5 * 0.21875 * 0.6 / 0.195))


@pytest.mark.parametrize(
    ("games", "minutes", "points", "star"),
    [
        (10, 20, 18, True),
        (9, 36, 30, False),
        (10, 27.9, 17, False),
        (10, 28, 12, True),
        (10, 28, 11, False),
    ],
)
def test_a_star_scores_eighteen_or_plays_much_and_scores_twelve(
    league: League, past: list[Row], games: int, minutes: float, points: int, star: bool
) -> None:
    plays(league, HIM, past, 30, 0.20)
    plays(league, STAR, past[-games:], minutes, 0.30, points=points)
    league.move("2024-12-05", STAR, "placed")
    row = contexts(league)[HIM]
    assert row["star_teammates_out"] == int(star)


def test_a_traded_player_is_missed_only_by_the_team_he_plays_for_now(league: League, past: list[Row]) -> None:
    """He left Boston for New York: Boston lost nothing tonight that its last games did not know."""
    example(league, past)
    moved = [league.game(date, "NYK", "UTA") for date in ("2024-12-02", "2024-12-04")]
    for game in moved:
        league.line(game, "NYK", STAR, minutes=35, usage_rate=0.30)
        league.line(game, "NYK", ANOTHER, minutes=30, usage_rate=0.20)
    league.move("2024-12-05", STAR, "placed", team="NYK")
    rows = contexts(league)
    assert rows[STAR]["team_abbr"] == "NYK"
    assert rows[HIM]["teammates_out"] == []
    assert rows[ANOTHER]["teammates_out"] == ["player2"]
    assert rows[ANOTHER]["projected_usage_rate"] == pytest.approx(0.2 * (1 + 0.5 * 0.21875 / 0.125))


def test_without_known_usage_nothing_is_projected(league: League, past: list[Row]) -> None:
    plays(league, HIM, past, 30, None)
    plays(league, STAR, past, 35, 0.30, points=24)
    league.move("2024-12-05", STAR, "placed")
    row = contexts(league)[HIM]
    assert (row["avg_usage_rate_last_10"], row["projected_usage_rate"]) == (None, None)
    assert row["star_teammates_out"] == 1
