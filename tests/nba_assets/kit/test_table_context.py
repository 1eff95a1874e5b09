"""Tables computed in Python from frames, and stored like any other."""

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import dagster as dg
import ibis
import ibis.expr.types as ir
import pandas as pd
import pytest

from nba_assets.kit.as_of import History, Leak
from nba_assets.kit.assets import PAST_MONTHS, asset_of
from nba_assets.kit.table import ExpectedRows, Table, table
from nba_assets.kit.table_context import ComputedFrame, TableContext, arrow_rows
from nba_platform.dagster_compat.output_partitions import leave_out
from nba_platform.orchestration.automation.tick_state import RANGE_END, RANGE_START
from nba_resources.dates import DateRange
from nba_resources.objects.store import ObjectStore
from nba_resources.warehouse.contract import Contract, day, integer, number, text, texts
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse
from nba_resources.warehouse.io_manager import WarehouseIOManager
from nba_resources.warehouse.packed_rows import PackedRows

POINTS = {"game_date": day(), "player": text(), "points": integer("", 0, 100, post=True)}
MARCH = DateRange(dt.date(2024, 3, 1), dt.date(2024, 3, 31))


@table(dataset="nba_test", grain=["game_date", "player"], columns=POINTS, post=True)
def scores() -> ir.Table:
    """One row per player and date with his points."""
    return ibis.table({name: column.dtype for name, column in POINTS.items()}, name="elsewhere")


def finished(frames: Mapping[str, pd.DataFrame], dates: DateRange, context: TableContext) -> ComputedFrame:
    """Each month's mean, written to a file; a month without games has no row."""
    rows = frames["past"]
    found = []
    for month in (pd.Timestamp(date) for date in dates if date.day == 1):
        before = rows[rows["game_date"] < month]
        if len(before):
            context.objects.write(f"means/{month:%Y-%m}.txt", str(before["points"].mean()).encode())
            found.append((month, float(before["points"].mean()), len(before), list(before["player"].unique())))
    made = pd.DataFrame(found, columns=["model_month", "mean", "n_rows", "players"])
    return ComputedFrame(made, {month.date(): {"seen": int(n)} for month, _, n, _ in found})


def doubled(frames: Mapping[str, pd.DataFrame], dates: DateRange, context: TableContext) -> ComputedFrame:
    return ComputedFrame(finished(frames, dates, context).rows.assign(mean=lambda rows: 2 * rows["mean"]))


@table(
    dataset="nba_test",
    grain=["model_month"],
    partition="model_month",
    monthly=True,
    columns={"model_month": day(), "mean": number("", 0, 50), "n_rows": integer("", 1), "players": texts()},
    compute_frame=finished,
)
def means(scores: History) -> dict[Literal["past"], ir.Table]:
    """One row per month with the mean of earlier points."""
    return {"past": scores.before_the_last()}


@table(dataset="nba_test", grain=["game_date"], columns={"game_date": day(), "mean": number("", 0, 50)})
def nights(means: ir.Table) -> ir.Table:
    """Reads the mean of its own month."""
    return means.select(game_date="model_month", mean="mean")


TABLES: Mapping[str, Table] = {one.contract.name: one for one in (scores, means, nights)}
GAMES = (("2024-01-31", "ann", 10), ("2024-02-01", "bob", 20), ("2024-02-29", "ann", 30), ("2024-03-01", "bob", 40))


class Shop:
    def __init__(self, folder: Path) -> None:
        self.warehouse = DuckDBWarehouse(path=str(folder / "nba.duckdb"))
        self.objects = ObjectStore(root=str(folder / "objects"))
        played = pd.DataFrame(GAMES, columns=list(POINTS)).assign(game_date=lambda rows: pd.to_datetime(rows.game_date))
        stamp = {"code_version": "x", "computed_at": pd.Timestamp("2024-01-01", tz="UTC")}
        whole = DateRange(dt.date(2024, 1, 1), dt.date(2024, 3, 31))
        schema = scores.contract.schema
        self.warehouse.replace(scores.contract, whole, ibis.memtable(played.assign(**stamp), schema=schema))

    def run(
        self, made: Table, start: str, end: str, begun: Mapping[str, dt.datetime] | None = None
    ) -> dg.ExecuteInProcessResult:
        resources = {
            "warehouse": self.warehouse,
            "objects": self.objects,
            "tables": WarehouseIOManager(self.warehouse, leave_out),
        }
        tags = {RANGE_START: start, RANGE_END: end}
        asset = asset_of(made, TABLES, games_to_keep=lambda context, dates: begun or {})
        return dg.materialize([asset], resources=resources, tags=tags, raise_on_error=False)

    def stored(self) -> pd.DataFrame:
        return self.warehouse.read(means.contract.table().order_by("model_month"))


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_a_month_sees_only_what_came_before_it(shop: Shop):
    """January has nothing, February one game, March three: 1 March itself belongs to nobody's past yet."""
    assert shop.run(means, "2024-01-01", "2024-03-01").success
    stored = shop.stored()
    assert [str(month.date()) for month in stored["model_month"]] == ["2024-02-01", "2024-03-01"]
    assert list(stored["mean"]) == [10.0, 20.0]
    assert list(stored["players"].iloc[1]) == ["ann", "bob"]


