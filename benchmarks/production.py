"""The same 30 dates twice: on a laptop, and with `NBA_ENV=production` on emulators of BigQuery and a bucket.

Prints each command's seconds, then the rows of every table and the published files that differ.
"""

import contextlib
import json
import logging
import math
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
from archive_home import nba

DATES = ("2024-11-11", "2024-12-10")
TONIGHT = "2024-12-10"
TESTS = Path(__file__).resolve().parents[1] / "tests"
PROJECT, BUCKET = "local-project", "nba-test"
COMMANDS = (("backfill", *DATES), ("coverage", *DATES), ("predictions", TONIGHT), ("publish", TONIGHT))
CLOSE = 1e-9
NOT_COMPARED = {"computed_at", "ingested_at", "code_version"}
OF_THE_PLACE = {"generated_at", "code_version", "seconds", "root"}


def main() -> None:
    """Both environments are given the same commands; only their variables differ."""
    with tempfile.TemporaryDirectory(prefix="nba-bench-") as folder, emulators(Path(folder)) as cloud:
        shared = {**os.environ, "NBA_SOURCE": "simulated", "NBA_TODAY": TONIGHT, "NBA_AUTOMATION": "off"}
        local = {**shared, "NBA_ENV": "local", "NBA_HOME": f"{folder}/local"}
        production = {**shared, **cloud, "NBA_ENV": "production", "NBA_HOME": f"{folder}/production"}
        print(f"{'command':<36}{'local':>9}{'production':>12}")
        for words in COMMANDS:
            (here, seconds), (there, longer) = nba(local, *words), nba(production, *words)
            print(f"{' '.join(words):<36}{seconds:>7.1f} s{longer:>10.1f} s", flush=True)
            if words[0] != "backfill":
                print(f"    answers {'are equal' if alike(here, there) else 'DIFFER'}")
        compare_tables(Path(folder, "local"), cloud)
        compare_files(Path(folder, "local"), cloud)


@contextlib.contextmanager
def emulators(folder: Path) -> Iterator[dict[str, str]]:
    """BigQuery and a bucket on loopback, as the tests start them, and the variables that lead there."""
    sys.path[:0] = [str(TESTS / "backends"), str(TESTS / "nba_resources")]
    from buckets import running
    from emulator import emulator

    with emulator(folder) as warehouse, running() as bucket:
        os.environ["STORAGE_EMULATOR_HOST"] = bucket
        logging.getLogger("gcp_storage_emulator").setLevel("CRITICAL")  # it tells of every file it does not hold yet
        yield {"NBA_BIGQUERY_PROJECT": PROJECT, "NBA_BIGQUERY_ENDPOINT": warehouse, "NBA_OBJECTS": f"gs://{BUCKET}/v"}


def compare_tables(home: Path, cloud: Mapping[str, str]) -> None:
    """Every table of the file against the one in the datasets, row by row."""
    from google.api_core.client_options import ClientOptions
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import bigquery

    client = bigquery.Client(
        project=cloud["NBA_BIGQUERY_PROJECT"],
        credentials=AnonymousCredentials(),
        client_options=ClientOptions(api_endpoint=cloud["NBA_BIGQUERY_ENDPOINT"]),
    )
    with duckdb.connect(home / "nba.duckdb", read_only=True) as con:
        con.execute("SET TimeZone = 'UTC'")
        names = con.execute("SELECT schema_name, table_name FROM duckdb_tables() ORDER BY 1, 2").fetchall()
        compared = differing = 0
        for dataset, name in names:
            here = con.sql(f'FROM "{dataset}"."{name}"').df().to_dict("records")
            there = [dict(row) for row in client.query_and_wait(f"SELECT * FROM `{dataset}.{name}`")]
            found = rows_that_differ(here, there)
            compared, differing = compared + len(here), differing + found
            print(f"{dataset + '.' + name:<48}{len(here):>8} rows{found:>8} differ")
    print(f"{len(names)} tables, {compared} rows, {differing} differ")


def rows_that_differ(here: list[dict[str, Any]], there: list[dict[str, Any]]) -> int:
    """Rows of either side without an equal on the other, numbers within a billionth."""
    columns = sorted({*(here or there or [{}])[0]} - NOT_COMPARED)
    ours, theirs = (
        sorted((tuple(plain(row[c]) for c in columns) for row in rows), key=repr_rounded) for rows in (here, there)
    )
    unequal = sum(not alike(a, b) for a, b in zip(ours, theirs, strict=False))
    return unequal + abs(len(ours) - len(theirs))


def repr_rounded(row: tuple[Any, ...]) -> str:
    """An order that a last digit does not change."""
    return repr([round(value, 6) if isinstance(value, float) else value for value in row])


def plain(value: Any) -> Any:
    """Engines' own values as plain ones."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list):
        return [plain(one) for one in value]
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, str) and value[:1] in "[{":
        with contextlib.suppress(json.JSONDecodeError):
            return json.loads(value)
    if hasattr(value, "isoformat"):
        stamp = pd.Timestamp(value)
        return (stamp.tz_convert(None) if stamp.tz else stamp).isoformat()
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def compare_files(home: Path, cloud: Mapping[str, str]) -> None:
    """Every published file of the folder against the one in the bucket."""
    from google.cloud import storage

    address = cloud["NBA_OBJECTS"].removeprefix(f"gs://{BUCKET}/")
    bucket = storage.Client.create_anonymous_client().bucket(BUCKET)
    root = home / "objects"
    ours = {str(path.relative_to(root)) for path in (root / "exports").rglob("*.json")}
    theirs = {blob.name.removeprefix(f"{address}/") for blob in bucket.list_blobs(prefix=f"{address}/exports/")}
    differing = sorted(ours ^ theirs)
    for path in ours & theirs:
        here, there = (root / path).read_bytes(), bucket.blob(f"{address}/{path}").download_as_bytes()
        if not alike(json.loads(here), json.loads(there)):
            differing.append(path)
    print(f"{len(ours)} files in the folder, {len(theirs)} in the bucket, {len(differing)} differ {differing[:5]}")


def alike(here: Any, there: Any) -> bool:
    """Equal but for when and where they were written, and last digits."""
    if isinstance(here, dict) and isinstance(there, dict):
        return {*here} == {*there} and all(alike(here[k], there[k]) for k in here if k not in OF_THE_PLACE)
    if isinstance(here, list | tuple) and isinstance(there, list | tuple):
        return len(here) == len(there) and all(map(alike, here, there))
    if isinstance(here, float) and isinstance(there, int | float):
        return math.isclose(here, there, rel_tol=CLOSE, abs_tol=CLOSE)
    return bool(here == there)


if __name__ == "__main__":
    main()
