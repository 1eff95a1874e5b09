import json
from typing import Any

import ibis
import pytest

from nba_assets.analytics.main_lines import implied_probability, payout

from .league import League, moment
from .offers import TODAY, brunson, consensus_line, lines, offer


def test_prices_become_probabilities_and_payouts() -> None:
    prices = ibis.memtable({"price": [-115, -105, 150, -100, 100]})
    found: Any = prices.select(probability=implied_probability(prices.price), paid=payout(prices.price)).to_pyarrow()
    assert found["probability"].to_pylist() == pytest.approx([0.534884, 0.512195, 0.4, 0.5, 0.5], abs=1e-6)
    assert found["paid"].to_pylist() == pytest.approx([0.869565, 0.952381, 1.5, 1.0, 1.0], abs=1e-6)


def test_the_margin_is_removed_from_two_prices(slate: League) -> None:
    offer(slate, 24.5, -115, -105)
    row = brunson(slate)
    assert row["over_prob_novig"] == pytest.approx(0.5108, abs=5e-5)
    assert row["overround"] == pytest.approx(0.0471, abs=5e-5)


def test_a_row_says_who_plays_where_and_since_when_the_line_is_known(slate: League) -> None:
    offer(slate, 24.5, at="21:00")
    offer(slate, 24.5, at="22:00", book="fanduel")
    row = brunson(slate)
    assert (row["player_id"], row["team_abbr"], row["game_id"]) == (1, "NYK", slate.facts["schedule"][1]["game_id"])
    assert (row["line_known_at"], row["line_time_known"]) == (moment(f"{TODAY} 22:00"), True)
    assert (row["n_books"], row["n_books_at_line"], row["line"]) == (2, 2, 24.5)


def test_alternates_are_told_from_the_main_line_before_any_consensus(slate: League) -> None:
    """A book with a ladder of lines would outvote all others if each of them counted."""
    for line, over, under in ((19.5, -250, 185), (24.5, -112, -108), (29.5, 190, -260)):
        offer(slate, line, over, under, book="bovada")
    offer(slate, 25.5, book="fanduel")
    offer(slate, 25.5, book="draftkings")
    row = brunson(slate)
    assert (row["line"], row["line_min"], row["line_max"], row["line_disagreement"]) == (25.5, 24.5, 25.5, 1.0)
    assert (row["n_books"], row["n_books_at_line"]) == (3, 2)


@pytest.mark.parametrize(
    ("offers", "main"),
    [
        ([(26.5, -110, None), (24.5, -150, 120)], 24.5),
        ([(24.5, -110, -110), (25.5, -105, -105)], 25.5),
        ([(24.5, -110, -110), (26.5, -110, -110)], 24.5),
        ([(24.5, -110, None), (26.5, -110, None), (28.5, -110, None)], 26.5),
        ([(24.5, 150, 150), (26.5, -150, 120)], 26.5),
    ],
    ids=["two sides before one", "smaller margin", "lower", "nearest the median", "a misprint is no market"],
)
def test_the_main_line_of_a_book(slate: League, offers: list[tuple[float, int, int | None]], main: float) -> None:
    for line, over, under in offers:
        offer(slate, line, over, under)
    assert brunson(slate)["line"] == main


def test_equal_lines_of_a_book_are_decided_by_the_median_of_all_books(slate: League) -> None:
    offer(slate, 24.5)
    offer(slate, 26.5)
    offer(slate, 27.5, book="fanduel")
    offer(slate, 26.5, book="betmgm")
    row = brunson(slate)
    assert (row["line"], row["line_min"], row["n_books_at_line"]) == (26.5, 26.5, 2)


