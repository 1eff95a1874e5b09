"""Whether the UI stays usable while a range runs: what its pages ask, over five seasons, at rest and during a backfill.

Fills a home from the archive, starts `nba ui` on it without automation, and asks what the browser asks: a table's page,
the graph ten tables at a time, the partition bar, the latest runs. Then the same again and again while every table is
computed anew. Prints the median and the longest of each, in seconds.
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
AT_ONCE = 10  # tables in a question of the graph, as the browser asks
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
QUESTIONS: Mapping[str, Callable[[], object]] = {
    "a table's page": lambda: ask(LIVE, assetKeys=[TABLE]),
    f"the graph, {len(KEYS)} tables": lambda: [
        ask(LIVE, assetKeys=KEYS[start : start + AT_ONCE]) for start in range(0, len(KEYS), AT_ONCE)
    ],
    "a partition bar": lambda: ask(BAR, key=TABLE),
    "the latest runs": lambda: ask(RUNS),
}


def main() -> None:
    """At rest, then until the backfill has ended."""
    with archive_home() as (home, environment):
        words = ["backfill", *EVERYTHING, "--select", SELECTION]
        nba(environment, *words)
        with ui(home, {**environment, "NBA_AUTOMATION": "off"}, PORT):
            while not answers():
                time.sleep(1)
            print("                          median  longest  asked")
            tell("at rest", asked(range(ROUNDS)))
            with subprocess.Popen([NBA, *words, "--force"], env=environment, stdout=subprocess.DEVNULL) as backfill:
                tell("during a backfill", asked(until_ended(backfill)))


def ask(question: str, **variables: object) -> object:
    """The answer, which must not be an error."""
    body = json.dumps({"query": question, "variables": variables}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{PORT}/graphql", body, headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=300) as answer:
        said = json.load(answer)
    if "errors" in said:
        sys.exit(f"the UI answered {said['errors']}")
    return said["data"]


def until_ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """One more round as long as it is at work."""
    while process.poll() is None:
        yield
    if process.returncode:
        sys.exit(f"the backfill ended with {process.returncode}")


def asked(rounds: Iterable[object]) -> Mapping[str, Sequence[float]]:
    """Seconds of every question, all of them once a round."""
    took = defaultdict(list)
    for _ in rounds:
        for name, question in QUESTIONS.items():
            began = time.monotonic()
            question()
            took[name].append(time.monotonic() - began)
    return took


def tell(when: str, took: Mapping[str, Sequence[float]]) -> None:
    """A line for each question."""
    print(f"{when}, load {os.getloadavg()[0]:.1f}")
    for name, seconds in took.items():
        print(f"  {name:<22}{statistics.median(seconds):>8.2f}{max(seconds):>9.2f}{len(seconds):>7}", flush=True)


def answers() -> bool:
    """Whether the UI can tell of a table."""
    with suppress(OSError):
        return bool(ask(RUNS)) and bool(ask(BAR, key=TABLE))
    return False


if __name__ == "__main__":
    main()
