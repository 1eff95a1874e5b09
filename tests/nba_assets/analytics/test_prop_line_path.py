"""Every book's main line at every look before tip-off."""

import pytest

from .league import League, Row, moment
from .offers import TODAY, consensus_line, offer


def path(league: League) -> list[Row]:
    rows = league.compute("prop_line_path", TODAY)
    return sorted(rows, key=lambda row: (row["player_lookup"], row["market"], row["bookmaker"], row["snapshot_key"]))


def test_each_book_has_a_row_at_each_look(slate: League) -> None:
    offer(slate, 24.5, -120, 100, at="16:00")
    offer(slate, 25.5, at="23:15")
    offer(slate, 24.5, at="23:00", book="fanduel")
    offer(slate, 8.5, at="23:00", market="player_assists")
    assert [
        (row["market"], row["bookmaker"], row["snapshot_key"], row["line"], row["minutes_before_tip"])
        for row in path(slate)
    ] == [
        ("player_assists", "draftkings", f"{TODAY}T23:00:00Z", 8.5, 30.0),
        ("player_points", "draftkings", f"{TODAY}T16:00:00Z", 24.5, 450.0),
        ("player_points", "draftkings", f"{TODAY}T23:15:00Z", 25.5, 15.0),
        ("player_points", "fanduel", f"{TODAY}T23:00:00Z", 24.5, 30.0),
    ]


def test_a_row_has_the_prices_without_the_margin_and_the_game(slate: League) -> None:
    """120/220 over and 100/200 under: 0.54545 and 0.5 of 1.04545."""
    offer(slate, 24.5, -120, 100, at="16:00")
    (row,) = path(slate)
    assert (row["over_price"], row["under_price"], row["over_prob"]) == (-120, 100, pytest.approx(12 / 23))
    assert (row["player_id"], row["game_id"]) == (1, slate.facts["schedule"][1]["game_id"])
    assert (row["snapshot_utc"], row["book_kind"]) == (moment(f"{TODAY} 16:00"), "sportsbook")


def test_of_a_ladder_only_the_main_line_is_kept_at_each_look(slate: League) -> None:
    for at, main in (("16:00", 24.5), ("22:00", 26.5)):
        for line, over, under in ((main - 5, -250, 185), (main, -112, -108), (main + 5, 190, -260)):
            offer(slate, line, over, under, at=at)
    assert [row["line"] for row in path(slate)] == [24.5, 26.5]


@pytest.mark.parametrize(("source_says", "league_says"), [("23:30", "23:20"), ("23:20", "23:30")])
def test_the_earlier_of_both_tip_offs_counts(slate: League, source_says: str, league_says: str) -> None:
    """A source's start can be ten minutes late: the look at 23:20 was in play."""
    slate.facts["schedule"][1]["start_time_utc"] = moment(f"{TODAY} {league_says}")
    offer(slate, 24.5, at="23:10", tip=source_says)
    offer(slate, 30.5, at="23:20", tip=source_says)
    assert [(row["line"], row["minutes_before_tip"]) for row in path(slate)] == [(24.5, 10.0)]


def test_pickem_and_lines_without_a_time_are_on_the_path_and_no_odds(slate: League) -> None:
    offer(slate, 24.5, -137, -137, book="underdog", kind="pickem", source="pickem_2024", at=None, tip=None)
    (row,) = path(slate)
    assert (row["bookmaker"], row["snapshot_key"], row["line"]) == ("underdog", "date_only", 24.5)
    assert (row["over_prob"], row["snapshot_utc"], row["minutes_before_tip"]) == (None, None, None)


def test_a_market_nobody_knows_is_left_out(slate: League) -> None:
    offer(slate, 2.5, market="player_first_basket")
    assert path(slate) == []


def test_two_books_with_the_same_name_have_one_line_at_each_look(slate: League) -> None:
    offer(slate, 24.5, -112, -108)
    offer(slate, 25.5, -150, 120, source="another")
    assert [(row["bookmaker"], row["line"]) for row in path(slate)] == [("draftkings", 24.5)]


def test_a_published_consensus_is_no_book(slate: League) -> None:
    consensus_line(slate, 29.5)
    assert path(slate) == []


def test_the_last_rows_of_the_path_are_the_lines_of_the_day(slate: League) -> None:
    """Both tables take them from the same rows."""
    offer(slate, 23.5, at="16:00")
    offer(slate, 24.5, at="23:00")
    offer(slate, 26.5, at="22:00", book="fanduel")
    (line,) = slate.compute("player_prop_lines", TODAY)
    last = {row["bookmaker"]: row["line"] for row in path(slate)}
    assert last == {"draftkings": 24.5, "fanduel": 26.5}
    assert (line["line_min"], line["line_max"], line["n_books"]) == (24.5, 26.5, 2)