def test_facts_are_shown_on_their_own_month(shop: Shop):
    events = shop.run(means, "2024-02-01", "2024-03-01").get_asset_materialization_events()
    seen = {event.partition: event.materialization.metadata["seen"].value for event in events}
    assert seen == {"2024-02-01": 1, "2024-03-01": 3}


def test_what_is_finished_may_keep_files(shop: Shop):
    shop.run(means, "2024-02-01", "2024-02-01")
    assert shop.objects.read("means/2024-02.txt") == b"10.0"


def test_a_finished_frame_that_breaks_its_type_stores_nothing(shop: Shop):
    def without_a_mean(frames: Mapping[str, pd.DataFrame], dates: DateRange, context: TableContext) -> ComputedFrame:
        made = finished(frames, dates, context)
        return ComputedFrame(made.rows.assign(mean=None))

    broken = Table(means.contract, means.function, means.expected_rows, compute_frame=without_a_mean)
    assert not shop.run(broken, "2024-02-01", "2024-03-01").success
    assert not shop.warehouse.holds(means.contract)


def test_a_finished_frame_that_lacks_a_column_says_which(shop: Shop):
    def forgetful(frames: Mapping[str, pd.DataFrame], dates: DateRange, context: TableContext) -> ComputedFrame:
        return ComputedFrame(finished(frames, dates, context).rows.drop(columns="n_rows"))

    ended = shop.run(
        Table(means.contract, means.function, means.expected_rows, compute_frame=forgetful), "2024-02-01", "2024-03-01"
    )
    (failure,) = [event for event in ended.all_events if event.is_step_failure]
    assert "lacks ['n_rows']" in str(failure.step_failure_data.error)


def test_reading_the_month_itself_is_a_leak():
    def peeking(scores: ir.Table) -> dict[Literal["past"], ir.Table]:
        return {"past": scores}

    with pytest.raises(Leak, match="made for a month and must not see it"):
        Table(means.contract, peeking, means.expected_rows, compute_frame=finished).input_queries(TABLES, MARCH)


def test_a_night_reads_the_models_of_its_month():
    night = DateRange(dt.date(2024, 3, 9), dt.date(2024, 3, 10))
    assert "DATE(2024, 3, 1)" in str(ibis.to_sql(nights.build(TABLES, night))).replace("MAKE_DATE", "DATE")


def test_models_depend_on_the_months_before_theirs():
    (dependency,) = asset_of(means, TABLES).get_asset_spec().deps
    assert dependency.partition_mapping == PAST_MONTHS


def test_the_code_version_changes_with_the_function_that_computes_the_frame():
    changed = Table(means.contract, means.function, means.expected_rows, compute_frame=doubled)
    assert changed.code_version(TABLES) != means.code_version(TABLES)


def test_nothing_of_timed_news_is_handed_to_a_trainer():
    timed: Any = History(scores.contract.table(), MARCH, "game_date", known_at="known_at")
    with pytest.raises(Leak, match="their own clock: use as_of"):
        timed.before_the_last()


def test_packed_rows_are_stored_like_the_tables_they_were_made_of(tmp_path: Path):
    """Two parts with other texts and a NULL, as the months of a range have; the stream is read twice."""
    columns = {"game_date": day(), "player": text(), "note": text(null=True), "parts": texts(), "points": integer()}
    contract = Contract("nba_test", "notes", ("game_date", "player"), columns, partition="game_date")
    first = {"player": ["ann", "bob"], "note": ["long " * 50] * 2, "parts": [["a", "b"], []], "points": [1, 2]}
    second = {"player": ["cem", "dan"], "note": ["other", None], "parts": [["c"], ["a"]], "points": [3, 4]}
    packed = PackedRows(contract.schema.to_pyarrow())
    for date, rows in (("2024-03-01", first), ("2024-03-02", second)):
        packed.add(arrow_rows(contract, pd.DataFrame({"game_date": pd.Timestamp(date), **rows})))

    warehouse = DuckDBWarehouse(path=str(tmp_path / "nba.duckdb"))
    for rows in (packed, packed.table(), packed):
        warehouse.replace(contract, MARCH, rows)
        stored = warehouse.read(contract.table().order_by("player"))
        assert stored["note"].tolist()[:3] == ["long " * 50] * 2 + ["other"]
        assert stored["note"].isna().tolist() == [False, False, False, True]
        assert [list(parts) for parts in stored["parts"]] == [["a", "b"], [], ["c"], ["a"]]
        assert stored["points"].tolist() == [1, 2, 3, 4]


