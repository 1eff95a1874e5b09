"""Lines on games: spread, total and moneyline of each sportsbook."""

import numpy as np
import pyarrow as pa

from nba_resources.sources.simulated.columns import chance, facts
from nba_resources.sources.simulated.games import Stage
from nba_resources.sources.simulated.league import League
from nba_resources.sources.simulated.market import HARBORLINE, IN_PLAY, SPORTSBOOKS, Book, prices, views

MARGIN_SD = 15.0
LEAD_KEPT = 0.83  # share of the expected margin that remains at the end, as leaders lose accuracy
MARGIN_ERROR, TOTAL_ERROR = 1.2, 2.0


def odds_rows(league: League, stage: Stage, rng: np.random.Generator) -> pa.Table:
    """Return two snapshots of each book before the games, and a few of one book during them."""
    tables = []
    for view in views(league, stage):
        home, away = view.points.sum(axis=-1).T
        margin = LEAD_KEPT * (home - away) + rng.normal(0, MARGIN_ERROR, len(home))
        total = home + away + rng.normal(0, TOTAL_ERROR, len(home))
        tables += [_snapshot_rows(book, stage, margin, total, view.moments(stage, rng), rng) for book in SPORTSBOOKS]
    live = stage.where(np.flatnonzero(rng.random(len(stage.fixtures.day)) < IN_PLAY))
    score = live.played.score
    during = live.fixtures.tip + rng.integers(1200, 7200, len(score)).astype("timedelta64[s]")
    half_of_lead = (score[:, 0] - score[:, 1]) / 2
    tables.append(_snapshot_rows(HARBORLINE, live, half_of_lead, score.sum(axis=1), during, rng, shown_after=1))
    return pa.concat_tables(tables)


def _snapshot_rows(
    book: Book,
    stage: Stage,
    margin: np.ndarray,
    total: np.ndarray,
    snapshot: np.ndarray,
    rng: np.random.Generator,
    shown_after: int = 0,
) -> pa.Table:
    games, rows = stage.fixtures, len(margin)
    spread_home, spread_away = prices(0.5 + rng.normal(0, 0.012, rows), book.margin)
    over, under = prices(0.5 + rng.normal(0, 0.012, rows), book.margin)
    home, away = prices(chance(margin / MARGIN_SD), book.margin)
    values = {
        "bookmaker": book.name,
        "snapshot_kind": "snapshot",
        "game_date": games.day,
        "home_team": games.home,
        "away_team": games.away,
        "snapshot_utc": snapshot,
        "start_time_utc": games.tip,
        "spread_home": -np.rint(2 * margin + rng.normal(0, 0.4, rows)) / 2,
        "spread_home_price": spread_home,
        "spread_away_price": spread_away,
        "total": np.rint(2 * total + rng.normal(0, 0.6, rows)) / 2,
        "over_price": over,
        "under_price": under,
        "ml_home": home,
        "ml_away": away,
    }
    return facts("game_odds", values, shown_from=games.day + shown_after)
