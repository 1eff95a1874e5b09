"""Measure the queries of the UI's pages over five seasons, at rest and during a backfill.

Fills a home from the archive, starts `nba ui` on it without automation, and sends the queries of the browser: a table's
page, the graph ten tables at a time, the partition bar, the latest runs. Repeats them while every table is computed
again. Prints the median and the longest of each, in seconds.
"""

import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from archive_home import EVERYTHING, NBA, archive_home, nba, ui
from killed import SELECTION

from nba_platform.definitions import TABLES

PORT = "3978"
ROUNDS = 10
AT_ONCE = 10  # tables in one query of the graph, as in the browser
LIVE = """
query AssetGraphLiveQuery($assetKeys: [AssetKeyInput!]!) {
  assetNodes(assetKeys: $assetKeys, loadMaterializations: true) {
    id
    assetMaterializations(limit: 1) { timestamp runId stepKey }
    assetObservations(limit: 1) { timestamp runId stepKey }
    assetChecksOrError { ... on AssetChecks { checks {
      name
      executionForLatestMaterialization { id runId status timestamp evaluation { severity } }
      partitionStatuses { ... on AssetCheckTimePartitionStatuses { ranges { startKey endKey status } } }
    } } }
    partitionStats { numMaterialized numMaterializing numPartitions numFailed }
  }
  assetsLatestInfo(assetKeys: $assetKeys) {
    id unstartedRunIds inProgressRunIds latestRun { id status startTime endTime }
  }
}"""
BAR = """
query Partitions($key: AssetKeyInput!) {
  assetNodeOrError(assetKey: $key) { ... on AssetNode { assetPartitionStatuses {
    ... on TimePartitionStatuses { ranges { startKey endKey status } }
  } } }
}"""
RUNS = """
{ runsOrError(limit: 30) { ... on Runs { results {
  id status startTime endTime tags { key value } assetSelection { path }
} } } }"""
KEYS = [{"path": [table.contract.dataset, table.contract.name]} for table in TABLES.values()]
TABLE = {"path": ["nba_analytics", "player_game_summary"]}
QUERIES: Mapping[str, Callable[[], object]] = {
    "a table's page": lambda: query(LIVE, assetKeys=[TABLE]),
    f"the graph, {len(KEYS)} tables": lambda: [
        query(LIVE, assetKeys=KEYS[start : start + AT_ONCE]) for start in range(0, len(KEYS), AT_ONCE)
    ],
    "a partition bar": lambda: query(BAR, key=TABLE),
    "the latest runs": lambda: query(RUNS),
}


def main() -> None:
    """Measure at rest, then until the backfill has ended."""
    with archive_home() as (home, environment):
        words = ["backfill", *EVERYTHING, "--select", SELECTION]
        nba(environment, *words)
        with ui(home, {**environment, "NBA_AUTOMATION": "off"}, PORT):
            while not is_ready():
                time.sleep(1)
            print("                          median  longest  times")
            report("at rest", measured(range(ROUNDS)))
            with subprocess.Popen([NBA, *words, "--force"], env=environment, stdout=subprocess.DEVNULL) as backfill:
                report("during a backfill", measured(until_ended(backfill)))


def query(text: str, **variables: object) -> object:
    """Return the data of a response, which must not hold errors."""
    body = json.dumps({"query": text, "variables": variables}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{PORT}/graphql", body, headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=300) as response:
        content = json.load(response)
    if "errors" in content:
        sys.exit(f"the UI answered {content['errors']}")
    return content["data"]


def until_ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Yield one more round until the process has ended."""
    while process.poll() is None:
        yield
    if process.returncode:
        sys.exit(f"the backfill ended with {process.returncode}")


def measured(rounds: Iterable[object]) -> Mapping[str, Sequence[float]]:
    """Return the seconds of every query, all of them once in each round."""
    took = defaultdict(list)
    for _ in rounds:
        for name, send in QUERIES.items():
            began = time.monotonic()
            send()
            took[name].append(time.monotonic() - began)
    return took


def report(when: str, took: Mapping[str, Sequence[float]]) -> None:
    """Print a line for each query."""
    print(f"{when}, load {os.getloadavg()[0]:.1f}")
    for name, seconds in took.items():
        print(f"  {name:<22}{statistics.median(seconds):>8.2f}{max(seconds):>9.2f}{len(seconds):>7}", flush=True)


def is_ready() -> bool:
    """Return whether the UI answers for a table."""
    with suppress(OSError):
        return bool(query(RUNS)) and bool(query(BAR, key=TABLE))
    return False


if __name__ == "__main__":
    main()
