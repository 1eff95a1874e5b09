from collections.abc import Sequence

import dagster as dg
import pytest

from nba_platform.dagster_compat.range_sensor import RangeSensor
from nba_platform.definitions import platform
from nba_platform.orchestration.automation.sensor import automation_sensor, runs_of
from nba_platform.orchestration.backfill.runs import PartitionRun

from ....shared import share_compiled

FORM, FEATURES, PEOPLE, MODELS, PAGE = (
    dg.AssetKey(["nba_test", name]) for name in ("form", "features", "people", "models", "page")
)


def request(partition: str | None, *keys: dg.AssetKey) -> dg.RunRequest:
    return dg.RunRequest(asset_selection=list(keys), partition_key=partition)


def runs(*requests: dg.RunRequest) -> Sequence[PartitionRun]:
    return runs_of(requests, {MODELS}, {}, lambda key: {FORM, FEATURES} if key == PAGE else set())


def test_neighbouring_dates_that_want_the_same_tables_are_one_run():
    days = ("2024-11-01", "2024-11-02", "2024-11-03")
    assert runs(*(request(day, FORM, FEATURES) for day in reversed(days))) == [PartitionRun((FEATURES, FORM), days)]


def test_a_date_that_wants_other_tables_is_a_run_of_its_own_between_its_neighbours():
    """History is read in order: what comes after the odd date must also be made after it."""
    merged = runs(
        request("2024-11-01", FORM, FEATURES), request("2024-11-02", FORM), request("2024-11-03", FORM, FEATURES)
    )
    assert [(leg.partitions, leg.keys) for leg in merged] == [
        (("2024-11-01",), (FEATURES, FORM)),
        (("2024-11-02",), (FORM,)),
        (("2024-11-03",), (FEATURES, FORM)),
    ]


def test_a_gap_parts_two_runs():
    merged = runs(*(request(day, FORM) for day in ("2024-06-30", "2024-07-01", "2024-10-03")))
    assert [leg.partitions for leg in merged] == [("2024-06-30", "2024-07-01"), ("2024-10-03",)]


def test_a_table_without_dates_goes_with_the_earliest_run():
    """The registry of people is read by every date: in one run the order of the graph is kept."""
    first, second = runs(request(None, PEOPLE), request("2024-11-05", FORM), request("2024-11-01", FORM))
    assert (first.keys, first.partitions) == ((PEOPLE, FORM), ("2024-11-01",))
    assert second.keys == (FORM,)


def test_a_page_goes_with_the_last_run_of_what_it_shows():
    """In the first run it would show the other dates as they were, and the next tick would write it again."""
    first, second = runs(request("2024-11-01", FORM), request(None, PAGE, PEOPLE), request("2024-11-05", FORM))
    assert (first.keys, second.keys) == ((PEOPLE, FORM), (PAGE, FORM))


def test_a_table_without_dates_may_go_alone():
    assert runs(request(None, PEOPLE)) == [PartitionRun((PEOPLE,), ())]


def test_months_are_no_days_though_they_are_called_alike():
    merged = runs(request("2024-11-01", MODELS), request("2024-11-01", FORM), request("2024-12-01", MODELS))
    assert merged == [PartitionRun((FORM,), ("2024-11-01",)), PartitionRun((MODELS,), ("2024-11-01", "2024-12-01"))]


@pytest.mark.parametrize(("switch", "status"), [(None, "STOPPED"), ("off", "STOPPED"), ("on", "RUNNING")])
def test_one_switch_turns_everything_on(monkeypatch: pytest.MonkeyPatch, tmp_path, switch: str | None, status: str):
    share_compiled(tmp_path)
    monkeypatch.setenv("NBA_HOME", str(tmp_path))
    monkeypatch.delenv("NBA_AUTOMATION", raising=False)
    if switch:
        monkeypatch.setenv("NBA_AUTOMATION", switch)
    loaded = platform().get_repository_def()
    assert {one.default_status.value for one in [*loaded.sensor_defs, *loaded.schedule_defs]} == {status}
    assert sum(isinstance(one, RangeSensor) for one in loaded.sensor_defs) == 1, "or each date would be a run"


def test_a_look_at_the_platform_asks_for_ranges(monkeypatch: pytest.MonkeyPatch, tmp_path):
    """The sensor as the daemon calls it: how it is put together uses names of Dagster that are not public."""
    monkeypatch.setenv("NBA_HOME", str(tmp_path))
    days = ("2024-11-01", "2024-11-02")

    @dg.asset(
        partitions_def=dg.DailyPartitionsDefinition(days[0], end_date="2024-11-03"),
        automation_condition=dg.AutomationCondition.missing(),
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def form() -> None: ...

    sensor = automation_sensor("whenever_ready", target=dg.AssetSelection.all())
    definitions = dg.Definitions(assets=[form], sensors=[sensor])
    with dg.instance_for_test() as instance:
        context = dg.build_sensor_context(instance, definitions=definitions)
        (request,) = sensor.evaluate_tick(context).run_requests
    assert request.asset_selection == [form.key]
    assert (request.partition_key_range.start, request.partition_key_range.end) == days
