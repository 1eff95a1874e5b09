"""Place and time of every field goal attempt in a box score.

In feet from the middle of the baseline, as on the league's charts: the hoop is at (0, 5.25), the left corner has x > 0.
"""

import numpy as np
import pyarrow as pa

from nba_resources.sources.simulated.columns import Array, Rng, facts, texts
from nba_resources.sources.simulated.games import Played
from nba_resources.sources.simulated.league import League
from nba_resources.sources.simulated.players import ZONE_VALUE, ZONES

HOOP = 5.25
LABELS = (*ZONES, "backcourt")
HEAVES = 0.006
ACTIONS = {
    "restricted_area": (
        *("Driving Layup Shot", "Cutting Dunk Shot", "Layup Shot", "Tip Layup Shot", "Running Layup Shot"),
    ),
    "paint_non_ra": ("Driving Floating Jump Shot", "Hook Shot", "Floating Jump shot", "Turnaround Jump Shot"),
    "mid_range": ("Pullup Jump shot", "Fadeaway Jump Shot", "Jump Shot", "Turnaround Fadeaway shot"),
    "above_break_3": ("Jump Shot", "Step Back Jump shot", "Pullup Jump shot", "Running Pull-Up Jump Shot"),
    "left_corner_3": ("Jump Shot",),
    "right_corner_3": ("Jump Shot",),
    "backcourt": ("Jump Shot",),
}
VARIETY = 5


def shot_rows(league: League, played: Played, rng: Rng) -> pa.Table:
    """Return one row for each attempt counted in the box scores."""
    attempts, games = played.attempts, played.fixtures
    cells = np.nonzero(attempts)
    taken = attempts[cells]
    game, side, place, stretch, zone = (np.repeat(axis, taken) for axis in cells)
    number = np.arange(len(game)) - np.repeat(np.cumsum(taken) - taken, taken)
    made = number < np.repeat(played.makes[cells], taken)
    period = np.where(stretch == 0, rng.integers(1, 5, len(game)), 4 + stretch)
    seconds = rng.integers(0, np.where(stretch == 0, 720, 300))
    heave = (zone == ZONES.index("above_break_3")) & ~made & (rng.random(len(game)) < HEAVES)
    x, y = _draw_places(zone, heave, rng)
    label = np.where(heave, len(ZONES), zone)
    order = np.lexsort((-seconds, period, game))
    values = {
        "game_id": texts(games.game_id, game[order]),
        "game_date": games.day[game[order]],
        "player_id": league.players.player_id[played.roster[game, side, place]][order],
        "period": period[order],
        "seconds_left": np.where(heave, seconds % 4, seconds)[order],
        "shot_value": ZONE_VALUE[zone][order],
        "distance_ft": np.floor(np.hypot(x, y - HOOP)).astype(int)[order],
        "team_abbr": games.clubs[game, side][order],
        "made": made[order],
        "x": np.round(x, 2)[order],
        "y": np.round(y, 2)[order],
        "zone_basic": texts(LABELS, label[order]),
        "action_type": texts(*_draw_actions(label[order], rng)),
    }
    return facts("shots", values, shown_from=games.day[game[order]] + 1)


def _draw_places(zone: Array, heave: Array, rng: Rng) -> tuple[Array, Array]:
    """Draw where each shot was taken: distance and angle first, to stay within the zone."""
    u, v, side = rng.random(len(zone)), rng.random(len(zone)), rng.choice([-1, 1], len(zone))
    paint, mid, arc = (ZONES.index(name) for name in ("paint_non_ra", "mid_range", "above_break_3"))
    close = rng.random(len(zone)) < 0.7
    far = np.choose(
        np.minimum(zone, 4),
        [3.99 * u, np.where(close, 4 + 5 * u, 9 + 4.5 * u), 8.3 + 15.4 * u**0.85, 23.8 + 9 * u**3, 22.05 + 1.6 * u],
    )
    reach = np.clip(8 / far, 0, 1)
    widest = np.where(
        zone == mid,
        np.clip(21.8 / far, 0, 0.97),
        np.where(zone == arc, np.minimum(0.88, 24.5 / far), np.where(zone == paint, reach, 0.98)),
    )
    narrowest = np.where((zone == mid) & (far < 16), np.minimum(reach, widest), 0)
    across = narrowest + (widest - narrowest) * v
    x, y = side * far * across, HOOP + far * np.sqrt(1 - across**2)
    corner = zone > arc
    x = np.where(corner, np.where(zone == ZONES.index("left_corner_3"), far, -far), np.where(heave, side * 22 * v, x))
    y = np.where(corner, HOOP + (v - 0.5) * 6, np.where(heave, 48 + 35 * u**2, y))
    return x, y


def _draw_actions(label: Array, rng: Rng) -> tuple[list[str], Array]:
    """Draw the action type of each shot; the first types of a zone are more frequent."""
    table = [ACTIONS[zone][min(n, len(ACTIONS[zone]) - 1)] for zone in LABELS for n in range(VARIETY)]
    return table, label * VARIETY + np.floor(VARIETY * rng.random(len(label)) ** 1.6).astype(int)
