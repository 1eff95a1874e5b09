import datetime as dt

import numpy as np
import pandas as pd
import pytest

from models.rates.blend import LEAST_ROWS, PRIOR_ROWS, Blend
from models.training.learners import UnusableModel

MONTH = dt.date(2025, 1, 1)
REB, AST, BLK = "player_rebounds", "player_assists", "player_blocks"


def priced(rows: int = 60_000, seed: int = 2, model: float = 0.4) -> pd.DataFrame:
    """Rows in games of 50 whose overs come with chances so far on the way from the price's odds to the model's."""
    chance = np.random.default_rng(seed)
    price_over, model_over = chance.uniform(0.3, 0.7, rows), chance.uniform(0.2, 0.8, rows)
    logit = [np.log(p / (1 - p)) for p in (price_over, model_over)]
    over = chance.random(rows) < 1 / (1 + np.exp(-(logit[0] + model * (logit[1] - logit[0]))))
    return pd.DataFrame(
        {
            "game_date": pd.Timestamp("2024-12-31"),
            "game_id": np.arange(rows) // 50,
            "market": REB,
            "line": 5.5,
            "median": 6.0,
            "actual": np.where(over, 6.0, 5.0),
            "price_over": price_over,
            "model_over": model_over,
        }
    )


def points(market: str, median: float, actuals: list[float], times: int) -> pd.DataFrame:
    """Rows with a line of 10, for shares; half of them without a price."""
    rows = pd.DataFrame({"actual": actuals * times})
    rows = rows.assign(game_date="2024-12-01", game_id="1", market=market, line=10.0, median=median)
    return rows.assign(price_over=np.nan, model_over=np.nan)


def test_the_blend_finds_how_much_the_model_is_worth():
    blend = Blend.before(MONTH, priced())
    assert blend
    assert blend.chance_share == pytest.approx(0.4, abs=0.05)
    assert blend.rows == 60_000


def test_a_model_that_knows_nothing_leaves_the_price_as_it_is():
    blend = Blend.before(MONTH, priced(model=0))
    assert blend
    assert blend.over([0.6, 0.4], [0.3, 0.8]) == pytest.approx([0.6, 0.4], abs=0.015)


@pytest.mark.parametrize(("model", "share"), [(-0.5, 0.0), (1.5, 1.0)])
def test_the_blend_stays_between_price_and_model(model: float, share: float):
    blend = Blend.before(MONTH, priced(5_000, model=model))
    assert blend
    assert blend.chance_share == pytest.approx(share, abs=1e-9)


def test_a_game_with_many_lines_weighs_as_much_as_one_with_few():
    """With even prices and a model that says 3:1, the share is log(odds of what came) / log 3.

    One game has 900 lines, of which half go over, the other 100, all but 20 of them over: 65 % by game, 53 % by line.
    """
    games = [("1", 900, 450), ("2", 100, 80)]
    rows = pd.concat(
        [
            pd.DataFrame({"game_id": game, "actual": np.where(np.arange(lines) < overs, 6.0, 5.0)})
            for game, lines, overs in games
        ],
        ignore_index=True,
    ).assign(game_date="2024-12-31", market=REB, line=5.5, median=6.0, price_over=0.5, model_over=0.75)
    blend = Blend.before(MONTH, rows)
    assert blend
    assert blend.chance_share == pytest.approx(np.log(0.65 / 0.35) / np.log(3), abs=1e-6)
    assert blend.over([0.5], [0.75]) == pytest.approx([0.65])


def test_the_chance_moves_from_the_price_toward_the_model_in_odds():
    """A quarter of the way from 1:1 to 16:1 is 2:1."""
    blend = Blend({}, 0.0, chance_share=0.25, rows=1_000)
    np.testing.assert_allclose(blend.over([0.5, 0.6, 0.6], [16 / 17, 0.6, np.nan]), [2 / 3, 0.6, np.nan])


def test_rows_of_the_month_and_later_pushes_and_unpriced_rows_teach_no_chance():
    known = priced(2_000)
    later = priced(500, seed=3).assign(game_date=pd.Timestamp(MONTH))
    pushed = priced(500, seed=4).assign(actual=5.5)
    unpriced = priced(500, seed=5).assign(model_over=np.nan)
    unplayed = priced(500, seed=6).assign(actual=np.nan)
    blend, alone = (
        Blend.before(MONTH, rows) for rows in (pd.concat([known, later, pushed, unpriced, unplayed]), known)
    )
    assert blend
    assert alone
    assert (blend.chance_share, blend.rows) == (alone.chance_share, 2_000)


def test_too_few_priced_rows_give_no_blend():
    assert Blend.before(MONTH, priced(LEAST_ROWS - 1)) is None
    assert Blend.before(dt.date(2024, 12, 31), priced(5_000)) is None


def test_a_share_is_the_one_with_the_least_absolute_error_drawn_to_all_markets():
    """Assists end where the model says, blocks at the line, rebounds halfway."""
    rows = pd.concat(
        [
            priced(1_000).assign(median=5.5),
            points(AST, 14.0, [14.0], 3_000),
            points(BLK, 14.0, [10.0, 9.0], 1_500),
            points(REB, 14.0, [12.0], 3_000),
        ],
        ignore_index=True,
    )
    blend = Blend.before(MONTH, rows)
    assert blend
    pooled = blend.pooled_share
    drawn = {AST: 1.0, REB: 0.5, BLK: 0.0}
    kept = 3_000 / (3_000 + PRIOR_ROWS)
    assert blend.shares == pytest.approx({key: kept * share + (1 - kept) * pooled for key, share in drawn.items()})
    assert 0 <= pooled <= 1


def test_the_share_is_that_of_a_search():
    chance = np.random.default_rng(9)
    rows = priced(4_000).assign(line=10.0, median=chance.integers(5, 17, 4_000).astype("float64"))
    rows["actual"] = np.round(10 + 0.35 * (rows["median"] - 10) + chance.normal(0, 3, 4_000)) + 0.0
    blend = Blend.before(MONTH, rows)
    assert blend
    grid = np.linspace(0, 1, 2_001)
    errors = [np.abs(rows.actual - rows.line - share * (rows["median"] - rows.line)).sum() for share in grid]
    assert blend.shares[REB] == pytest.approx(grid[int(np.argmin(errors))], abs=0.002)


def test_the_point_lies_between_line_and_median_and_an_unseen_market_takes_the_pooled_share():
    blend = Blend({REB: 0.5}, 0.25, 0.0, 5_000)
    market = pd.Series([REB, AST, REB, REB])
    np.testing.assert_allclose(
        blend.point(market, [5.5, 4.5, np.nan, 5.5], [8.5, 8.5, 8.0, np.nan]), [7.0, 5.5, np.nan, np.nan]
    )


def test_an_unknown_chance_has_no_blend():
    blend = Blend({}, 0.25, 0.5, 5_000)
    assert np.isnan(blend.over([np.nan, 0.5, 0.5], [0.5, np.nan, 0.5])).tolist() == [True, True, False]


def test_a_blend_survives_json():
    blend = Blend.before(MONTH, priced(2_000))
    assert blend
    assert Blend.from_bytes(blend.to_bytes()) == blend


def test_a_blend_with_other_parameters_is_refused():
    with pytest.raises(UnusableModel, match="cannot read a blend"):
        Blend.from_bytes(b'{"shares": {}, "pooled_share": 0.2, "bias": 0.0, "price": 1.0, "model": 0.3, "rows": 2000}')
