"""How the replayed rows of a date are told from the stored ones."""

import datetime as dt
from pathlib import Path

import ibis
import pytest

import nba_assets
from nba_assets.kit.table import declared_tables
from nba_checks.framework.by_date import DateResult
from nba_checks.leakage import point_in_time as module
from nba_checks.leakage.point_in_time import point_in_time, rows_that_differ
from nba_checks.leakage.replay import pregame_history_tables
from nba_checks.leakage.replay_inputs import Future, raw_rows
from nba_resources.dates import DateRange
from nba_resources.warehouse.contract import Contract, day, integer, number, text, texts
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

TABLES = declared_tables(nba_assets)
NIGHT = dt.date(2024, 11, 12)
MARKS = Contract(
    "nba_test",
    "marks",
    ("game_date", "name"),
    {
        "game_date": day(),
        "name": text(),
        "mean": number(null=True),
        "count": integer(null=True),
        "reasons": texts(null=True),
        "computed_at": text(),
    },
    partition="game_date",
)
ROW = {"game_date": NIGHT, "name": "a", "mean": 0.5, "count": 2, "reasons": ["x"], "computed_at": "then"}


def compared(tmp_path: Path, stored: list[dict], replayed: list[dict]) -> dict[str, int]:
    frames = []
    for name, rows in {"stored": stored, "replayed": replayed}.items():
        warehouse = DuckDBWarehouse(path=str(tmp_path / f"{name}.duckdb"))
        warehouse.replace(MARKS, DateRange(NIGHT, NIGHT), ibis.memtable(rows, schema=MARKS.schema))
        frames.append(warehouse.read(MARKS.table()))
    return {difference.column: difference.rows for difference in rows_that_differ(MARKS, *frames)}


def test_the_last_bit_and_the_stamp_may_differ(tmp_path: Path):
    assert compared(tmp_path, [ROW], [ROW | {"mean": 0.5 + 1e-12, "computed_at": "now"}]) == {}


def test_nothing_equals_nothing(tmp_path: Path):
    empty = ROW | {"mean": None, "count": None, "reasons": None}
    assert compared(tmp_path, [empty], [empty]) == {}


@pytest.mark.parametrize(
    "change",
    [{"mean": 0.5 + 1e-6}, {"mean": None}, {"count": 3}, {"count": None}, {"reasons": []}, {"reasons": None}],
)
def test_any_other_value_is_a_difference(tmp_path: Path, change: dict):
    assert compared(tmp_path, [ROW], [ROW | change]) == dict.fromkeys(change, 1)


def test_rows_of_one_side_only_are_differences(tmp_path: Path):
    found = compared(tmp_path, [ROW, ROW | {"name": "b"}], [ROW, ROW | {"name": "c"}])
    assert found == {"rows only stored": 1, "rows only replayed": 1}


def test_without_evidence_there_is_nothing_to_replay(tmp_path: Path):
    warehouse = DuckDBWarehouse(path=str(tmp_path / "nba.duckdb"))
    (result,) = point_in_time(warehouse, TABLES, DateRange(NIGHT, NIGHT), NIGHT).values()
    assert result == DateResult(True, "prediction_evidence has no rows on these dates, so there is nothing to replay")


def test_a_replay_knows_which_tables_look_back_on_earlier_mornings():
    assert pregame_history_tables(TABLES) == {"ml_feature_store_v2", "team_defense_zone_analysis"}
    assert pregame_history_tables(TABLES, "ml_feature_store_v2") == set()


def test_lines_seen_in_play_are_of_the_future_and_earlier_ones_are_not(tmp_path: Path):
    table = TABLES["game_odds"]
    minutes = {"early": 90.0, "at tip-off": 0.0, "in play": -5.0, "undated": None}
    unknown = {name: None for name in table.contract.columns}
    known = {"game_id": "1", "game_date": NIGHT, "snapshot_kind": "snapshot", "source": "s", "snapshot_key": "k"}
    stamp = {"ingested_at": dt.datetime(2024, 11, 13, tzinfo=dt.UTC)}
    rows = [
        unknown | known | stamp | {"bookmaker": book, "minutes_before_tip": before, "spread_home": 3.0}
        for book, before in minutes.items()
    ]
    warehouse = DuckDBWarehouse(path=str(tmp_path / "nba.duckdb"))
    warehouse.replace(table.contract, None, ibis.memtable(rows, schema=table.contract.schema))
    dates = DateRange(NIGHT, NIGHT)
    kept = warehouse.read(raw_rows(TABLES, dates, "game_odds", Future.DELETED))
    assert set(kept.bookmaker) == {"early", "undated"}
    changed = warehouse.read(raw_rows(TABLES, dates, "game_odds", Future.CHANGED)).set_index("bookmaker")
    assert changed.spread_home.to_dict() == {"early": 3.0, "undated": 3.0, "at tip-off": -3.0, "in play": -3.0}


def test_of_the_runs_of_a_single_date_one_in_ten_replays_it(monkeypatch: pytest.MonkeyPatch):
    """Chosen by the date, every refresh of one evening in ten was replayed, and no run of the nine others."""
    replayed: list[str] = []
    for run in map(str, range(200)):
        monkeypatch.setattr(module, "point_in_time", lambda *_, run=run: replayed.append(run) or {})
        module.rows_know_nothing_of_their_games(None, TABLES, DateRange(NIGHT, NIGHT), NIGHT, run)
    assert 8 <= len(replayed) <= 32
