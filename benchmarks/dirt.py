"""Plant faults in a copy of the real archive: a backfill sets aside exactly them, and takes them back after the mend.

Runs `nba backfill` over 200 dates with every kind of fault planted three times, compares what was set aside with what
was planted, mends the files, runs the same command again, and compares every table with a clean build. The clean build
gets the models: the time of training decides what a model has seen. `--automation` does the same for 30 dates with
the daemon: it computes the tables, and loads what the source has mended. Takes about ten minutes, or fifteen.
"""

import datetime as dt
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import duckdb
from archive_home import NBA, archive_home, nba
from automation import COMPARED, RunLog, hand_over_models, running
from backfill import changed_by_table
from killed import stored_tables
from planted_dirt import UNDATED, Planted, copy_archive, plant

from nba_platform.orchestration.backfill.ingest import RAW
from nba_resources.dates import DateRange

DATES = DateRange(dt.date(2023, 10, 24), dt.date(2024, 5, 10))
EACH, SEED = 3, 14
OF_UNDATED = (DateRange(UNDATED, UNDATED), "--select", "game_odds")  # rows without a date are filed there
WITH_DAEMON = DateRange(dt.date(2024, 3, 1), dt.date(2024, 3, 30))


@dataclass(frozen=True)
class Ended:
    """A finished command: its exit code, all it printed, and its seconds."""

    code: int
    printed: str
    seconds: float


@dataclass(frozen=True)
class SetAside:
    """A row of `rejected_rows`, its values as text."""

    feed: str
    date: dt.date
    values: frozenset[str]
    reason: str

    def belongs_to(self, planted: Planted) -> bool:
        """Return whether the row was set aside because of this fault."""
        return self.date == planted.date and self.feed in planted.set_aside and self.values >= {*planted.key}


def main() -> None:
    """Backfill, or let the daemon compute, with faults and after the mend."""
    with archive_home() as (home, environment), tempfile.TemporaryDirectory(prefix="nba-dirt-") as folder:
        source, archive = Path(environment["NBA_ARCHIVE_DIR"]), Path(folder)
        environment = {**environment, "NBA_ARCHIVE_DIR": folder}
        if "--automation" in sys.argv[1:]:
            _with_daemon(home, environment, source, archive)
        else:
            _with_backfill(home, environment, source, archive)


def _with_backfill(home: Path, environment: Mapping[str, str], source: Path, archive: Path) -> None:
    planted = plant(source, archive, DATES, SEED, EACH)
    ended = backfill(environment, DATES)
    backfill(environment, *OF_UNDATED)
    print(f"{DATES}, {len(planted)} faults: exit code {ended.code} after {ended.seconds:.0f} s")
    print_found(planted, home)
    print_all(["", *ended.printed.splitlines()[-40:]])
    print_all(deviations(planted, home) + wrong_words(planted, ended))
    copy_archive(source, archive, DATES)
    ended = backfill(environment, DATES)
    backfill(environment, *OF_UNDATED)
    print(f"\nafter the mend: exit code {ended.code} after {ended.seconds:.0f} s")
    print_all(wrong_words([], ended))
    _print_left(home, environment, DATES)


def _with_daemon(home: Path, environment: Mapping[str, str], source: Path, archive: Path) -> None:
    planted = plant(source, archive, WITH_DAEMON, SEED)
    with running(home, environment) as instance:
        log = RunLog(instance)
        ended = backfill(environment, WITH_DAEMON, "--select", RAW)
        backfill(environment, *OF_UNDATED)
        print(f"raw tables of {WITH_DAEMON}, {len(planted)} faults: exit code {ended.code}")
        log.report_when_idle("the daemon has computed what it can")
        print_found(planted, home)
        print_all(deviations(planted, home))
        copy_archive(source, archive, WITH_DAEMON)
        log.report_when_idle("the archive is mended")
        _print_left(home, environment, WITH_DAEMON)


def backfill(environment: Mapping[str, str], dates: DateRange, *words: str) -> Ended:
    """Run the command as a person does, whatever its exit code."""
    began = time.monotonic()
    command = [NBA, "backfill", str(dates.start), str(dates.end), *words]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return Ended(done.returncode, done.stdout, time.monotonic() - began)


