"""What a command hands back: to people as tables and sentences, to programs as one document."""

from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console

from nba_platform.cli.views.calendar_view import LAYERS, show_calendar
from nba_platform.cli.views.summary import Summary, show
from nba_platform.orchestration.backfill.resume import Counts
from nba_platform.orchestration.backfill.runs import Run


@dataclass(frozen=True)
class Outcome:
    """What was run and what is stored now; after a failed run there is no summary, as it stored nothing new."""

    summary: Summary | None
    runs: tuple[Run, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0
    with_calendar: bool = False
    counts: Counts | None = None

    @property
    def error(self) -> str | None:
        """Which table failed, why, and where to look, in one paragraph."""
        for run in self.runs:
            if run.failure:
                return (
                    f"{run.failure.sentence} What was stored before is kept, and the same command goes on from there; "
                    f"`nba ui` shows the log of run {run.run_id}."
                )
        return None

    def plain(self) -> dict[str, Any]:
        """As values JSON knows."""
        stored = self.summary.plain() if self.summary else {"warnings": []}
        warnings = [*self.warnings, *stored.pop("warnings")]
        said = {"notes": list(self.notes), "warnings": warnings, "error": self.error}
        if self.counts:
            stored["dates"] = asdict(self.counts)
        return {**stored, "runs": [asdict(run) for run in self.runs], **said, "seconds": self.seconds}

    def show(self, console: Console) -> None:
        """As a table and sentences."""
        if self.summary:
            show(self.summary, console)
            if self.with_calendar:
                console.print()
                show_calendar(self.summary.layers, LAYERS, console)
        for run in self.runs:
            sentence = f"run {run.run_id}: {run.partitions}, {len(run.tables)} tables, {run.seconds} s"
            console.print(sentence, highlight=False, soft_wrap=True)
        for note in (*(self.counts.sentences if self.counts else ()), *self.notes):
            console.print(note, highlight=False, markup=False, soft_wrap=True)