def test_a_table_computed_in_parts_is_stored_whole(shop: Shop):
    """As forecasts are, month by month: the rows and facts of all parts arrive."""

    def in_parts(
        frames: Mapping[str, pd.DataFrame], dates: DateRange, context: TableContext
    ) -> Iterator[ComputedFrame]:
        for date in (date for date in dates if date.day == 1):
            yield finished(frames, DateRange(date, date), context)

    made = Table(means.contract, means.function, means.expected_rows, compute_frame=in_parts)
    events = shop.run(made, "2024-02-01", "2024-03-01").get_asset_materialization_events()
    seen = {event.partition: event.materialization.metadata["seen"].value for event in events}
    assert seen == {"2024-02-01": 1, "2024-03-01": 3}
    assert list(shop.stored()["mean"]) == [10.0, 20.0]


def test_a_daily_table_is_computed_season_by_season(shop: Shop):
    """All seasons at once would fill the memory: no input has rows of two, and the rows of both are stored together."""
    seen: list[tuple[str, str, list[str]]] = []

    def noted(frames: Mapping[str, pd.DataFrame], dates: DateRange, context: TableContext) -> ComputedFrame:
        read = [str(date.date()) for date in frames["played"]["game_date"]]
        seen.append((f"{dates.start}", f"{dates.end}", read))
        return ComputedFrame(frames["played"][["game_date", "points"]])

    @table(
        dataset="nba_test",
        grain=["game_date"],
        columns={"game_date": day(), "points": integer("", 0, 100, post=True)},
        post=True,
        compute_frame=noted,
    )
    def sums(scores: ir.Table) -> dict[Literal["played"], ir.Table]:
        """One row per date with the points of its only player."""
        return {"played": scores}

    autumn = scores.contract.table().mutate(game_date=ibis.date(2024, 10, 22)).limit(1)
    shop.warehouse.append(scores.contract, DateRange(dt.date(2024, 10, 22), dt.date(2024, 10, 22)), autumn)
    assert shop.run(sums, "2024-02-01", "2024-10-22").success
    assert seen == [
        ("2024-02-01", "2024-06-30", ["2024-02-01", "2024-02-29", "2024-03-01"]),
        ("2024-07-01", "2024-10-22", ["2024-10-22"]),
    ]
    stored = shop.warehouse.read(sums.contract.table().order_by("game_date"))
    assert list(stored["game_date"].astype(str)) == ["2024-02-01", "2024-02-29", "2024-03-01", "2024-10-22"]


def test_forecasts_made_before_a_game_began_stay(shop: Shop):
    """News of the evening makes the forecasts of the others again; Ann, now listed in both games, has one row still."""
    evening = pd.Timestamp("2024-03-01")
    tonight = {"ann": ("early", 10), "bob": ("early", 20), "cem": ("late", 30), "dan": ("unknown", 40)}

    def forecast(frames: Mapping[str, pd.DataFrame], dates: DateRange, context: TableContext) -> ComputedFrame:
        found = [(evening, player, game, points) for player, (game, points) in tonight.items()]
        return ComputedFrame(pd.DataFrame(found, columns=["game_date", "player", "game_id", "points"]))

    @table(
        dataset="nba_test",
        grain=["game_date", "player"],
        columns={"game_date": day(), "player": text(), "game_id": text(), "points": integer("", 0, 100)},
        expected_rows=ExpectedRows.FORECASTS,
        compute_frame=forecast,
    )
    def guesses(nights: ir.Table) -> dict[Literal["nights"], ir.Table]:
        """One row per player and date."""
        return {"nights": nights}

    def stored() -> list[tuple[str, int]]:
        rows = shop.warehouse.read(guesses.contract.table().order_by("player"))
        return [*zip(rows["player"], rows["points"], strict=True)]

    assert shop.run(means, "2024-03-01", "2024-03-01").success
    assert shop.run(nights, "2024-03-01", "2024-03-01").success
    assert shop.run(guesses, "2024-03-01", "2024-03-01").success
    assert stored() == [("ann", 10), ("bob", 20), ("cem", 30), ("dan", 40)]
    noon, eve = (dt.datetime(2024, 3, 1, hour, tzinfo=dt.UTC) for hour in (17, 22))
    shop.warehouse.update(guesses.contract, {"game_date": eve.date()}, {"computed_at": noon})
    tonight |= {"ann": ("late", 11), "bob": ("early", 21), "cem": ("late", 31), "dan": ("unknown", 41)}
    assert shop.run(guesses, "2024-03-01", "2024-03-01", {"early": eve}).success
    assert stored() == [("ann", 10), ("bob", 20), ("cem", 31), ("dan", 41)]
    tonight |= {"cem": ("late", 32)}
    assert shop.run(guesses, "2024-03-01", "2024-03-01", {"early": eve, "late": eve}).success
    assert stored() == [("ann", 10), ("bob", 20), ("cem", 32), ("dan", 41)], "it was made after its game began"
