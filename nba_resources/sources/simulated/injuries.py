"""Who is hurt, who plays all the same, and what the clubs admit before tip-off."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from nba_resources.sources.simulated.calendar import PRESEASON_DAYS, REGULAR_DAYS, Fixtures
from nba_resources.sources.simulated.columns import Columns, facts, rng_for, texts
from nba_resources.sources.simulated.league import DAYS, League
from nba_resources.sources.simulated.names import list_spellings
from nba_resources.sources.teams import TEAMS

STATUSES = ("", "available", "probable", "questionable", "doubtful", "out")
PROBABLE, QUESTIONABLE, DOUBTFUL, OUT = (
    STATUSES.index(name) for name in ("probable", "questionable", "doubtful", "out")
)
# Chance of each of STATUSES in the morning, by what the player will turn out to be.
MORNING = {
    "hurt": (0.00, 0.00, 0.00, 0.05, 0.06, 0.89),
    "scratched": (0.20, 0.02, 0.18, 0.55, 0.05, 0.00),
    "returning": (0.15, 0.15, 0.30, 0.37, 0.03, 0.00),
    "well": (0.934, 0.007, 0.03, 0.025, 0.004, 0.00),
}
SPELLS_A_SEASON = 2.4
LENGTHS, LENGTH_ODDS = ((1, 5), (5, 20), (20, 90)), (0.55, 0.33, 0.12)
AILMENTS = (
    *(
        "sore left ankle",
        "sprained right ankle",
        "left knee soreness",
        "right hamstring strain",
        "lower back tightness",
    ),
    *(
        "illness",
        "left calf contusion",
        "right wrist sprain",
        "concussion protocol",
        "left shoulder strain",
        "plantar fasciitis",
    ),
)


@dataclass(frozen=True)
class Spells(Columns):
    """Absences through injury, from the day a player is put on the injured list to the day he is taken off it."""

    player: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    ailment: np.ndarray

    def absent(self, players: int) -> np.ndarray:
        """Whether each player is on the list on each day."""
        change = np.zeros((DAYS + 1, players), dtype=int)
        np.add.at(change, (self.starts, self.player), 1)
        np.add.at(change, (np.minimum(self.ends, DAYS), self.player), -1)
        return np.cumsum(change[:-1], axis=0) > 0


@dataclass(frozen=True)
class Availability(Columns):
    """For each roster place of each game: who dressed, his status in the morning and shortly before tip-off."""

    dressed: np.ndarray
    morning: np.ndarray
    late: np.ndarray


def injury_spells(seed: int, league: League) -> Spells:
    """The season's injuries; a spell that would begin before an earlier one is healed does not happen."""
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


def availability(league: League, absent: np.ndarray, games: Fixtures, rng: np.random.Generator) -> Availability:
    """Draws who dresses and what is said about it: most doubts play, and a few scratches were never a doubt."""
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
    for state, theirs in states.items():
        morning[theirs] = np.searchsorted(np.cumsum(MORNING[state])[:-1], luck[theirs], side="right")
    dressed = ~hurt & ~scratched
    listed = (morning > 0) & (morning < OUT) & (rng.random(roster.shape) < 0.62)
    late = np.where(listed, np.where(dressed, STATUSES.index("available"), OUT), morning)
    return Availability(dressed, morning, late)


def transactions(seed: int, league: League, spells: Spells, last_day: np.datetime64) -> pa.Table:
    """Moves on and off the injured list: a date, never an hour."""
    rng = rng_for(seed, league.year, "injury lists")
    spelled = list_spellings(list(league.players.name), rng)
    placed, activated = (spells.where(league.first_day + days <= last_day) for days in (spells.starts, spells.ends))
    day = np.concatenate([placed.starts, activated.ends])
    player = np.concatenate([placed.player, activated.player])
    notes = [f"placed on IL with {AILMENTS[ailment]}" for ailment in placed.ailment] + ["activated from IL"] * len(
        activated.player
    )
    return _rows(
        league.first_day + day,
        club=league.club_of()[day, player],
        player=texts(spelled, player),
        kind="il_transaction",
        event=np.repeat(["placed", "activated"], [len(placed.player), len(activated.player)]).astype(object),
        note=np.array(notes, dtype=object),
    )


def status_reports(league: League, games: Fixtures, known: Availability, rng: np.random.Generator) -> pa.Table:
    """Game-day reports: one some hours before tip-off, and an update shortly before it where a doubt was lifted."""
    spelled = list_spellings(list(league.players.name), rng)
    roster = league.slots[league.day_number(games.day)[:, None], games.clubs]
    reports = []
    for status, listed, earliest, latest in (
        (known.morning, known.morning > 0, 300, 480),
        (known.late, known.late != known.morning, 30, 75),
    ):
        game, side, place = np.nonzero(listed)
        minutes = rng.integers(earliest, latest, games.clubs.shape)[game, side]
        reports.append(
            _rows(
                games.day[game],
                club=games.clubs[game, side],
                player=texts(spelled, roster[game, side, place]),
                kind="status_report",
                event=np.full(len(game), "status", dtype=object),
                note=np.array(
                    [f"Injury/Illness - {AILMENTS[n]}" for n in rng.integers(0, len(AILMENTS), len(game))], dtype=object
                ),
                status=texts(STATUSES, status[game, side, place]),
                known_at=games.tip[game] - minutes.astype("timedelta64[m]"),
            )
        )
    return pa.concat_tables(reports)


def _rows(
    day: np.ndarray,
    club: np.ndarray,
    player: pa.Array,
    kind: str,
    event: np.ndarray,
    note: np.ndarray,
    status: pa.Array | None = None,
    known_at: np.ndarray | None = None,
) -> pa.Table:
    values = {
        "kind": np.full(len(day), kind, dtype=object),
        "report_date": day,
        "known_at": np.full(len(day), np.datetime64("NaT", "us")) if known_at is None else known_at,
        "team_abbr": texts(TEAMS, club),
        "player_name_raw": player,
        "event": event,
        "status": pa.nulls(len(day), pa.string()) if status is None else status,
        "note": note,
    }
    return facts("injury_reports", values, shown_from=day)
