"""Simulation of games: minutes, possessions, shots, free throws and overtime."""

from dataclasses import dataclass

import numpy as np

from nba_resources.sources.simulated.calendar import Fixtures
from nba_resources.sources.simulated.columns import Array, Columns, Rng, apportion
from nba_resources.sources.simulated.injuries import Availability
from nba_resources.sources.simulated.league import League
from nba_resources.sources.simulated.players import ZONE_DEFENCE, ZONE_PCT, ZONE_VALUE

# Minutes and the chance to play, from the first player of a club to the seventeenth.
MINUTES = np.array([34.6, 33.7, 32.1, 30.1, 27.6, 23.9, 20.1, 16.7, 12.6, 8.5, 5.5, 4.5, 4.0, 3.5, 3.0, 3.0, 3.0])
PLAYS = np.array([1, 1, 1, 1, 1, 1, 1, 1, 0.97, 0.8, 0.45, 0.28, 0.18, 0.1, 0.06, 0.03, 0.02])
RANK_NOISE, MINUTES_NOISE = 0.28, 0.14
HOME_EDGE, TIRED = 0.006, 0.009
# The difference in noise between two players, in five equally likely steps.
RANK_SHIFTS = RANK_NOISE * np.sqrt(2) * np.array([-1.4, -0.53, 0, 0.53, 1.4])
LEAD_EFFECT = 0.0018  # accuracy lost in the second half for each point of lead, and gained for each point behind
PACE, PACE_NOISE, OVERTIME = 101.2, 4.0, 1.005
FT_TRIPS, FREE_THROWS, TURNOVER_RATE, SECOND_CHANCES = 10.3, 21.6, 0.131, 10.7
OFFENSIVE_BOARDS, DEFENSIVE_BOARDS, ASSISTED, STOLEN, BLOCKED, FOULS = 0.222, 0.85, 0.625, 0.57, 0.185, 19.2
CAMEOS = 0.004  # share of idle players with one foul and no minutes, as in real box scores
COUNTS = ("fgm", "fga", "fg3m", "fg3a", "ftm", "fta", "oreb", "dreb", "ast", "stl", "blk", "tov", "pf")


@dataclass(frozen=True)
class Outlook(Columns):
    """Expectations for each roster place, before any number is drawn; bookmakers price them. `pace` is for the game."""

    roster: Array
    rates: dict[str, Array]
    rating: Array
    mix: Array
    accuracy: Array
    ft_pct: Array
    pace: Array

    def expected_minutes(self) -> Array:
        """Return mean minutes; when a star is absent, everyone behind him plays more."""
        others = np.where(np.isfinite(self.rating), self.rating, -99.0)[..., None, :]
        plan = np.zeros(self.rating.shape)
        for shift in RANK_SHIFTS:
            ahead = (others > self.rating[..., None] + shift).sum(axis=-1) - (shift < 0)  # not ahead of himself
            plan += (MINUTES * PLAYS)[np.minimum(ahead, len(PLAYS) - 1)] * np.isfinite(self.rating)
        return plan * (240 / plan.sum(axis=-1, keepdims=True))

    def expected_points(self) -> Array:
        """Return mean points of each player in this game."""
        minutes = self.expected_minutes()
        attempts = self.pace * (1 - TURNOVER_RATE) - 0.44 * FREE_THROWS + SECOND_CHANCES
        per_attempt = (self.mix * self.accuracy * ZONE_VALUE).sum(axis=-1)
        from_field = share(self.rates["usage"] * minutes) * attempts[:, None, None] * per_attempt
        from_line = share(self.rates["fouled"] * minutes) * FREE_THROWS * self.ft_pct
        return (from_field + from_line) * OVERTIME


@dataclass(frozen=True)
class Played(Columns):
    """Results of games. Axis 3 of `attempts` and `makes` is regulation, then each overtime."""

    fixtures: Fixtures
    roster: Array
    minutes: Array
    starter: Array
    box: dict[str, Array]
    team_turnovers: Array
    plus_minus: Array
    attempts: Array
    makes: Array

    @property
    def score(self) -> Array:
        """Points of the home and the away club."""
        return points(self.box).sum(axis=-1)


@dataclass(frozen=True)
class Stage(Columns):
    """Games that do not depend on each other's results, with the availability of the players."""

    fixtures: Fixtures
    known: Availability
    played: Played


