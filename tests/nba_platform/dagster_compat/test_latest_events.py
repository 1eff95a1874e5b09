"""The last events of all tables at once are those that Dagster's own methods find table by table."""

from collections.abc import Iterator

import dagster as dg
import pytest

from nba_platform.dagster_compat.data_versions import Versions, last_changes
from nba_platform.dagster_compat.latest_events import LatestEvents, latest_events
from nba_platform.orchestration.instance import POSTGRES, open_instance

DAYS = dg.DailyPartitionsDefinition("2024-11-01", end_date="2024-11-08")
GAMES, FORM, BETS = (dg.AssetKey(["nba", name]) for name in ("games", "form", "bets"))
STORED, AGAIN, CHANGED, FAILED, REFUSED, PLANNED, NEVER = DAYS.get_partition_keys()


@pytest.fixture(params=["sqlite", "postgres"], scope="module")
def instance(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.DagsterInstance]:
    """Two tables with partitions of every kind, of the second a part, and a third whose events were wiped."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NBA_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("DAGSTER_HOME", "")
        if request.param == "postgres":
            patch.setenv(POSTGRES, request.getfixturevalue("server").empty_database("latest_events"))
        with open_instance() as opened:
            Versions("content", "nothing", ()).use()
            _fill(opened)
            yield opened


def _fill(instance: dg.DagsterInstance) -> None:
    content = dict.fromkeys(DAYS.get_partition_keys(), "a")

    def table(key: dg.AssetKey) -> dg.AssetsDefinition:
        @dg.asset(key=key, partitions_def=DAYS)
        def stored(context: dg.AssetExecutionContext) -> None:
            if context.partition_key == FAILED:
                raise RuntimeError("no rows")
            context.add_output_metadata({"content": content[context.partition_key]})

        return stored

    job = dg.Definitions([*map(table, (GAMES, FORM, BETS))]).resolve_implicit_global_asset_job_def()

    def run(date: str, *keys: dg.AssetKey) -> None:
        job.execute_in_process(instance=instance, asset_selection=[*keys], partition_key=date, raise_on_error=False)

    for date in (STORED, AGAIN, CHANGED, FAILED):
        run(date, GAMES, BETS)
    content[CHANGED] = "b"
    for date in (AGAIN, CHANGED):
        run(date, GAMES)
    run(STORED, FORM)
    instance.report_runless_asset_event(dg.AssetObservation(GAMES, partition=REFUSED))
    planned = job.get_subset(asset_selection={GAMES})
    for date in (STORED, PLANNED):
        instance.create_run_for_job(planned, tags={"dagster/partition": date})
    instance.wipe_assets([BETS])


def by_table(instance: dg.DagsterInstance, table: dg.AssetKey) -> LatestEvents:
    """Return what the stock methods find."""
    log, types = instance.event_log_storage, dg.DagsterEventType
    stored = dict(instance.get_latest_storage_id_by_partition(table, types.ASSET_MATERIALIZATION))
    changed = last_changes(instance, table)
    attempts = log.get_latest_asset_partition_materialization_attempts_without_materializations(table)
    return LatestEvents(
        stored,
        dict(instance.get_latest_storage_id_by_partition(table, types.ASSET_OBSERVATION)),
        {date: number for date, number in changed.items() if number != stored[date]},
        {date: run for date, (run, _) in attempts.items()},
    )


def test_they_are_those_of_the_stock_methods(instance: dg.DagsterInstance):
    found = latest_events(instance, [GAMES, FORM])
    assert found == {table: by_table(instance, table) for table in (GAMES, FORM)}
    games = found[GAMES]
    assert {*games.stored} == {STORED, AGAIN, CHANGED}
    assert {*games.unchanged_since} == {AGAIN}
    assert {*games.attempts} == {STORED, FAILED, PLANNED}
    assert {*games.refused} == {REFUSED}
    assert {*found[FORM].stored} == {STORED}


def test_a_table_whose_events_were_wiped_is_left_to_the_stock_methods(instance: dg.DagsterInstance):
    assert {*latest_events(instance, [GAMES, BETS])} == {GAMES}


def test_a_table_without_events_has_none(instance: dg.DagsterInstance):
    never = dg.AssetKey(["nba", "never"])
    assert latest_events(instance, [never]) == {never: LatestEvents({}, {}, {}, {})}


def test_a_stock_storage_is_read_table_by_table():
    """It has no tag that says since when rows are the same."""
    with dg.DagsterInstance.ephemeral() as instance:
        assert latest_events(instance, [GAMES]) == {}
