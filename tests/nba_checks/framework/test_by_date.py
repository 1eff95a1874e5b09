"""A check answers for every date, whether a run computed one date or years of them."""

import datetime as dt
from collections.abc import Mapping

import dagster as dg
import pytest

from nba_assets.kit.table import Table
from nba_checks.framework.by_date import DateNotChecked, DateResult, by_date
from nba_platform.dagster_compat.check_records import Status, latest_record, partition_infos
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse

from ..december import BAD, DECEMBER, KEY, games, one_bad_date, run


def silent(warehouse: Warehouse, tables: Mapping[str, Table], dates: DateRange, today: dt.date) -> dict:
    return {}


def answers(instance: dg.DagsterInstance, name: str = "one_bad_date") -> dict[str | None, Status]:
    infos = partition_infos(instance, [dg.AssetCheckKey(KEY, name)])
    for info in infos:
        if info.partition_key is not None:
            assert info.latest_target_materialization_storage_id == info.latest_materialization_storage_id
    return {info.partition_key: info.latest_execution_status for info in infos}


@pytest.mark.parametrize("blocking", [False, True])
def test_a_range_leaves_an_answer_on_every_date(blocking: bool):
    """Dagster itself would leave the dates planned for ever, and nothing downstream would be requested."""
    with dg.DagsterInstance.ephemeral() as instance:
        result = run(by_date(one_bad_date, games, {}, blocking=blocking), instance, DECEMBER)

        assert result.success
        found = answers(instance)

    assert found == {
        None: Status.FAILED,
        **{date: Status.FAILED if date == str(BAD) else Status.SUCCEEDED for date in DECEMBER},
    }


def test_a_range_says_which_dates_fail_and_its_events_carry_the_numbers():
    with dg.DagsterInstance.ephemeral() as instance:
        result = run(by_date(one_bad_date, games, {}), instance, DECEMBER)
        logged = instance.all_logs(result.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)

    found = [entry.get_dagster_event().asset_check_evaluation_data for entry in logged]
    told = {evaluation.partition: evaluation for evaluation in found}
    assert told[None].description == "1 of 10 dates fail; 2024-12-04: 4 games"
    assert told[None].severity is dg.AssetCheckSeverity.WARN
    assert told["2024-12-07"].metadata["games"].value == 7
    assert told[str(BAD)].description == "4 games"


def test_an_answer_in_a_range_says_when_what_it_judged_was_written():
    """The UI called every judged date one of 1 January 1970."""
    check = by_date(one_bad_date, games, {})
    with dg.DagsterInstance.ephemeral() as instance:
        run(check, instance, DECEMBER)
        written = instance.fetch_materializations(KEY, limit=len(DECEMBER)).records
        answer = latest_record(instance, check.check_key, DECEMBER[0])
    (moment,) = [record.timestamp for record in written if record.partition_key == DECEMBER[0]]
    assert answer.evaluation.target_materialization_data.timestamp == pytest.approx(moment, abs=0.01)


def test_a_repaired_date_passes_and_leaves_the_others_as_they_were():
    def repaired(*asked: object) -> dict[dt.date, DateResult]:
        return {BAD: DateResult(True, "4 games")}

    with dg.DagsterInstance.ephemeral() as instance:
        run(by_date(one_bad_date, games, {}), instance, DECEMBER)
        run(by_date(repaired, games, {}, name="one_bad_date"), instance, [str(BAD)])
        found = answers(instance)

    assert {status for date, status in found.items() if date} == {Status.SUCCEEDED}


def test_one_date_that_blocks_stops_what_comes_after_it():
    with dg.DagsterInstance.ephemeral() as instance:
        held = run(by_date(one_bad_date, games, {}, blocking=True), instance, [str(BAD)], raise_on_error=False)
        warned = run(by_date(one_bad_date, games, {}), instance, [str(BAD)])
        found = answers(instance)

    assert not held.success
    assert {event.asset_key for event in held.get_asset_materialization_events()} == {KEY}
    assert warned.success
    assert found == {str(BAD): Status.FAILED}


def test_a_check_that_leaves_out_a_date_is_refused():
    with (
        dg.DagsterInstance.ephemeral() as instance,
        pytest.raises(DateNotChecked, match=r"silent returned no result for 10 of 10 dates \(2024-12-01"),
    ):
        run(by_date(silent, games, {}), instance, DECEMBER)
