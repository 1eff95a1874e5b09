"""Publishing by the command and by the assets that automation requests."""

from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from nba_assets.kit.assets import asset_key
from nba_assets.kit.export import Permit
from nba_assets.kit.partitions import DAILY
from nba_platform.config.environments import resources
from nba_platform.config.settings import read_settings
from nba_platform.definitions import EXPORTS, TABLES
from nba_platform.orchestration.automation.conditions import (
    changed_in_games_to_come,
    recent,
    simulated,
    whenever_newer,
)
from nba_platform.orchestration.backfill.selection import select
from nba_platform.orchestration.instance import open_instance
from nba_platform.reports.export_assets import Publisher, export_asset
from nba_resources.objects.store import ObjectStore
from nba_resources.sources.simulated import SimulatedSource
from nba_resources.warehouse.metadata import FINGERPRINT, ROWS

from ...shared import share_compiled
from .exported_site import MORNING, TONIGHT, YESTERDAY, ExportedSite, pick

PERMITTED = Permit(True)
NO_FORECASTS = (
    "only 0 of 0 players who may be bet on have a forecast on 2024-12-04, less than 85%; run `nba backfill 2024-12-04`"
)
UNDETERMINED = (
    "cannot determine whether the games of the days before are stored; "
    "run `nba doctor`, and `nba backfill 2024-12-04` if a table is missing"
)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ExportedSite:
    """An NBA_HOME with the warehouse of the site, pinned to its date."""
    share_compiled(tmp_path)
    monkeypatch.setenv("NBA_HOME", str(tmp_path))
    monkeypatch.setenv("NBA_SOURCE", "simulated")
    monkeypatch.setenv("NBA_TODAY", str(TONIGHT))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "dagster"))
    site = ExportedSite.at(tmp_path)
    site.store(player_prop_predictions=[pick(1, 0.1)])
    return site


def test_the_command_writes_a_refusal_says_it_loudly_and_ends_well(here: ExportedSite, nba: Callable):
    said = nba("publish", "--json")
    document = said.document()
    assert (said.code, document["game_date"], document["allowed"]) == (0, str(TONIGHT), False)
    assert NO_FORECASTS in document["reasons"]
    assert [*document["kinds"]] == [*EXPORTS, "site"]
    assert document["kinds"]["predictions"]["files"] == 2
    assert here.read("predictions/today.json")["games"] == []

    again = nba("publish", str(TONIGHT)).out.splitlines()[-1]
    assert again.startswith("NOT PUBLISHED: the documents of 2024-12-04 say why and hold no pick: ")
    assert here.read("status.json")["generated_at"] == MORNING.isoformat(), "the morning that was pinned"

    with open_instance() as instance:
        records = {name: instance.get_latest_materialization_event(dg.AssetKey(["exports", name])) for name in EXPORTS}
    assert all(records.values())
    evening, present = (records[name].asset_materialization for name in ("predictions", "status"))
    assert (evening.partition, present.partition) == (str(TONIGHT), None)
    assert [evening.metadata[name].value for name in ("files", "changed", "allowed")] == [2, 0, False]


def test_a_permitted_evening_has_its_picks(here: ExportedSite, nba: Callable, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Publisher, "permits", lambda self, dates: dict.fromkeys(dates, PERMITTED))
    said = nba("publish")
    assert said.out.splitlines()[-1] == "2024-12-04 may be published: yes."
    assert [one["player_id"] for one in here.read("best-bets/latest.json")["picks"]] == [1]
    assert here.read("best-bets/latest.json")["picks"][0]["before_tip_off"], "the morning of the day that was pinned"


def test_the_reasons_of_a_document_name_nothing_of_ours(here: ExportedSite, monkeypatch: pytest.MonkeyPatch):
    def broken(*asked: object) -> None:
        raise OSError("/home/me/nba.duckdb is locked by postgres://user:word@host/db")

    monkeypatch.setattr("nba_checks.publish.freshness", broken)
    with dg.DagsterInstance.ephemeral() as instance:
        site = Publisher(here.warehouse, here.objects, TABLES, instance, TONIGHT)
        (permit,) = site.permits([TONIGHT]).values()
    assert UNDETERMINED in permit.reasons
    assert not [reason for reason in permit.reasons if "/home" in reason or "word" in reason]


