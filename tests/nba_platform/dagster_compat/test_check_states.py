"""States of checks, compared with those of the stock storage, which takes seconds for each check."""

from collections.abc import Iterator, Mapping

import dagster as dg
import pytest
from dagster._core.storage.event_log.base import EventLogStorage

from nba_assets.kit.partitions import DAILY
from nba_platform.dagster_compat import check_states
from nba_platform.orchestration.instance import open_instance

DATES = DAILY.get_partition_keys()[251:259]  # around the end of a season
BAD, RAISING, STORED_AGAIN, PLANNED = DATES[1], DATES[3], DATES[5], DATES[6]


@dg.asset(partitions_def=DAILY)
def points() -> None: ...


@dg.asset_check(asset=points, partitions_def=DAILY)
def plausible(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    if context.partition_key == RAISING:
        raise RuntimeError("no answer")
    return dg.AssetCheckResult(passed=context.partition_key != BAD)


@dg.asset
def players() -> None: ...


@dg.asset_check(asset=players)
def complete() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=False)


CHECKS: list[tuple[dg.AssetCheckKey, dg.PartitionsDefinition | None]] = [
    (plausible.check_key, DAILY),
    (complete.check_key, None),
    (dg.AssetCheckKey(players.key, "never_run"), None),
]


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.DagsterInstance]:
    """Store results of all kinds: passed, failed, raised, planned, and one of rows that were replaced."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("NBA_HOME", str(tmp_path_factory.mktemp("home")))
        monkeypatch.setenv("DAGSTER_HOME", "")
        with open_instance() as opened:
            definitions = dg.Definitions([points, players], asset_checks=[plausible, complete])
            job = definitions.resolve_implicit_global_asset_job_def()
            job.execute_in_process(instance=opened, asset_selection=[players.key])
            for date in DATES:
                job.execute_in_process(
                    instance=opened, asset_selection=[points.key], partition_key=date, raise_on_error=False
                )
            dg.materialize([points], instance=opened, partition_key=STORED_AGAIN)
            waiting = job.get_subset(asset_selection={points.key})
            opened.create_run_for_job(waiting, tags={"dagster/partition": PLANNED})
            yield opened


def plain(states: Mapping[dg.AssetCheckKey, object]) -> dict[str, dict[str, object]]:
    """Return the dates of each check by state, without empty states."""
    return {
        key.name: {
            kind: {
                str(name): set(subset.value.get_partition_keys()) if subset.is_partitioned else subset.value
                for name, subset in getattr(state, kind).items()
                if not subset.is_empty
            }
            for kind in ("subsets", "in_progress_runs")
        }
        | {"latest": state.latest_storage_id}
        for key, state in states.items()
    }


def test_the_states_are_those_of_the_stock_storage(instance: dg.DagsterInstance):
    ours = plain(instance.event_log_storage.get_asset_check_state(CHECKS))
    stock = plain(EventLogStorage.get_asset_check_state(instance.event_log_storage, CHECKS))
    assert ours == stock


def test_each_date_has_the_state_that_its_run_left(instance: dg.DagsterInstance):
    states = plain(instance.event_log_storage.get_asset_check_state(CHECKS))
    state = "AssetCheckExecutionResolvedStatus."
    assert states["plausible"]["subsets"] == {
        f"{state}SUCCEEDED": {*DATES} - {BAD, RAISING, STORED_AGAIN, PLANNED},
        f"{state}FAILED": {BAD},
        f"{state}EXECUTION_FAILED": {RAISING},
        f"{state}IN_PROGRESS": {PLANNED},
    }
    assert states["complete"]["subsets"] == {f"{state}FAILED": True}
    assert states["never_run"]["subsets"] == {}


def test_a_subset_is_built_for_each_state_and_not_for_each_date(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
):
    """Date by date the page of a table over five seasons took 7 s, the whole graph minutes."""
    built = []
    build = dg.TimeWindowPartitionsDefinition.subset_with_partition_keys
    monkeypatch.setattr(
        dg.TimeWindowPartitionsDefinition,
        "subset_with_partition_keys",
        lambda *given: built.append(given) or build(*given),
    )
    check_states._partitions_subset.cache_clear()
    instance.event_log_storage.get_asset_check_state(CHECKS)
    assert 0 < len(built) < len(DATES)
