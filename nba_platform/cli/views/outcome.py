"""The runs of a command and the rows stored after them: of a backfill, a training, or coverage, which runs nothing."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nba_platform.cli.command import Answer, Page
from nba_platform.cli.views.calendar import calendar_page
from nba_platform.cli.views.summary import Summary, summary_page

if TYPE_CHECKING:
    from nba_platform.orchestration.backfill.resume import Counts
    from nba_platform.orchestration.backfill.runs import Refusal, Run


@dataclass(frozen=True)
class Outcome:
    """The runs of a command and what is stored after them; there is no summary after a failure."""

    summary: Summary | None
    runs: tuple["Run", ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0
    with_calendar: bool = False
    counts: "Counts | None" = None

    @property
    def error(self) -> str | None:
        """The table that failed, why, and where its log is."""
        failed = next(((one.run_id, one.failure.sentence) for one in self.runs if one.failure), None)
        return failed and (
            f"{failed[1]} What was stored before is kept, and the same command goes on from there; `nba ui` shows the "
            f"log of run {failed[0]}."
        )

    @property
    def refusals(self) -> tuple["Refusal", ...]:
        """The dates that tables refused."""
        return tuple(refusal for one in self.runs for refusal in one.refusals)

    @property
    def document(self) -> dict[str, Any]:
        """The JSON of a backfill or of coverage."""
        stored = self.summary.document if self.summary else {}
        warnings = (*self.warnings, *stored.pop("warnings", ()))
        dates = {"dates": self.counts} if self.counts else {}
        end = {"notes": self.notes, "warnings": warnings, "error": self.error, "seconds": self.seconds}
        end |= {"refused": self.refusals}
        return {**stored, **dates, "runs": self.runs, **end}


def outcome_page(outcome: Outcome) -> Page:
    """Show the stored tables, then the runs and the notes."""
    if outcome.summary:
        yield from summary_page(outcome.summary)
        if outcome.with_calendar:
            yield ""
            yield from calendar_page(outcome.summary.layers)
    for one in outcome.runs:
        yield f"run {one.run_id}: {one.partitions}, {len(one.tables)} tables, {one.seconds} s"
    yield from outcome.counts.sentences if outcome.counts else ()
    yield from outcome.notes
    yield from (f"refused: {one.table}, {one.date}: {one.reason}" for one in outcome.refusals)
    if outcome.refusals:
        yield (
            "Partly failed: the old rows of refused dates stay. Mend their facts at the source, then run the same "
            "command again; if the contract is wrong, change its range (docs/ranges.md)."
        )


def outcome_answer(outcome: Outcome) -> Answer:
    """Return what a command prints of its runs."""
    failed = bool(outcome.refusals)
    return Answer(outcome, outcome_page(outcome), outcome.warnings, outcome.error, failed)
