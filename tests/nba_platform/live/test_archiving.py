import datetime as dt
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pandas as pd
import pytest

from nba_platform.definitions import TABLES
from nba_platform.errors import NothingToDo
from nba_platform.reports.archive import write_archive
from nba_resources.dates import DateRange
from nba_resources.sources.archive.source import ArchiveSource
from nba_resources.sources.base import ALWAYS, Source
from nba_resources.sources.simulated import SimulatedSource
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from ...shared import warehouse_at

AUTUMN = DateRange(dt.date(2021, 10, 19), dt.date(2021, 11, 5))  # with the news of the summer before
RAW = [table for table in TABLES.values() if table.layer == "raw" or table.contract.name == "birth_dates"]
MOMENT = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)


def load(source: Source, file: Path) -> DuckDBWarehouse:
    warehouse = warehouse_at(file)
    first = ["schedule", "team_boxscores"]
    for table in sorted(RAW, key=lambda table: table.contract.name not in first):
        assert table.feed is not None
        whole = table.feed.off_days or not table.contract.partition
        dates = DateRange(dt.date(2021, 7, 1), AUTUMN.end) if whole else AUTUMN
        published = ibis.memtable(source.fetch(table.feed.name, dates).rows)
        rows = table.build(TABLES, AUTUMN, published).mutate(ingested_at=ibis.literal(MOMENT, "timestamp('UTC')"))
        if "source" not in rows.columns:
            rows = rows.mutate(source=ibis.literal("a source"))
        warehouse.replace(table.contract, AUTUMN if table.contract.partition else None, rows)
    return warehouse


def stored(warehouse: DuckDBWarehouse, name: str) -> pd.DataFrame:
    contract = TABLES[name].contract
    return warehouse.read(contract.table()).sort_values(list(contract.grain), ignore_index=True)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    warehouse = load(SimulatedSource(today=AUTUMN.end), tmp_path_factory.mktemp("loaded") / "nba.duckdb")
    contract = TABLES["game_odds"].contract
    rows = contract.table()
    warehouse.replace(contract, AUTUMN, ibis.union(rows, *(_quoted(rows, moment) for moment in ("open", "close"))))
    return warehouse


def _quoted(odds: ir.Table, moment: str) -> ir.Table:
    """As the archives of others have them: a nameless book's spread and total twice, its moneyline at the close."""
    known = {"bookmaker": "unknown", "snapshot_kind": moment, "snapshot_key": moment}
    never = ["snapshot_utc", "minutes_before_tip", "spread_home_price", "spread_away_price", "over_price"]
    never += ["under_price", *(["ml_home", "ml_away"] if moment == "open" else [])]
    moved = 1.5 if moment == "close" else 0.0
    rows = odds.filter(odds.game_id < "0022100008").distinct(on="game_id", keep="first")
    unknown = {name: ibis.null(odds[name].type()) for name in never}
    said = {name: ibis.literal(text, odds[name].type()) for name, text in known.items()}
    return rows.mutate(spread_home=rows.spread_home + moved, total=rows.total - moved, **said, **unknown)


@pytest.fixture(scope="module")
def read_back(loaded: DuckDBWarehouse, tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    folder = tmp_path_factory.mktemp("archive")
    write_archive(loaded, TABLES, str(folder))
    return load(ArchiveSource(str(folder)), folder / "nba.duckdb")


@pytest.mark.parametrize("name", sorted(table.contract.name for table in RAW))
def test_an_archive_written_and_read_back_gives_the_same_raw_table(
    loaded: DuckDBWarehouse, read_back: DuckDBWarehouse, name: str
):
    before, after = stored(loaded, name), stored(read_back, name)
    assert len(before) > 10
    pd.testing.assert_frame_equal(before, after)


def test_an_archive_is_never_written_over_files_it_would_tell_twice(loaded: DuckDBWarehouse, tmp_path: Path):
    (tmp_path / "games.csv").write_text("game_id\n")
    with pytest.raises(NothingToDo, match=r"games\.csv"):
        write_archive(loaded, TABLES, str(tmp_path))


def test_without_a_schedule_there_is_nothing_to_archive(tmp_path: Path):
    with pytest.raises(NothingToDo, match="nba ingest"):
        write_archive(warehouse_at(tmp_path / "nba.duckdb"), TABLES, str(tmp_path))


def test_all_there_is_is_archived_season_by_season(loaded: DuckDBWarehouse, tmp_path: Path):
    written = write_archive(loaded, TABLES, str(tmp_path))
    assert {file.path for file in written.files} >= {"games/2021-22.parquet", "shots/2021-22.parquet"}
    games = ArchiveSource(str(tmp_path)).fetch("schedule", ALWAYS).rows
    assert games.num_rows == len(stored(loaded, "schedule"))
