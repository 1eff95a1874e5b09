"""The cut of each edition of a game, and what was published before it."""

import datetime as dt
from typing import Any

import pytest

from .league import League, Row, moment

TONIGHT = "2024-12-10"  # tip-off at 23:30 UTC, 18:30 in New York
AT_LINE, AT_TIP = "at_line", "at_tip"


@pytest.fixture
def tonight(league: League) -> Row:
    return league.game(TONIGHT, "BOS", "NYK", status="scheduled")


def price(league: League, game: Row, seen: str | None, market: str = "player_points", player: str = "one") -> None:
    known = {"game_id": game["game_id"], "game_date": game["game_date"], "player_lookup": player, "market": market}
    league.add("player_prop_lines", **known, price_known_at=seen and moment(seen))


def editions(league: League, game: Row) -> dict[str, Row]:
    rows = league.compute("game_editions", str(game["game_date"]))
    return {row["edition"]: row for row in rows if row["game_id"] == game["game_id"]}


def cuts(league: League, game: Row) -> dict[str, dt.datetime]:
    return {edition: row["cut_at"] for edition, row in editions(league, game).items()}


def test_the_line_is_cut_at_the_earliest_price_of_any_market_rounded_down_to_the_minute(
    league: League, tonight: Row
) -> None:
    other = league.game(TONIGHT, "LAL", "DEN", status="scheduled")
    price(league, tonight, "2024-12-10 16:20:59")
    price(league, tonight, "2024-12-10 16:07:31", "player_rebounds")
    price(league, tonight, None, "player_assists")
    price(league, other, "2024-12-10 12:00")
    rows = editions(league, tonight)
    assert {edition: row["cut_at"] for edition, row in rows.items()} == {
        AT_LINE: moment("2024-12-10 16:07"),
        AT_TIP: moment("2024-12-10 23:30"),
    }
    assert rows[AT_LINE]["price_known_at"] == rows[AT_TIP]["price_known_at"] == moment("2024-12-10 16:07:31")
    assert rows[AT_LINE]["hours_before_tip"] == pytest.approx(7 + 23 / 60)
    assert rows[AT_TIP]["hours_before_tip"] == 0


def test_a_game_without_a_price_is_cut_eight_hours_before_it(league: League, tonight: Row) -> None:
    price(league, tonight, None)
    assert cuts(league, tonight)[AT_LINE] == moment("2024-12-10 15:30")
    assert editions(league, tonight)[AT_LINE]["price_known_at"] is None


@pytest.mark.parametrize(
    ("date", "six"),
    [("2024-12-10", "11:00"), ("2024-11-02", "10:00"), ("2024-11-03", "11:00"), ("2025-03-09", "10:00")],
)
def test_prices_seen_before_six_in_new_york_do_not_count(league: League, date: str, six: str) -> None:
    """Games of the evening before were not over. Clocks changed on 3 November 2024 and on 9 March 2025."""
    game = league.game(date, "BOS", "NYK", status="scheduled")
    early = moment(f"{date} {six}") - dt.timedelta(seconds=1)
    price(league, game, f"{early:%Y-%m-%d %H:%M:%S}")
    assert editions(league, game)[AT_LINE]["price_known_at"] is None
    price(league, game, f"{date} {six}", player="two")
    assert cuts(league, game)[AT_LINE] == moment(f"{date} {six}")


def test_an_unknown_tip_off_counts_as_a_quarter_to_seven_for_the_line_and_as_midnight_for_the_tip(
    league: League,
) -> None:
    game = league.game(TONIGHT, "BOS", "NYK", tip=None, status="scheduled")
    assert cuts(league, game) == {AT_LINE: moment("2024-12-10 15:45"), AT_TIP: moment("2024-12-10 00:00")}
    assert {row["hours_before_tip"] for row in editions(league, game).values()} == {None}


def test_a_game_is_reported_from_the_minute_after_the_first_status_about_either_team(
    league: League, tonight: Row
) -> None:
    price(league, tonight, "2024-12-10 16:07:31")
    league.report("2024-12-10 16:07", 7, "out", team="NYK", game=TONIGHT)
    rows = editions(league, tonight)
    assert [rows[edition]["is_reported"] for edition in (AT_LINE, AT_TIP)] == [False, True]
    assert [rows[edition]["known_until"] for edition in (AT_LINE, AT_TIP)] == [None, moment("2024-12-10 16:07")]
    league.report("2024-12-10 16:06", 8, "available", team="BOS", game=TONIGHT)
    assert editions(league, tonight)[AT_LINE]["is_reported"] is True


def test_statuses_of_other_games_do_not_report_a_game(league: League, tonight: Row) -> None:
    league.report("2024-12-10 15:00", 7, "out", team="UTA", game=TONIGHT)
    league.report("2024-12-10 15:00", 7, "out", team="NYK", game="2024-12-11")
    league.report("2024-12-10 15:00", 7, "out", team="NYK")
    assert {row["is_reported"] for row in editions(league, tonight).values()} == {False}


def test_a_status_for_a_game_that_moved_is_not_about_its_new_date(league: League) -> None:
    game = league.game("2024-12-12", "BOS", "NYK", status="scheduled")
    league.report("2024-12-10 15:00", 7, "out", team="NYK", game="2024-12-10")
    assert {row["is_reported"] for row in editions(league, game).values()} == {False}


def test_spread_and_total_are_the_median_of_the_books_latest_odds_before_each_cut(league: League, tonight: Row) -> None:
    price(league, tonight, "2024-12-10 16:07:31")  # 442.5 minutes before tip-off
    odds: list[tuple[str, float, dict[str, Any]]] = [
        ("a", 500, {"spread_home": -2.0, "total": 220.0}),
        ("a", 450, {"spread_home": -3.0, "total": None}),
        ("b", 443.5, {"spread_home": -5.0, "total": 224.0}),
        ("b", 443, {"spread_home": -40.0, "total": 290.0}),  # at the cut
        ("c", 1, {"spread_home": -7.0, "total": 226.0}),
        ("a", 0, {"spread_home": 30.0, "total": 290.0}),
    ]
    for book, minutes, numbers in odds:
        league.odds(tonight, book, minutes, **numbers)
    rows = editions(league, tonight)
    assert (rows[AT_LINE]["spread_home"], rows[AT_LINE]["total"]) == (-4.0, 222.0)
    assert (rows[AT_TIP]["spread_home"], rows[AT_TIP]["total"]) == (-7.0, 226.0)  # of -3, -40, -7 and 220, 290, 226
    assert rows[AT_LINE]["known_until"] == moment("2024-12-10 16:06:30")
    assert rows[AT_TIP]["known_until"] == moment("2024-12-10 23:29")


def test_odds_without_a_time_are_unknown(league: League, tonight: Row) -> None:
    league.odds(tonight, "a", None, kind="open", spread_home=-2.0, total=220.0)
    for row in editions(league, tonight).values():
        assert (row["spread_home"], row["total"], row["known_until"]) == (None, None, None)
