import datetime as dt
import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import dagster as dg
import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from nba_assets.kit.as_of import History, as_of
from nba_assets.kit.assets import SEASON_BACK, asset_of, column_schema, create_missing_tables
from nba_assets.kit.partitions import DAILY
from nba_assets.kit.table import Table, table
from nba_resources.dates import DateRange
from nba_resources.sources.base import ALWAYS, Delivery, Source
from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.validation.parsers import arrow_schema
from nba_resources.warehouse.contract import Contract, ContractBroken, day, integer, number, text, texts
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from ..raw.loaded import Platform


@table(dataset="nba_test", grain=["team"], partition=None, columns={"team": text(), "games": integer("", 1)})
def clubs(schedule: ir.Table) -> ir.Table:
    """One row per club."""
    return schedule.group_by(team="home_team").aggregate(games=schedule.count())


@table(
    dataset="nba_test",
    grain=["game_id"],
    feed="schedule",
    moves=("game_id",),
    columns={"game_id": text(), "game_date": day(), "season": text(), "home_team": text(), "away_team": text()},
)
def schedule(delivered: ir.Table) -> ir.Table:
    """Which games exist."""
    return delivered.select("game_id", "game_date", "season", "home_team", "away_team")


@table(
    dataset="nba_test",
    grain=["game_date", "team"],
    columns={"game_date": day(), "team": text(), "games_before": integer("Of the season", 0, 82, unit="games")},
)
def form(schedule: History, clubs: ir.Table) -> ir.Table:
    """How often each club has played at home."""
    slate = schedule.on().select("game_date", "season", team="home_team")
    games = schedule.map(lambda rows: rows.select("game_date", "season", team="home_team"))
    before = as_of(games, slate, ["team"], keep_empty=True)
    counted = before.group_by("game_date", "team").aggregate(games_before=before.event_date.count())
    return counted.semi_join(clubs, "team")


@table(dataset="nba_test", grain=["game_id"], columns={"game_id": text(), "game_date": day()})
def tonight(schedule: ir.Table) -> ir.Table:
    """Which games are on."""
    return schedule.select("game_id", "game_date")


TABLES: Mapping[str, Table] = {one.contract.name: one for one in (clubs, schedule, form, tonight)}


class TinySource(Source):
    name = "tiny"

    def __init__(self, *games: tuple[str, dt.date]) -> None:
        self.games = games
        self.fetched: list[DateRange] = []

    def fetch(self, feed: str, dates: DateRange) -> Delivery:
        self.fetched.append(dates)
        blank = dict.fromkeys(FEEDS[feed].fields)
        rows = [
            blank
            | {"game_id": game_id, "game_date": on, "home_team": "BOS", "away_team": "NYK", "season": "2021-22"}
            | {"season_type": "regular", "status": "final"}
            for game_id, on in self.games
            if on in dates
        ]
        return Delivery(
            pa.Table.from_pylist(rows, schema=arrow_schema(FEEDS[feed])), {"column ignored: odd": 1} if rows else {}
        )


def a_platform(folder: Path, source: Source) -> Platform:
    return Platform(folder, source, TABLES)


def an_asset(name: str) -> dg.AssetSpec:
    return asset_of(TABLES[name], TABLES).get_asset_spec()


def test_a_declaration_is_an_asset_named_by_dataset_and_table():
    spec = an_asset("form")
    assert spec.key == dg.AssetKey(["nba_test", "form"])
    assert spec.description == "How often each club has played at home."
    assert spec.code_version == form.code_version(TABLES)
    assert spec.metadata["dagster/table_name"] == "nba_test.form"
    assert spec.metadata["grain"] == "game_date, team"
    assert "SELECT" in spec.metadata["sql"].value


def test_dated_tables_are_partitioned_by_day_and_others_not_and_a_range_is_one_run():
    dated, whole = (asset_of(TABLES[name], TABLES) for name in ("form", "clubs"))
    assert dated.partitions_def == DAILY
    assert whole.partitions_def is None
    assert dated.backfill_policy == whole.backfill_policy == dg.BackfillPolicy.single_run()


