"""The close of a pick and its value there, by hand.

Every pick is OVER 22.5 at -115 of DraftKings unless it says otherwise: a winner is paid 100/115, so that it breaks even
at a chance of 115/215.
"""

from typing import Any

import pytest

from ..analytics.league import League, Row
from ..upstream import TONIGHT
from .forecasts import evening, forecast, look

BOOK = "draftkings"
COLUMNS = ("close_state", "close_age_minutes", "closing_line", "closing_chance", "closing_value")
UNKNOWN = ("unknown", None, None, None, None)


def bet(league: League, **facts: Any) -> Row:
    """Add the game, the pick and how the line was seen at noon."""
    game = evening(league)
    league.line(game, "BOS", 1, points=25)
    forecast(league, game, **{"price_book": BOOK} | facts)
    for book in (BOOK, "fanduel", "betmgm"):
        look(league, game, book, 600)
    return game


def closed(league: League) -> tuple[Any, ...]:
    (row,) = league.compute("prediction_accuracy", TONIGHT)
    return tuple(row[name] for name in COLUMNS)


def test_a_pick_is_worth_its_closing_chance_at_its_price(league: League) -> None:
    """Two books close at 0.56 and 0.60: 0.58 x 100/115 - 0.42."""
    game = bet(league)
    look(league, game, "fanduel", 5, 0.56)
    look(league, game, "betmgm", 30, 0.60)
    assert closed(league) == ("closing", 30.0, 22.5, pytest.approx(0.58), pytest.approx(0.0843478, abs=1e-6))


def test_an_under_has_the_other_chance_and_its_own_price(league: League) -> None:
    """0.55 at +110: 0.55 x 1.1 - 0.45."""
    game = bet(league, points=20.0, over_price=-130, under_price=110)
    look(league, game, "fanduel", 10, 0.45)
    assert closed(league) == ("closing", 10.0, 22.5, pytest.approx(0.55), pytest.approx(0.155))


def test_the_book_bet_at_does_not_judge_its_own_price(league: League) -> None:
    game = bet(league)
    look(league, game, "fanduel", 10, 0.50)
    look(league, game, BOOK, 1, 0.90, line=24.5)
    assert closed(league) == ("closing", 10.0, 22.5, 0.5, pytest.approx(0.5 * 100 / 115 - 0.5))


def test_where_the_price_is_of_no_book_all_of_them_count(league: League) -> None:
    game = bet(league, price_book=None)
    look(league, game, "fanduel", 10, 0.50)
    look(league, game, BOOK, 5, 0.60)
    assert closed(league)[:4] == ("closing", 10.0, 22.5, pytest.approx(0.55))


def test_only_a_books_last_look_is_its_close(league: League) -> None:
    game = bet(league)
    for minutes, over in ((29, 0.9), (20, 0.7), (10, 0.5)):
        look(league, game, "fanduel", minutes, over)
    assert closed(league)[:4] == ("closing", 10.0, 22.5, 0.5)


def test_a_stale_book_does_not_speak_beside_a_timely_one(league: League) -> None:
    """BetMGM was last seen at noon."""
    game = bet(league)
    look(league, game, "fanduel", 10, 0.60, line=23.5)
    assert closed(league) == ("closing", 10.0, 23.5, None, None)


def test_a_last_look_more_than_half_an_hour_before_tip_off_is_late(league: League) -> None:
    """The age is that of the oldest line in it: BetMGM's of noon."""
    game = bet(league)
    look(league, game, "fanduel", 30.5, 0.60)
    late = ("late", 600.0, 22.5, pytest.approx(0.55), pytest.approx(0.55 * 100 / 115 - 0.45))
    assert closed(league) == late


def test_where_the_line_moved_away_the_close_is_carried_to_the_pick(league: League) -> None:
    """0.5 at 24.5 is 1 / (1 + e^-(2 / 3.3080)) = 0.64674 at 22.5 for a deviation of 6: 6 x 0.551329 = 3.3080."""
    game = bet(league, predicted_sd=6.0)
    look(league, game, "fanduel", 10, line=24.5)
    look(league, game, "betmgm", 10, line=24.5)
    (row,) = league.compute("prediction_accuracy", TONIGHT)
    assert tuple(row[name] for name in COLUMNS) == ("closing", 10.0, 24.5, None, None)
    assert row["carried_value"] == pytest.approx(0.64674 * 100 / 115 - 0.35326, abs=1e-4)


def test_an_under_whose_line_rose_is_worth_less(league: League) -> None:
    """The other side of the same close: 0.35326 at +110."""
    game = bet(league, points=20.0, over_price=-130, under_price=110, predicted_sd=6.0)
    look(league, game, "fanduel", 10, line=24.5)
    (row,) = league.compute("prediction_accuracy", TONIGHT)
    assert row["carried_value"] == pytest.approx(0.35326 * 1.1 - 0.64674, abs=1e-4)


