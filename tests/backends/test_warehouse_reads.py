"""Reads on every engine."""

import datetime as dt
from dataclasses import replace

import ibis
import pandas as pd
import pytest

from nba_assets.kit.as_of import History, as_of
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse, WarehouseUnavailable
from nba_resources.warehouse.contract import Contract, ContractBroken, day, flag, integer, moment, number, text, texts
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from .scores import ALL_THREE, MONDAY, SCORES, TUESDAY, loaded, rows, score

KINDS = {
    "game_id": text(),
    "game_date": day(),
    "tipoff": moment(null=True),
    "neutral": flag(null=True),
    "reasons": texts(null=True),
    "pts": integer(null=True),
    "pace": number(null=True),
}
EVERY_KIND = Contract("nba_raw", "kinds", ("game_id",), KINDS, partition="game_date")


def test_a_table_exists_after_its_first_write(warehouse: Warehouse):
    assert not warehouse.holds(SCORES)
    warehouse.replace(SCORES, ALL_THREE, rows(score("a")))
    assert warehouse.holds(SCORES)
    assert not warehouse.holds(replace(SCORES, name="shots"))


def test_existing_tables_are_found_among_many(warehouse: Warehouse):
    other = replace(SCORES, dataset="nba_analytics")
    assert warehouse.stored_keys([SCORES, other]) == set()
    loaded(warehouse)
    assert warehouse.stored_keys([SCORES, other, replace(SCORES, name="shots")]) == {SCORES.key}


def test_an_error_names_the_table_that_was_never_materialised(warehouse: Warehouse):
    shots = replace(SCORES, name="shots")
    with pytest.raises(WarehouseUnavailable, match=r"never materialised; this reads nba_raw\.shots: backfill"):
        loaded(warehouse).read(shots.table())


def test_stored_tables_can_be_joined_with_a_memtable(warehouse: Warehouse):
    names = ibis.memtable({"game_id": ["m", "nobody"]})
    result = loaded(warehouse).read(SCORES.table().semi_join(names, "game_id").select("pts"))
    assert result["pts"].tolist() == [101]


def test_an_unnamed_count_can_be_read(warehouse: Warehouse):
    """BigQuery allows no brackets in column names, so the result has another name than the expression."""
    counted = loaded(warehouse).read(SCORES.table().count().as_table())
    assert counted.to_numpy().tolist() == [[3]]


def test_as_of_reads_only_rows_stored_before_the_date(warehouse: Warehouse):
    loaded(warehouse)
    spine = ibis.memtable({"game_date": [MONDAY, TUESDAY], "side": ["home", "home"]})
    history = History.of(SCORES, DateRange(MONDAY, TUESDAY), after_games=True)
    known = as_of(history, spine, ["side"], across_seasons=True)
    result = warehouse.read(known.group_by("game_date").aggregate(best=known.pts.max()).order_by("game_date"))
    assert result["best"].tolist() == [90, 101]


def test_every_type_comes_back_as_it_was_stored(warehouse: Warehouse):
    tipoff = dt.datetime(2025, 1, 14, 0, 30, tzinfo=dt.UTC)  # an evening in New York
    full = {"game_id": "a", "game_date": MONDAY, "tipoff": tipoff, "neutral": True, "reasons": ["Jokić", "x"]}
    full |= {"pts": 22400561, "pace": 0.1}
    blank = dict.fromkeys(KINDS) | {"game_id": "b", "game_date": MONDAY, "reasons": []}
    warehouse.replace(EVERY_KIND, ALL_THREE, rows(full, blank, contract=EVERY_KIND))
    frame = warehouse.read(EVERY_KIND.table().order_by("game_id"))
    assert [str(kind) for kind in frame.dtypes] == [
        *("object", "datetime64[us]", "datetime64[us, UTC]", "boolean", "object", "Int64", "float64")
    ]
    first, second = frame.astype(object).where(frame.notna(), None).to_dict("records")
    assert {**first, "reasons": [*first["reasons"]], "game_date": first["game_date"].date()} == full
    assert {**second, "reasons": [*second["reasons"]], "game_date": second["game_date"].date()} == blank


def test_null_is_refused_in_a_list_that_must_not_be_null(warehouse: Warehouse):
    """BigQuery stores NULL as an empty list, which would mean that nothing is missing."""
    known = replace(EVERY_KIND, columns={**KINDS, "reasons": texts()})
    blank = dict.fromkeys(KINDS) | {"game_id": "b", "game_date": MONDAY}
    for unknown in (
        rows(blank, contract=EVERY_KIND),
        rows({**blank, "reasons": []}, contract=EVERY_KIND).mutate(reasons=ibis.null("array<string>")),
    ):
        with pytest.raises(ContractBroken, match=r"nba_raw.kinds: nothing stored. Found .*rows where reasons is NULL"):
            warehouse.replace(known, ALL_THREE, unknown)
    assert not warehouse.holds(known) or warehouse.read(known.table()).empty


def test_a_null_list_is_null_on_duckdb_and_empty_on_bigquery(warehouse: Warehouse):
    """BigQuery has no NULL lists: a column beside it must say whether the list is known."""
    blank = dict.fromkeys(KINDS) | {"game_id": "b", "game_date": MONDAY}
    warehouse.replace(EVERY_KIND, ALL_THREE, rows(blank, contract=EVERY_KIND))
    (result,) = warehouse.read(EVERY_KIND.table())["reasons"]
    assert pd.isna(result) if isinstance(warehouse, DuckDBWarehouse) else list(result) == []
