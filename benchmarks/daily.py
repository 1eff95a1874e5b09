"""Measure what a day costs: processor seconds, and counts that do not depend on the machine.

`python benchmarks/daily.py FOLDER` fills FOLDER with a season of the archive up to an evening and with the demo, which
takes some minutes; the next call computes only what the code has changed since. Each call adds two snapshots of lines
to the evening, which takes longer the more it has: take a new folder now and then. Processor seconds are user and
system, children included; of a command that only reads, the least of three tries. Compilations are of Ibis expressions,
openings are of the DuckDB file, events are rows of Dagster's log.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import counts
from archive_home import NBA, archive_dir

SEASON_START, YESTERDAY, TONIGHT, CORRECTED = "2023-10-01", "2024-03-14", "2024-03-15", "2024-01-10"
PLAYER = "jokic"
READING = (("predictions",), ("coverage",), ("history",), ("models", "list"))
TRIES = 3


@dataclass(frozen=True)
class Cost:
    """The cost of one command, or of one piece of the daemon's work."""

    processor: float
    wall: float
    compilations: int
    connections: int
    events: int


def main() -> None:
    """Fill the folder, then print a line for each thing as it is measured."""
    if len(sys.argv) != 2:
        sys.exit("name a folder for the homes: python benchmarks/daily.py FOLDER")
    counted = counts.watch()
    season, demo = season_home(Path(sys.argv[1]).resolve()), demo_home(Path(sys.argv[1]).resolve())
    run(demo, "demo")
    run(season, "backfill", SEASON_START, TONIGHT)
    print(f"{'':<48}{'processor':>10}{'at most':>9}{'wall':>8}{'compiled':>10}{'opened':>8}{'events':>8}")
    report("one date, all tables and checks, forced", 12, run(season, "backfill", YESTERDAY, "--force"))
    for words in READING:
        report(f"nba {' '.join(words)}", 1.5, least(season, *words))
    report(f"nba predict {PLAYER}", 4, least(season, "predict", PLAYER))
    report("nba demo, again", 4, least(demo, "demo"))
    os.environ.update(season)
    measure_evening(counted)


def season_home(folder: Path) -> dict[str, str]:
    """Return the environment of the season's home, with a copy of the archive that may be edited."""
    home, archive = folder / "season", folder / "archive"
    if not archive.exists():
        archive.mkdir(parents=True)
        for file in Path(archive_dir()).iterdir():
            shutil.copyfile(file, archive / file.name)
    return {"NBA_HOME": str(home), "NBA_SOURCE": "archive", "NBA_ARCHIVE_DIR": str(archive), "NBA_TODAY": TONIGHT}


def demo_home(folder: Path) -> dict[str, str]:
    """Return the environment of the demo's home."""
    return {"NBA_HOME": str(folder / "demo"), "NBA_SOURCE": "simulated"}


def run(environment: Mapping[str, str], *words: str) -> Cost:
    """Run a command of `nba` and return what it took; one that fails ends the measuring."""
    home = Path(environment["NBA_HOME"])
    home.mkdir(parents=True, exist_ok=True)
    file, log, events = home / "counts.json", home / "command.log", counts.events_in(home)
    command = [sys.executable, counts.__file__, str(file), NBA, *words]
    used, began = _used(resource.RUSAGE_CHILDREN), time.monotonic()
    with log.open("w") as output:
        ended = subprocess.run(command, env={**os.environ, **environment}, stdout=output, stderr=output)
    wall, used = time.monotonic() - began, _used(resource.RUSAGE_CHILDREN) - used
    if ended.returncode:
        sys.exit(f"nba {' '.join(words)} ended with {ended.returncode}:\n{log.read_text()[-3000:]}")
    counted = counts.Counts(**json.loads(file.read_text(encoding="utf-8")))
    return Cost(used, wall, counted.compilations, counted.connections, counts.events_in(home) - events)


def least(environment: Mapping[str, str], *words: str) -> Cost:
    """Return the cheapest of a few tries, as other work shares the machine."""
    return min((run(environment, *words) for _ in range(TRIES)), key=lambda cost: cost.processor)


def measure_evening(counted: counts.Counts) -> None:
    """Measure the daemon's work in this process, where it was done once before."""
    from evening import Evening

    def measured(act: Callable[[], object]) -> Cost:
        before, events, used, began = counted.copy(), counts.events_in(evening.home), _used_here(), time.monotonic()
        act()
        took, wall = _used_here() - used, time.monotonic() - began
        new = counted.since(before)
        return Cost(took, wall, new.compilations, new.connections, counts.events_in(evening.home) - events)

    with Evening.open(TONIGHT) as evening:
        evening.tick_until_idle()
        for again in (False, True):
            evening.move_lines()
            cost = measured(evening.refresh_lines)
            if again:
                report("new lines for tonight, to a new card", 6, cost, evening.last_work)
        report("the same lines once more", 2, measured(evening.refresh_lines), evening.last_work)
        evening.correct_box_score(CORRECTED)
        cost = measured(evening.load_changed_facts)
        report(f"a box score of {CORRECTED} corrected", None, cost, evening.last_work)


def report(what: str, at_most: float | None, cost: Cost, detail: str = "") -> None:
    """Print a line, and below it what was done."""
    limit = "" if at_most is None else f"{at_most:g}"
    print(
        f"{what:<48}{cost.processor:>10.1f}{limit:>9}{cost.wall:>8.1f}"
        f"{cost.compilations:>10}{cost.connections:>8}{cost.events:>8}",
        flush=True,
    )
    if detail:
        print(f"    {detail}", flush=True)


def _used_here() -> float:
    return _used(resource.RUSAGE_SELF) + _used(resource.RUSAGE_CHILDREN)


def _used(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