def test_a_close_at_the_line_of_the_pick_is_not_carried(league: League) -> None:
    game = bet(league, predicted_sd=6.0)
    look(league, game, "fanduel", 10, 0.5)
    look(league, game, "betmgm", 10, line=24.5)
    (row,) = league.compute("prediction_accuracy", TONIGHT)
    assert (row["closing_chance"], row["carried_value"]) == (0.5, None)


def test_a_single_book_that_stayed_gives_the_chance_and_the_others_the_line(league: League) -> None:
    game = bet(league)
    look(league, game, "fanduel", 10, 0.53)
    for book in ("betmgm", "caesars"):
        look(league, game, book, 10, line=23.5)
    assert closed(league)[:4] == ("closing", 10.0, 23.5, 0.53)


def test_a_close_without_odds_has_a_line_and_no_chance(league: League) -> None:
    game = bet(league)
    for minutes in (60, 10):
        look(league, game, "prizepicks", minutes, over=None)
    assert closed(league) == ("closing", 10.0, 22.5, None, None)


def test_a_pick_without_a_price_has_a_chance_and_no_value(league: League) -> None:
    game = bet(league, over_price=None)
    look(league, game, "fanduel", 10, 0.60)
    assert closed(league) == ("closing", 10.0, 22.5, 0.60, None)


def test_a_push_at_a_whole_line_counts_on_neither_side(league: League) -> None:
    game = bet(league, line=22.0)
    look(league, game, "fanduel", 10, 0.60, line=22.0)
    assert closed(league) == ("closing", 10.0, 22.0, 0.60, pytest.approx(0.6 * 100 / 115 - 0.4))


def test_the_only_look_at_the_books_is_no_close(league: League) -> None:
    """It is the look that the pick was made at, though it was taken minutes before tip-off."""
    game = evening(league)
    forecast(league, game, price_book=BOOK)
    for book in (BOOK, "fanduel"):
        look(league, game, book, 10)
    assert closed(league) == UNKNOWN


def test_books_seen_once_each_at_different_times_have_no_close(league: League) -> None:
    """One source was read at noon, another minutes before tip-off: neither saw a line move."""
    game = bet(league)
    look(league, game, "caesars", 10)
    assert closed(league) == UNKNOWN


def test_lines_without_a_time_are_no_close(league: League) -> None:
    game = evening(league)
    forecast(league, game, price_book=BOOK)
    for book in (BOOK, "fanduel"):
        look(league, game, book, None)
        look(league, game, book, None, line=23.5)
    assert closed(league) == UNKNOWN


def test_no_book_but_the_one_bet_at_leaves_the_close_unknown(league: League) -> None:
    game = evening(league)
    forecast(league, game, price_book=BOOK)
    look(league, game, BOOK, 600)
    look(league, game, BOOK, 10)
    assert closed(league) == UNKNOWN


def test_the_lines_of_another_game_are_no_close(league: League) -> None:
    """His team's game was moved; the books price him in the one that took its place."""
    game = bet(league)
    look(league, game, "fanduel", 10)
    for row in league.facts["prop_line_path"]:
        row["game_id"] = "0022499999"
    assert closed(league) == UNKNOWN


def test_a_void_pick_has_its_close(league: League) -> None:
    game = bet(league)
    look(league, game, "fanduel", 10, 0.60)
    league.facts["player_game_summary"].clear()
    league.line(game, "BOS", 2)
    (row,) = league.compute("prediction_accuracy", TONIGHT)
    assert (row["grade"], row["close_state"], row["closing_chance"]) == ("VOID", "closing", 0.60)


def test_what_is_no_pick_has_no_close(league: League) -> None:
    game = bet(league, recommendation="PASS")
    look(league, game, "fanduel", 10)
    assert closed(league) == (None, None, None, None, None)


def test_two_systems_share_the_looks_and_not_the_book(league: League) -> None:
    game = bet(league)
    forecast(league, game, 20.0, system="market_line", price_book="fanduel")
    look(league, game, "fanduel", 10, 0.60)
    look(league, game, BOOK, 20, 0.40)
    rows = {row["system_id"]: row for row in league.compute("prediction_accuracy", TONIGHT)}
    assert {
        name: (row["recommendation"], row["closing_chance"], row["close_age_minutes"]) for name, row in rows.items()
    } == {
        "moving_average_baseline_v1": ("OVER", 0.60, 10.0),
        "market_line": ("UNDER", 0.60, 20.0),
    }
