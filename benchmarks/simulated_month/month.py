"""One month: a home, the league and its providers, and the acts of each day with what disturbs them."""

import datetime as dt
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from nba_resources.dates import EASTERN
from simulated_month.faults import AN_ACT, OF_THE_MACHINE, faults_of_day
from simulated_month.invariants import (
    Finding,
    Published,
    differences,
    eastern,
    facts,
    of_budget,
    of_lines,
    of_messages,
    of_runs,
    of_secrets,
    of_tables,
    of_the_end,
    open_alerts,
    sizes_of,
)
from simulated_month.league import Truth, at
from simulated_month.platform import KNOWN, command, daemon
from simulated_month.process import Ended, Interference
from simulated_month.stage import Stage

NIGHT = (
    (dt.time(3, 30), ("post_game",)),
    (dt.time(6), ("late_corrections",)),
    (dt.time(9), ("late_corrections", "morning_refresh")),
)
LOOKS = (dt.timedelta(minutes=30), dt.timedelta(minutes=5))  # before the first tip-off
STATEMENTS = 3_000  # of an act with runs; a kill is drawn among them
LATER = dt.timedelta(minutes=5)  # until the platform is started again after it was killed
SAME_LEAGUE = 10  # seeds with one league between them, so that its month without faults is played once


@dataclass(frozen=True)
class Act:
    """A time at which the daemon works, and the schedules that are due."""

    moment: dt.datetime
    refreshes: tuple[str, ...]


