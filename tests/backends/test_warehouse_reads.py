"""What is found on every engine, and that each type comes back as it was stored."""

import datetime as dt
from dataclasses import replace

import ibis
import pandas as pd
import pytest

from nba_assets.kit.as_of import History, as_of
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse, WarehouseUnavailable
from nba_resources.warehouse.contract import Contract, ContractBroken, day, flag, integer, moment, number, text, texts
from nba_resources.warehouse.duckdb import DuckDBWarehouse

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


def test_a_table_is_held_once_it_was_written(warehouse: Warehouse):
    assert not warehouse.holds(SCORES)
    warehouse.replace(SCORES, ALL_THREE, rows(score("a")))
    assert warehouse.holds(SCORES)
    assert not warehouse.holds(replace(SCORES, name="shots"))


def test_the_tables_ever_written_are_found_among_many(warehouse: Warehouse):
    other = replace(SCORES, dataset="nba_analytics")
    assert warehouse.stored_keys([SCORES, other]) == set()
    loaded(warehouse)
    assert warehouse.stored_keys([SCORES, other, replace(SCORES, name="shots")]) == {SCORES.key}


def test_a_table_never_materialised_is_named_with_what_was_asked_of_it(warehouse: Warehouse):
    shots = replace(SCORES, name="shots")
    with pytest.raises(WarehouseUnavailable, match=r"never materialised; this reads nba_raw\.shots: backfill"):
        loaded(warehouse).read(shots.table())


def test_stored_tables_can_be_joined_with_rows_at_hand(warehouse: Warehouse):
    wanted = ibis.memtable({"game_id": ["m", "nobody"]})
    found = loaded(warehouse).read(SCORES.table().semi_join(wanted, "game_id").select("pts"))
    assert found["pts"].tolist() == [101]


def test_a_count_that_nobody_named_is_an_answer_too(warehouse: Warehouse):
    """BigQuery allows no brackets in a name and spells it otherwise than the expression does."""
    counted = loaded(warehouse).read(SCORES.table().count().as_table())
    assert counted.to_numpy().tolist() == [[3]]


def test_a_morning_reads_what_was_stored_before_its_date_and_nothing_of_it(warehouse: Warehouse):
    loaded(warehouse)
    spine = ibis.memtable({"game_date": [MONDAY, TUESDAY], "side": ["home", "home"]})
    history = History.of(SCORES, DateRange(MONDAY, TUESDAY), after_games=True)
    known = as_of(history, spine, ["side"], across_seasons=True)
    found = warehouse.read(known.group_by("game_date").aggregate(best=known.pts.max()).order_by("game_date"))
    assert found["best"].tolist() == [90, 101]


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


def test_a_list_that_must_be_known_and_is_null_is_refused(warehouse: Warehouse):
    """BigQuery stores NULL as an empty list: `nothing was missing` instead of `nobody looked`."""
    known = replace(EVERY_KIND, columns={**KINDS, "reasons": texts()})
    blank = dict.fromkeys(KINDS) | {"game_id": "b", "game_date": MONDAY}
    for unknown in (
        rows(blank, contract=EVERY_KIND),
        rows({**blank, "reasons": []}, contract=EVERY_KIND).mutate(reasons=ibis.null("array<string>")),
    ):
        with pytest.raises(ContractBroken, match=r"nba_raw.kinds: nothing stored. Found .*rows where reasons is NULL"):
            warehouse.replace(known, ALL_THREE, unknown)
    assert not warehouse.holds(known) or warehouse.read(known.table()).empty


def test_a_list_that_may_be_unknown_is_null_on_duckdb_and_empty_on_bigquery(warehouse: Warehouse):
    """BigQuery has no NULL lists: a column beside it must say whether the list is known."""
    blank = dict.fromkeys(KINDS) | {"game_id": "b", "game_date": MONDAY}
    warehouse.replace(EVERY_KIND, ALL_THREE, rows(blank, contract=EVERY_KIND))
    (found,) = warehouse.read(EVERY_KIND.table())["reasons"]
    assert pd.isna(found) if isinstance(warehouse, DuckDBWarehouse) else list(found) == []
