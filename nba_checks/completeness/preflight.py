"""Decide before a backfill starts whether the tables it reads are complete enough; unknown counts as no.

Averages over games that were never loaded look like averages: nothing fails, and 900 dates are computed for nothing.
"""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from nba_assets.kit.calendar import State
from nba_checks.completeness.coverage import DateState
from nba_checks.framework.by_date import listed
from nba_resources.dates import DateRange

WITHOUT_FINISHED_GAMES = (State.NO_GAMES, State.BOOTSTRAP, State.NOT_DUE)
LISTED = 3
NO_OTHER_RUN = "no other run on these dates"


@dataclass(frozen=True)
class Need:
    """A table that later tables are computed from, and the share of its dates that must be complete."""

    table: str
    share: float
    unless_built: bool

    @property
    def name(self) -> str:
        """The table's name without its dataset."""
        return self.table.split(".")[-1]

    def excuse(self, reads: Collection[str], builds: Collection[str]) -> str | None:
        """Return why a run that `builds` tables from `reads`, directly or not, does not need this one, or None."""
        if self.table not in reads:
            return "this run does not read it"
        return "this run builds it" if self.unless_built and self.table in builds else None


# Games are required even where the run would load them itself: nobody has checked yet what it would load.
NEEDS = (
    Need("nba_analytics.player_game_summary", 0.80, unless_built=False),
    Need("nba_precompute.player_shot_zone_analysis", 0.75, unless_built=True),
    Need("nba_precompute.team_defense_zone_analysis", 0.75, unless_built=True),
)


@dataclass(frozen=True)
class PreflightResult:
    """The result of one criterion, and the command to run if it fails."""

    criterion: str
    found: str
    needed: str
    go: bool
    command: str | None = None


@dataclass(frozen=True)
class OtherRun:
    """A Dagster run that has not ended; one without dates may write any date."""

    run_id: str
    status: str
    dates: DateRange | None

    def overlaps(self, dates: DateRange) -> bool:
        """Return whether the run may write one of the dates."""
        return self.dates is None or (self.dates.start <= dates.end and dates.start <= self.dates.end)


def check_needs(
    states: Collection[DateState], dates: DateRange, reads: Collection[str], builds: Collection[str]
) -> list[PreflightResult]:
    """Return a result for each need, over the game dates after the first two weeks of a season."""
    bootstrap = {state.date for state in states if state.state is State.BOOTSTRAP}
    results = []
    for need in NEEDS:
        of_table = [state for state in states if state.table == need.table and state.date not in bootstrap]
        excuse = need.excuse(reads, builds)
        results.append(not_needed(need, excuse) if excuse else _check(need, of_table, dates, len(bootstrap)))
    return results


def not_needed(need: Need, why: str) -> PreflightResult:
    """Return the result of a need that the run does not have."""
    return PreflightResult(need.name, why, "nothing", go=True)


def check_other_runs(runs: Iterable[OtherRun], dates: DateRange) -> PreflightResult:
    """Refuse while another run may write the dates: each would overwrite and half read the rows of the other."""
    overlapping = [run for run in runs if run.overlaps(dates)]
    others = [f"{run.run_id[:8]} ({run.status.lower()}, {run.dates or 'no dates named'})" for run in overlapping]
    wait = "nba ui  # wait until it has ended; if its process is gone, terminate it under Runs"
    found = listed(others, LISTED, ", ") or "none"
    return PreflightResult(NO_OTHER_RUN, found, "none", not others, wait if others else None)


def undetermined(criterion: str, why: str, command: str | None = None) -> PreflightResult:
    """Return the result of a criterion that could not be checked: it fails."""
    return PreflightResult(criterion, f"not known: {why}", "an answer", go=False, command=command)


def backfill_command(table: str, first: dt.date, last: dt.date) -> str:
    """Return the command that computes a table, and all it is computed from, for a range of dates."""
    span = f"{first}" if first == last else f"{first} {last}"
    return f"nba backfill {span} --select +{table}"


def _check(need: Need, states: list[DateState], dates: DateRange, bootstrap: int) -> PreflightResult:
    states = [state for state in states if state.state not in WITHOUT_FINISHED_GAMES]
    if not states:
        left_out = f", {bootstrap} of them in the first two weeks of a season" if bootstrap else ""
        why = f"none of the {len(list(dates))} dates has finished games to judge by{left_out}"
        command = None if bootstrap else backfill_command(need.name, dates.start, dates.end)
        return undetermined(need.name, why, command)
    missing = [state.date for state in states if state.state is not State.COMPLETE]
    complete = len(states) - len(missing)
    share = complete / len(states)
    found = f"{complete:,} of {len(states):,} game dates complete ({share:.1%})"
    go = share >= need.share
    command = None if go else backfill_command(need.name, min(missing), max(missing))
    return PreflightResult(need.name, found, f"at least {need.share:.0%}", go, command)
