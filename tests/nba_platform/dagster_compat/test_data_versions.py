"""Each partition of a run has a data version of its own, and Dagster's own staleness follows it."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from nba_platform.dagster_compat.data_versions import Versions, last_changes, last_events_of_whole
from nba_platform.dagster_compat.event_log import KeptOpenEventLog
from nba_platform.dagster_compat.types import UNCHANGED_SINCE

from .private import CachingStaleStatusResolver, LoadingContextForTest, StaleStatus

DAYS = dg.DailyPartitionsDefinition("2024-11-01", end_date="2024-11-04")
RANGE = {"dagster/asset_partition_range_start": "2024-11-01", "dagster/asset_partition_range_end": "2024-11-03"}
VERSION = "dagster/data_version"
SINGLE_RUN = dg.BackfillPolicy.single_run()


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    log = {"module": KeptOpenEventLog.__module__, "class": KeptOpenEventLog.__name__, "config": {}}
    with dg.instance_for_test(overrides={"event_log_storage": log}, temp_dir=str(tmp_path)) as opened:
        Versions("content", "nothing", ("lost and found",)).use()
        yield opened


class Graph:
    """Games by date with the content a test gives them, the form made of each date, and a registry without dates."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance, self.content = instance, dict.fromkeys(DAYS.get_partition_keys(), "a")
        self.registry, self.found = "players", set()

        @dg.asset(partitions_def=DAYS, backfill_policy=SINGLE_RUN, code_version="1")
        def games(context: dg.AssetExecutionContext) -> None:
            for date in context.partition_keys:
                found = {"lost and found": 7} if date in self.found else {}
                context.add_asset_metadata({"content": self.content[date], **found}, partition_key=date)

        @dg.asset(partitions_def=DAYS, backfill_policy=SINGLE_RUN, deps=[games], code_version="1")
        def form() -> None: ...

        @dg.asset
        def registry(context: dg.AssetExecutionContext) -> None:
            context.add_output_metadata({"content": self.registry})

        self.definitions = dg.Definitions([games, form, registry])

    def run(self, name: str, **tags: str) -> None:
        job = self.definitions.resolve_implicit_global_asset_job_def()
        job.execute_in_process(instance=self.instance, asset_selection=[dg.AssetKey(name)], tags=tags)

    def versions(self, name: str) -> dict[str, str]:
        """Return the version of each date."""
        records = self.instance.fetch_materializations(dg.AssetKey(name), limit=99, ascending=True).records
        return {record.partition_key: record.asset_materialization.tags[VERSION] for record in records}

    def stale(self, name: str) -> list[str]:
        """Return the dates that the UI would show as stale."""
        graph = self.definitions.resolve_asset_graph()
        resolver = CachingStaleStatusResolver(self.instance, graph, LoadingContextForTest(self.instance))
        dates = DAYS.get_partition_keys()
        return [date for date in dates if resolver.get_status(dg.AssetKey(name), date) is StaleStatus.STALE]


@pytest.fixture
def graph(instance: dg.DagsterInstance) -> Graph:
    return Graph(instance)


def test_each_date_of_a_range_has_the_version_of_its_content(graph: Graph):
    graph.content |= {"2024-11-02": "b"}
    graph.run("games", **RANGE)
    assert graph.versions("games") == {"2024-11-01": "a", "2024-11-02": "b", "2024-11-03": "a"}


def test_the_same_content_keeps_the_event_that_brought_it(graph: Graph):
    graph.run("games", **RANGE)
    first = last_changes(graph.instance, dg.AssetKey("games"))
    graph.run("games", **RANGE)
    graph.run("games", **{"dagster/partition": "2024-11-02"})
    assert last_changes(graph.instance, dg.AssetKey("games")) == first
    graph.content |= {"2024-11-02": "b"}
    graph.run("games", **RANGE)
    now = last_changes(graph.instance, dg.AssetKey("games"))
    assert {date for date in now if now[date] != first[date]} == {"2024-11-02"}
    assert now["2024-11-02"] > max(first.values())


def test_a_content_that_comes_back_is_a_change(graph: Graph):
    graph.run("games", **RANGE)
    graph.content |= {"2024-11-02": "b"}
    graph.run("games", **RANGE)
    changed = last_changes(graph.instance, dg.AssetKey("games"))["2024-11-02"]
    graph.content |= {"2024-11-02": "a"}
    graph.run("games", **RANGE)
    assert last_changes(graph.instance, dg.AssetKey("games"))["2024-11-02"] > changed


def test_rows_that_come_back_are_a_change_although_their_version_is_the_old_one(graph: Graph):
    """Coverage had found a lost date missing, and did not look at it again when it was mended."""
    graph.run("games", **RANGE)
    first = last_changes(graph.instance, dg.AssetKey("games"))
    graph.found.add("2024-11-02")
    graph.run("games", **RANGE)
    now = last_changes(graph.instance, dg.AssetKey("games"))
    assert {date for date in now if now[date] != first[date]} == {"2024-11-02"}


def test_a_date_stored_for_the_first_time_and_empty_is_no_change(graph: Graph):
    graph.content |= {"2024-11-02": "nothing"}
    graph.run("games", **RANGE)
    assert last_changes(graph.instance, dg.AssetKey("games"))["2024-11-02"] == 0
    graph.content |= {"2024-11-02": "a", "2024-11-03": "nothing"}
    graph.run("games", **RANGE)
    assert min(last_changes(graph.instance, dg.AssetKey("games")).values()) > 0


def test_a_table_without_dates_has_a_version_too(graph: Graph):
    keys = [dg.AssetKey("registry"), dg.AssetKey("never stored")]

    def last_change() -> int:
        events = last_events_of_whole(graph.instance, keys)
        assert events[keys[1]] == (0, {})
        number, tags = events[keys[0]]
        return int(tags.get(UNCHANGED_SINCE, number))

    assert last_change() == 0
    graph.run("registry")
    first = last_change()
    graph.run("registry")
    assert last_change() == first
    graph.registry = "players and a rookie"
    graph.run("registry")
    assert last_change() > first


def test_the_ui_shows_as_stale_only_what_read_a_changed_date(graph: Graph):
    graph.run("games", **RANGE)
    graph.run("form", **RANGE)
    graph.run("games", **RANGE)
    assert graph.stale("form") == []
    graph.content |= {"2024-11-02": "b"}
    graph.run("games", **RANGE)
    assert graph.stale("form") == ["2024-11-02"]


def test_assets_without_a_content_keep_the_version_that_dagster_makes(graph: Graph):
    graph.run("games", **RANGE)
    graph.run("form", **RANGE)
    assert len({*graph.versions("form").values()}) == 1


def test_on_the_stock_event_log_every_event_counts_as_a_change():
    with dg.DagsterInstance.ephemeral() as ephemeral:
        graph = Graph(ephemeral)
        graph.run("games", **RANGE)
        first = last_changes(ephemeral, dg.AssetKey("games"))
        graph.run("games", **RANGE)
        assert all(number > first[date] for date, number in last_changes(ephemeral, dg.AssetKey("games")).items())
