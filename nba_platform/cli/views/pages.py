"""Pages of results that other packages compute."""

from collections import Counter
from typing import TYPE_CHECKING

from rich.text import Text

from nba_platform.cli.command import Page
from nba_platform.cli.render import number, numbers, table, text
from nba_platform.diagnostics.history import RunHistory
from nba_resources.findings import Level

if TYPE_CHECKING:
    from nba_platform.diagnostics.doctor import Checkup
    from nba_platform.diagnostics.history import RunChanges
    from nba_platform.diagnostics.preflight import Preflight
    from nba_platform.orchestration.backfill.ingest import IngestResult
    from nba_platform.reports.archive import Archived
    from nba_platform.reports.export_assets import PublishResult

STYLES = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "bold red"}


def history_page(history: RunHistory) -> Page:
    """Show a line for each run, then the errors."""
    if not history.entries:
        yield "No such run is on record: `nba backfill START END` computes tables."
        return
    columns = [text(name, wrapped=True) for name in ("began", "run", "by", "tables", "dates", "state")]
    grid = table([*columns, *numbers("rows", "seconds"), text("code", wrapped=True)])
    for entry in history.entries:
        head = (entry.began, entry.run_id[:8], entry.started_by, entry.tables, entry.dates, entry.state)
        grid.add_row(*head, number(entry.rows, ","), number(entry.seconds, ".1f"), entry.code_version or "")
    yield grid
    yield from (f"{entry.run_id[:8]} {entry.error}" for entry in history.entries if entry.error)


def changes_page(changes: "RunChanges") -> Page:
    """Show the run, then a line for each table with what the run changed."""
    yield from history_page(RunHistory((changes.run,)))
    columns = [text("table", wrapped=True), *numbers("dates", "changed", "rows added", "removed", "changed")]
    grid = table([*columns, text("changed dates", wrapped=True)])
    for one in changes.tables:
        counts = (one.stored, len(one.dates), one.added, one.removed, one.changed)
        span = "...".join(dict.fromkeys((one.dates[0], one.dates[-1]))) if one.dates else ""
        grid.add_row(one.table, *(number(count, ",") for count in counts), span)
    yield grid


def preflight_page(checked: "Preflight") -> Page:
    """Show a line for each criterion, then the commands that mend the failing ones, then the answer."""
    grid = table([text(name, wrapped=True) for name in ("criterion", "found", "needed", "")])
    for one in checked.results:
        grid.add_row(one.criterion, one.found, one.needed, Text("GO", "green") if one.go else Text("NO-GO", "red"))
    yield grid
    yield from (f"{one.criterion}; mend: {one.command}" for one in checked.results if one.command)
    yield f"{checked.dates}: {'GO' if checked.go else 'NO-GO'}"


def doctor_page(checkup: "Checkup") -> Page:
    """Show a line for each finding with what to do about it."""
    widest = max(len(finding.subject) for finding in checkup.findings)
    for finding in checkup.findings:
        line = Text(f"{finding.level:4}  ", STYLES[finding.level])
        line.append(f"{finding.subject:{widest}}  {' '.join(finding.found.split())}", "default not bold")
        yield line.append(f". {finding.remedy}" if finding.remedy else "", "default bold")
    counts = Counter(finding.level for finding in checkup.findings)
    yield ", ".join(f"{counts[level]} {level}" for level in Level)


def publish_page(result: "PublishResult") -> Page:
    """Show a line for each kind of document, then where they are and whether they may be published."""
    rows = [(name, *(f"{n:,}" for n in totals.values())) for name, totals in result.totals.items()]
    yield table(["documents", *numbers("files", "changed", "bytes")], rows)
    yield f"They are in {result.root}."
    yield result.permission


def ingest_page(result: "IngestResult") -> Page:
    """Show what paid history would cost and what is missing."""
    yield from map(str, (*result.estimates, *result.missing))
    done = "nothing was asked" if result.dry_run else f"{result.months} months in {result.seconds / 60:.0f} minutes"
    yield f"{done}; {'nothing is missing' if not (result.missing or result.dry_run) else 'see above'}"


def archive_page(archived: "Archived") -> Page:
    """Show each file, then how to read them."""
    yield from (f"{file.path}: {file.rows:,} rows" for file in archived.files)
    advice = f"read it with NBA_SOURCE=archive NBA_ARCHIVE_DIR={archived.folder}"
    yield f"{len(archived.files)} files in {archived.folder}; {advice}"