def points(box: dict[str, Array]) -> Array:
    """Return the points of a box score."""
    return 2 * box["fgm"] + box["fg3m"] + box["ftm"]


def outlook(league: League, games: Fixtures, dressed: Array) -> Outlook:
    """Compute expectations from rosters, form, opponents, venue and games of the day before."""
    people, clubs = league.players, games.clubs
    day = league.day_number(games.day)
    roster = league.slots[day[:, None], clubs]
    form = league.form[day[:, None, None], roster]
    edge = np.where(games.neutral, 0, HOME_EDGE)[:, None] * [1, -1] - TIRED * _played_yesterday(games)
    team = league.offence[clubs] + edge
    zones = ZONE_PCT + league.defence[clubs[:, ::-1]][:, :, ZONE_DEFENCE] + team[..., None]
    return Outlook(
        roster=roster,
        rates={
            name: rate[roster] * (np.exp(0.1 * form) if name == "usage" else 1) for name, rate in people.rates.items()
        },
        rating=np.where(dressed, people.talent[roster] + 0.6 * form, -np.inf),
        mix=people.mix[roster],
        accuracy=np.clip(zones[:, :, None] + people.skill[roster] + 0.006 * form[..., None], 0.03, 0.9),
        ft_pct=people.ft_pct[roster],
        pace=PACE + league.pace[clubs].sum(axis=1),
    )


def play(games: Fixtures, expected: Outlook, rng: Rng) -> Played:
    """Play 48 minutes, and five more as long as a game is tied."""
    minutes, starter = _minutes(expected, rng)
    box, attempts, makes, team_turnovers = _play_stretch(expected, minutes, 48, rng)
    shots = [(attempts, makes)]
    _force_overtimes(box, minutes, rng)
    tied = np.flatnonzero(np.equal(*points(box).sum(axis=-1).T))
    while len(tied):
        best = _ranks(minutes[tied]) < 5
        extra, attempts, makes, lost = _play_stretch(expected.where(tied), best * 5.0, 5, rng)
        minutes[tied] += best * 5.0
        team_turnovers[tied] += lost
        for name in COUNTS:
            box[name][tied] += extra[name]
        shots.append((_place_rows(attempts, tied, len(minutes)), _place_rows(makes, tied, len(minutes))))
        tied = tied[np.equal(*points(extra).sum(axis=-1).T)]
    np.minimum(box["pf"], 6, out=box["pf"])
    idle = (minutes == 0) & np.isfinite(expected.rating)
    box["pf"][idle & (rng.random(idle.shape) < CAMEOS)] = 1
    attempts, makes = (np.stack(parts, axis=3) for parts in zip(*shots, strict=True))
    swing = _plus_minus(points(box).sum(axis=-1), minutes, rng)
    return Played(games, expected.roster, minutes, starter, box, team_turnovers, swing, attempts, makes)


def _ranks(rating: Array) -> Array:
    return np.argsort(np.argsort(-rating, axis=-1, kind="stable"), axis=-1, kind="stable")


def share(weights: Array) -> Array:
    """Split one among the last axis by weight."""
    return weights / weights.sum(axis=-1, keepdims=True)


def _played_yesterday(games: Fixtures) -> Array:
    dates = {(club, day) for club, day in zip(games.clubs.ravel(), np.repeat(games.day, 2), strict=True)}
    return np.array(
        [[(club, day - 1) in dates for club in pair] for pair, day in zip(games.clubs, games.day, strict=True)]
    )


def _minutes(expected: Outlook, rng: Rng) -> tuple[Array, Array]:
    """Draw minutes in tenths, 240 a team and at most 48 a player, and who starts."""
    shape = expected.rating.shape
    rank = _ranks(expected.rating + rng.normal(0, RANK_NOISE, shape))
    plays = (rng.random(shape) < PLAYS[rank]) & np.isfinite(expected.rating)
    weight = MINUTES[rank] * np.exp(rng.normal(0, MINUTES_NOISE, shape)) * plays
    for _ in range(3):
        weight = np.minimum(share(weight), 46 / 240)
    return apportion(weight, 2400) / 10, rank < 5