def test_a_range_is_one_run_and_each_of_its_dates_says_how_much_there_is_and_whether_it_may_be_seen(
    here: ExportedSite, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Publisher, "permits", lambda self, dates: {date: Permit(date == TONIGHT, ()) for date in dates})
    given = {
        "warehouse": here.warehouse,
        "objects": ObjectStore(root=here.objects.root),
        "source": SimulatedSource(today=TONIGHT),
    }
    with dg.DagsterInstance.ephemeral() as instance:
        made = dg.materialize(
            [export_asset(EXPORTS["predictions"], TABLES)],
            resources=given,
            instance=instance,
            tags={
                "dagster/asset_partition_range_start": str(YESTERDAY),
                "dagster/asset_partition_range_end": str(TONIGHT),
            },
        )
    events = {event.partition: event.materialization.metadata for event in made.get_asset_materialization_events()}
    told = {date: (found["files"].value, found["allowed"].value) for date, found in events.items()}
    assert told == {str(YESTERDAY): (1, False), str(TONIGHT): (2, True)}


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_is_an_asset_that_waits_for_what_it_reads(name: str):
    export = EXPORTS[name]
    (spec,) = export_asset(export, TABLES).specs
    assert (spec.key, spec.group_name) == (dg.AssetKey(["exports", name]), "exports")
    assert {dep.asset_key.path[-1] for dep in spec.deps} == set(export.reads)
    assert spec.description == export.description
    assert spec.code_version == export.code_version
    assert spec.automation_condition is not None


def test_by_itself_the_platform_publishes_tonight_and_the_days_that_are_still_corrected():
    """After a first backfill five seasons are newer than their documents: they are not all to be written."""
    days = [f"2024-12-{day:02}" for day in range(1, 10)]

    @dg.asset(
        partitions_def=dg.DailyPartitionsDefinition("2024-12-01", end_date="2024-12-10"),
        automation_condition=dg.AutomationCondition.missing() & recent(lambda: TONIGHT),
    )
    def documents() -> None: ...

    with dg.DagsterInstance.ephemeral() as instance:
        found = dg.evaluate_automation_conditions(dg.Definitions(assets=[documents]), instance)
    asked = found.get_requested_partitions(documents.key)
    assert asked == {*days[:4]}, "three days before, and tonight"


@pytest.mark.parametrize(
    ("date", "is_written"), [("2024-12-03", True), ("2024-12-04", False)], ids=["yesterday", "tonight"]
)
def test_what_tells_of_games_that_are_over_is_not_written_again_for_rows_of_tonight(date: str, is_written: bool):
    """New lines of an evening wrote 558 pages of players and the record, in which nothing had changed."""
    stored = {"2024-12-03": "a", "2024-12-04": "b"}

    @dg.asset(
        partitions_def=dg.DailyPartitionsDefinition("2024-12-01", end_date="2024-12-05"),
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def grades(context: dg.AssetExecutionContext) -> None:
        for key in context.partition_keys:
            context.add_asset_metadata({ROWS: 9, FINGERPRINT: stored[key]}, partition_key=key)

    settled = changed_in_games_to_come(frozenset([grades.key]), lambda: TONIGHT)

    @dg.asset(deps=[grades], automation_condition=whenever_newer(by_date=False) & ~settled)
    def record() -> None: ...

    assets = [grades, record]
    with dg.DagsterInstance.ephemeral() as instance:

        def asked() -> int:
            return dg.evaluate_automation_conditions(dg.Definitions(assets=assets), instance).total_requested

        for key in stored:
            dg.materialize([grades], instance=instance, partition_key=key)
        assert asked() == 1
        dg.materialize(assets, selection=[record], instance=instance)
        assert asked() == 0
        stored[date] = "changed"
        dg.materialize([grades], instance=instance, partition_key=date)
        assert asked() == is_written


@pytest.mark.parametrize(("is_simulated", "asked"), [(True, set()), (False, {"2024-12-01"})])
def test_by_itself_the_platform_publishes_nothing_of_the_simulated_league(is_simulated: bool, asked: set[str]):
    """The daemon wrote 800 documents after each demo."""

    @dg.asset(
        partitions_def=dg.DailyPartitionsDefinition("2024-12-01", end_date="2024-12-02"),
        automation_condition=dg.AutomationCondition.missing() & ~simulated(lambda: is_simulated),
    )
    def documents() -> None: ...

    with dg.DagsterInstance.ephemeral() as instance:
        found = dg.evaluate_automation_conditions(dg.Definitions(assets=[documents]), instance)
    assert found.get_requested_partitions(documents.key) == asked


def test_a_backfill_publishes_nothing(here: ExportedSite):
    @dg.asset(key=asset_key(TABLES["player_prop_predictions"].contract), partitions_def=DAILY)
    def forecasts() -> None: ...

    written = [export_asset(export, TABLES) for export in EXPORTS.values()]
    graph = dg.Definitions(assets=[forecasts, *written], resources=resources(read_settings())).resolve_asset_graph()
    for asked in (None, "player_prop_predictions+"):
        assert select(asked, TABLES).resolve(graph) == {forecasts.key}
