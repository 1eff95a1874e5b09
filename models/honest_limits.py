"""Limits that no honest result of a season passes, by market: a better one is a leak until its cause is known.

Gates of models, checks of grades and evaluations use them. Those on points are older than the forecasts of every
market; the others come from what `rates_v1` reached at tip-off, walk-forward, in 2023-24 to 2025-26.
"""

from collections.abc import Mapping
from typing import NamedTuple


class HonestLimits(NamedTuple):
    """Means over the season so far: `look` gets a remark, the limit stops publication; each from its rows on.

    Errors are mean absolute errors in the market's unit, gains how far below the line's error a forecast's is, hits the
    share of decided picks that won.
    """

    look_error: float
    least_error: float
    error_rows: int
    look_gain: float
    most_gain: float
    line_rows: int
    look_hits: float = 0.56
    most_hits: float = 0.58
    hit_rows: int = 500


LIMITS: Mapping[str, HonestLimits] = {
    "player_points": HonestLimits(4.5, 4.4, 500, 0.20, 0.25, 1_000),
    "player_rebounds": HonestLimits(1.85, 1.80, 2_000, 0.06, 0.08, 2_000),
    "player_assists": HonestLimits(1.34, 1.30, 2_000, 0.06, 0.08, 2_000),
    "player_threes": HonestLimits(0.90, 0.87, 2_000, 0.09, 0.13, 2_000),
    "player_points_rebounds_assists": HonestLimits(5.9, 5.7, 2_000, 0.2, 0.3, 2_000),
    "player_points_rebounds": HonestLimits(5.5, 5.3, 2_000, 0.2, 0.3, 2_000),
    "player_points_assists": HonestLimits(5.0, 4.9, 2_000, 0.2, 0.3, 2_000),
    "player_rebounds_assists": HonestLimits(2.55, 2.48, 2_000, 0.1, 0.12, 2_000),
    "player_steals": HonestLimits(0.69, 0.67, 2_000, 0.06, 0.08, 2_000),
    "player_blocks": HonestLimits(0.44, 0.42, 2_000, 0.06, 0.08, 2_000),
    "player_turnovers": HonestLimits(0.87, 0.84, 2_000, 0.06, 0.08, 2_000),
    "player_blocks_steals": HonestLimits(0.9, 0.87, 2_000, 0.06, 0.08, 2_000),
}
