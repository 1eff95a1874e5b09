import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

import dagster as dg
import pytest

from nba_assets.kit.partitions import DAILY, MONTHLY
from nba_platform.dagster_compat.data_versions import Versions
from nba_platform.dagster_compat.event_log import KeptOpenEventLog
from nba_platform.orchestration.backfill.runs import RANGE_END, RANGE_START, plan_runs
from nba_platform.orchestration.backfill.stale_partitions import RUNS_A_TABLE, stale_partitions
from nba_platform.orchestration.event_log_reader import WHOLE, EventLogReader
from nba_resources.dates import DateRange
from nba_resources.warehouse.changes import EMPTY
from nba_resources.warehouse.metadata import FINGERPRINT

LOOKS_BACK = dg.TimeWindowPartitionMapping(start_offset=-3, allow_nonexistent_upstream_partitions=True)
MONTHS_BEFORE = dg.TimeWindowPartitionMapping(
    start_offset=-120, end_offset=-1, allow_nonexistent_upstream_partitions=True
)
DECEMBER = [f"2024-12-{day:02}" for day in range(1, 13)]
Deps = dict[str, dg.PartitionMapping | None]


@dataclass
class House:
    """Games, the form of the last three dates, tonight made of it, a model of the months before, forecasts by it."""

    instance: dg.DagsterInstance
    version: str = "1"
    fails: set[str] = field(default_factory=set)
    unsound: set[str] | None = None
    contents: dict[tuple[str, str], str] = field(default_factory=dict)  # fingerprints by table and date

    def asset(self, name: str, partitions: dg.PartitionsDefinition | None, deps: Deps) -> dg.AssetsDefinition:
        @dg.asset(
            name=name,
            partitions_def=partitions,
            deps=[dg.AssetDep(upstream, partition_mapping=mapping) for upstream, mapping in deps.items()],
            backfill_policy=dg.BackfillPolicy.single_run(),
            code_version={"form": self.version, "tonight": None}.get(name, "1"),
        )
        def made(context: dg.AssetExecutionContext) -> None:
            if name in self.fails:
                raise RuntimeError("no disk")
            for date in context.partition_keys if partitions else ():
                if content := self.contents.get((name, date)):
                    context.add_asset_metadata({FINGERPRINT: content}, partition_key=date)

        return made

    @property
    def definitions(self) -> dg.Definitions:
        @dg.asset_check(asset="games", blocking=True, partitions_def=DAILY)
        def sound(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
            return dg.AssetCheckResult(passed=context.partition_key not in (self.unsound or ()))

        assets = [
            self.asset("players", None, {}),
            self.asset("aliases", None, {"players": None}),
            self.asset("games", DAILY, {}),
            self.asset("form", DAILY, {"games": LOOKS_BACK, "players": None}),
            self.asset("tonight", DAILY, {"form": None}),
            self.asset("model", MONTHLY, {"games": MONTHS_BEFORE}),
            self.asset("forecasts", DAILY, {"tonight": None, "model": None}),
        ]
        return dg.Definitions(assets, asset_checks=[] if self.unsound is None else [sound])

    def run(self, start: str, end: str, *tables: str) -> None:
        """One run; the check of the games is there if dates are named that it fails."""
        ends = {RANGE_START: start, RANGE_END: end} if start != end else {"dagster/partition": start}
        self.definitions.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=self.instance,
            asset_selection=[dg.AssetKey(table) for table in tables],
            tags=ends,
            raise_on_error=False,
        )

    def everything(self, start: str = DECEMBER[0], end: str = DECEMBER[-1]) -> None:
        self.run(start, end, "players", "games", "form", "tonight")

    def left(self, *tables: str, start: str = DECEMBER[0], end: str = DECEMBER[-1], unsettled: dict | None = None):
        """Return the stale partitions as table: dates in short."""
        graph = self.definitions.resolve_asset_graph()
        days = [key for key in DAILY.get_partition_keys() if start <= key <= end]
        months = [key for key in MONTHLY.get_partition_keys() if start[:7] <= key[:7] <= end[:7]]
        kinds = {"players": WHOLE, "model": months}
        asked = {dg.AssetKey(table): kinds.get(table, days) for table in tables or ("games", "form", "tonight")}
        told = {dg.AssetKey(table): dates for table, dates in (unsettled or {}).items()}
        found = stale_partitions(graph, EventLogReader(self.instance, graph), asked, told)
        return {key.to_user_string(): [name[5:] for name in names] for key, names in found.items()}


@pytest.fixture
def house(tmp_path, monkeypatch) -> Iterator[House]:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    log = {"module": KeptOpenEventLog.__module__, "class": KeptOpenEventLog.__name__, "config": {}}
    with dg.instance_for_test(overrides={"event_log_storage": log}, temp_dir=str(tmp_path)) as instance:
        Versions(FINGERPRINT, EMPTY).use()
        yield House(instance)


