"""Measure what publishing a date costs, with and without what the page needs.

`python benchmarks/publishing.py` takes the home and the date of the environment (NBA_HOME, NBA_TODAY), and writes to a
temporary folder, so that the home stays as it is. It prints processor seconds, files and bytes of each kind of
document; then the sums without and with the page's documents and files, and the same once more, when nothing is new.
Statements are compiled before the clock starts.
"""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nba_platform.config.environments import tonight, warehouse
from nba_platform.definitions import EXPORTS, TABLES
from nba_platform.orchestration.instance import open_instance
from nba_platform.reports.export_assets import Publisher
from nba_platform.reports.site_asset import site_totals
from nba_resources.dates import DateRange
from nba_resources.objects.store import ObjectStore

OF_THE_PAGE = ("board", "site")


@dataclass(frozen=True)
class Cost:
    """Processor seconds of one kind of document, how many files it has, how many changed, and their bytes."""

    seconds: float
    files: int
    changed: int
    size: int


def main() -> None:
    """Publish to one folder to compile, then twice to another."""
    with objects_of(os.environ["NBA_HOME"]) as objects:
        published(objects)
    with objects_of(os.environ["NBA_HOME"]) as objects:
        report("first", published(objects))
        report("again", published(objects))


@contextmanager
def objects_of(home: str) -> Iterator[ObjectStore]:
    """Return a store that has the home's objects, but no documents yet."""
    with tempfile.TemporaryDirectory(prefix="nba-bench-") as folder:
        for part in Path(home, "objects").resolve().iterdir():
            if part.name != "exports":
                Path(folder, part.name).symlink_to(part)
        yield ObjectStore(root=folder)


def published(objects: ObjectStore) -> dict[str, Cost]:
    """Publish every kind of tonight, then the page, and return what each took."""
    costs = {}
    today = tonight()
    with open_instance() as instance:
        publisher = Publisher(warehouse(), objects, TABLES, instance, today)
        permits = publisher.permits({today})
        for name, export in EXPORTS.items():
            began = time.process_time()
            files = publisher.publish(export, DateRange(today, today), permits)
            seconds, sizes = time.process_time() - began, sum(file.size for file in files)
            costs[name] = Cost(seconds, len(files), sum(file.changed for file in files), sizes)
    began = time.process_time()
    totals = site_totals(objects)
    costs["site"] = Cost(time.process_time() - began, totals["files"], totals["changed"], totals["bytes"])
    return costs


def report(when: str, costs: dict[str, Cost]) -> None:
    """Print each kind, and the sums without and with the page."""
    print(f"\n{when:<28}{'processor s':>12}{'files':>8}{'new':>8}{'bytes':>14}")
    for name, cost in costs.items():
        _line(name, [cost])
    _line("without the page", [cost for name, cost in costs.items() if name not in OF_THE_PAGE])
    _line("with it", [*costs.values()])


def _line(name: str, costs: list[Cost]) -> None:
    files, changed, size = (sum(getattr(cost, of) for cost in costs) for of in ("files", "changed", "size"))
    seconds = sum(cost.seconds for cost in costs)
    print(f"{name:<28}{seconds:>12.1f}{files:>8,}{changed:>8,}{size:>14,}", flush=True)


if __name__ == "__main__":
    main()
