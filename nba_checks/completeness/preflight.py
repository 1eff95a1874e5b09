"""Whether a backfill has what it needs, judged before it starts.

Averages over games that were never loaded look like averages: nothing fails, and 900 dates are computed for nothing.
What cannot be known counts as a no.
"""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from nba_assets.kit.calendar import State
from nba_checks.completeness.coverage import DateState
from nba_resources.dates import DateRange

NOT_IN_THE_BASE = (State.NO_GAMES, State.BOOTSTRAP, State.NOT_DUE)
LISTED = 3


@dataclass(frozen=True)
class Need:
    """A table that later tables stand on, and the share of its dates that must be complete."""

    table: str
    share: float
    unless_built: bool

    @property
    def name(self) -> str:
        """Without the dataset."""
        return self.table.split(".")[-1]

    def excuse(self, reads: Collection[str], builds: Collection[str]) -> str | None:
        """Why a run need not be asked for the table, if there is a reason.

        `builds` are the tables of the run, `reads` all that these stand on, directly or not.
        """
        if self.table not in reads:
            return "this run does not read it"
        return "this run builds it" if self.unless_built and self.table in builds else None


# Games are counted even where the run would load them itself: what it would load has not been looked at yet.
NEEDS = (
    Need("nba_analytics.player_game_summary", 0.80, unless_built=False),
    Need("nba_precompute.player_shot_zone_analysis", 0.75, unless_built=True),
    Need("nba_precompute.team_defense_zone_analysis", 0.75, unless_built=True),
)
NO_OTHER_RUN = "no other run on these dates"


@dataclass(frozen=True)
class PreflightResult:
    """One line of the table: what was asked, what was found, and what mends it if that is not enough."""

    criterion: str
    found: str
    needed: str
    go: bool
    command: str | None = None


@dataclass(frozen=True)
class OtherRun:
    """A run of the orchestrator that has not ended; without dates, it may be working on any of them."""

    run_id: str
    status: str
    dates: DateRange | None

    def touches(self, dates: DateRange) -> bool:
        """Whether it may write what we are about to read or write."""
        return self.dates is None or (self.dates.start <= dates.end and dates.start <= self.dates.end)


def check_needs(
    states: Collection[DateState], dates: DateRange, reads: Collection[str], builds: Collection[str]
) -> list[PreflightResult]:
    """A result for each need, over the game dates after the first two weeks of a season."""
    bootstrap = {state.date for state in states if state.state is State.BOOTSTRAP}
    results = []
    for need in NEEDS:
        of_table = [state for state in states if state.table == need.table and state.date not in bootstrap]
        excuse = need.excuse(reads, builds)
        results.append(not_needed(need, excuse) if excuse else _judge(need, of_table, dates, len(bootstrap)))
    return results


def not_needed(need: Need, why: str) -> PreflightResult:
    """A need that this run does not have."""
    return PreflightResult(need.name, why, "nothing", go=True)


def check_other_runs(runs: Iterable[OtherRun], dates: DateRange) -> PreflightResult:
    """Two runs on one date would overwrite each other's rows, and each would read the other's half."""
    others = [run for run in runs if run.touches(dates)]
    told = [f"{run.run_id[:8]} ({run.status.lower()}, {run.dates or 'no dates named'})" for run in others]
    found = ", ".join(told[:LISTED]) + (f" and {len(told) - LISTED} more" if len(told) > LISTED else "")
    wait = "nba ui  # wait until it has ended; if its process is gone, terminate it under Runs"
    return PreflightResult(NO_OTHER_RUN, found or "none", "none", not others, wait if others else None)


def undetermined(criterion: str, why: str, command: str | None = None) -> PreflightResult:
    """What could not be found out is a no."""
    return PreflightResult(criterion, f"not known: {why}", "an answer", go=False, command=command)


def backfill_command(table: str, first: dt.date, last: dt.date) -> str:
    """The command that fills a table, and whatever it is made of, from one date to another."""
    span = f"{first}" if first == last else f"{first} {last}"
    return f"nba backfill {span} --select +{table}"


def _judge(need: Need, states: list[DateState], dates: DateRange, bootstrap: int) -> PreflightResult:
    base = [state for state in states if state.state not in NOT_IN_THE_BASE]
    if not base:
        left_out = f", {bootstrap} of them in the first two weeks of a season" if bootstrap else ""
        why = f"none of the {len(list(dates))} dates has finished games to judge by{left_out}"
        return undetermined(
            need.name, why, backfill_command(need.name, dates.start, dates.end) if not bootstrap else None
        )
    complete = sum(state.state is State.COMPLETE for state in base)
    share = complete / len(base)
    found, needed = f"{complete:,} of {len(base):,} game dates complete ({share:.1%})", f"at least {need.share:.0%}"
    if share >= need.share:
        return PreflightResult(need.name, found, needed, go=True)
    lacking = [state.date for state in base if state.state is not State.COMPLETE]
    return PreflightResult(need.name, found, needed, False, backfill_command(need.name, min(lacking), max(lacking)))
