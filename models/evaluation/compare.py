"""Comparing systems on the same rows, and only on those.

A predecessor compared 1,583 picks with 45,000 and the populations decided the winner. Here a comparison takes the
nights on which he played and every compared system predicted, prints their number and counts what was left out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from models.evaluation.betting_record import ALL, in_order
from models.evaluation.graded import EDGES, By, Graded, cut
from models.evaluation.scores import Chances, Difference, Errors, Flags, Numbers, Rate, log_losses, squared_losses
from models.systems.base import NEED_A_LINE, SystemId

REFERENCES = (SystemId.MARKET_LINE, SystemId.SEASON_AVERAGE)
NO_VIG = "no_vig_price"  # the market's own chance of over, bookmakers' margin removed
JOINS_FROM = 0.5  # share of nights: who predicts fewer would decide for all others which nights are compared
NO_POINTS = {"not final": "PENDING", "did not play": "DNP", "no result": "UNGRADEABLE"}


class Population(StrEnum):
    """Whose nights are compared. Systems that need a line are compared only where there is one."""

    EVERYONE = "everyone with ten games"
    WITH_LINE = "players with a line"


@dataclass(frozen=True)
class Comparison:
    """Some systems on identical rows.

    `nights` is how many the population had, and `left_out` why the others are not among the `shared`. Systems that
    predicted too few of the played nights to join stand in `apart`. `coverage` is, for each system, the share of its
    stored rows in the population on which it did not abstain. `errors` and `against` (mean difference of absolute
    errors, to each reference) are over the shared rows; `chances` and `chances_against` (squared and log losses, to the
    no-vig price) over those of them that went over or under, with every chance known.
    """

    population: Population
    group: str
    nights: int
    left_out: Mapping[str, int]
    shared: int
    coverage: Mapping[str, Rate]
    apart: tuple[str, ...]
    errors: Mapping[str, Errors]
    against: Mapping[str, Mapping[str, Difference]]
    chances: Mapping[str, Chances]
    chances_against: Mapping[str, Mapping[str, Difference]]

    def __post_init__(self) -> None:
        if self.nights != self.shared + sum(self.left_out.values()) or any(
            errors.n != self.shared for errors in self.errors.values()
        ):
            raise ValueError(f"{self.population}, {self.group}: systems would be compared on different rows: {self}")

    @property
    def systems(self) -> tuple[str, ...]:
        """Who is compared."""
        return tuple(self.errors)

    @property
    def chance_rows(self) -> int:
        """On how many rows the chances are compared."""
        return self.chances[NO_VIG].n if NO_VIG in self.chances else 0

    def plain(self) -> dict[str, Any]:
        """As values JSON knows."""
        coverage = {system: rate.plain() for system, rate in self.coverage.items()}
        return {**asdict(self), "population": self.population.value, "coverage": coverage}


def compare(graded: Graded, systems: Sequence[str] | None = None, by: By = By.SYSTEM) -> tuple[Comparison, ...]:
    """First everyone with the systems that need no line, then the nights with a line with all systems.

    The references always stand beside. By edge, each system's nights are its own, so it is compared alone with them:
    the group is then named after the system, too.
    """
    asked = graded.systems if systems is None else tuple({name: graded.column(name) for name in systems})
    wanted = tuple(sorted({*asked, *(name for name in REFERENCES if name in graded.systems)}))
    cuts = _by_edge if by is By.EDGE else _by_night
    return tuple(comparison for comparison in cuts(graded, wanted, by) if comparison.nights)


def _by_night(graded: Graded, wanted: tuple[str, ...], by: By) -> Iterator[Comparison]:
    for population in Population:
        members = wanted if population is Population.WITH_LINE else _without_line(wanted)
        if by is not By.SYSTEM:
            labels = graded.nights[by.value].to_numpy()
            for group in in_order(set(labels), by):
                yield _compared(graded.only(labels == group), population, group, members)
            continue
        together = _compared(graded, population, ALL, members)
        yield together
        for system in together.apart:
            if system not in REFERENCES and together.coverage[system].hits:
                yield _alone(graded, population, f"{system} alone", system, members)


def _by_edge(graded: Graded, wanted: tuple[str, ...], by: By) -> Iterator[Comparison]:
    line = graded.numbers("line")
    for system in wanted:
        if system in REFERENCES:
            continue
        labels = cut(np.abs(graded.predicted[:, graded.column(system)] - line), EDGES)
        for group in EDGES:
            in_band = graded.only(labels == group)
            yield _alone(in_band, Population.WITH_LINE, f"{system}, edge {group}", system, wanted)


def _alone(graded: Graded, population: Population, group: str, system: str, wanted: tuple[str, ...]) -> Comparison:
    """One system beside the references, on the nights it has."""
    trio = (system, *(name for name in wanted if name in REFERENCES))
    return _compared(graded, population, group, trio, joins_from=0.0)


def _without_line(systems: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in systems if name not in NEED_A_LINE)


def _compared(
    graded: Graded, population: Population, group: str, members: tuple[str, ...], joins_from: float = JOINS_FROM
) -> Comparison:
    graded = graded.only(_belongs(graded, population))
    spoke = {name: ~np.isnan(graded.predicted[:, graded.column(name)]) for name in members}
    reasons = {why: graded.nights["outcome_state"].eq(state).to_numpy(bool) for why, state in NO_POINTS.items()}
    played = ~np.any([*reasons.values()], axis=0)
    said = {name: int((spoke[name] & played).sum()) for name in members}
    apart = tuple(name for name in members if not said[name] or said[name] < joins_from * int(played.sum()))
    joined = [name for name in members if name not in apart]
    reasons |= {f"{name} abstained": ~spoke[name] for name in joined}
    if not joined:
        reasons["no system predicted"] = played
    left_out, shared = _left_out(reasons, len(graded.nights))
    rows = graded.only(shared)
    actual, line = rows.numbers("actual_points"), rows.numbers("line")
    predicted = {name: rows.predicted[:, rows.column(name)] for name in joined}
    chances, chances_against = _chances(rows, joined) if population is Population.WITH_LINE else ({}, {})
    return Comparison(
        population=population,
        group=group,
        nights=len(graded.nights),
        left_out=left_out,
        shared=int(shared.sum()),
        coverage={
            name: Rate(int(spoke[name].sum()), int(graded.stored[:, graded.column(name)].sum())) for name in members
        },
        apart=apart,
        errors={name: Errors.of(points, actual, line) for name, points in predicted.items()},
        against=_against(predicted, actual),
        chances=chances,
        chances_against=chances_against,
    )


def _belongs(graded: Graded, population: Population) -> Flags:
    if population is Population.WITH_LINE:
        return ~np.isnan(graded.numbers("line"))
    early = graded.nights["early_season"]
    seasoned: Flags = (early.notna() & early.eq(False)).to_numpy(bool)
    return seasoned


def _left_out(reasons: Mapping[str, Flags], nights: int) -> tuple[dict[str, int], Flags]:
    """How many nights each reason costs, each night under its first one, and which nights stay."""
    stayed, counts = np.ones(nights, dtype=bool), {}
    for why, applies in reasons.items():
        if lost := int((stayed & applies).sum()):
            counts[why] = lost
        stayed &= ~applies
    return counts, stayed


def _against(predicted: Mapping[str, Numbers], actual: Numbers) -> dict[str, dict[str, Difference]]:
    """Each system's absolute errors beside those of the references, row by row."""
    far = {name: np.abs(points - actual) for name, points in predicted.items()}
    beside = [name for name in REFERENCES if name in far]
    return {
        name: {reference.value: Difference.of(far[name], far[reference]) for reference in beside if reference != name}
        for name in far
    }


def _chances(rows: Graded, joined: Sequence[str]) -> tuple[dict[str, Chances], dict[str, dict[str, Difference]]]:
    """Chances of over beside the no-vig price, where all are known and the points did not land on the line."""
    actual, line, market = (rows.numbers(name) for name in ("actual_points", "line", "market_over_probability"))
    told = {name: rows.chances[:, rows.column(name)] for name in joined}
    usable = ~np.isnan(market) & (actual != line)
    enough = max(1, JOINS_FROM * int(usable.sum()))
    told = {name: chance for name, chance in told.items() if int((usable & ~np.isnan(chance)).sum()) >= enough}
    for chance in told.values():
        usable = usable & ~np.isnan(chance)
    if not usable.any():
        return {}, {}
    over = (actual > line)[usable]
    promised = {name: chance[usable] for name, chance in told.items()}
    price = market[usable]
    losses = {"squared": squared_losses, "log": log_losses}
    beside = {
        name: {how: Difference.of(loss(chance, over), loss(price, over)) for how, loss in losses.items()}
        for name, chance in promised.items()
    }
    return {name: Chances.of(chance, over) for name, chance in (promised | {NO_VIG: price}).items()}, beside
