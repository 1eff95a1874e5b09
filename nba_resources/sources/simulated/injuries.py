"""Injuries, availability for each game, and the reports about both."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from nba_resources.sources.simulated.calendar import PRESEASON_DAYS, REGULAR_DAYS, Fixtures
from nba_resources.sources.simulated.columns import Array, Columns, Rng, facts, rng_for, texts
from nba_resources.sources.simulated.league import DAYS, League
from nba_resources.sources.simulated.names import list_spellings

STATUSES = ("", "available", "probable", "questionable", "doubtful", "out")
_, AVAILABLE, PROBABLE, QUESTIONABLE, DOUBTFUL, OUT = range(len(STATUSES))
# Chance of each of STATUSES in the morning, by the true state of the player.
MORNING = {
    "hurt": (0.00, 0.00, 0.00, 0.05, 0.06, 0.89),
    "scratched": (0.20, 0.02, 0.18, 0.55, 0.05, 0.00),
    "returning": (0.15, 0.15, 0.30, 0.37, 0.03, 0.00),
    "well": (0.934, 0.007, 0.03, 0.025, 0.004, 0.00),
}
# Reports of a game's date by minutes before tip-off: the first precede the first prices, the last follow the last ones.
REPORTS = ((620, 690), (300, 480), (80, 170), (30, 75), (8, 25))
NOT_YET, STILL_IN_DOUBT = 0.1, 0.03  # of the first report: share of players not on it, and of the hurt not yet out
KNOWN_EARLY = 0.45  # share of the last news that the third report has already
SURER = 0.4  # share of the fit and questionable whose teams call them probable
# Share of the fit who are still called doubtful or out, by report: statuses come true more often as tip-off comes.
FIT_AND_DOUBTFUL = np.array([0.12, 0.07, 0.05, 0.04, 0.03])
FIT_AND_OUT = np.array([0.018, 0.006, 0.004, 0.002, 0])
ROTATION = 9  # the best of a club; others who are fit are on a report only if they are called available
SPELLS_A_SEASON = 2.4
LENGTHS, LENGTH_ODDS = ((1, 5), (5, 20), (20, 90)), (0.55, 0.33, 0.12)
AILMENTS = (
    *("sore left ankle", "sprained right ankle", "left knee soreness", "right hamstring strain"),
    *("lower back tightness", "illness", "left calf contusion", "right wrist sprain", "concussion protocol"),
    *("left shoulder strain", "plantar fasciitis"),
)


@dataclass(frozen=True)
class Spells(Columns):
    """Injuries, from the day a player is put on the injured list to the day he is taken off it."""

    player: Array
    starts: Array
    ends: Array
    ailment: Array

    def absent(self, players: int) -> Array:
        """Return whether each player is on the list, by day."""
        change = np.zeros((DAYS + 1, players), dtype=int)
        np.add.at(change, (self.starts, self.player), 1)
        np.add.at(change, (np.minimum(self.ends, DAYS), self.player), -1)
        return np.cumsum(change[:-1], axis=0) > 0


@dataclass(frozen=True)
class Availability(Columns):
    """Availability of each rostered player, and what bookmakers know of it at first and shortly before tip-off."""

    dressed: Array
    morning: Array
    late: Array


def injury_spells(seed: int, league: League) -> Spells:
    """Draw the injuries of a season, without those that begin before an earlier one has healed."""
    rng = rng_for(seed, league.year, "injuries")
    player = np.repeat(np.arange(len(league.players.talent)), rng.poisson(SPELLS_A_SEASON, len(league.players.talent)))
    starts = rng.integers(PRESEASON_DAYS - 3, PRESEASON_DAYS + REGULAR_DAYS + 40, len(player))
    shortest, longest = np.array(LENGTHS)[rng.choice(len(LENGTHS), len(player), p=LENGTH_ODDS)].T
    ends = starts + rng.integers(shortest, longest)
    order = np.lexsort((starts, player))
    spells = Spells(player[order], starts[order], ends[order], rng.integers(0, len(AILMENTS), len(player)))
    lifetime = spells.player * 10 * DAYS
    healed = np.maximum.accumulate(lifetime + spells.ends + 3)
    return spells.where(np.append(True, (lifetime + spells.starts)[1:] > healed[:-1]))


def availability(league: League, absent: Array, games: Fixtures, rng: Rng) -> Availability:
    """Draw who can play and the reported statuses: most doubtful players play, and a few healthy ones do not."""
    day = league.day_number(games.day)[:, None, None]
    lately = np.maximum(day - np.array([2, 4])[:, None, None, None], 0)
    roster = league.slots[day[:, 0], games.clubs]
    hurt = absent[day, roster]
    returning = ~hurt & absent[lately, roster].any(axis=0)
    veteran = league.year - league.players.born[roster] >= 31
    scratched = ~hurt & (rng.random(roster.shape) < np.where(veteran, 0.016, 0.007))
    morning = np.zeros(roster.shape, dtype=int)
    luck = rng.random(roster.shape)
    states = {"well": ~hurt, "returning": returning, "scratched": scratched, "hurt": hurt}
    for state, affected in states.items():
        morning[affected] = np.searchsorted(np.cumsum(MORNING[state])[:-1], luck[affected], side="right")
    dressed = ~hurt & ~scratched
    listed = (morning > 0) & (morning < OUT) & (rng.random(roster.shape) < 0.62)
    late = np.where(listed, np.where(dressed, AVAILABLE, OUT), morning)
    return Availability(dressed, morning, late)


def transactions(seed: int, league: League, spells: Spells, last_day: np.datetime64) -> pa.Table:
    """Return the moves on and off the injured list; they have a date but no time."""
    rng = rng_for(seed, league.year, "injury lists")
    spelled = list_spellings(list(league.players.name), rng)
    placed, activated = (spells.where(league.first_day + days <= last_day) for days in (spells.starts, spells.ends))
    day = np.concatenate([placed.starts, activated.ends])
    player = np.concatenate([placed.player, activated.player])
    notes = [f"placed on IL with {AILMENTS[ailment]}" for ailment in placed.ailment]
    values = {
        "kind": "il_transaction",
        "report_date": league.first_day + day,
        "team_abbr": league.club_of()[day, player],
        "player_name_raw": texts(spelled, player),
        "event": np.repeat(["placed", "activated"], [len(placed.player), len(activated.player)]).astype(object),
        "note": np.array(notes + ["activated from IL"] * len(activated.player), dtype=object),
    }
    return facts("injury_reports", values, shown_from=league.first_day + day)


def status_reports(league: League, games: Fixtures, known: Availability, rng: Rng) -> pa.Table:
    """Return the reports on each game from the morning to tip-off: each status that differs from the one before."""
    spelled = list_spellings(list(league.players.name), rng)
    roster = league.slots[league.day_number(games.day)[:, None], games.clubs]
    ailment = rng.integers(0, len(AILMENTS), roster.shape)
    statuses = _reported(known, _ranks(league.players.talent[roster]), rng)
    reports = []
    for told, before, (earliest, latest) in zip(statuses, [0 * statuses[0], *statuses], REPORTS, strict=False):
        at = game, side, _ = np.nonzero((told > 0) & (told != before))
        minutes = rng.integers(earliest, latest, games.clubs.shape)[game, side]
        values = {
            "kind": "status_report",
            "report_date": games.day[game],
            "game_date": games.day[game],
            "known_at": games.tip[game] - minutes.astype("timedelta64[m]"),
            "team_abbr": games.clubs[game, side],
            "player_name_raw": texts(spelled, roster[at]),
            "event": "status",
            "status": texts(STATUSES, told[at]),
            "note": texts([f"Injury/Illness - {name}" for name in AILMENTS], ailment[at]),
        }
        reports.append(facts("injury_reports", values, shown_from=games.day[game]))
    return pa.concat_tables(reports)


def _ranks(talent: Array) -> Array:
    return np.argsort(np.argsort(-talent, axis=-1, kind="stable"), axis=-1, kind="stable")


def _reported(known: Availability, rank: Array, rng: Rng) -> Array:
    """Draw the status of each player on each report, so that statuses come true as often as real ones.

    Bookmakers act on the statuses of `known`; a report may call a player otherwise than they take him.
    """
    luck, doubt, sure, first, early = rng.random((5, *rank.shape))
    third = np.where(early < KNOWN_EARLY, known.late, known.morning)
    told = np.stack([known.morning, known.morning, third, known.late, known.late])
    limit = (slice(None), *(None,) * rank.ndim)
    told[known.dressed & (told == DOUBTFUL) & (doubt > FIT_AND_DOUBTFUL[limit])] = QUESTIONABLE
    told[known.dressed & (told == QUESTIONABLE) & (sure < SURER)] = PROBABLE
    told[known.dressed & (luck < FIT_AND_OUT[limit])] = OUT
    told[0, (told[0] == OUT) & (first > 1 - STILL_IN_DOUBT)] = QUESTIONABLE
    told[0, first < NOT_YET] = 0
    told[:, (known.morning == 0) | (known.dressed & (rank >= ROTATION) & (known.morning != AVAILABLE))] = 0
    return told
