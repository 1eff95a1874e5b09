"""SQL templates: statements compiled once, into which dates are rendered as literals, so that engines skip partitions.

Compiling takes a thousand times longer than rendering. A template is a plain JSON file, and this module imports no
engine, compiler or frame, so that a command can print stored rows without loading them.
"""

import contextlib
import datetime as dt
import hashlib
import json
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from nba_resources.dates import SUMMER, DateRange, season_year
from nba_resources.folder_lock import locked

SENTINEL = DateRange(dt.date(2777, 11, 17), dt.date(2779, 2, 23))  # a range in years that no date of the code is in
_DATE = re.compile(r"(?<=DATE\()\s*(\d{4}),\s*(\d{1,2}),\s*(\d{1,2})\s*(?=\))")
_OF_THE_SENTINEL = re.compile(r"277[3-9]")
_TOKEN = re.compile(r"@\{([^}]+)\}")
_OUTDATED_AFTER, _NAME_LENGTH = 24 * 3600, 120
_UNSAFE = re.compile(r"[^A-Za-z0-9_.()=,+-]")


class NoTemplate(ValueError):
    """A statement depends on its dates in a way that no rule describes."""


def _days_before(days: int) -> Callable[[DateRange], dt.date]:
    return lambda dates: dates.start - dt.timedelta(days=days)


RULES: Mapping[str, Callable[[DateRange], dt.date]] = {
    "start": lambda dates: dates.start,
    "end": lambda dates: dates.end,
    **{f"start-{days}": _days_before(days) for days in (1, 7, 30, 400, 1096)},
    "season of start": lambda dates: dt.date(season_year(dates.start), SUMMER[0], 1),
    "month of start": lambda dates: dates.start.replace(day=1),
    "month of end": lambda dates: dates.end.replace(day=1),
}


@dataclass(frozen=True)
class Template:
    """A statement with tokens for its dates, the types of its columns, and the tables it reads (`dataset.table`)."""

    sql: str
    columns: Mapping[str, str]
    reads: tuple[str, ...]

    @classmethod
    def of(cls, compiled: str, columns: Mapping[str, str], reads: tuple[str, ...]) -> "Template":
        """Return the template of a statement compiled for the sentinel range.

        Each date in the years of the sentinel must fit one rule; any other date is the same for every range.
        """
        sql = _DATE.sub(lambda found: _token(found.group(), dt.date(*map(int, found.groups()))), compiled)
        if left := _OF_THE_SENTINEL.search(sql):
            around = sql[max(left.start() - 60, 0) : left.end() + 20]
            raise NoTemplate(f"a value other than a date is made from the dates, so it cannot be rendered: {around!r}")
        return cls(sql, columns, reads)

    def render(self, dates: DateRange) -> str:
        """Return the statement for some dates, as if it had been compiled for them."""
        return _TOKEN.sub(lambda token: _arguments(RULES[token[1]](dates)), self.sql)


@dataclass(frozen=True)
class TemplateFolder:
    """The templates of one version of the code, a JSON file each: `NBA_HOME/compiled/<hash of the code>`."""

    path: Path

    def find(self, name: str, dialect: str) -> Template | None:
        """Return a stored template, if there is one."""
        file = self._file(name, dialect)
        try:
            return _read(file, file.stat().st_mtime_ns)
        except (OSError, ValueError, KeyError):  # not stored, or unreadable: it is compiled
            return None

    def store(self, name: str, dialect: str, template: Template) -> None:
        """Store a template for other processes; a folder that cannot be written costs only time."""
        if not self.path.parent.parent.exists():  # a missing NBA_HOME is not created
            return
        file = self._file(name, dialect)
        unfinished = file.with_suffix(f".{os.getpid()}.{threading.get_ident()}")
        with contextlib.suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            unfinished.write_text(json.dumps(asdict(template)), encoding="utf-8")
            unfinished.replace(file)  # no process reads half a file

    def compiling(self) -> contextlib.AbstractContextManager[None]:
        """Let one process compile at a time: the others wait, and find what it stored."""
        if self.path.parent.parent.exists():
            with contextlib.suppress(OSError):  # as in `store`
                self.path.mkdir(parents=True, exist_ok=True)
        return locked(self.path)

    def remove_outdated(self) -> None:
        """Remove the folders of other code that are older than a day; newer ones may be in use."""
        for other in self.path.parent.glob("*/"):
            if other != self.path and time.time() - other.stat().st_mtime > _OUTDATED_AFTER:
                shutil.rmtree(other, ignore_errors=True)

    def _file(self, name: str, dialect: str) -> Path:
        plain = _UNSAFE.sub("_", name)
        if len(plain) > _NAME_LENGTH:
            plain = f"{plain[:_NAME_LENGTH]}.{hashlib.sha256(name.encode()).hexdigest()[:16]}"
        return self.path / dialect / f"{plain}.json"


@lru_cache(maxsize=512)
def _read(file: Path, written: int) -> Template:
    """Return the template in a file that was written at some time: a run asks for some of them twenty times."""
    stored = json.loads(file.read_text(encoding="utf-8"))
    return Template(stored["sql"], stored["columns"], tuple(stored["reads"]))


def _token(found: str, day: dt.date) -> str:
    if not _OF_THE_SENTINEL.fullmatch(str(day.year)):
        return found
    fitting = [name for name, rule in RULES.items() if rule(SENTINEL) == day]
    if len(fitting) != 1:
        days = (day - SENTINEL.start).days
        raise NoTemplate(
            f"a date {days:+} days from the start of the range fits {len(fitting)} rules, expected 1: "
            f"add its rule to RULES in {__name__}"
        )
    return f"@{{{fitting[0]}}}"


def _arguments(day: dt.date) -> str:
    return f"{day.year}, {day.month}, {day.day}"
