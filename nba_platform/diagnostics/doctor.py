"""The state of an installation before anything goes wrong: every part looked at, and what mends what is found."""

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

OF_THE_MACHINE: Mapping[str, Examination] = {
    "python": examinations.python,
    "libraries": examinations.libraries,
    "settings": examinations.chosen_settings,
    "home": examinations.home,
    "clock": examinations.clock,
    "time zone": examinations.time_zone,
}
OF_WHAT_IS_CHOSEN: Mapping[str, Examination] = {
    "warehouse": examinations.warehouse,
    "objects": examinations.objects,
    "records": examinations.records,
    "source": examinations.sources,
    "automation": examinations.switches,
}
STYLES = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "bold red"}


@dataclass(frozen=True)
class Checkup:
    """Everything that was found, in the order it was looked at."""

    findings: tuple[Finding, ...]

    @property
    def healthy(self) -> bool:
        """Whether nothing fails."""
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
    """What the settings choose is only looked at when they are sound: it would say the same again."""
    findings = _all_found(OF_THE_MACHINE)
    if environments.wrong_settings():
        unseen = f"not looked at: {', '.join(OF_WHAT_IS_CHOSEN)}"
        findings.append(Finding(Level.WARN, "the rest", unseen, "Mend the settings first."))
    else:
        findings += _all_found(OF_WHAT_IS_CHOSEN)
    return Checkup(tuple(findings))


def _all_found(asked: Mapping[str, Examination]) -> list[Finding]:
    return [finding for subject, look in asked.items() for finding in _found(subject, look)]


def _found(subject: str, look: Examination) -> list[Finding]:
    """What an examination found until it could go no further; breaking is a finding, too."""
    found: list[Finding] = []
    try:
        found.extend(look())
    except TOLD as error:
        found.append(Finding(Level.FAIL, subject, without_secrets(told(error)), "Mend that and ask again."))
    except Exception as error:  # noqa: BLE001  whatever is broken, the rest is still worth knowing
        said = without_secrets(f"{type(error).__name__}: {told(error)}")
        found.append(Finding(Level.FAIL, subject, said, "This is no error we know: it may be ours."))
    return found