def _play_stretch(
    expected: Outlook, minutes: Array, length: int, rng: Rng
) -> tuple[dict[str, Array], Array, Array, Array]:
    """Play one stretch; return box scores, attempts and makes by zone, and turnovers charged to no player."""
    games, part = len(minutes), length / 48

    def distribute(total: Array, rate: str) -> Array:
        return rng.multinomial(total, share(expected.rates[rate] * minutes))

    possessions = (expected.pace * part + rng.normal(0, PACE_NOISE * np.sqrt(part), games))[:, None].repeat(2, axis=1)
    trips = distribute(rng.poisson(FT_TRIPS * part, (games, 2)), "fouled")
    lost = rng.poisson(0.6 * part, (games, 2))
    tov = distribute(rng.binomial(np.maximum(possessions, 1).astype(int), TURNOVER_RATE), "tov")
    fga = (
        possessions
        - 0.44 * FREE_THROWS / FT_TRIPS * trips.sum(axis=-1)
        - tov.sum(axis=-1)
        - lost
        + SECOND_CHANCES * part
    )
    shot_share = share(expected.rates["usage"] * minutes)[..., None] * expected.mix
    shots = np.maximum(np.rint(fga), 1).astype(int)
    attempts = rng.multinomial(shots, shot_share.reshape(games, 2, -1)).reshape(shot_share.shape)
    makes = _makes(attempts, expected.accuracy, rng)
    fta = 2 * trips + rng.binomial(makes[..., 0], 0.1)
    ftm = rng.binomial(fta, expected.ft_pct)

    missed = attempts - makes
    rebounds = missed.sum(axis=(-1, -2)) + (fta - ftm).sum(axis=-1) // 2
    offensive = rng.binomial(rebounds, OFFENSIVE_BOARDS)
    defensive = rng.binomial(rebounds - offensive, DEFENSIVE_BOARDS)[:, ::-1]
    threes = ZONE_VALUE == 3
    box = {
        "fgm": makes.sum(axis=-1),
        "fga": attempts.sum(axis=-1),
        "fg3m": makes[..., threes].sum(axis=-1),
        "fg3a": attempts[..., threes].sum(axis=-1),
        "ftm": ftm,
        "fta": fta,
        "oreb": distribute(offensive, "oreb"),
        "dreb": distribute(defensive, "dreb"),
        "ast": distribute(rng.binomial(makes.sum(axis=(-1, -2)), ASSISTED), "ast"),
        "stl": distribute(rng.binomial(tov.sum(axis=-1), STOLEN)[:, ::-1], "stl"),
        "blk": distribute(rng.binomial(missed[..., ~threes].sum(axis=(-1, -2)), BLOCKED)[:, ::-1], "blk"),
        "tov": tov,
        "pf": distribute(rng.poisson(FOULS * part, (games, 2)), "pf"),
    }
    return box, attempts, makes, lost


def _makes(attempts: Array, accuracy: Array, rng: Rng) -> Array:
    """Draw made shots by half: leaders lose accuracy after half-time, or every third game would be one-sided."""
    early = rng.binomial(attempts, 0.5)
    fallen = rng.binomial(early, accuracy)
    lead = (fallen * ZONE_VALUE).sum(axis=(-1, -2))
    second = np.clip(accuracy - LEAD_EFFECT * (lead - lead[:, ::-1])[..., None, None], 0.02, 0.95)
    return fallen + rng.binomial(attempts - early, second)


def _force_overtimes(box: dict[str, Array], minutes: Array, rng: Rng) -> None:
    """Tie half of the one-point games by a free throw, since trailing teams play for overtime."""
    score = points(box).sum(axis=-1)
    close = np.flatnonzero((np.abs(score[:, 0] - score[:, 1]) == 1) & (rng.random(len(score)) < 0.5))
    behind = score[close].argmin(axis=1)
    shooter = minutes[close, behind].argmax(axis=-1)
    for name in ("ftm", "fta"):
        box[name][close, behind, shooter] += 1


def _place_rows(part: Array, rows: Array, games: int) -> Array:
    whole = np.zeros((games, *part.shape[1:]), dtype=part.dtype)
    whole[rows] = part
    return whole


def _plus_minus(score: Array, minutes: Array, rng: Rng) -> Array:
    """Draw the margin while each player was on court; over a team it adds up to five times the final margin."""
    margin = (score - score[:, ::-1])[..., None]
    share = 5 * minutes / minutes.sum(axis=-1, keepdims=True)
    luck = rng.normal(0, 7, minutes.shape) * np.sqrt(share * np.clip(1 - share, 0, 1))
    luck -= share / 5 * luck.sum(axis=-1, keepdims=True)
    return np.rint(margin * share + luck).astype(int)
