"""The state of an installation before anything goes wrong: every part looked at, and what mends what is found."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from nba_platform.alerts.alert import without_secrets
from nba_platform.config import settings
from nba_platform.diagnostics import examinations
from nba_platform.errors import FIXABLE, one_line
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


@dataclass(frozen=True)
class Checkup:
    """Everything that was found, in the order it was looked at."""

    findings: tuple[Finding, ...]

    @property
    def healthy(self) -> bool:
        """Whether nothing fails."""
        return all(finding.level != Level.FAIL for finding in self.findings)

    @property
    def document(self) -> dict[str, Any]:
        """The JSON of a checkup."""
        return {"healthy": self.healthy, "findings": self.findings}


def examine() -> Checkup:
    """What the settings choose is only looked at when they are sound: it would say the same again."""
    findings = _all_found(OF_THE_MACHINE)
    if settings.problems():
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
    except FIXABLE as error:
        found.append(Finding(Level.FAIL, subject, without_secrets(one_line(error)), "Mend that and ask again."))
    except Exception as error:  # noqa: BLE001  whatever is broken, the rest is still worth knowing
        said = without_secrets(f"{type(error).__name__}: {one_line(error)}")
        found.append(Finding(Level.FAIL, subject, said, "This is no error we know: it may be ours."))
    return found