def test_history_depends_on_the_season_so_far_and_rows_of_the_date_on_the_same_date():
    mappings = {dep.asset_key.path[-1]: dep.partition_mapping for dep in an_asset("form").deps}
    assert mappings == {"schedule": SEASON_BACK, "clubs": None}
    assert [(dep.asset_key.path[-1], dep.partition_mapping) for dep in an_asset("tonight").deps] == [("schedule", None)]


def test_the_columns_are_shown_with_unit_and_range():
    contract = Contract("d", "t", ("n",), {"n": integer("Played", 0, 82, unit="games"), "why": texts(null=True)})
    first, second = column_schema(contract).columns
    assert (first.name, first.type, first.description, first.constraints.nullable) == (
        "n",
        "int64",
        "Played · games · 0 to 82",
        False,
    )
    assert (second.type, second.description, second.constraints.nullable) == ("array<string>", "", True)


def test_a_range_is_one_fetch_and_each_date_knows_its_own_rows(tmp_path: Path):
    source = TinySource(("g1", dt.date(2021, 10, 20)), ("g2", dt.date(2021, 10, 22)), ("g3", dt.date(2021, 10, 22)))
    metadata_by_date = a_platform(tmp_path, source).run("schedule", "2021-10-20", "2021-10-23")
    counted = {key: metadata["dagster/partition_row_count"] for key, metadata in metadata_by_date.items()}
    assert counted == {"2021-10-20": 1, "2021-10-21": 0, "2021-10-22": 2, "2021-10-23": 0}
    assert source.fetched == [DateRange(dt.date(2021, 10, 20), dt.date(2021, 10, 23))]
    assert metadata_by_date["2021-10-21"]["load 2021-10-20...2021-10-23"] == {"column ignored: odd": 1}


class Attributed(TinySource):
    """Says who delivered, as live sources do."""

    def fetch(self, feed: str, dates: DateRange) -> Delivery:
        return replace(super().fetch(feed, dates), notes={}, facts={"rows from tiny": 1})


def test_who_delivered_is_told_beside_the_load_and_is_no_warning(tmp_path: Path):
    """The rest of a paid plan was reported with every load and stored nowhere."""
    platform = a_platform(tmp_path, Attributed(("g1", dt.date(2021, 10, 20))))
    metadata_by_date = platform.run("schedule", "2021-10-20")
    assert metadata_by_date["2021-10-20"]["load 2021-10-20"] == {"rows from tiny": 1}
    (run,) = platform.instance.get_runs()
    assert not [entry for entry in platform.instance.all_logs(run.run_id) if entry.level >= logging.WARNING]


def test_a_range_over_the_summer_is_one_run_too(tmp_path: Path):
    source = TinySource(("g1", dt.date(2022, 6, 30)), ("g2", dt.date(2022, 10, 1)))
    metadata_by_date = a_platform(tmp_path, source).run("schedule", "2022-06-30", "2022-10-01")
    rows = {key: metadata["dagster/partition_row_count"] for key, metadata in metadata_by_date.items()}
    assert len(rows) == 94
    assert {key: count for key, count in rows.items() if count} == {"2022-06-30": 1, "2022-10-01": 1}


def test_a_single_date_is_computed_like_a_range_of_one(tmp_path: Path):
    games = [(f"g{n}", dt.date(2021, 10, 19 + n)) for n in range(6)]
    alone, together = (a_platform(tmp_path / name, TinySource(*games)) for name in ("alone", "together"))
    for platform in (alone, together):
        platform.run("schedule", "2021-10-19", "2021-10-25")
        platform.run("clubs")
    for key in ("2021-10-19", "2021-10-20", "2021-10-21", "2021-10-22", "2021-10-23", "2021-10-24"):
        alone.run("form", partition_key=key)
    together.run("form", "2021-10-19", "2021-10-24")
    found = [
        platform.warehouse.read(TABLES["form"].contract.table().order_by("game_date"))["games_before"].tolist()
        for platform in (alone, together)
    ]
    assert found == [[0, 1, 2, 3, 4, 5]] * 2


