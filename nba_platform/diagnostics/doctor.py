"""Run all examinations of `nba doctor` and collect their findings."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from nba_platform.alerts.alert import without_secrets
from nba_platform.config import settings
from nba_platform.diagnostics import examinations
from nba_platform.errors import FIXABLE, one_line
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


@dataclass(frozen=True)
class Checkup:
    """All findings, in the order of the examinations; it is healthy if none of them is a failure."""

    healthy: bool
    findings: tuple[Finding, ...]


def examine() -> Checkup:
    """Run all examinations; those of the warehouse, the source and so on only if the settings are valid."""
    findings = _run(MACHINE)
    if settings.problems():
        skipped = f"not examined: {', '.join(CHOSEN_BY_SETTINGS)}"
        findings.append(Finding(Level.WARN, "the rest", skipped, "Correct the settings first."))
    else:
        findings += _run(CHOSEN_BY_SETTINGS)
    return Checkup(all(finding.level != Level.FAIL for finding in findings), tuple(findings))


def _run(examinations: Mapping[str, Examination]) -> list[Finding]:
    """Collect the findings of all examinations; an exception is the last finding of its own."""
    findings: list[Finding] = []
    for subject, examination in examinations.items():
        try:
            findings.extend(examination())
        except Exception as error:  # noqa: BLE001  the other examinations still run
            fixable = isinstance(error, FIXABLE)
            message = one_line(error) if fixable else f"{type(error).__name__}: {one_line(error)}"
            remedy = "Correct that and run it again." if fixable else "This error is not expected: it may be a bug."
            findings.append(Finding(Level.FAIL, subject, without_secrets(message), remedy))
    return findings