@pytest.mark.parametrize(
    ("mains", "agreed"),
    [
        ([24.5, 25.5, 25.5], 25.5),
        ([22.5, 24.5, 25.5], 24.5),
        ([24.5, 25.5], 24.5),
        ([20.5, 20.5, 25.5, 25.5, 26.5], 25.5),
    ],
    ids=["most common", "nearest the median", "lower", "most common nearest the median"],
)
def test_the_consensus_is_a_line_that_is_on_offer(slate: League, mains: list[float], agreed: float) -> None:
    for place, line in enumerate(mains):
        offer(slate, line, book=f"book {place}")
    assert brunson(slate)["line"] == agreed


@pytest.mark.parametrize("at", ["23:30", "23:45"])
def test_a_snapshot_at_or_after_tip_off_never_passes(slate: League, at: str) -> None:
    """In one month a tenth of a predecessor's latest lines had been taken during the game."""
    offer(slate, 24.5, at="23:29")
    offer(slate, 31.5, at=at)
    row = brunson(slate)
    assert (row["line"], row["line_known_at"], row["opening_line"]) == (24.5, moment(f"{TODAY} 23:29"), None)


@pytest.mark.parametrize(("source_says", "league_says"), [("23:30", "23:00"), ("23:00", "23:30")])
def test_a_snapshot_must_lie_before_both_the_tip_off_of_the_source_and_of_the_schedule(
    slate: League, source_says: str, league_says: str
) -> None:
    slate.facts["schedule"][1]["start_time_utc"] = moment(f"{TODAY} {league_says}")
    offer(slate, 24.5, at="23:10", tip=source_says)
    assert lines(slate) == []


def test_a_time_says_nothing_while_no_tip_off_is_known(slate: League) -> None:
    slate.facts["schedule"][1]["start_time_utc"] = None
    offer(slate, 24.5, tip=None)
    assert lines(slate) == []


def test_a_source_that_gives_dates_only_publishes_before_the_game(slate: League) -> None:
    offer(slate, 24.5, None, None, at=None, tip=None, source="line_only", book="unknown", kind="unknown")
    row = brunson(slate)
    assert (row["line"], row["line_time_known"], row["line_known_at"]) == (24.5, False, None)
    assert (row["opening_line"], row["line_move"]) == (None, None)


def test_a_published_consensus_is_the_line_only_where_no_book_has_one(slate: League) -> None:
    """It has two prices, -110 and -110, and no book takes a bet at them."""
    consensus_line(slate, 24.5)
    consensus_line(slate, 29.5, name="Jayson Tatum")
    offer(slate, 30.5, name="Jayson Tatum")
    alone, beside = sorted(lines(slate), key=lambda row: row["player_lookup"])
    assert (alone["line"], alone["line_time_known"], alone["n_books"], alone["n_books_at_line"]) == (24.5, False, 0, 0)
    assert (alone["best_over_book"], alone["best_under_price"], alone["over_prob_novig"]) == (None, None, None)
    assert (beside["line"], beside["n_books"], beside["line_min"]) == (30.5, 1, 30.5)


def test_a_book_that_spoke_in_play_only_does_not_replace_the_consensus(slate: League) -> None:
    consensus_line(slate, 24.5)
    offer(slate, 30.5, at="23:45")
    assert brunson(slate)["line"] == 24.5


def test_each_market_has_its_own_line(slate: League) -> None:
    offer(slate, 24.5)
    for market, line in (("player_rebounds", 4.5), ("player_points_rebounds_assists", 36.5)):
        offer(slate, line, market=market, at="23:00")
    found = {row["market"]: (row["line"], row["n_books"], row["line_max"]) for row in lines(slate)}
    assert found == {
        "player_points": (24.5, 1, 24.5),
        "player_rebounds": (4.5, 1, 4.5),
        "player_points_rebounds_assists": (36.5, 1, 36.5),
    }


def test_a_combination_has_its_line_without_lines_on_all_of_its_parts(slate: League) -> None:
    offer(slate, 24.5)
    offer(slate, 4.5, market="player_rebounds")
    offer(slate, 36.5, -120, 100, market="player_points_rebounds_assists")
    offered = {row["market"]: row["line"] for row in lines(slate)}
    assert offered == {"player_points": 24.5, "player_rebounds": 4.5, "player_points_rebounds_assists": 36.5}
    assert brunson(slate, "player_points_rebounds_assists")["best_over_price"] == -120


