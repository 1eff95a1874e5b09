"""What `nba doctor` looks at: each examination yields what it found, and leaves things as they were."""

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
from nba_assets.reference.seasons import seasons
from nba_platform.config import environments, settings
from nba_platform.config.environments import VARIABLES
from nba_platform.orchestration.instance import open_instance
from nba_resources.findings import Finding, Level
from nba_resources.objects.store import StoreUnavailable
from nba_resources.warehouse.base import WarehouseBusy

PACKAGE = "nba-props-platform"
EASTERN = calendar.DAILY.timezone
SCARCE_GB, TOO_LITTLE_GB = 5.0, 0.5  # all seasons with their models and records take about two
SKEW_SECONDS, WRONG_SECONDS = 5.0, 60.0
ANSWER_SECONDS = 10.0  # whoever asks is waiting
LONGEST_DAY_HOURS = 25
SET_THE_CLOCK = "Let the machine's clock be set by NTP."


def python(required: str | None = None) -> Iterator[Finding]:
    """An interpreter the libraries are tested on."""
    wanted = required or importlib.metadata.metadata(PACKAGE)["Requires-Python"]
    version = platform.python_version()
    if SpecifierSet(wanted).contains(version):
        yield Finding(Level.OK, "python", f"{version}, {sys.executable}")
    else:
        yield Finding(Level.FAIL, "python", f"{version}, and {wanted} is wanted", "Install with another python.")


def libraries(required: Iterable[str] | None = None) -> Iterator[Finding]:
    """Each at a version that was tested; those of production where it is chosen."""
    extra = "production" if environments.setting("NBA_ENV") == "production" else ""
    asked = [Requirement(line) for line in required or importlib.metadata.requires(PACKAGE) or ()]
    wanted = [library for library in asked if library.marker is None or library.marker.evaluate({"extra": extra})]
    unfit = [said for library in wanted if (said := _unfit(library))]
    if unfit:
        install = f"pip install -c constraints.txt '{PACKAGE}{f'[{extra}]' if extra else ''}'"
        yield Finding(Level.FAIL, "libraries", "; ".join(unfit), f"Run `{install}`.")
    else:
        yield Finding(Level.OK, "libraries", f"{len(wanted)} within their pins")


def _unfit(library: Requirement) -> str | None:
    try:
        found = importlib.metadata.version(library.name)
    except importlib.metadata.PackageNotFoundError:
        return f"{library.name} is not installed"
    return None if library.specifier.contains(found) else f"{library.name} is {found}, not {library.specifier}"


def chosen_settings() -> Iterator[Finding]:
    """Everything that is wrong, each on its own line; what is set; what nobody reads."""
    for problem in environments.wrong_settings():
        yield Finding(Level.FAIL, "settings", problem, "Set it as said; docs/environments.md has them all.")
    said = [f"{variable.name}: {variable.shown}" for variable in VARIABLES if variable.said]
    yield Finding(Level.OK, "settings", ", ".join(said) or "none is set: local, with the simulated league")
    for name, meant in settings.strangers(VARIABLES).items():
        advice = f"Did you mean {meant}?" if meant else "Unset it, or look for its name in docs/environments.md."
        yield Finding(Level.WARN, "settings", f"{name} is set, and nobody reads it", advice)


def home() -> Iterator[Finding]:
    """Whether local state can be kept there, and for how long."""
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
    """A read, and a write that changes the rows of a season nobody plays, so none."""
    store, contract = environments.warehouse(ANSWER_SECONDS), seasons.contract
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
    """A file is written, read and deleted."""
    store, path, content = environments.objects(ANSWER_SECONDS), f"probe-{uuid.uuid4().hex}.txt", b"of nba doctor"
    store.write(path, content)
    try:
        if store.read(path) != content:
            raise StoreUnavailable(f"{store.root} gave back something else than was written")
    finally:
        store.delete(path)
    yield Finding(Level.OK, "objects", f"{store.root} takes, gives and deletes files")


