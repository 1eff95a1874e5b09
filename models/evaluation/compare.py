"""Comparison of systems on identical rows.

A predecessor compared 1,583 picks with 45,000, and the populations decided the winner. Here a comparison uses the
player-games in which he played and every compared system predicted, shows their number and counts the others by reason.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.evaluation.betting_record import ALL, sort_groups
from models.evaluation.graded_predictions import GradedPredictions, GroupBy, band_names, edge_bands
from models.evaluation.scores import LOSSES, Difference, ErrorScores, Flags, Numbers, ProbabilityScores, Rate
from models.system_ids import REFERENCES
from models.systems.base import REQUIRE_LINE

NO_VIG = "no_vig_price"  # the market's probability of over, without the bookmakers' margin
MIN_SHARE_TO_JOIN = 0.5  # a system that predicts less would decide for all others which player-games are compared
NO_POINTS = {"not final": "PENDING", "did not play": "DNP", "no result": "UNGRADEABLE"}


class Population(StrEnum):
    """Populations of player-games; systems that require a line are compared only where there is one."""

    EVERYONE = "everyone with ten games"
    WITH_LINE = "players with a line"


@dataclass(frozen=True)
class Comparison:
    """Some systems on identical rows.

    The population has `player_games` rows: `shared` are compared, `left_out` counts the others by reason. Systems that
    predicted too few of the played games to join are listed in `apart`. `coverage` is each system's share of stored
    rows in the population on which it did not abstain. `errors` and `against` (mean difference of absolute errors, to
    each reference) are over the shared rows; `chances` and `chances_against` (squared and log losses, to the no-vig
    price) over those of them that went over or under and have every probability.
    """

    population: Population
    group: str
    player_games: int
    left_out: Mapping[str, int]
    shared: int
    coverage: Mapping[str, Rate]
    apart: tuple[str, ...]
    errors: Mapping[str, ErrorScores]
    against: Mapping[str, Mapping[str, Difference]]
    chances: Mapping[str, ProbabilityScores]
    chances_against: Mapping[str, Mapping[str, Difference]]

    def __post_init__(self) -> None:
        if self.player_games != self.shared + sum(self.left_out.values()) or any(
            errors.n != self.shared for errors in self.errors.values()
        ):
            raise ValueError(f"{self.population}, {self.group}: systems would be compared on different rows: {self}")

    @property
    def chance_rows(self) -> int:
        """Number of rows on which probabilities are compared."""
        return self.chances[NO_VIG].n if NO_VIG in self.chances else 0

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison for JSON."""
        coverage = {system: rate.to_dict() for system, rate in self.coverage.items()}
        values = {**asdict(self), "population": self.population.value, "coverage": coverage}
        values["nights"] = values.pop("player_games")
        return values


def compare(
    graded: GradedPredictions, systems: Sequence[str] | None = None, by: GroupBy = GroupBy.SYSTEM
) -> tuple[Comparison, ...]:
    """Compare systems on everyone (those that require no line) and on player-games with a line (all of them).

    The references are always included. By edge, each system's player-games are its own, so it is compared only with the
    references, and the group's name contains the system.
    """
    chosen = graded.systems if systems is None else tuple({name: graded.column_of(name) for name in systems})
    members = tuple(sorted({*chosen, *(name for name in REFERENCES if name in graded.systems)}))
    comparisons = _by_edge(graded, members) if by is GroupBy.EDGE else _by_player_game(graded, members, by)
    return tuple(comparison for comparison in comparisons if comparison.player_games)


def _by_player_game(graded: GradedPredictions, systems: tuple[str, ...], by: GroupBy) -> Iterator[Comparison]:
    without_line = tuple(name for name in systems if name not in REQUIRE_LINE)
    for population, members in {Population.EVERYONE: without_line, Population.WITH_LINE: systems}.items():
        if by is not GroupBy.SYSTEM:
            labels = graded.player_games[by.value].to_numpy()
            for group in sort_groups(set(labels), by):
                yield _compare(graded.only(labels == group), population, group, members)
            continue
        together = _compare(graded, population, ALL, members)
        yield together
        for system in together.apart:
            if system not in REFERENCES and together.coverage[system].hits:
                yield _compare_alone(graded, population, f"{system} alone", system, members)


def _by_edge(graded: GradedPredictions, systems: tuple[str, ...]) -> Iterator[Comparison]:
    line, bands = graded.values("line"), edge_bands(graded.subject.market)
    for system in systems:
        if system in REFERENCES:
            continue
        labels = band_names(np.abs(graded.predicted[:, graded.column_of(system)] - line), bands)
        for group in bands:
            in_band = graded.only(labels == group)
            yield _compare_alone(in_band, Population.WITH_LINE, f"{system}, edge {group}", system, systems)


