"""Runs and checks that fail are told from the records the orchestrator itself keeps, and taken back when mended."""

import datetime as dt
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import dagster as dg
import pytest
import time_machine

from nba_assets.kit.partitions import DAILY
from nba_assets.kit.table import Table
from nba_checks.framework.by_date import DateResult, by_date
from nba_platform.alerts.alert import Severity
from nba_platform.alerts.runs import failed_checks, failed_runs
from nba_platform.alerts.watch import AlertContext
from nba_platform.definitions import TABLES
from nba_platform.orchestration.backfill.runs import ONE, RANGE_END, RANGE_START
from nba_resources.dates import DateRange
from nba_resources.sources.base import SourceUnavailable
from nba_resources.sources.simulated import SimulatedSource

TODAY = dt.date(2024, 12, 4)
SHOTS = TABLES["shots"].contract
BROKEN: dict[str, str] = {}
BAD: set[dt.date] = set()


@dg.asset(key=[SHOTS.dataset, SHOTS.name], partitions_def=DAILY, backfill_policy=dg.BackfillPolicy.single_run())
def shots() -> None:
    if BROKEN:
        raise SourceUnavailable(BROKEN["why"])


def no_bad_dates(
    warehouse: object, tables: Mapping[str, Table], dates: DateRange, today: dt.date
) -> Mapping[dt.date, DateResult]:
    """None of the bad."""
    return {date: DateResult(date not in BAD, "bad; run `nba backfill X`" if date in BAD else "ok") for date in dates}


@dg.asset_check(asset=[SHOTS.dataset, SHOTS.name])
def as_a_whole() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=not BROKEN.get("whole"), severity=dg.AssetCheckSeverity.WARN, description="whole")


CHECKS = [by_date(no_bad_dates, TABLES["shots"], TABLES), as_a_whole]
BLOCKING = by_date(no_bad_dates, TABLES["shots"], TABLES, name="blocks", blocking=True)


@pytest.fixture(autouse=True)
def well() -> Iterator[None]:
    yield
    BROKEN.clear()
    BAD.clear()


@pytest.fixture
def facts() -> Iterator[AlertContext]:
    with dg.DagsterInstance.ephemeral() as instance:
        specs = tuple(spec for check in CHECKS for spec in check.check_specs)
        now = dt.datetime.now(dt.UTC)
        nothing = cast(Any, None)
        yield AlertContext(nothing, TABLES, instance, TODAY, now, specs)


def run(
    facts: AlertContext, first: str, last: str | None = None, assets: list | None = None
) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        assets or [shots],
        instance=facts.instance,
        tags={RANGE_START: first, RANGE_END: last} if last else {ONE: first},
        raise_on_error=False,
        resources={"warehouse": SimpleNamespace(session=nullcontext), "source": SimulatedSource(today=TODAY)},
    )


def test_a_failed_run_is_told_with_its_cause_and_over_when_the_table_is_made(facts):
    BROKEN["why"] = "the archive has no shots.parquet"
    failed = run(facts, "2024-12-03")

    (alert,) = failed_runs(facts)

    assert alert.key == "failed_runs/nba_raw.shots/2024-12-03"
    assert alert.severity is Severity.CRITICAL
    assert alert.happened == "the archive has no shots.parquet"
    assert alert.to_do == "correct the cause, then run `nba backfill 2024-12-03 --select shots+`"
    assert alert.run_id == failed.run_id
    BROKEN.clear()
    run(facts, "2024-12-03")
    assert failed_runs(facts) == []


def test_a_killed_run_is_told_until_its_tables_are_made(facts):
    """Its process cannot say at which table it ended: the alert stayed for two weeks though all were made since."""
    key = dg.AssetKey([SHOTS.dataset, SHOTS.name])
    job = dg.Definitions(assets=[shots]).resolve_implicit_global_asset_job_def()
    killed = facts.instance.create_run_for_job(job, tags={ONE: "2024-12-03"}, asset_selection=frozenset([key]))
    facts.instance.report_run_failed(killed, "Process 7 is gone")

    (alert,) = failed_runs(facts)
    run(facts, "2024-12-02")
    (still,) = failed_runs(facts)
    run(facts, "2024-12-03")

    assert alert.happened == still.happened == "it ended before its tables were computed"
    assert failed_runs(facts) == []


