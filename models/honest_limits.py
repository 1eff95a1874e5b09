"""Limits that no honest result of a season passes, by market: a better one is a leak until its cause is known.

Gates of models, checks of grades and evaluations use them. The limit of an error is about 0.93 of the smallest that
`rates_v1` reached at tip-off in a season of 2023-24 to 2025-26, walk-forward; from the least number of rows on, no
season to date came within 4 % of it. The limit of a gain on the line is at least 1.4 times the largest of a season.
A market without measured limits has only that of hits, which is the same for all.
"""

import math
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


NOT_MEASURED = HonestLimits(0.0, 0.0, 2_000, math.inf, math.inf, 1_000)
LIMITS: Mapping[str, HonestLimits] = {
    "player_points": HonestLimits(4.5, 4.4, 500, 0.20, 0.25, 1_000),
    "player_rebounds": HonestLimits(1.86, 1.80, 2_000, 0.08, 0.10, 1_000),
    "player_assists": HonestLimits(1.35, 1.30, 2_000, 0.09, 0.12, 1_000),
    # lines on threes were beaten by 0.09 over a season, and 56 % of 1,477 picks won: a remark, not an alarm
    "player_threes": HonestLimits(0.87, 0.84, 2_000, 0.12, 0.15, 1_000, look_hits=0.55),
    "player_points_rebounds_assists": HonestLimits(5.95, 5.75, 2_000, 0.12, 0.20, 1_000),
    "player_points_rebounds": HonestLimits(5.50, 5.35, 2_000, 0.11, 0.18, 1_000),
    "player_points_assists": HonestLimits(5.05, 4.90, 2_000, 0.11, 0.18, 1_000),
    "player_rebounds_assists": HonestLimits(2.56, 2.48, 2_000, 0.08, 0.12, 1_000),
    # a median of 0 or 1 beat these few lines by 0.1 to 0.36
    "player_steals": HonestLimits(0.65, 0.63, 2_000, 0.40, 0.50, 1_000),
    "player_blocks": HonestLimits(0.44, 0.42, 2_000, 0.40, 0.50, 1_000),
    "player_turnovers": HonestLimits(0.87, 0.84, 2_000, 0.30, 0.40, 1_000),
    "player_blocks_steals": HonestLimits(0.89, 0.86, 2_000, 0.40, 0.50, 1_000),
}


def limits_of(market: str) -> HonestLimits:
    """Return the limits of a market."""
    return LIMITS.get(market, NOT_MEASURED)
