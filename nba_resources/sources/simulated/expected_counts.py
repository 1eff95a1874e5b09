"""Expected counts of each player in a game, from what is known before it; bookmakers price them."""

from nba_resources.sources.simulated.columns import Array
from nba_resources.sources.simulated.games import (
    ASSISTED,
    BLOCKED,
    DEFENSIVE_BOARDS,
    FREE_THROWS,
    OFFENSIVE_BOARDS,
    OVERTIME,
    SECOND_CHANCES,
    STOLEN,
    TURNOVER_RATE,
    Outlook,
    share,
)
from nba_resources.sources.simulated.players import ZONE_VALUE


def expected_counts(known: Outlook, minutes: Array) -> dict[str, Array]:
    """Return the mean of every count but points, given mean minutes.

    A club's totals follow from pace and accuracy, as in a game that is played; each player has his share of them.
    """
    threes = ZONE_VALUE == 3

    def shared(rate: str, total: Array) -> Array:
        return share(known.rates[rate] * minutes) * total[..., None] * OVERTIME

    turnovers = (known.pace * TURNOVER_RATE)[:, None].repeat(2, axis=1)
    shots = known.pace * (1 - TURNOVER_RATE) - 0.44 * FREE_THROWS + SECOND_CHANCES
    attempts = (share(known.rates["usage"] * minutes) * shots[:, None, None])[..., None] * known.mix
    made = attempts * known.accuracy
    missed = attempts - made
    free_throws_missed = (share(known.rates["fouled"] * minutes) * FREE_THROWS * (1 - known.ft_pct)).sum(axis=-1)
    rebounds = missed.sum(axis=(-1, -2)) + free_throws_missed / 2
    defensive = rebounds[:, ::-1] * (1 - OFFENSIVE_BOARDS) * DEFENSIVE_BOARDS
    return {
        "reb": shared("oreb", rebounds * OFFENSIVE_BOARDS) + shared("dreb", defensive),
        "ast": shared("ast", made.sum(axis=(-1, -2)) * ASSISTED),
        "fg3m": made[..., threes].sum(axis=-1) * OVERTIME,
        "stl": shared("stl", turnovers * STOLEN),
        "blk": shared("blk", missed[:, ::-1, :, ~threes].sum(axis=(-1, -2)) * BLOCKED),
        "tov": shared("tov", turnovers),
    }
