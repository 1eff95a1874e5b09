"""The game and the team of a line, which its source names by teams, by a date, or not at all."""

from .league import League
from .offers import TODAY, brunson, lines, offer


def test_home_and_away_may_be_swapped(slate: League) -> None:
    offer(slate, 24.5, teams=("BOS", "NYK"))
    assert brunson(slate)["game_id"] == slate.facts["schedule"][1]["game_id"]


def test_a_line_without_teams_belongs_to_the_game_of_his_latest_team(slate: League) -> None:
    moved = slate.game("2024-12-08", "MIA", "CHI")
    slate.box(moved, "MIA", 1, 20, player_name="Jalen Brunson")
    tonight = slate.game(TODAY, "ATL", "MIA")
    offer(slate, 24.5, teams=(None, None))
    row = brunson(slate)
    assert (row["game_id"], row["team_abbr"]) == (tonight["game_id"], "MIA")


def test_a_line_without_teams_is_left_out_if_his_latest_team_does_not_play(slate: League) -> None:
    moved = slate.game("2024-12-08", "MIA", "CHI")
    slate.box(moved, "MIA", 1, 20, player_name="Jalen Brunson")
    offer(slate, 24.5, teams=(None, None))
    assert lines(slate) == []


def test_the_team_of_a_player_traded_since_his_last_game_is_not_known(slate: League) -> None:
    slate.game(TODAY, "LAL", "UTA")
    offer(slate, 24.5, teams=("LAL", "UTA"))
    row = brunson(slate)
    assert (row["team_abbr"], row["game_id"]) == (None, slate.facts["schedule"][2]["game_id"])


def test_where_sources_disagree_on_the_game_he_plays_for_his_team(slate: League) -> None:
    slate.game(TODAY, "LAL", "UTA")
    for book in ("fanduel", "betmgm"):
        offer(slate, 27.5, book=book, teams=("LAL", "UTA"))
    offer(slate, 24.5)
    row = brunson(slate)
    assert (row["team_abbr"], row["line"], row["n_books"]) == ("NYK", 24.5, 1)


def test_a_debut_an_unknown_name_and_an_unknown_pairing_are_left_out(slate: League) -> None:
    slate.person(3, "cooperflagg")
    slate.box(slate.facts["schedule"][1], "NYK", 3, 30, player_name="Cooper Flagg")
    offer(slate, 15.5, name="Cooper Flagg")
    offer(slate, 15.5, name="Nobody Inparticular")
    offer(slate, 15.5, name="Jayson Tatum", teams=("BOS", "MIA"))
    assert lines(slate) == []


def test_a_postponed_game_has_no_lines(slate: League) -> None:
    slate.facts["schedule"][1]["status"] = "postponed"
    offer(slate, 24.5)
    assert lines(slate) == []
