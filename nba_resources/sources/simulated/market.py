"""What bookmakers believe and what they charge for it; the lines themselves are in `props` and `odds`."""

from dataclasses import dataclass

import numpy as np

from nba_resources.sources.simulated.games import outlook
from nba_resources.sources.simulated.injuries import DOUBTFUL
from nba_resources.sources.simulated.league import League
from nba_resources.sources.simulated.stage import Stage

IN_PLAY = 0.03  # share of games with lines published after tip-off


@dataclass(frozen=True)
class Book:
    """A bookmaker's habits: margin, share of whole-number lines, share of oddly written names."""

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
    """What is expected at one hour: points and minutes of each roster place, zero for those believed out."""

    points: np.ndarray
    minutes: np.ndarray
    before_tip: tuple[int, int]

    def moments(self, stage: Stage, rng: np.random.Generator) -> np.ndarray:
        """When a book looked at each game, to the second."""
        earliest, latest = (60 * minutes for minutes in self.before_tip)
        return stage.fixtures.tip - rng.integers(earliest, latest, len(stage.fixtures.tip)).astype("timedelta64[s]")


def views(league: League, stage: Stage) -> tuple[View, View]:
    """Opening and pre-tip: the books know the injury reports of the hour, not who will be scratched."""
    opening = outlook(league, stage.fixtures, stage.known.morning < DOUBTFUL)
    late = outlook(league, stage.fixtures, stage.known.late < DOUBTFUL)
    return (
        View(opening.expected_points(), opening.usual_minutes(), (540, 600)),
        View(late.expected_points(), late.usual_minutes(), (30, 45)),
    )


def prices(probability: np.ndarray, margin: float) -> tuple[np.ndarray, np.ndarray]:
    """American prices of a side and its opposite; together they imply one plus the margin."""
    fair = np.clip(probability, 0.085, 0.915)  # nobody quotes beyond 2000
    return american(fair + margin / 2), american(1 - fair + margin / 2)


def american(probability: np.ndarray) -> np.ndarray:
    """The price that pays back the probability: -150 for 0.6, +150 for 0.4."""
    odds = probability / (1 - probability)
    return np.rint(np.where(probability >= 0.5, -100 * odds, 100 / odds)).astype(int)
