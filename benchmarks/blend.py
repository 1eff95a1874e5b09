"""Measure the blend beside the price, walk-forward: each month by the blend of the months before it.

`python benchmarks/blend.py FILE` reads the stored forecasts of `rates_v1` in a filled `nba.duckdb`, with the lines and
what came, and fits the blend of each month anew. Rows: prices that were seen after the facts of `at_line`, of players
who played, pushes left out; standard errors are clustered by game.
"""

import sys
from contextlib import closing

import duckdb
import numpy as np
import pandas as pd

from models.evaluation.scores import Difference, Flags, ProbabilityScores, Z, squared_losses
from models.inference.odds import expected_value
from models.picks import MIN_VALUE
from models.rates.blend import Blend

LINED = """
SELECT r.game_date, r.game_id, r.market, r.line, r.predicted_value AS median, a.actual_value AS actual,
    CASE WHEN l.price_known_at >= e.cut_at THEN l.over_prob_novig END AS price_over,
    r.over_probability / (1 - r.push_probability) AS model_over, r.push_probability AS push,
    l.best_over_price, l.best_under_price, b.over_probability IS NOT NULL AS is_blended
FROM nba_predictions.player_prop_predictions r
JOIN nba_predictions.prediction_accuracy a USING (game_date, player_lookup, market, system_id, edition)
JOIN nba_analytics.player_prop_lines l USING (game_date, player_lookup, market)
JOIN nba_analytics.game_editions e ON e.game_id = r.game_id AND e.edition = r.edition
LEFT JOIN nba_predictions.player_prop_predictions b ON b.system_id = 'market_blend_v1'
    AND (b.game_date, b.player_lookup, b.market) = (r.game_date, r.player_lookup, r.market)
WHERE r.system_id = 'rates_v1' AND r.edition = 'at_line' AND r.predicted_value IS NOT NULL
    AND a.outcome_state = 'PLAYED'
ORDER BY r.game_date, r.market, r.player_lookup
"""


def main() -> None:
    """Print the shares of each month, the scores by market and over all, and the bets."""
    with closing(duckdb.connect(sys.argv[1], read_only=True)) as con:
        lined = con.execute(LINED).df()
    priced = pd.concat(_told(lined))
    decided = priced[priced.actual != priced.line]
    print(f"\n{'market':<34}{'rows':>8}{'blend':>9}{'price':>9}{'difference':>12}{'± se':>9}")
    for market, own in (*decided.groupby("market"), ("all", decided)):
        _print_scores(str(market), own)
    for name in ("chance", "price_over"):
        scores = ProbabilityScores.of(decided[name].to_numpy(), _went_over(decided))
        print(f"calibration error of {name}: {scores.ece:.4f}, mean {decided[name].mean():.4f}")
    print(f"went over: {_went_over(decided).mean():.4f}")
    _print_bets(priced)


def _told(lined: pd.DataFrame) -> list[pd.DataFrame]:
    """Return the rows with a price of each month that has a blend, and with its chance."""
    told = []
    for month, own in lined.groupby(lined.game_date.dt.to_period("M")):
        blend, asked = Blend.before(month.start_time.date(), lined), own[own.is_blended]
        if blend and len(asked):
            told.append(asked.assign(chance=blend.over(asked.price_over, asked.model_over)))
            print(f"{month}: {blend.chance_share:.3f} of the way from price to model, from {blend.rows:,} rows")
    return told


def _print_scores(name: str, rows: pd.DataFrame) -> None:
    ours, theirs = (squared_losses(rows[one].to_numpy(), _went_over(rows)) for one in ("chance", "price_over"))
    gap = Difference.of(ours, theirs, rows.game_id.to_numpy())
    error = (gap.high - gap.low) / (2 * Z)
    print(f"{name:<34}{gap.n:>8,}{ours.mean():>9.4f}{theirs.mean():>9.4f}{gap.mean:>+12.5f}{error:>9.5f}")


def _print_bets(rows: pd.DataFrame) -> None:
    """Print how many bets are worth taking at the best prices, and how they fared."""
    over, under = rows.chance * (1 - rows.push), (1 - rows.chance) * (1 - rows.push)
    value_over = np.nan_to_num(expected_value(over, under, rows.best_over_price), nan=-1)
    value_under = np.nan_to_num(expected_value(under, over, rows.best_under_price), nan=-1)
    is_over, taken = value_over >= value_under, np.maximum(value_over, value_under) >= MIN_VALUE
    bets = rows.assign(is_over=is_over, price=np.where(is_over, rows.best_over_price, rows.best_under_price))[taken]
    bets = bets[bets.actual != bets.line]
    won, even = _went_over(bets) == bets.is_over, 1 / (1 + expected_value(1.0, 0.0, bets.price))
    shares = {
        "unders": ~bets.is_over,
        "won": won,
        "needed": even,
        "of April and May 2024": bets.game_date < "2024-06-01",
    }
    told = ", ".join(f"{share.mean():.1%} {name}" for name, share in shares.items())
    print(f"{len(bets):,} decided bets: {told}")


def _went_over(rows: pd.DataFrame) -> Flags:
    return (rows.actual > rows.line).to_numpy()


if __name__ == "__main__":
    main()
