import numpy as np
import pandas as pd
import pytest

from models.evaluation.betting_record import BettingRecord, Claim, betting_records
from models.evaluation.graded_predictions import GroupBy, edge_bands
from models.evaluation.scores import Rate
from models.evaluation.subject import Subject

from ..graded_rows import NEEDS, OURS, PAYS, graded, pick, player_game, record

NAN = float("nan")


def test_the_six_grades_add_up_to_the_picks_and_the_hit_rate_uses_two_of_them():
    grades = ["WIN", "WIN", "LOSS", "PUSH", "VOID", "PENDING", "UNGRADEABLE"]
    sides = ["OVER", "UNDER", "OVER", "OVER", "UNDER", "OVER", "UNDER"]
    rows = [[pick(n, side, grade)] for n, (side, grade) in enumerate(zip(sides, grades, strict=True))]

    (record,) = betting_records(graded(*rows, player_game(9, **{OURS: 20})))

    assert record.picks == 7
    assert record.grades == {"WIN": 2, "LOSS": 1, "PUSH": 1, "VOID": 1, "PENDING": 1, "UNGRADEABLE": 1}
    assert (record.hit, record.over, record.under) == (Rate(2, 3), Rate(1, 2), Rate(1, 1))


def test_money_is_counted_at_real_prices_and_void_bets_are_never_staked():
    """Two wins at -110, a loss, a push: four units staked, 2 x 0.909 - 1 won."""
    rows = [[pick(n, "OVER", grade)] for n, grade in enumerate(["WIN", "WIN", "LOSS", "PUSH", "VOID", "PENDING"])]

    (record,) = betting_records(graded(*rows))

    assert (record.staked, record.unpriced) == (4, 0)
    assert record.profit == pytest.approx(2 * PAYS - 1)
    assert record.roi == pytest.approx((2 * PAYS - 1) / 4)
    assert record.break_even == pytest.approx(NEEDS)


def test_a_pick_without_a_price_is_graded_outside_the_return_and_counted():
    free = {"price_used": NAN, "break_even": NAN, "profit_units": NAN}

    (record,) = betting_records(graded([pick(1, "OVER", "WIN", **free)], [pick(2, "OVER", "LOSS")]))

    assert (record.hit, record.priced) == (Rate(1, 2), Rate(0, 1))
    assert (record.staked, record.unpriced, record.roi) == (1, 1, -1)


def test_picks_without_any_price_claim_nothing():
    free = {"price_used": NAN, "break_even": NAN, "profit_units": NAN}

    (record,) = betting_records(graded([pick(1, "OVER", "WIN", **free)]))

    assert (record.break_even, record.roi, record.claim) == (None, None, Claim.NO_PRICES)


def test_records_by_edge_take_its_size_either_way_and_keep_every_pick():
    edges = [("OVER", 1.9), ("UNDER", 2.0), ("OVER", 3.99), ("UNDER", 6.5), ("OVER", 4.0)]
    rows = graded(*([pick(n, side, "WIN", edge=edge)] for n, (side, edge) in enumerate(edges)))

    picks = {record.group: record.picks for record in betting_records(rows, GroupBy.EDGE)}

    assert picks == {"0-2": 1, "2-4": 2, "4-6": 1, "6+": 1}


@pytest.mark.parametrize(
    ("market", "bands"),
    [
        ("player_points_assists", ["0-2", "2-4", "4-6", "6+"]),
        ("player_rebounds", ["0-1", "1-2", "2-3", "3+"]),
        ("player_blocks_steals", ["0-0.25", "0.25-0.5", "0.5-0.75", "0.75+"]),
    ],
)
def test_bands_of_edges_are_as_wide_as_a_market_is(market, bands):
    assert [*edge_bands(market)] == bands

    edges = [0.1 * (place + 1) for place in range(100)]
    picks = [[pick(n, "OVER", "WIN", edge=edge)] for n, edge in enumerate(edges)]
    records = betting_records(graded(*picks, subject=Subject(market)), GroupBy.EDGE)

    assert [record.group for record in records] == bands
    assert sum(record.picks for record in records) == 100


@pytest.mark.parametrize("by", [GroupBy.MONTH, GroupBy.TIER, GroupBy.EDGE])
def test_cutting_up_the_picks_loses_none(by):
    rng = np.random.default_rng(3)
    rows = graded(
        *(
            [pick(n, side, grade, edge=edge, points_avg_season=season, game_date=date)]
            for n, (side, grade, edge, season, date) in enumerate(
                zip(
                    rng.choice(["OVER", "UNDER"], 200),
                    rng.choice(["WIN", "LOSS", "VOID"], 200),
                    rng.uniform(0, 9, 200),
                    rng.choice([4.0, 9.0, 30.0, NAN], 200),
                    pd.date_range("2024-11-01", periods=200),
                    strict=True,
                )
            )
        )
    )

    whole, parts = betting_records(rows)[0], betting_records(rows, by)

    assert len(parts) > 2
    for grade, n in whole.grades.items():
        assert n == sum(part.grades[grade] for part in parts)
    assert whole.profit == pytest.approx(sum(part.profit for part in parts))


@pytest.mark.parametrize(
    ("hits", "n", "claim"),
    [
        (320, 499, Claim.TOO_FEW),
        (320, 500, Claim.SHOWN),
        (288, 500, Claim.NOT_SHOWN),
        (290, 500, Claim.SHOWN),
        (200, 500, Claim.LOSING),
    ],
)
def test_profit_is_claimed_from_500_picks_on_whose_interval_clears_the_prices(hits, n, claim):
    """288 of 500 is 57.6 % but may be 53.2; 290 may be 53.6, above the 53.4 its prices need."""
    assert record(hits, n).claim is claim


def test_a_record_that_does_not_add_up_is_refused():
    with pytest.raises(ValueError, match="do not add up"):
        BettingRecord(OURS, "all", dict(record(1, 2).grades), Rate(1, 1), Rate(0, 0), Rate(1, 2), 0.5, 2, 0, 0.0)
