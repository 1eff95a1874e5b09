"""What a backfill costs on the real archive: every season in one run, the same again, and a single date.

Prints wall time and peak memory of each, how many rows the second run left different, and rows by table.
"""

import resource
import shutil
from collections.abc import Collection
from contextlib import closing
from pathlib import Path

import duckdb
from archive_home import EVERYTHING, archive_home, nba

from nba_platform.definitions import TABLES
from nba_resources.warehouse.contract import Contract

ONE_DATE = ("2024-12-04",)
STAMPS = ("computed_at", "ingested_at")
SAME = 1e-9  # a parallel mean may differ in its last bit


def main() -> None:
    """Run the three backfills in a fresh home and print what they took."""
    with archive_home() as (home, environment):
        file, before = home / "nba.duckdb", home / "before.duckdb"
        print(f"{'backfill':<44}{'wall':>10}{'peak so far':>14}{'rows changed':>14}")
        for dates in (EVERYTHING, EVERYTHING, ONE_DATE):
            _, seconds = nba(environment, "backfill", *dates, "--force")
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            changed = changed_rows(before, file) if before.exists() else "-"
            print(f"{'...'.join(dates):<44}{seconds:>8.1f} s{peak:>11,.0f} MB{changed:>14}")
            shutil.copy(file, before)
        print(f"\n{'table':<48}{'rows':>10}")
        with closing(duckdb.connect(file, read_only=True)) as con:
            for table in TABLES.values():
                rows = con.execute(f"SELECT count(*) FROM {table.contract.key}").fetchall()[0][0]
                print(f"{table.contract.key:<48}{rows:>10,}")


def changed_rows(before: Path, after: Path, tables: Collection[str] = tuple(TABLES)) -> int:
    """Rows of any table that one file has and the other has not, or has with other values."""
    return sum(changed_by_table(before, after, tables).values())


def changed_by_table(before: Path, after: Path, tables: Collection[str], since: str = "0001-01-01") -> dict[str, int]:
    """The same table by table, of the rows dated since a day; a table kept whole has no dates."""
    with closing(duckdb.connect()) as con:
        con.execute(f"ATTACH '{before}' AS before (READ_ONLY)")
        con.execute(f"ATTACH '{after}' AS after (READ_ONLY)")
        return {
            name: con.execute(_differences(TABLES[name].contract, since)).fetchall()[0][0] for name in sorted(tables)
        }


def _differences(contract: Contract, since: str) -> str:
    kept = {name: column for name, column in contract.columns.items() if name not in STAMPS}
    differs = [
        f'coalesce(abs(a."{name}" - b."{name}") > {SAME}, a."{name}" IS DISTINCT FROM b."{name}")'
        if column.dtype.is_floating()
        else f'a."{name}" IS DISTINCT FROM b."{name}"'
        for name, column in kept.items()
    ]
    same_row = " AND ".join(f'a."{name}" IS NOT DISTINCT FROM b."{name}"' for name in contract.grain)
    dated = f"WHERE {contract.partition} >= '{since}'" if contract.partition else ""
    before, after = (f"(FROM {file}.{contract.key} {dated})" for file in ("before", "after"))
    return f"SELECT count(*) FROM {before} a FULL JOIN {after} b ON {same_row} WHERE {' OR '.join(differs)}"


if __name__ == "__main__":
    main()
