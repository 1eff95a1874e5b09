"""Run all examinations of `nba doctor` and collect their findings."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.text import Text

from nba_platform.alerts.alert import without_secrets
from nba_platform.cli.errors import TOLD, told
from nba_platform.config import environments
from nba_platform.diagnostics import examinations
from nba_resources.findings import Finding, Level

Examination = Callable[[], Iterable[Finding]]

MACHINE: Mapping[str, Examination] = {
    "python": examinations.python,
    "libraries": examinations.libraries,
    "settings": examinations.chosen_settings,
    "home": examinations.home,
    "clock": examinations.clock,
    "time zone": examinations.time_zone,
}
CHOSEN_BY_SETTINGS: Mapping[str, Examination] = {
    "warehouse": examinations.warehouse,
    "objects": examinations.objects,
    "records": examinations.records,
    "source": examinations.sources,
    "automation": examinations.switches,
}
STYLES = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "bold red"}


@dataclass(frozen=True)
class Checkup:
    """All findings, in the order of the examinations."""

    findings: tuple[Finding, ...]

    @property
    def healthy(self) -> bool:
        """No finding is a failure."""
        return all(finding.level != Level.FAIL for finding in self.findings)

    def plain(self) -> dict[str, Any]:
        """As values JSON knows."""
        return {"healthy": self.healthy, "findings": [asdict(finding) for finding in self.findings]}

    def show(self, console: Console) -> None:
        """A line each, and what to do."""
        widest = max(len(finding.subject) for finding in self.findings)
        for finding in self.findings:
            line = Text(f"{finding.level:4}  ", STYLES[finding.level])
            line.append(f"{finding.subject:{widest}}  {' '.join(finding.found.split())}", "default not bold")
            line.append(f". {finding.remedy}" if finding.remedy else "", "default bold")
            console.print(line, soft_wrap=True)
        counts = Counter(finding.level for finding in self.findings)
        console.print(", ".join(f"{counts[level]} {level}" for level in Level))


def examine() -> Checkup:
    """Run all examinations; those of the warehouse, the source and so on only if the settings are valid."""
    findings = _run(MACHINE)
    if environments.wrong_settings():
        skipped = f"not examined: {', '.join(CHOSEN_BY_SETTINGS)}"
        findings.append(Finding(Level.WARN, "the rest", skipped, "Correct the settings first."))
    else:
        findings += _run(CHOSEN_BY_SETTINGS)
    return Checkup(tuple(findings))


def _run(examinations: Mapping[str, Examination]) -> list[Finding]:
    """Collect the findings of all examinations; an exception is the last finding of its own."""
    findings: list[Finding] = []
    for subject, examination in examinations.items():
        try:
            findings.extend(examination())
        except TOLD as error:
            message, remedy = told(error), "Correct that and run it again."
            findings.append(Finding(Level.FAIL, subject, without_secrets(message), remedy))
        except Exception as error:  # noqa: BLE001  the other examinations still run
            message, remedy = f"{type(error).__name__}: {told(error)}", "This error is not expected: it may be a bug."
            findings.append(Finding(Level.FAIL, subject, without_secrets(message), remedy))
    return findings
