"""Play seeds and print what was injected, checked and found."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from simulated_month.invariants import CHECKED
from simulated_month.month import SAME_LEAGUE, Month
from simulated_month.stage import Stage


def main() -> None:
    """Play the seeds; exit with 1 if a promise did not hold."""
    asked = _arguments()
    first, _, last = asked.seeds.partition("-")
    tell: Callable[[str], None] = partial(print, flush=True) if asked.verbose else lambda said: None
    stage = Stage(asked.folder, all_tables=asked.tables == "all")
    months: list[Month] = []
    calm: dict[int, Month] = {}
    try:
        for seed in range(int(first), int(last or first) + 1):
            months.append(month := play(stage, seed, asked.days, tell, calm))
            print(line_of(month), flush=True)
            for finding in month.findings:
                print(f"    {finding}", flush=True)
            if asked.json:
                asked.json.write_text(json.dumps(document_of([*months, *calm.values()])))
    finally:
        stage.close()
    for league, month in calm.items():
        print(f"without faults, league {league}: {len(month.findings)} violations, {month.seconds:.0f} s", flush=True)
        for finding in month.findings:
            print(f"    {finding}", flush=True)
    months += calm.values()
    print(table_of(months), flush=True)
    sys.exit(any(month.findings for month in months))


def play(stage: Stage, seed: int, days: int, tell: Callable[[str], None], calm: dict[int, Month]) -> Month:
    """Play a seed with faults, and compare it with the month of its league without faults."""
    league = seed // SAME_LEAGUE
    if league not in calm:
        calm[league] = Month(stage, seed, days, False, tell)
        calm[league].play()
    month = Month(stage, seed, days, True, tell)
    month.play()
    month.compare(calm[league])
    return month


def line_of(month: Month) -> str:
    """Return a seed's result in one line."""
    faults, checks = month.injected.total(), month.checked.total()
    return (
        f"seed {month.seed:>4}: {month.days} days, {month.acts} acts, {month.runs} runs ({month.failed} failed), "
        f"{faults} faults, {checks} checks, {len(month.findings)} violations, {month.seconds:.0f} s"
    )


def table_of(months: list[Month]) -> str:
    """Return faults by kind and checks by invariant of all seeds."""
    injected, checked, found = Counter[str](), Counter[str](), Counter[str]()
    for month in months:
        injected += month.injected
        checked += month.checked
        found += Counter(one.invariant for one in month.findings)
    lines = [f"{'fault':<32}{'injected':>9}", *(f"{kind:<32}{n:>9}" for kind, n in injected.most_common())]
    lines += [f"{'invariant':<32}{'checked':>9}{'violated':>10}"]
    lines += [f"{name:<32}{checked[name]:>9}{found[name]:>10}" for name in CHECKED]
    return "\n".join(["", *lines])


def document_of(months: list[Month]) -> list[dict[str, object]]:
    """Return the results for programs."""
    return [
        {
            "seed": month.seed if month.faulty else None,
            "days": month.days,
            "processor_seconds": round(month.seconds),
            "injected": dict(month.injected),
            "checked": dict(month.checked),
            "findings": [str(one) for one in month.findings],
            "picks": len(month.published.picks),
            "runs": month.runs,
        }
        for month in months
    ]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="month.py")
    parser.add_argument("--seeds", "--seed", default="1", help="one, or a range such as 1-50")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--tables", choices=("all", "facts"), default="all", help="the tables that are played")
    parser.add_argument("--folder", type=Path, required=True, help="for the homes; the season so far is filled once")
    parser.add_argument("--json", type=Path, help="a file for the results, written after each seed")
    parser.add_argument("--verbose", action="store_true", help="print what happens, act by act")
    return parser.parse_args()