def _compare_alone(
    graded: GradedPredictions, population: Population, group: str, system: str, systems: tuple[str, ...]
) -> Comparison:
    """Compare one system with the references on the player-games it predicted."""
    members = (system, *(name for name in systems if name in REFERENCES))
    return _compare(graded, population, group, members, min_share=0.0)


def _compare(
    graded: GradedPredictions,
    population: Population,
    group: str,
    members: tuple[str, ...],
    min_share: float = MIN_SHARE_TO_JOIN,
) -> Comparison:
    graded = graded.only(_in_population(graded, population))
    has_forecast = {name: ~np.isnan(graded.predicted[:, graded.column_of(name)]) for name in members}
    reasons = {why: graded.player_games["outcome_state"].eq(state).to_numpy(bool) for why, state in NO_POINTS.items()}
    played = ~np.any([*reasons.values()], axis=0)
    counts = {name: int((has_forecast[name] & played).sum()) for name in members}
    apart = tuple(name for name in members if not counts[name] or counts[name] < min_share * int(played.sum()))
    joined = [name for name in members if name not in apart]
    reasons |= {f"{name} abstained": ~has_forecast[name] for name in joined}
    if not joined:
        reasons["no system predicted"] = played
    left_out, shared = _left_out(reasons, len(graded.player_games))
    rows = graded.only(shared)
    actual, line = rows.values("actual_value"), rows.values("line")
    predicted = {name: rows.predicted[:, rows.column_of(name)] for name in joined}
    chances, chances_against = _compare_chances(rows, joined) if population is Population.WITH_LINE else ({}, {})
    stored = {name: int(graded.stored[:, graded.column_of(name)].sum()) for name in members}
    return Comparison(
        population=population,
        group=group,
        player_games=len(graded.player_games),
        left_out=left_out,
        shared=int(shared.sum()),
        coverage={name: Rate(int(has_forecast[name].sum()), stored[name]) for name in members},
        apart=apart,
        errors={name: ErrorScores.of(points, actual, line) for name, points in predicted.items()},
        against=_differences_to_references(predicted, actual, rows.games),
        chances=chances,
        chances_against=chances_against,
    )


def _in_population(graded: GradedPredictions, population: Population) -> Flags:
    if population is Population.WITH_LINE:
        return ~np.isnan(graded.values("line"))
    early = graded.player_games["early_season"]
    seasoned: Flags = (early.notna() & early.eq(False)).to_numpy(bool)
    return seasoned


def _left_out(reasons: Mapping[str, Flags], count: int) -> tuple[dict[str, int], Flags]:
    """Return how many player-games each reason excludes, counting only their first reason, and which ones remain."""
    remain, counts = np.ones(count, dtype=bool), {}
    for why, applies in reasons.items():
        if lost := int((remain & applies).sum()):
            counts[why] = lost
        remain &= ~applies
    return counts, remain


def _differences_to_references(
    predicted: Mapping[str, Numbers], actual: Numbers, games: NDArray[Any]
) -> dict[str, dict[str, Difference]]:
    errors = {name: np.abs(points - actual) for name, points in predicted.items()}
    references = [name for name in REFERENCES if name in errors]
    return {
        name: {other.value: Difference.of(errors[name], errors[other], games) for other in references if other != name}
        for name in errors
    }


def _compare_chances(
    rows: GradedPredictions, joined: Sequence[str]
) -> tuple[dict[str, ProbabilityScores], dict[str, dict[str, Difference]]]:
    """Score probabilities of over beside the no-vig price, where all are known and the points are not on the line."""
    actual, line, market = (rows.values(name) for name in ("actual_value", "line", "market_over_probability"))
    usable = ~np.isnan(market) & (actual != line)
    enough = max(1, MIN_SHARE_TO_JOIN * int(usable.sum()))
    chances = {name: rows.chances[:, rows.column_of(name)] for name in joined}
    chances = {name: chance for name, chance in chances.items() if int((usable & ~np.isnan(chance)).sum()) >= enough}
    for chance in chances.values():
        usable = usable & ~np.isnan(chance)
    if not usable.any():
        return {}, {}
    over, price, games = (actual > line)[usable], market[usable], rows.games[usable]
    promised = {name: chance[usable] for name, chance in chances.items()}
    differences = {
        name: {how: Difference.of(loss(chance, over), loss(price, over), games) for how, loss in LOSSES.items()}
        for name, chance in promised.items()
    }
    promised[NO_VIG] = price
    return {name: ProbabilityScores.of(chance, over) for name, chance in promised.items()}, differences