def days(first: int, last: int) -> list[str]:
    return [f"12-{day:02}" for day in range(first, last + 1)]


def test_of_what_was_never_stored_everything_is_left_and_afterwards_nothing(house: House):
    before = house.left()
    house.everything()

    assert before == {"games": days(1, 12), "form": days(1, 12), "tonight": days(1, 12)}
    assert house.left() == {}


def test_a_longer_range_leaves_only_its_new_dates(house: House):
    house.everything(end="2024-12-08")

    assert house.left() == {"games": days(9, 12), "form": days(9, 12), "tonight": days(9, 12)}


def test_a_date_stored_again_leaves_every_date_that_looks_back_on_it(house: House):
    """Form reads the date and the three before it; tonight reads form on its own date."""
    house.everything()
    house.run("2024-12-05", "2024-12-05", "games")

    assert house.left() == {"form": days(5, 8), "tonight": days(5, 8)}


def test_a_date_stored_again_with_the_same_rows_leaves_nothing(house: House):
    """A calendar of seven days without a game once made 128 dates of 11 tables run again."""
    house.contents = {("games", date): f"rows of {date}" for date in DECEMBER}
    house.everything()
    house.run(DECEMBER[0], DECEMBER[-1], "games")
    house.run(DECEMBER[4], DECEMBER[4], "games")

    assert house.left() == {}


def test_of_dates_stored_again_only_the_changed_one_leaves_what_looks_back_on_it(house: House):
    house.contents = {("games", date): f"rows of {date}" for date in DECEMBER}
    house.everything()
    house.contents["games", "2024-12-05"] = "one corrected rebound"
    house.run(DECEMBER[0], DECEMBER[-1], "games")

    assert house.left() == {"form": days(5, 8), "tonight": days(5, 8)}


def test_a_change_counts_until_it_is_computed_also_if_the_same_rows_are_stored_after_it(house: House):
    house.contents = {("games", date): f"rows of {date}" for date in DECEMBER}
    house.everything()
    house.contents["games", "2024-12-05"] = "one corrected rebound"
    house.run("2024-12-05", "2024-12-05", "games")
    house.run("2024-12-05", "2024-12-05", "games")
    assert house.left() == {"form": days(5, 8), "tonight": days(5, 8)}

    house.run("2024-12-05", "2024-12-08", "form", "tonight")
    house.run("2024-12-05", "2024-12-05", "games")
    assert house.left() == {}


def test_what_is_computed_again_without_a_change_leaves_nothing_below_it(house: House):
    """Form follows the corrected game, and tonight follows form only where form changed."""
    house.contents = {(table, date): f"{table} of {date}" for table in ("games", "form") for date in DECEMBER}
    house.everything()
    house.contents |= {("games", "2024-12-05"): "corrected", ("form", "2024-12-06"): "changed by it"}
    house.run("2024-12-05", "2024-12-05", "games")
    house.run("2024-12-05", "2024-12-08", "form")

    assert house.left() == {"tonight": days(6, 6)}


def test_a_gap_takes_with_it_what_was_computed_without_it(house: House):
    house.everything(end="2024-12-04")
    house.everything(start="2024-12-06")

    assert house.left() == {"games": days(5, 5), "form": days(5, 8), "tonight": days(5, 8)}


def test_history_before_the_asked_dates_counts_too(house: House):
    house.everything()
    house.run("2024-12-03", "2024-12-03", "games")

    assert house.left(start="2024-12-05") == {"form": days(5, 6), "tonight": days(5, 6)}


def test_what_other_code_stored_is_left_with_all_that_is_made_of_it(house: House):
    house.everything()
    house.version = "2"

    assert house.left() == {"form": days(1, 12), "tonight": days(1, 12)}


def test_dates_stored_by_the_present_code_stay_when_others_were_stored_by_older_code(house: House):
    house.everything()
    house.version = "2"
    house.run("2024-12-11", "2024-12-12", "form", "tonight")

    assert house.left() == {"form": days(1, 10), "tonight": days(1, 10)}


def test_what_a_failed_run_set_out_to_do_is_left_though_it_was_stored_before(house: House):
    """A run that was killed may have stored rows without living to tell."""
    house.everything()
    house.fails = {"form"}
    house.run("2024-12-06", "2024-12-07", "games", "form", "tonight")
    house.fails = set()

    assert house.left() == {"form": days(6, 10), "tonight": days(6, 10)}


def test_what_the_stored_tables_contradict_is_left_with_all_that_is_made_of_it(house: House):
    house.everything()

    assert house.left(unsettled={"form": ["2024-12-09"]}) == {"form": days(9, 9), "tonight": days(9, 9)}


def test_only_asked_tables_are_left(house: House):
    house.everything()
    house.run("2024-12-05", "2024-12-05", "games")

    assert house.left("tonight") == {}
    assert house.left("form") == {"form": days(5, 8)}