@dataclass
class Month:
    """A seed's month, with faults or without; `findings` are the promises that did not hold.

    It ends with a morning without faults, after which everything must be as if there had been none.
    """

    stage: Stage
    seed: int
    days: int
    faulty: bool
    tell: Callable[[str], None]
    injected: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    checked: Counter[str] = field(default_factory=Counter)
    published: Published = field(default_factory=Published)
    acts: int = 0
    runs: int = 0
    failed: int = 0
    seconds: float = 0.0  # of a processor
    facts: dict[str, list[Any]] = field(default_factory=dict)

    def play(self) -> None:
        """Play all days and a morning without faults, and check what must hold at the end."""
        began = _seconds()
        self.clock, self.providers = self.stage.clock, self.stage.providers
        self.truth = Truth(self.seed // SAME_LEAGUE, self.days + 1, lambda: self.clock.moment)
        self.stage.begin(self.truth, self.seed)
        self.sizes = sizes_of(self.truth)
        self.daemon, self.checker, self.other = (self.stage.process() for _ in range(3))
        for happening in self.truth.happenings:
            self.tell(f"  {happening}")
        for day in self.truth.days[:-1]:
            self._day(day, self._acts(day), self.faulty)
        last = self.truth.days[-1]
        self._day(last, self._acts(last)[: len(NIGHT)], faulty=False)
        self.injected += self.providers.injected
        self.messages = self.providers.messages
        self._check_the_end()
        for process in (self.daemon, self.checker, self.other):
            process.end()
        self.seconds = _seconds() - began

    def _acts(self, day: dt.date) -> list[Act]:
        """Return when the daemon works: by the clock at night, and before the first tip-off as planned that morning."""
        games = [game for game in self.truth.games.values() if game["game_date"] == day and game["start_time_utc"]]
        tips = [game["start_time_utc"] for game in games]
        looks = [min(tips) - before for before in LOOKS] if tips else []
        acts = [Act(at(day, time), names) for time, names in NIGHT]
        return sorted([*acts, *(Act(look, ("line_refresh",)) for look in looks)], key=lambda act: act.moment)

    def _day(self, day: dt.date, acts: Sequence[Act], faulty: bool) -> None:
        self.providers.faults = faults_of_day(self.seed, day, [act.moment for act in acts]) if faulty else []
        for fault in self.providers.faults:
            self.tell(f"  {fault}")
        chance = random.Random(f"machine {self.seed} {day}")
        for act in acts:
            self.clock.move_to(act.moment)
            ended = self._act(act, chance if faulty else None)
            self.tell(
                f"{eastern(act.moment)} {act.refreshes[-1]:<17}{ended.seconds:6.1f} s  {ended.error or ended.result}"
            )
            self._check_act(ended)
        self._check_day(day - dt.timedelta(days=1))

    def _act(self, act: Act, chance: random.Random | None) -> Ended:
        """Let the daemon work, with what may disturb it; if it was killed, start it again a few minutes later."""
        self.acts += 1
        work = partial(daemon, self.clock, self.stage.all_tables, act.refreshes, act.moment)
        kind = next((one for one in OF_THE_MACHINE if chance and chance.random() < AN_ACT), None)
        if kind is None or chance is None:
            return self.daemon.run(work)
        ended, done = self._disturbed(kind, work, chance)
        self.injected[kind] += done
        self.tell(f"    {kind}{'' if done else ', too late'}: {ended.error or ended.result}")
        if ended.killed or kind == "disk full":
            self.clock.sleep(LATER.total_seconds())
            ended = self.daemon.run(work)
        return ended

    def _disturbed(self, kind: str, work: Callable[[], Any], chance: random.Random) -> tuple[Ended, bool]:
        """Return how the daemon ended, and whether it was disturbed."""
        at_statement = round(STATEMENTS ** chance.uniform(0.2, 1))
        today = str(self.clock.moment.astimezone(EASTERN).date())
        by_hand = partial(command, "backfill", today, "--select", "schedule,player_props,player_prop_lines")
        match kind:
            case "killed":
                ended = self.daemon.run(work, Interference(kill_before=at_statement))
                return ended, ended.killed
            case "killed command":
                killed = self.other.run(by_hand, Interference(kill_before=at_statement)).killed
                return self.daemon.run(work), killed
            case "disk full":
                size = (self.stage.home / "nba.duckdb").stat().st_size
                room = chance.choice((0, 4096, 65536, size // 2, size))
                return self.daemon.run(work, Interference(largest_file=max(room, 1))), True
            case "file locked":
                self.other.start(partial(_hold, self.stage.home / "nba.duckdb", chance.choice((1.0, 4.0))))
            case _:
                self.other.start(by_hand)
        ended = self.daemon.run(work)
        self.other.wait()
        return ended, True

    def _check_act(self, ended: Ended) -> None:
        """Check what can be checked without opening the warehouse."""
        work = ended.result if isinstance(ended.result, dict) else {"runs": 0, "failed": [], "problems": []}
        self.runs += work["runs"]
        self.failed += len(work["failed"])
        self.last_work = work
        if ended.error and not ended.expected:
            self._add("errors are sentences", [Finding("errors are sentences", ended.error)])
        unknown = [one for one in work["problems"] if not one.partition(": ")[2].startswith(KNOWN)]
        self._add("errors are sentences", [Finding("errors are sentences", one) for one in unknown])
        found = self.published.check(self.stage.home / "objects", self.clock.moment)
        self._add("no pick dropped or rewritten", found)
        self._add("alerts begin and end once", of_messages(self.providers.messages))
        self._add("budget kept", of_budget(self.providers))

    def _checked(self, work: Callable[[], Any]) -> Any:
        """Return what a check finds; it opens the warehouse in a process of its own."""
        ended = self.checker.run(work)
        if ended.killed or ended.error:
            raise RuntimeError(f"a check failed: {ended}; see {self.stage.home}")
        return ended.result

    def _check_day(self, yesterday: dt.date) -> None:
        file = self.stage.home / "nba.duckdb"
        names = ("no row doubled", "no game half written", "nothing later than tip-off", "states are true")
        self._add_all(names, self._checked(partial(of_tables, file, self.sizes, yesterday)))
        self._add_all(("no run left in progress", "errors are sentences"), self._checked(of_runs))

    def _check_the_end(self) -> None:
        home = self.stage.home
        posted = self.providers.lines.posted()
        self._add("lines are true", self._checked(partial(of_lines, home / "nba.duckdb", posted)))
        self._add("no secret written", of_secrets(home))
        last = self.truth.days[-1] - dt.timedelta(days=1)
        ended = self.daemon.run(partial(daemon, self.clock, self.stage.all_tables, [], self.clock.moment))
        found = self._checked(partial(of_the_end, home / "nba.duckdb", last, ended.result))
        self._add("nothing left to do", found)
        self.facts = self._checked(partial(facts, home / "nba.duckdb"))

    def compare(self, calm: "Month") -> None:
        """Compare the end with that of the same month without faults."""
        self._add("facts as without faults", differences(calm.facts, self.facts))
        left = open_alerts(self.messages) - open_alerts(calm.messages)
        found = [Finding("alerts begin and end once", f"{title} is still open") for title in sorted(left)]
        self._add("alerts begin and end once", found)

    def _add_all(self, invariants: Sequence[str], found: Sequence[Finding]) -> None:
        for invariant in invariants:
            self._add(invariant, [one for one in found if one.invariant == invariant])

    def _add(self, invariant: str, found: Sequence[Finding]) -> None:
        """Count a check, and keep what it found for the first time."""
        self.checked[invariant] += 1
        for one in found:
            if one not in self.findings:
                self.findings.append(one)
                self.tell(f"    VIOLATED {one}")


def _hold(file: Path, seconds: float) -> None:
    """Keep the file open to write, as a shell of DuckDB does."""
    with closing(duckdb.connect(file)):
        time.sleep(seconds)


def _seconds() -> float:
    """Return the processor seconds of this process and of those that it started and that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
