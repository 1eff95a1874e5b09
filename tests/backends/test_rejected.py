"""Broken rows cost their unit (a row, a game, a date) and nothing beside it, on every engine."""

import json
from dataclasses import replace
from typing import Any

import ibis
import pytest

from nba_resources.dates import DateRange
from nba_resources.rejected import Unit
from nba_resources.warehouse.base import Rejected, Warehouse
from nba_resources.warehouse.contract import CONTRADICTION, Contract, ContractBroken, integer, text

from .scores import ALL_THREE, COLUMNS, MONDAY, SCORES, SUNDAY, TUESDAY, counts, loaded, rows, score, stored

LINES = replace(
    SCORES,
    name="stat_lines",
    grain=("game_id", "player_id"),
    columns={**COLUMNS, "player_id": integer("", 1, 99), "source": text("")},
    unit=Unit.GAME,
)


def line(game_id: str, player: int, **changes: Any) -> dict[str, Any]:
    return score(game_id, **{"player_id": player, "source": "archive"} | changes)


def of_players(warehouse: Warehouse, contract: Contract = LINES) -> list[tuple[str, int, int]]:
    table = contract.table().select("game_id", "player_id", "pts").order_by("game_id", "player_id")
    return [tuple(row) for row in warehouse.read(table).itertuples(index=False)]


def test_a_refused_date_keeps_its_old_rows_and_the_others_are_stored(warehouse: Warehouse):
    """One impossible pace once ended a run of 200 dates."""
    rejected = Rejected()
    new = rows(score("s", SUNDAY, pts=91), score("m", pace=40.0), score("m2", pts=7), score("t", TUESDAY, pts=113))
    written = loaded(warehouse).replace(SCORES, ALL_THREE, new, rejected)
    assert stored(warehouse) == {"s": 91, "m": 101, "t": 113}
    assert counts(written) == {SUNDAY: 1, MONDAY: 1, TUESDAY: 1}
    assert rejected.dates == {MONDAY: "1 rows where pace is outside 70 to 130, for instance m"}


def test_each_broken_rule_of_a_refused_date_is_named_with_an_example(warehouse: Warehouse):
    rejected = Rejected()
    bad = (score("a", pts=None), score("b", side="left", pts=300), score("c", side="left", pts=301))
    warehouse.replace(SCORES, ALL_THREE, rows(*bad, score("t", TUESDAY)), rejected)
    assert rejected.dates == {
        MONDAY: "1 rows where pts is NULL, for instance a; "
        "2 rows where side is none of home, away; pts is outside 0 to 200, for instance b"
    }


def test_a_repeated_key_refuses_each_of_its_dates(warehouse: Warehouse):
    rejected = Rejected()
    warehouse.replace(SCORES, ALL_THREE, rows(score("x"), score("x", SUNDAY), score("t", TUESDAY)), rejected)
    assert set(rejected.dates) == {SUNDAY, MONDAY}
    assert stored(warehouse) == {"t": 100}


def test_a_row_of_another_date_still_refuses_the_write(warehouse: Warehouse):
    with pytest.raises(ContractBroken, match="game_date is outside"):
        warehouse.replace(SCORES, DateRange(MONDAY, MONDAY), rows(score("x", TUESDAY)), Rejected())


def test_a_table_without_dates_is_refused_whole(warehouse: Warehouse):
    whole = replace(SCORES, partition=None)
    with pytest.raises(ContractBroken, match="pts is NULL"):
        warehouse.replace(whole, None, rows(score("x", pts=None), score("y")), Rejected())


def test_a_game_with_a_broken_row_is_set_aside_whole_and_keeps_its_old_rows(warehouse: Warehouse):
    warehouse.replace(LINES, ALL_THREE, rows(line("a", 1, pts=10), line("b", 1, pts=20), contract=LINES))
    rejected = Rejected()
    new = rows(line("a", 1, pts=-1), line("a", 2, pts=30), line("b", 1, pts=21), contract=LINES)
    warehouse.replace(LINES, ALL_THREE, new, rejected)
    assert of_players(warehouse) == [("a", 1, 10), ("b", 1, 21)]
    found = {json.loads(one.row)["player_id"]: (one.date, one.source, one.unit, one.reason) for one in rejected.rows}
    assert found == {
        1: (MONDAY, "archive", "a", "pts is outside 0 to 200"),
        2: (MONDAY, "archive", "a", "another row of the game is rejected: pts is outside 0 to 200"),
    }


def test_a_contradiction_that_the_table_found_sets_its_game_aside(warehouse: Warehouse):
    rejected = Rejected()
    new = rows(line("a", 1), line("b", 1), contract=LINES)
    fault = ibis.cases((new.game_id == "a", "six starters"), else_=None)
    warehouse.replace(LINES, ALL_THREE, new.mutate(**{CONTRADICTION: fault}), rejected)
    assert of_players(warehouse) == [("b", 1, 100)]
    assert [one.reason for one in rejected.rows] == ["six starters"]


def test_a_broken_row_of_a_side_feed_costs_only_itself(warehouse: Warehouse):
    """A total of 111.5 among 53,209 rows of odds once ended a run of 200 dates."""
    odds = replace(LINES, name="odds", unit=Unit.ROW)
    warehouse.replace(odds, ALL_THREE, rows(line("a", 1, pts=10), line("a", 2, pts=20), contract=odds))
    rejected = Rejected()
    new = (line("a", 1, pts=-1), line("a", 2, pts=21), line("a", 3), line("a", 3, pts=4))
    warehouse.replace(odds, ALL_THREE, rows(*new, contract=odds), rejected)
    assert of_players(warehouse, odds) == [("a", 1, 10), ("a", 2, 21)]
    reasons = sorted((json.loads(one.row)["player_id"], one.reason) for one in rejected.rows)
    assert reasons == [(1, "pts is outside 0 to 200"), (3, "its key is repeated"), (3, "its key is repeated")]


def test_appended_rows_are_set_aside_alone(warehouse: Warehouse):
    odds = replace(LINES, name="offers", unit=Unit.ROW)
    rejected = Rejected()
    warehouse.append(odds, ALL_THREE, rows(line("a", 1, pts=999), line("a", 2, pts=5), contract=odds), rejected)
    assert of_players(warehouse, odds) == [("a", 2, 5)]
    assert len(rejected.rows) == 1


def test_a_write_of_one_feed_leaves_the_rows_of_another(warehouse: Warehouse):
    loaded(warehouse).replace(SCORES, ALL_THREE, rows(score("h", MONDAY, pts=3)), where={"side": "home"})
    assert stored(warehouse) == {"h": 3}
    warehouse.replace(SCORES, ALL_THREE, rows(score("a", MONDAY, side="away", pts=4)), where={"side": "away"})
    assert stored(warehouse) == {"h": 3, "a": 4}