def test_what_a_killed_run_stored_in_the_instant_of_its_begin_is_not_told(facts):
    key = dg.AssetKey([SHOTS.dataset, SHOTS.name])
    job = dg.Definitions(assets=[shots]).resolve_implicit_global_asset_job_def()
    with time_machine.travel(facts.now, tick=False):
        killed = facts.instance.create_run_for_job(job, tags={ONE: "2024-12-03"}, asset_selection=frozenset([key]))
        facts.instance.report_runless_asset_event(dg.AssetMaterialization(key, partition="2024-12-03"))
    facts.instance.report_run_failed(killed, "Process 7 is gone")
    assert failed_runs(facts) == []


def test_dates_that_a_full_disk_left_are_enough_though_the_run_itself_stored_the_first(facts):
    """It was told for two weeks: the first of its dates, which nothing had to store again, is older than its end."""
    dates = ("2024-12-02", "2024-12-03")

    @dg.asset(key=shots.key, partitions_def=DAILY, backfill_policy=dg.BackfillPolicy.single_run())
    def stored_in_part() -> None:
        event = dg.AssetMaterialization(shots.key, partition=dates[0])
        facts.instance.report_runless_asset_event(event)
        raise sqlite3.OperationalError("disk I/O error")

    run(facts, *dates, assets=[stored_in_part])
    assert [alert.key for alert in failed_runs(facts)] == [f"failed_runs/nba_raw.shots/{'...'.join(dates)}"]
    run(facts, dates[1])
    assert failed_runs(facts) == []


def test_a_run_without_a_plan_is_told_until_its_dates_are_stored_and_another_run_succeeds(facts):
    """A full disk ended it when its record was stored and its plan not: nobody repeats it, as nothing is lacking."""
    key = dg.AssetKey([SHOTS.dataset, SHOTS.name])
    run(facts, "2024-12-03")
    ended = dg.DagsterRun("a_job", asset_selection=frozenset([key]), tags={ONE: "2024-12-03"})
    facts.instance.report_run_failed(facts.instance.add_run(ended), "disk I/O error")

    (alert,) = failed_runs(facts)
    run(facts, "2024-12-02")

    assert alert.key == "failed_runs/a_job/2024-12-03"
    assert failed_runs(facts) == []


def test_a_run_without_a_plan_stays_told_while_one_of_its_dates_was_never_stored(facts):
    key = dg.AssetKey([SHOTS.dataset, SHOTS.name])
    ended = dg.DagsterRun("a_job", asset_selection=frozenset([key]), tags={ONE: "2024-12-03"})
    facts.instance.report_run_failed(facts.instance.add_run(ended), "disk I/O error")
    run(facts, "2024-12-02")
    assert [alert.key for alert in failed_runs(facts)] == ["failed_runs/a_job/2024-12-03"]


def test_a_check_that_a_full_disk_ends_is_told_with_a_command_that_exists_and_over_when_its_date_is_stored_again(facts):
    """Its step was taken for a table, which nothing would ever store: the alert stayed for two weeks."""

    @dg.asset_check(asset=[SHOTS.dataset, SHOTS.name], name="counts")
    def counts() -> dg.AssetCheckResult:
        if BROKEN:
            raise sqlite3.OperationalError("disk I/O error")
        return dg.AssetCheckResult(passed=True)

    facts = replace(facts, checks=tuple(counts.check_specs))
    table = dg.asset(key=shots.key, partitions_def=DAILY)(lambda: None)
    BROKEN["why"] = "disk"
    run(facts, "2024-12-03", assets=[table, counts])

    (alert,) = failed_runs(facts)

    assert alert.title == "A run failed at the check counts of nba_raw.shots, 2024-12-03"
    assert alert.happened.startswith("the orchestrator's records cannot be written (disk I/O error): is the disk full")
    assert alert.to_do == "correct the cause, then run `nba backfill 2024-12-03 --select shots+ --force`"
    BROKEN.clear()
    run(facts, "2024-12-03", assets=[table, counts])
    assert failed_runs(facts) == []


def test_failing_again_on_the_same_date_is_the_same_alert(facts):
    BROKEN["why"] = "gone"
    latest = [run(facts, "2024-12-03").run_id for _ in range(3)][-1]
    (alert,) = failed_runs(facts)
    assert alert.run_id == latest