def records() -> Iterator[Finding]:
    """Whether the orchestrator's records can be opened."""
    with open_instance() as instance:
        address = environments.setting("NBA_DAGSTER_POSTGRES")
        kept = "PostgreSQL" if address else str(environments.home() / "dagster")
        yield Finding(Level.OK, "records", f"{instance.get_runs_count()} runs recorded in {kept}")


def sources() -> Iterator[Finding]:
    """Whatever the source says of itself and of its providers."""
    yield from environments.source().health()


def clock() -> Iterator[Finding]:
    """Forecasts are only as honest as the times of the lines they are held against."""
    now = dt.datetime.now(dt.UTC)
    installed = _written(Path(__file__))
    if now < installed:
        yield Finding(Level.FAIL, "clock", f"{now:%F %T} UTC, before this program was installed", SET_THE_CLOCK)
        return
    with tempfile.NamedTemporaryFile(dir=environments.home()) as file:
        yield _agreement("the file system of NBA_HOME", _written(Path(file.name)), now)


def _written(file: Path) -> dt.datetime:
    return dt.datetime.fromtimestamp(file.stat().st_mtime, dt.UTC)


def _agreement(whose: str, theirs: dt.datetime, ours: dt.datetime) -> Finding:
    seconds = (ours - theirs).total_seconds()
    if abs(seconds) <= SKEW_SECONDS:
        return Finding(Level.OK, "clock", f"{ours:%F %T} UTC, as {whose} has it")
    found = f"{ours:%F %T} UTC, {abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'} {whose}"
    return Finding(Level.FAIL if abs(seconds) > WRONG_SECONDS else Level.WARN, "clock", found, SET_THE_CLOCK)


def time_zone() -> Iterator[Finding]:
    """Dates are the league's: a partition is a day in New York, an hour longer when summer time ends."""
    try:
        zone = eastern()
    except zoneinfo.ZoneInfoNotFoundError:
        yield Finding(Level.FAIL, "time zone", f"{EASTERN} is not known here", "Install tzdata.")
        return
    offsets = [dt.datetime(2025, month, 1, tzinfo=zone).utcoffset() for month in (1, 7)]
    window = calendar.DAILY.time_window_for_partition_key("2024-11-03")
    hours = (window.end.timestamp() - window.start.timestamp()) / 3600
    if offsets != [dt.timedelta(hours=-5), dt.timedelta(hours=-4)] or hours != LONGEST_DAY_HOURS:
        found = f"{EASTERN} has no summer time here, or the wrong one"
        yield Finding(Level.FAIL, "time zone", found, "Install a newer tzdata.")
        return
    yield _rollover(dt.datetime.now(zone))


def eastern() -> zoneinfo.ZoneInfo:
    """Where the league's days begin and end."""
    return zoneinfo.ZoneInfo(EASTERN)


def _rollover(now: dt.datetime) -> Finding:
    """Tonight's partition exists from midnight in New York on."""
    today, latest = now.date().isoformat(), calendar.DAILY.get_partition_keys(current_time=now)[-1]
    if latest == today:
        return Finding(Level.OK, "time zone", f"it is {now:%F %H:%M} in New York; the latest partition is {latest}")
    found = f"it is {today} in New York, and the latest partition is {latest}"
    return Finding(Level.FAIL, "time zone", found, "Install the versions of constraints.txt.")


def switches() -> Iterator[Finding]:
    """What happens without being asked, and who hears of it."""
    on = "on: the daemon loads and computes by itself" if environments.automation_is_on() else "off, but under `nba ui`"
    yield Finding(Level.OK, "automation", on)
    if pinned := calendar.pinned_today():
        yield Finding(
            Level.WARN, "automation", f"{calendar.PIN} pins tonight to {pinned}", "Unset it to go on in time."
        )
    if environments.webhook():
        yield Finding(Level.OK, "alerts", "go to the log and to a webhook")
    elif environments.setting("NBA_ENV") == "production":
        yield Finding(Level.WARN, "alerts", "go to the log only", "Set NBA_ALERT_WEBHOOK, so that somebody hears them.")
    else:
        yield Finding(Level.OK, "alerts", "go to the log only")