def test_rows_say_what_made_them_and_when(tmp_path: Path):
    platform = a_platform(tmp_path, TinySource(("g1", dt.date(2021, 10, 20))))
    began = dt.datetime.now(dt.UTC)
    platform.run("schedule", "2021-10-20")
    platform.run("tonight", "2021-10-20")
    published = platform.warehouse.read(TABLES["schedule"].contract.table()).iloc[0]
    made = platform.warehouse.read(TABLES["tonight"].contract.table()).iloc[0]
    assert published["source"] == "tiny"
    assert made["code_version"] == tonight.code_version(TABLES)
    assert began <= published["ingested_at"] <= made["computed_at"] <= dt.datetime.now(dt.UTC)


def test_a_table_without_dates_asks_the_source_for_everything(tmp_path: Path):
    @table(dataset="nba_test", grain=["season"], partition=None, feed="schedule", columns={"season": text()})
    def seasons(delivered: ir.Table) -> ir.Table:
        return delivered.select("season").distinct()

    source = TinySource(("g1", dt.date(2021, 10, 20)), ("g2", dt.date(2022, 4, 1)))
    platform = a_platform(tmp_path, source)
    result = dg.materialize([asset_of(seasons, TABLES)], resources=platform.resources, instance=platform.instance)
    assert source.fetched == [ALWAYS]
    (event,) = result.get_asset_materialization_events()
    assert event.materialization.metadata["dagster/row_count"].value == 1


def test_the_tables_above_an_unwritten_one_say_what_to_backfill(tmp_path: Path):
    platform = a_platform(tmp_path, TinySource())
    platform.run("schedule", "2021-10-20")
    with pytest.raises(Exception, match=r"never materialised; this reads nba_test\.clubs, nba_test\.schedule"):
        platform.run("form", "2021-10-20")


def test_a_table_that_breaks_its_contract_fails_its_run(tmp_path: Path):
    @table(dataset="nba_test", grain=["game_date"], columns={"game_date": day(), "share": number("", 0, 1)})
    def shares(schedule: ir.Table) -> ir.Table:
        return schedule.select("game_date", share=ibis.literal(1.5))

    platform = a_platform(tmp_path, TinySource(("g1", dt.date(2021, 10, 20))))
    platform.run("schedule", "2021-10-20")
    with pytest.raises(ContractBroken, match=r"nba_test\.shares: nothing stored\. .* share is outside 0 to 1"):
        dg.materialize(
            [asset_of(shares, TABLES)],
            resources=platform.resources,
            instance=platform.instance,
            partition_key="2021-10-20",
        )
    assert platform.warehouse.read(shares.contract.table()).empty


@table(dataset="nba_test", grain=["month"], partition="month", monthly=True, columns={"month": day(), "model": text()})
def models(schedule: History) -> ir.Table:
    """One a month."""
    return schedule.rows


@table(dataset="nba_test", grain=["game_id"], columns={"game_id": text(), "game_date": day()})
def forecasts(schedule: ir.Table, models: ir.Table) -> ir.Table:
    """Made with a model, where there is one."""
    return schedule.select("game_id", "game_date")


def test_where_no_model_was_ever_made_there_is_an_empty_registry(tmp_path: Path):
    """Whoever starts in the middle of a month once had no forecast at all, not even of the systems without a model."""
    warehouse = DuckDBWarehouse(path=str(tmp_path / "nba.duckdb"))
    one_day, known = DateRange(dt.date(2024, 12, 10), dt.date(2024, 12, 10)), {**TABLES, "models": models}
    create_missing_tables(forecasts, known, one_day, warehouse)
    create_missing_tables(forecasts, known, one_day, warehouse)
    assert warehouse.read(models.contract.table()).empty
