"""Examinations of `nba doctor`: each yields findings and changes nothing."""

import datetime as dt
import importlib.metadata
import platform
import shutil
import sys
import tempfile
import uuid
import zoneinfo
from collections.abc import Iterable, Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from nba_assets.kit import calendar
from nba_assets.kit.partitions import DAILY
from nba_assets.reference.seasons import seasons
from nba_platform.config import environments, settings
from nba_platform.orchestration.instance import open_instance
from nba_resources.findings import Finding, Level
from nba_resources.objects.store import StoreUnavailable
from nba_resources.warehouse.base import WarehouseBusy

PACKAGE = "nba-props-platform"
EASTERN = DAILY.timezone
SCARCE_GB, TOO_LITTLE_GB = 5.0, 0.5  # all seasons with their models and records take about two
SKEW_SECONDS, WRONG_SECONDS = 5.0, 60.0
TIMEOUT_SECONDS = 10.0  # someone waits for the result
LONGEST_DAY_HOURS = 25
SET_THE_CLOCK = "Let the machine's clock be set by NTP."


def python(required: str | None = None) -> Iterator[Finding]:
    """Check the version of the interpreter."""
    supported = required or importlib.metadata.metadata(PACKAGE)["Requires-Python"]
    version = platform.python_version()
    if SpecifierSet(supported).contains(version):
        yield Finding(Level.OK, "python", f"{version}, {sys.executable}")
    else:
        yield Finding(Level.FAIL, "python", f"{version}, and {supported} is needed", "Install with another python.")


def libraries(required: Iterable[str] | None = None) -> Iterator[Finding]:
    """Check the versions of all libraries; those of production only with `NBA_ENV=production`."""
    extra = "production" if settings.Platform().env == "production" else ""
    declared = [Requirement(line) for line in required or importlib.metadata.requires(PACKAGE) or ()]
    needed = [library for library in declared if library.marker is None or library.marker.evaluate({"extra": extra})]
    problems = []
    for library in needed:
        try:
            installed = importlib.metadata.version(library.name)
        except importlib.metadata.PackageNotFoundError:
            problems.append(f"{library.name} is not installed")
        else:
            if not library.specifier.contains(installed):
                problems.append(f"{library.name} is {installed}, not {library.specifier}")
    if problems:
        install = f"pip install -c constraints.txt '{PACKAGE}{f'[{extra}]' if extra else ''}'"
        yield Finding(Level.FAIL, "libraries", "; ".join(problems), f"Run `{install}`.")
    else:
        yield Finding(Level.OK, "libraries", f"{len(needed)} within their pins")


def chosen_settings() -> Iterator[Finding]:
    """Yield every invalid setting, what is set, and variables that no code reads."""
    for problem in settings.problems():
        advice = "Set it as described; docs/environments.md lists every variable."
        yield Finding(Level.FAIL, "settings", problem, advice)
    shown = [f"{one.name}: {one.shown(one.value)}" for one in settings.VARIABLES if one.value]
    yield Finding(Level.OK, "settings", ", ".join(shown) or "none is set: local, with the simulated league")
    for name, meant in settings.unknown_variables().items():
        advice = f"Did you mean {meant}?" if meant else "Unset it, or look for its name in docs/environments.md."
        yield Finding(Level.WARN, "settings", f"{name} is set, and nothing reads it", advice)


def home() -> Iterator[Finding]:
    """Check that NBA_HOME can be written and has enough free space."""
    folder = environments.home()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"1")
    except OSError as error:
        remedy = "Set NBA_HOME to a writable folder."
        yield Finding(Level.FAIL, "home", f"{folder} cannot be written ({error.strerror})", remedy)
        return
    yield _space(folder, shutil.disk_usage(folder).free / environments.GIGABYTE)


def _space(folder: Path, free: float) -> Finding:
    found = f"{folder} can be written, {free:.1f} GB are free"
    if free >= SCARCE_GB:
        return Finding(Level.OK, "home", found)
    level = Level.FAIL if free < TOO_LITTLE_GB else Level.WARN
    return Finding(level, "home", found, "Free some space, or set NBA_HOME to a larger disk.")


def warehouse() -> Iterator[Finding]:
    """Read from the warehouse, and write an update that matches no row."""
    store, contract = environments.warehouse(TIMEOUT_SECONDS), seasons.contract
    try:
        if not store.holds(contract):
            remedy = "Run `nba demo`, or `nba backfill START END`."
            yield Finding(Level.WARN, "warehouse", "answers and holds nothing, so writing was not tried", remedy)
            return
        known = len(store.read(contract.table().select("season")))
        store.update(contract, {"season": "nobody's"}, {"season": "nobody's"})
    except WarehouseBusy as error:
        yield Finding(Level.WARN, "warehouse", str(error), "Nothing, if a backfill is running; ask again after it.")
        return
    yield Finding(Level.OK, "warehouse", f"reads and writes, {known} seasons known")


