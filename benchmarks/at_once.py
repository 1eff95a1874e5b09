"""Run two backfills of overlapping ranges and a daily run at the same time, and compare with one backfill.

Prints how each command ended, rows that differ, repeated keys, and runs still "in progress".
"""

import subprocess
import time

from archive_home import NBA, archive_home
from backfill import changed_rows
from killed import SELECTION, in_progress, repeated, stored_tables

TOGETHER = (("2024-11-01", "2024-12-31"), ("2024-12-01", "2025-01-31"), ("2025-01-31",))
WHOLE = ("2024-11-01", "2025-01-31")


def main() -> None:
    """Compare two homes, after a backfill of the whole range, as dates may have lacked their history."""
    with archive_home() as (calm, alone), archive_home() as (busy, environment):
        subprocess.run(backfill(*WHOLE), env=alone, check=True, capture_output=True)
        began = time.monotonic()
        commands = [
            subprocess.Popen(
                backfill(*dates), env=environment, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
            )
            for dates in TOGETHER
        ]
        for dates, command in zip(TOGETHER, commands, strict=True):
            _, output = command.communicate()
            errors = [line for line in output.splitlines() if line.startswith(("error", "Traceback"))]
            print(f"{'...'.join(dates):<26} exit {command.returncode}, {time.monotonic() - began:.0f} s {errors}")
        began = time.monotonic()
        subprocess.run(backfill(*WHOLE), env=environment, check=True, capture_output=True)
        print(f"{'...'.join(WHOLE):<26} what was made without its history again: {time.monotonic() - began:.0f} s")
        tables = stored_tables(calm)
        print(f"rows that differ: {changed_rows(calm / 'nba.duckdb', busy / 'nba.duckdb', tables)}")
        print(f"repeated keys: {repeated(busy / 'nba.duckdb')}")
        print(f"runs still in progress: {in_progress(busy)}")


def backfill(*dates: str) -> list[str]:
    """Return the command for all tables but those that models compute."""
    return [NBA, "backfill", *dates, "--select", SELECTION, "--json"]


if __name__ == "__main__":
    main()