def test_another_date_mends_nothing(facts):
    BROKEN["why"] = "gone"
    run(facts, "2024-12-03")
    BROKEN.clear()
    run(facts, "2024-12-02")
    assert [alert.key for alert in failed_runs(facts)] == ["failed_runs/nba_raw.shots/2024-12-03"]


def test_a_range_is_mended_when_both_its_ends_are(facts):
    BROKEN["why"] = "gone"
    run(facts, "2024-12-01", "2024-12-03")
    BROKEN.clear()
    run(facts, "2024-12-01")
    assert [alert.key for alert in failed_runs(facts)] == ["failed_runs/nba_raw.shots/2024-12-01...2024-12-03"]
    run(facts, "2024-12-02", "2024-12-03")
    assert failed_runs(facts) == []


def test_a_failure_of_three_weeks_ago_is_not_dug_up(facts):
    BROKEN["why"] = "gone"
    run(facts, "2024-12-03")
    assert failed_runs(replace(facts, now=facts.now + dt.timedelta(days=21))) == []


def test_runs_that_succeed_say_nothing(facts):
    run(facts, "2024-12-03")
    assert failed_runs(facts) == []


def test_a_warned_check_is_told_by_date_and_over_when_it_passes(facts):
    BAD.add(dt.date(2024, 12, 3))
    failed = run(facts, "2024-12-03", assets=[shots, *CHECKS])
    (alert,) = failed_checks(facts)
    assert alert.key == "failed_checks/nba_raw.shots/no_bad_dates"
    assert (alert.severity, alert.run_id) == (Severity.WARNING, failed.run_id)
    assert alert.title == "no_bad_dates of nba_raw.shots fails on 2024-12-03"
    assert alert.happened == "2024-12-03: bad; run `nba backfill X`"
    run(facts, "2024-12-04", assets=[shots, *CHECKS])
    assert len(failed_checks(facts)) == 1
    BAD.clear()
    run(facts, "2024-12-03", assets=[shots, *CHECKS])
    assert failed_checks(facts) == []


def test_a_range_of_dates_tells_exactly_its_bad_ones(facts):
    BAD.update((dt.date(2024, 12, 1), dt.date(2024, 12, 3)))
    run(facts, "2024-11-30", "2024-12-04", assets=[shots, *CHECKS])
    (alert,) = failed_checks(facts)
    assert alert.title.endswith("fails on 2024-12-01, 2024-12-03")


def test_bad_dates_of_long_ago_are_left_to_the_calendar(facts):
    BAD.add(dt.date(2024, 11, 20))
    run(facts, "2024-11-20", "2024-12-04", assets=[shots, *CHECKS])
    assert failed_checks(facts) == []


def test_in_summer_the_last_dates_of_the_season_are_the_latest(facts):
    """Else a date that failed in June is forgotten in July, though nobody has repaired it."""
    BAD.add(dt.date(2024, 6, 28))
    run(facts, "2024-06-28", assets=[shots, *CHECKS])
    (alert,) = failed_checks(replace(facts, today=dt.date(2024, 8, 15)))
    assert alert.key == "failed_checks/nba_raw.shots/no_bad_dates"


def test_a_check_of_the_table_as_a_whole_is_told_too(facts):
    BROKEN["whole"] = "yes"
    dg.materialize([shots, as_a_whole], instance=facts.instance, tags={ONE: "2024-12-03"}, raise_on_error=False)
    assert failed_checks(facts) == []  # the asset itself failed, so its check never ran
    whole = dg.define_asset_job("whole", dg.AssetSelection.checks(as_a_whole))
    definitions = dg.Definitions([shots], asset_checks=[as_a_whole], jobs=[whole])
    definitions.resolve_job_def("whole").execute_in_process(instance=facts.instance)
    (alert,) = failed_checks(facts)
    assert (alert.title, alert.happened) == ("as_a_whole of nba_raw.shots fails", "whole")


def test_a_blocking_check_is_critical_and_told_once_not_as_a_failed_run_too(facts):
    BAD.add(dt.date(2024, 12, 3))
    ended = run(facts, "2024-12-03", assets=[shots, BLOCKING])
    assert not ended.success
    (alert,) = failed_checks(replace(facts, checks=tuple(BLOCKING.check_specs)))
    assert alert.severity is Severity.CRITICAL
    assert failed_runs(facts) == []