def objects() -> Iterator[Finding]:
    """Write, read and delete a file."""
    store, path, content = environments.objects(TIMEOUT_SECONDS), f"probe-{uuid.uuid4().hex}.txt", b"of nba doctor"
    store.write(path, content)
    try:
        if store.read(path) != content:
            raise StoreUnavailable(f"{store.root} gave back something else than was written")
    finally:
        store.delete(path)
    yield Finding(Level.OK, "objects", f"{store.root} takes, gives and deletes files")


def records() -> Iterator[Finding]:
    """Open Dagster's storage."""
    with open_instance() as instance:
        address = environments.postgres_address()
        place = "PostgreSQL" if address else str(environments.home() / "dagster")
        yield Finding(Level.OK, "records", f"{instance.get_runs_count()} runs recorded in {place}")


def sources() -> Iterator[Finding]:
    """Yield the findings of the source and its providers."""
    yield from environments.source().health()


def clock() -> Iterator[Finding]:
    """Compare the clock with the file system: a line is only usable with the right time."""
    now = dt.datetime.now(dt.UTC)
    installed = _modified(Path(__file__))
    if now < installed:
        yield Finding(Level.FAIL, "clock", f"{now:%F %T} UTC, before this program was installed", SET_THE_CLOCK)
        return
    with tempfile.NamedTemporaryFile(dir=environments.home()) as file:
        seconds = (now - _modified(Path(file.name))).total_seconds()
    files = "the file system of NBA_HOME"
    if abs(seconds) <= SKEW_SECONDS:
        yield Finding(Level.OK, "clock", f"{now:%F %T} UTC, as {files} has it")
        return
    found = f"{now:%F %T} UTC, {abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'} {files}"
    yield Finding(Level.FAIL if abs(seconds) > WRONG_SECONDS else Level.WARN, "clock", found, SET_THE_CLOCK)


def _modified(file: Path) -> dt.datetime:
    return dt.datetime.fromtimestamp(file.stat().st_mtime, dt.UTC)


def time_zone() -> Iterator[Finding]:
    """Check that partitions are days in New York, also when the clocks change."""
    try:
        zone = zoneinfo.ZoneInfo(EASTERN)
    except zoneinfo.ZoneInfoNotFoundError:
        yield Finding(Level.FAIL, "time zone", f"{EASTERN} is not known here", "Install tzdata.")
        return
    offsets = [dt.datetime(2025, month, 1, tzinfo=zone).utcoffset() for month in (1, 7)]
    window = DAILY.time_window_for_partition_key("2024-11-03")
    hours = (window.end.timestamp() - window.start.timestamp()) / 3600
    if offsets != [dt.timedelta(hours=-5), dt.timedelta(hours=-4)] or hours != LONGEST_DAY_HOURS:
        found = f"{EASTERN} has no summer time here, or the wrong one"
        yield Finding(Level.FAIL, "time zone", found, "Install a newer tzdata.")
        return
    yield _rollover(dt.datetime.now(zone))


def _rollover(now: dt.datetime) -> Finding:
    """Check that today's partition exists."""
    today, latest = now.date().isoformat(), DAILY.get_partition_keys(current_time=now)[-1]
    if latest == today:
        return Finding(Level.OK, "time zone", f"it is {now:%F %H:%M} in New York; the latest partition is {latest}")
    found = f"it is {today} in New York, and the latest partition is {latest}"
    return Finding(Level.FAIL, "time zone", found, "Install the versions of constraints.txt.")


def switches() -> Iterator[Finding]:
    """Yield whether automation is on, whether today is pinned, and where alerts go."""
    on = environments.automation_is_on()
    state = "on: the daemon loads and computes automatically" if on else "off, except in `nba ui`"
    yield Finding(Level.OK, "automation", state)
    if pinned := calendar.pinned_today():
        found = f"{calendar.PIN} pins tonight to {pinned}"
        yield Finding(Level.WARN, "automation", found, "Unset it to use the real date.")
    if environments.webhook():
        yield Finding(Level.OK, "alerts", "go to the log and to a webhook")
    elif settings.Platform().env == "production":
        yield Finding(Level.WARN, "alerts", "go to the log only", "Set NBA_ALERT_WEBHOOK to receive them.")
    else:
        yield Finding(Level.OK, "alerts", "go to the log only")