def test_many_holes_are_computed_in_few_runs_and_the_shortest_pauses_with_them(house: House):
    house.everything()
    holes = ["2024-12-01", "2024-12-03", "2024-12-05", "2024-12-08", "2024-12-12"]

    left = house.left("tonight", unsettled={"tonight": holes})

    assert RUNS_A_TABLE == 4
    assert left == {"tonight": [*days(1, 3), *days(5, 5), *days(8, 8), *days(12, 12)]}


def test_a_table_kept_whole_is_left_when_its_code_changed_and_says_nothing_about_dates(house: House):
    house.everything()
    house.run("2024-12-01", "2024-12-01", "players")

    assert house.left("players", "games", "form", "tonight") == {}


def test_a_whole_table_that_a_source_publishes_is_loaded_with_any_other_facts(house: House):
    house.everything()
    graph, players, games = house.definitions.resolve_asset_graph(), dg.AssetKey("players"), dg.AssetKey("games")
    asked = {players: WHOLE, games: DECEMBER}

    idle = stale_partitions(graph, EventLogReader(house.instance, graph), asked, {}, [players])
    busy = stale_partitions(graph, EventLogReader(house.instance, graph), asked, {games: DECEMBER[:1]}, [players])

    assert idle == {}
    assert busy == {players: WHOLE, games: ("2024-12-01",)}


def test_what_is_kept_whole_of_a_published_table_is_made_again_with_it(house: House):
    """It would be older than what it is made of, and the next run would have to make up for it."""
    house.everything()
    house.run("2024-12-01", "2024-12-01", "aliases")
    graph = house.definitions.resolve_asset_graph()
    players, aliases, games = (dg.AssetKey(name) for name in ("players", "aliases", "games"))
    asked, lost = {players: WHOLE, aliases: WHOLE, games: DECEMBER}, {games: DECEMBER[:1]}

    idle = stale_partitions(graph, EventLogReader(house.instance, graph), asked, {}, [players])
    busy = stale_partitions(graph, EventLogReader(house.instance, graph), asked, lost, [players])

    assert idle == {}
    assert busy == {players: WHOLE, aliases: WHOLE, games: ("2024-12-01",)}


def test_a_model_is_left_when_a_month_before_it_was_stored_again_but_not_its_own(house: House):
    """The model of December has seen games up to November."""
    house.run("2024-11-01", "2024-12-31", "games")
    house.run("2024-12-01", "2025-01-01", "model")
    asked = {"start": "2024-12-01", "end": "2025-01-31"}
    house.run("2024-12-10", "2024-12-10", "games")
    december = house.left("model", **asked)
    house.run("2024-11-10", "2024-11-10", "games")

    assert december == {"model": ["01-01"]}
    assert house.left("model", **asked) == {"model": ["12-01", "01-01"]}


def test_forecasts_are_left_when_the_model_of_their_month_was_trained_again(house: House):
    house.run("2024-11-29", "2024-12-02", "games", "form", "tonight")
    house.run("2024-11-01", "2024-12-01", "model")
    house.run("2024-11-29", "2024-12-02", "forecasts")
    before = house.left("forecasts", start="2024-11-29", end="2024-12-02")
    house.run("2024-12-01", "2024-12-01", "model")

    assert before == {}
    assert house.left("forecasts", start="2024-11-29", end="2024-12-02") == {"forecasts": days(1, 2)}


def test_a_date_that_a_blocking_check_held_back_is_asked_again_before_anything_is_made_of_it(house: House):
    """The run stored the games, the check stopped it: going on with the rest would step around the check."""
    house.unsound = {"2024-12-05"}
    house.run("2024-12-05", "2024-12-05", "games", "form", "tonight")
    held = house.left(start="2024-12-05", end="2024-12-05")
    house.unsound = set()
    house.run("2024-12-05", "2024-12-05", "games", "form", "tonight")

    assert held == {"games": days(5, 5), "form": days(5, 5), "tonight": days(5, 5)}
    assert house.left(start="2024-12-05", end="2024-12-05") == {}


def test_runs_of_what_is_left_hold_tables_that_want_the_same_dates(house: House):
    wanted = {
        dg.AssetKey("players"): WHOLE,
        dg.AssetKey("games"): ("2024-12-01", "2024-12-02", "2024-12-09"),
        dg.AssetKey("form"): ("2024-12-01", "2024-12-02", "2024-12-09"),
        dg.AssetKey("tonight"): ("2024-12-09",),
    }
    december = DateRange(dt.date(2024, 12, 1), dt.date(2024, 12, 31))

    runs = plan_runs(house.definitions, dg.AssetSelection.all(), december, wanted)

    assert [(run.span, sorted(key.to_user_string() for key in run.keys)) for run in runs] == [
        ("2024-12-01...2024-12-02", ["form", "games", "players"]),
        ("2024-12-09", ["form", "games"]),
        ("2024-12-09", ["tonight"]),
    ]
