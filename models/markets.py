"""The markets: statistics of a player that bookmakers offer lines on.

A market is one row here, and a new market of existing counts needs nothing else. Its key is The Odds API's; its value
is the sum of some columns of `player_game_summary`. Commands that print stored rows import this module.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Market:
    """One statistic: its key and short name, the counts it sums, and the highest line that is not a misprint."""

    key: str
    short: str
    label: str
    counts: tuple[str, ...]
    highest_line: float


LOWEST_LINE = 0.5
POINTS = "player_points"
MINUTES = "minutes"  # no market, but forecast like one: every statistic begins with them
MARKETS: Mapping[str, Market] = {
    market.key: market
    for market in (
        Market(POINTS, "pts", "points", ("points",), 70),
        Market("player_rebounds", "reb", "rebounds", ("reb",), 35),
        Market("player_assists", "ast", "assists", ("ast",), 30),
        Market("player_threes", "fg3m", "threes", ("fg3m",), 15),
        Market("player_points_rebounds_assists", "pra", "points + rebounds + assists", ("points", "reb", "ast"), 100),
        Market("player_points_rebounds", "pr", "points + rebounds", ("points", "reb"), 90),
        Market("player_points_assists", "pa", "points + assists", ("points", "ast"), 90),
        Market("player_rebounds_assists", "ra", "rebounds + assists", ("reb", "ast"), 50),
        Market("player_steals", "stl", "steals", ("stl",), 10),
        Market("player_blocks", "blk", "blocks", ("blk",), 12),
        Market("player_turnovers", "tov", "turnovers", ("tov",), 12),
        Market("player_blocks_steals", "sb", "blocks + steals", ("blk", "stl"), 15),
    )
}
BASES = tuple(dict.fromkeys(count for market in MARKETS.values() for count in market.counts))
HIGHEST_LINE = max(market.highest_line for market in MARKETS.values())
