"""Bookmakers, their expectations and prices, and their lines on games; lines on players are in `props`."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from nba_resources.sources.simulated.columns import Array, Rng, chance, facts
from nba_resources.sources.simulated.expected_counts import expected_counts
from nba_resources.sources.simulated.games import Outlook, Stage, outlook
from nba_resources.sources.simulated.injuries import DOUBTFUL
from nba_resources.sources.simulated.league import League

OPENING_TIME, LATE_TIME = (540, 600), (30, 45)  # minutes before tip-off
IN_PLAY = 0.03  # share of games with lines offered after tip-off
MARGIN_SD = 15.0
LEAD_KEPT = 0.83  # share of the expected margin that remains at the end, as leaders lose accuracy
MARGIN_ERROR, TOTAL_ERROR = 1.2, 2.0


@dataclass(frozen=True)
class Book:
    """A bookmaker: its margin and its shares of whole-number lines and of unusual name spellings."""

    name: str
    margin: float
    whole_lines: float
    odd_names: float


NORTHSIDE = Book("northside", margin=0.045, whole_lines=0.0, odd_names=0.0)
HARBORLINE = Book("harborline", margin=0.065, whole_lines=0.1, odd_names=0.04)
PICKEM = Book("fairpick", margin=0.0, whole_lines=0.25, odd_names=0.01)
SPORTSBOOKS = (NORTHSIDE, HARBORLINE)


@dataclass(frozen=True)
class View:
    """Expectations of each roster place at one time of day; zero for players thought to be out."""

    known: Outlook
    points: Array
    minutes: Array

    def counts(self) -> dict[str, Array]:
        """Return the expected counts besides points."""
        return expected_counts(self.known, self.minutes)


def moments(before_tip: tuple[int, int], stage: Stage, rng: Rng) -> Array:
    """Draw the snapshot time of each game, between so many minutes before its tip-off."""
    earliest, latest = (60 * minutes for minutes in before_tip)
    return stage.fixtures.tip - rng.integers(earliest, latest, len(stage.fixtures.tip)).astype("timedelta64[s]")


def views(league: League, stage: Stage) -> tuple[View, View]:
    """Return the opening and the pre-tip view: books know the injury reports so far, not the late absences."""
    opening = outlook(league, stage.fixtures, stage.known.morning < DOUBTFUL)
    late = outlook(league, stage.fixtures, stage.known.late < DOUBTFUL)
    return (
        View(opening, opening.expected_points(), opening.expected_minutes()),
        View(late, late.expected_points(), late.expected_minutes()),
    )


def prices(probability: Array, margin: float) -> tuple[Array, Array]:
    """Return American prices of both sides; their implied probabilities add up to one plus the margin."""
    fair = np.clip(probability, 0.085, 0.915)  # books offer no price beyond 2000
    return american(fair + margin / 2), american(1 - fair + margin / 2)


def american(probability: Array) -> Array:
    """Convert a probability to its fair American price: -150 for 0.6, +150 for 0.4."""
    odds = probability / (1 - probability)
    return np.rint(np.where(probability >= 0.5, -100 * odds, 100 / odds)).astype(int)


def odds_rows(league: League, stage: Stage, rng: Rng) -> pa.Table:
    """Return two snapshots of each book before the games, and a few of one book during them."""
    tables = []
    for view, before_tip in zip(views(league, stage), (OPENING_TIME, LATE_TIME), strict=True):
        home, away = view.points.sum(axis=-1).T
        margin = LEAD_KEPT * (home - away) + rng.normal(0, MARGIN_ERROR, len(home))
        total = home + away + rng.normal(0, TOTAL_ERROR, len(home))
        tables += [
            _snapshot_rows(book, stage, margin, total, moments(before_tip, stage, rng), rng) for book in SPORTSBOOKS
        ]
    live = stage.where(np.flatnonzero(rng.random(len(stage.fixtures.day)) < IN_PLAY))
    score = live.played.score
    during = live.fixtures.tip + rng.integers(1200, 7200, len(score)).astype("timedelta64[s]")
    half_of_lead = (score[:, 0] - score[:, 1]) / 2
    tables.append(_snapshot_rows(HARBORLINE, live, half_of_lead, score.sum(axis=1), during, rng, shown_after=1))
    return pa.concat_tables(tables)


def _snapshot_rows(
    book: Book, stage: Stage, margin: Array, total: Array, snapshot: Array, rng: Rng, shown_after: int = 0
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