def set_aside(home: Path) -> list[SetAside]:
    """Return the rejected rows of a home."""
    with closing(duckdb.connect(home / "nba.duckdb", read_only=True)) as con:
        rows = con.execute("SELECT feed, game_date, row, reason FROM nba_raw.rejected_rows").fetchall()
    return [SetAside(feed, day, frozenset(map(str, json.loads(row).values())), why) for feed, day, row, why in rows]


def deviations(planted: Sequence[Planted], home: Path) -> list[str]:
    """Return how what was set aside, refused and stored differs from what was planted."""
    rows = set_aside(home)
    found = [f"no reason: {row}" for row in rows if not row.reason]
    found += [f"set aside, but not planted: {row}" for row in rows if not any(map(row.belongs_to, planted))]
    for fault in planted:
        for feed, expected in fault.set_aside.items():
            actual = sum(row.feed == feed and row.belongs_to(fault) for row in rows)
            if actual != expected:
                found.append(f"{actual} rows of {feed} are set aside instead of {expected}: {fault}")
    with closing(duckdb.connect(home / "nba.duckdb", read_only=True)) as con:
        for fault in planted:
            if fault.stored and not con.execute(f"FROM {fault.stored}").fetchall():
                found.append(f"not stored as it should be: {fault}")
            if (
                fault.refused
                and con.execute(f"FROM nba_analytics.{fault.refused} WHERE game_date = '{fault.date}'").fetchall()
            ):
                found.append(f"stored, although it should be refused: {fault}")
    return found


def wrong_words(planted: Sequence[Planted], ended: Ended) -> list[str]:
    """Return what is wrong with the exit code and the text of a command."""
    lines = ended.printed.splitlines()
    refused = {(fault.refused, str(fault.date)) for fault in planted if fault.refused}
    found = ["it printed a traceback"] if "Traceback" in ended.printed else []
    if ended.code != int(bool(refused)):
        found.append(f"it ended with {ended.code}: {lines[-3:]}")
    for table, day in sorted(refused):
        if sum(table in line and day in line and "refused" in line for line in lines) != 1:
            found.append(f"no line says that {table} refused {day}")
    if refused and not any("nba backfill" in line for line in lines):
        found.append("no command is named that goes on")
    return found


def left_after_mend(home: Path, clean: Path, tables: Sequence[str] = COMPARED) -> list[str]:
    """Return what is still set aside, and the tables that differ from a clean build."""
    still = Counter(f"still set aside: {row.feed} {row.date}" for row in set_aside(home))
    lacking = {*tables} - {*stored_tables(home)}
    differing = changed_by_table(clean / "nba.duckdb", home / "nba.duckdb", {*tables} - lacking)
    found = [f"{where}, {rows} rows" for where, rows in still.items()] + [f"{name}: not stored" for name in lacking]
    return found + [f"{name}: {rows} rows differ from a clean build" for name, rows in differing.items() if rows]


def _print_left(home: Path, environment: Mapping[str, str], dates: DateRange) -> None:
    """Build the same tables of the same files in another home, with the same models, and print what differs."""
    with tempfile.TemporaryDirectory(prefix="nba-clean-") as clean:
        hand_over_models(home, Path(clean))
        days = (str(dates.start), str(dates.end))
        nba({**environment, "NBA_HOME": clean}, "backfill", *days, "--select", ",".join(COMPARED))
        print_all(left_after_mend(home, Path(clean)))


def print_found(planted: Sequence[Planted], home: Path) -> None:
    """Print each kind: how often it was planted, the rows that must be set aside, and those that are."""
    rows = set_aside(home)
    print(f"\n{'kind':<48}{'planted':>8}{'rows':>8}{'found':>8}  consequence")
    for kind, same in groupby(planted, key=lambda fault: fault.kind):
        faults = list(same)
        expected = sum(sum(fault.set_aside.values()) for fault in faults)
        actual = sum(any(map(row.belongs_to, faults)) for row in rows)
        feeds = ", ".join(faults[0].set_aside)
        consequence = feeds or (f"{faults[0].refused}: date refused" if faults[0].refused else "stored")
        print(f"{kind:<48}{len(faults):>8}{expected:>8}{actual:>8}  {consequence}")


def print_all(found: Sequence[str]) -> None:
    """Print a line for each, or that there is none."""
    print("\n".join(found) or "as expected: nothing deviates", flush=True)


if __name__ == "__main__":
    main()