def test_a_line_above_the_range_of_its_market_belongs_to_another(slate: League) -> None:
    for market, line in (("player_points", 80.5), ("player_blocks", 24.5), ("player_rebounds", 35.5)):
        offer(slate, line, market=market)
    assert lines(slate) == []


def test_a_market_nobody_knows_is_left_out(slate: League) -> None:
    offer(slate, 2.5, market="player_first_basket")
    assert lines(slate) == []


def test_a_lopsided_line_of_the_only_one_is_the_main_line(slate: League) -> None:
    """A half block or a half three is offered at prices far from even."""
    offer(slate, 0.5, -700, 425, market="player_threes")
    row = brunson(slate, "player_threes")
    assert (row["line"], row["best_over_price"], row["best_under_price"]) == (0.5, -700, 425)
    assert row["over_prob_novig"] == pytest.approx(0.875 / (0.875 + 100 / 525))


def test_a_line_with_one_side_only_has_no_fair_chance(slate: League) -> None:
    offer(slate, 1.5, 260, None, market="player_blocks")
    row = brunson(slate, "player_blocks")
    assert (row["line"], row["best_over_price"], row["best_under_price"]) == (1.5, 260, None)
    assert row["over_prob_novig"] is None


def test_prices_count_only_if_they_were_seen_within_fifteen_minutes_of_each_other(slate: League) -> None:
    """A price of hours ago beside one of now looks like a bargain that nobody could buy."""
    offer(slate, 24.5, 150, -180, book="fanduel", at="21:44")
    offer(slate, 24.5, -105, -115, book="betmgm", at="21:45")
    offer(slate, 24.5, -110, -110, book="draftkings", at="22:00")
    row = brunson(slate)
    assert (row["best_over_price"], row["best_over_book"]) == (-105, "betmgm")
    assert (row["n_books_at_line"], row["price_known_at"]) == (3, moment(f"{TODAY} 21:45"))
    assert row["line_known_at"] == moment(f"{TODAY} 22:00")
    even = (105 / 205) / (105 / 205 + 115 / 215)
    assert row["over_prob_novig"] == pytest.approx((0.5 + even) / 2)


def test_a_price_without_a_time_is_known_at_no_time(slate: League) -> None:
    offer(slate, 24.5, at=None)
    assert (brunson(slate)["price_known_at"], brunson(slate)["best_over_price"]) == (None, -110)


def test_a_gap_in_a_source_that_gives_times_may_be_anything(slate: League) -> None:
    offer(slate, 24.5, at="22:00", name="Jayson Tatum")
    offer(slate, 24.5, at=None)
    assert [row["player_lookup"] for row in lines(slate)] == ["jaysontatum"]


def test_the_first_and_the_last_snapshot_of_each_book_give_opening_and_line(slate: League) -> None:
    for book in ("draftkings", "fanduel"):
        offer(slate, 25.5, book=book, at="16:00")
        offer(slate, 23.5, book=book, at="18:00")
        offer(slate, 26.5, book=book, at="23:00")
    row = brunson(slate)
    assert (row["opening_line"], row["line"], row["line_move"]) == (25.5, 26.5, 1.0)
    assert row["opening_known_at"] == moment(f"{TODAY} 16:00")
    assert row["line_known_at"] == moment(f"{TODAY} 23:00")


def test_lines_of_a_book_within_a_minute_are_one_look_at_it(slate: League) -> None:
    """A source stamps its alternates some microseconds after the main line: the last of them is not the newest line."""
    offer(slate, 21.5, -110, -120, at="22:00:07.109280")
    offer(slate, 21.5, 2791, None, at="22:00:07.109330")
    offer(slate, 34.5, 4000, None, at="22:00:08.608176")
    row = brunson(slate)
    assert (row["line"], row["best_over_price"], row["best_under_price"]) == (21.5, -110, -120)
    assert (row["opening_line"], row["line_max"], row["line_known_at"]) == (
        None,
        21.5,
        moment(f"{TODAY} 22:00:07.10928"),
    )


