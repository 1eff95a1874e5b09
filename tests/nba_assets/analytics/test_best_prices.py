"""The best price of a side: the highest payout of a sportsbook at the line that belongs to the bet."""

from .league import League
from .offers import brunson, offer


def test_a_price_far_above_all_others_belongs_to_another_bet(slate: League) -> None:
    """+1060 one-sided beside four books at even chances: worth 4.8 units at their chance, so nobody sells it."""
    offer(slate, 9.5, -110, -118, book="betonlineag")
    offer(slate, 9.5, -105, -125, book="bovada")
    offer(slate, 9.5, 1060, None, book="fanduel")
    row = brunson(slate)
    assert (row["best_over_price"], row["best_over_book"]) == (-105, "bovada")
    assert (row["best_under_price"], row["best_under_book"]) == (-118, "betonlineag")
    assert row["n_books_at_line"] == 3


def test_a_generous_price_of_one_side_is_the_best(slate: League) -> None:
    """-110 on both sides gives an even chance: +140 is worth 0.5 x 1.4 - 0.5 = 20 %, +160 would be 30 %."""
    offer(slate, 9.5, -110, -110, book="draftkings")
    offer(slate, 9.5, 140, None, book="fanduel")
    offer(slate, 9.5, 160, None, book="bovada")
    assert brunson(slate)["best_over_book"] == "fanduel"


def test_without_a_fair_chance_the_highest_price_stands(slate: League) -> None:
    offer(slate, 9.5, 105, None, book="draftkings")
    offer(slate, 9.5, 1060, None, book="fanduel")
    assert brunson(slate)["best_over_price"] == 1060
