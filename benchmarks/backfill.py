"""What a backfill costs on the real archive: every season in one run, the same again, and a single date.

Prints wall time and peak memory of each, rows by table, and whether the second run left identical tables.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb

EVERYTHING, ONE_DATE = ("2021-10-19", "2026-01-02"), ("2024-12-04",)
STAMPS = ("computed_at", "ingested_at")


def main() -> None:
    """Run the three backfills in a fresh home and print what they took."""
    archive = os.environ.get("NBA_ARCHIVE_DIR") or "../shared/data/nba"
    if not Path(archive, "games.parquet").exists():
        sys.exit(f"no archive at {archive}: set NBA_ARCHIVE_DIR to a folder with games.parquet")
    with tempfile.TemporaryDirectory(prefix="nba-bench-") as home:
        environment = {**os.environ, "NBA_HOME": home, "NBA_SOURCE": "archive", "NBA_ARCHIVE_DIR": archive}
        print(f"{'backfill':<34}{'wall':>9}{'peak so far':>14}")
        tables: dict[str, dict[str, float]] = {}
        for name, dates in (("every season", EVERYTHING), ("every season again", EVERYTHING), ("one date", ONE_DATE)):
            began = time.monotonic()
            subprocess.run(
                ["nba", "backfill", *dates, "--json"], env=environment, check=True, stdout=subprocess.DEVNULL
            )
            seconds, peak = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            print(f"{name + ' ' + ' to '.join(dates):<34.34}{seconds:>7.1f} s{peak:>11,.0f} MB")
            before, tables = tables, dict(fingerprints(Path(home, "nba.duckdb")))
            if before:
                changed = [table for table in tables if tables[table] != before.get(table)]
                print(f"{'':<34}changed tables: {', '.join(changed) or 'none'}")
        print(f"\n{'table':<48}{'rows':>10}")
        for table, found in tables.items():
            print(f"{table:<48}{int(found['rows']):>10,}")


def fingerprints(file: Path) -> Iterator[tuple[str, dict[str, float]]]:
    """Each table's rows and a checksum of what should not change: floats to nine places, stamps left out."""
    with closing(duckdb.connect(file, read_only=True)) as con:
        columns = con.execute(
            "SELECT table_schema || '.' || table_name, list(column_name), list(data_type) "
            "FROM information_schema.columns GROUP BY ALL ORDER BY 1"
        ).fetchall()
        for table, names, types in columns:
            kept = [
                f'round("{name}", 9)' if kind == "DOUBLE" else f'"{name}"'
                for name, kind in zip(names, types, strict=True)
                if name not in STAMPS
            ]
            rows, checksum = con.execute(f"SELECT count(*), sum(hash({', '.join(kept)})) FROM {table}").fetchall()[0]
            yield table, {"rows": rows, "checksum": checksum}


if __name__ == "__main__":
    main()
