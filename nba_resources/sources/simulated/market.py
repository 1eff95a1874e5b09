"""Bookmakers, their expectations and their prices; their lines are in `props` and `odds`."""

from dataclasses import dataclass

import numpy as np

from nba_resources.sources.simulated.games import Stage, outlook
from nba_resources.sources.simulated.injuries import DOUBTFUL
from nba_resources.sources.simulated.league import League

IN_PLAY = 0.03  # share of games with lines offered after tip-off


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
    """Expected points and minutes of each roster place at one time of day; zero for players thought to be out."""

    points: np.ndarray
    minutes: np.ndarray
    before_tip: tuple[int, int]

    def moments(self, stage: Stage, rng: np.random.Generator) -> np.ndarray:
        """Draw the snapshot time of each game."""
        earliest, latest = (60 * minutes for minutes in self.before_tip)
        return stage.fixtures.tip - rng.integers(earliest, latest, len(stage.fixtures.tip)).astype("timedelta64[s]")


def views(league: League, stage: Stage) -> tuple[View, View]:
    """Return the opening and the pre-tip view: books know the injury reports so far, not the late absences."""
    opening = outlook(league, stage.fixtures, stage.known.morning < DOUBTFUL)
    late = outlook(league, stage.fixtures, stage.known.late < DOUBTFUL)
    return (
        View(opening.expected_points(), opening.expected_minutes(), (540, 600)),
        View(late.expected_points(), late.expected_minutes(), (30, 45)),
    )


def prices(probability: np.ndarray, margin: float) -> tuple[np.ndarray, np.ndarray]:
    """Return American prices of both sides; their implied probabilities add up to one plus the margin."""
    fair = np.clip(probability, 0.085, 0.915)  # books offer no price beyond 2000
    return american(fair + margin / 2), american(1 - fair + margin / 2)


def american(probability: np.ndarray) -> np.ndarray:
    """Convert a probability to its fair American price: -150 for 0.6, +150 for 0.4."""
    odds = probability / (1 - probability)
    return np.rint(np.where(probability >= 0.5, -100 * odds, 100 / odds)).astype(int)