def test_one_snapshot_of_a_book_is_no_opening(slate: League) -> None:
    offer(slate, 25.5, at="16:00")
    offer(slate, 26.5, at="23:00", book="fanduel")
    row = brunson(slate)
    assert (row["opening_line"], row["opening_known_at"], row["line_move"]) == (None, None, None)


def test_pickem_prices_are_no_odds(slate: League) -> None:
    pickem: dict[str, Any] = {"kind": "pickem", "source": "pickem_2024", "at": None, "tip": None}
    offer(slate, 24.5, -137, -137, book="underdog", **pickem)
    row = brunson(slate)
    assert (row["line"], row["n_books"]) == (24.5, 1)
    assert (row["over_prob_novig"], row["overround"]) == (None, None)
    assert (row["best_over_price"], row["best_over_book"], row["best_under_price"]) == (None, None, None)


def test_the_best_price_is_the_highest_payout_of_a_sportsbook_at_the_line(slate: League) -> None:
    offer(slate, 24.5, -115, -105, book="betmgm")
    offer(slate, 24.5, 100, -120, book="draftkings")
    offer(slate, 24.5, -104, -105, book="fanduel")
    offer(slate, 25.5, 130, -160, book="bovada")
    offer(slate, 24.5, 150, 150, book="prizepicks", kind="pickem", source="pickem_2024", at=None)
    row = brunson(slate)
    assert (row["line"], row["n_books"], row["n_books_at_line"]) == (24.5, 5, 4)
    assert (row["best_over_price"], row["best_over_book"]) == (100, "draftkings")
    assert (row["best_under_price"], row["best_under_book"]) == (-105, "betmgm")
    assert row["line_time_known"] is False


def test_several_spellings_of_one_player_are_still_one_book(slate: League) -> None:
    offer(slate, 24.5, -110, -110, name="Jalen Brunson")
    offer(slate, 25.5, -140, 110, name="J. Brunson")
    offer(slate, 26.5, -160, 130, name="Brunson Jalen")
    row = brunson(slate)
    assert (row["line"], row["n_books"], row["line_disagreement"]) == (24.5, 1, 0.0)


@pytest.mark.parametrize("at", ["22:00", "21:00"], ids=["at the same look", "at an earlier look"])
def test_two_books_with_the_same_name_are_one_whose_latest_line_counts(slate: League, at: str) -> None:
    """Two sources tell of one book. At the same look the line nearest an even chance is its main line."""
    offer(slate, 25.5, -150, 120, at=at, source="another")
    offer(slate, 24.5, -112, -108)
    offer(slate, 25.5, book="fanduel")
    row = brunson(slate)
    assert (row["n_books"], row["line_min"], row["line_max"]) == (2, 24.5, 25.5)
    assert {one["book"]: one["line"] for one in json.loads(row["books"])} == {"draftkings": 24.5, "fanduel": 25.5}


def test_books_are_listed_as_json_in_order(slate: League) -> None:
    offer(slate, 24.5, -115, -105, book="fanduel")
    offer(slate, 25, None, 100, book='the "best" \\ book', kind="unknown", source="other", at=None)
    listed = json.loads(brunson(slate)["books"])
    assert listed == [
        {
            "book": "fanduel",
            "kind": "sportsbook",
            "line": 24.5,
            "over_price": -115,
            "under_price": -105,
            "known_at": f"{TODAY}T22:00:00Z",
        },
        {
            "book": 'the "best" \\ book',
            "kind": "unknown",
            "line": 25.0,
            "over_price": None,
            "under_price": 100,
            "known_at": None,
        },
    ]
