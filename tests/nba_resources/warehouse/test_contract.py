import datetime as dt
import math
from collections.abc import Callable
from typing import Any

import duckdb
import ibis
import pytest

from nba_resources.dates import DateRange
from nba_resources.warehouse.contract import (
    Column,
    Contract,
    ContractBroken,
    NotLater,
    day,
    flag,
    integer,
    moment,
    number,
    text,
    texts,
)

MONDAY = dt.date(2025, 1, 13)
ONE_DAY = DateRange(MONDAY, MONDAY)
COLUMNS = {
    "game_date": day("US Eastern date"),
    "team_abbr": text("Tricode", "BOS", "NYK"),
    "pts": integer("Points scored", 0, 200, unit="points"),
    "pace": number("Possessions", 70, unit="per 48 min", null=True),
    "coach": text(null=True),
}
SCORES = Contract("nba_raw", "scores", ("game_date", "team_abbr"), COLUMNS, partition="game_date")


def a_score(**changes: Any) -> dict[str, Any]:
    return {"game_date": MONDAY, "team_abbr": "BOS", "pts": 117, "pace": 98.6, "coach": None} | changes


def broken_by(contract: Contract, **changes: Any) -> list[str]:
    anything = ibis.schema({name: column.dtype(nullable=True) for name, column in contract.columns.items()})
    rows = ibis.memtable([a_score(**changes)], schema=anything)
    rules = dict(contract.rules(rows, ONE_DAY))
    with duckdb.connect() as con:
        con.register(rows.op().name, rows.op().data.to_pyarrow(rows.schema()))
        row = con.execute(str(ibis.to_sql(rows.select(**rules), dialect="duckdb"))).fetchone()
    assert row is not None
    return [rule for rule, broken in zip(rules, row, strict=True) if broken]


def test_a_valid_row_breaks_no_rule():
    assert broken_by(SCORES) == []


@pytest.mark.parametrize("pts", [0, 200])
def test_the_ends_of_a_range_are_allowed(pts: int):
    assert broken_by(SCORES, pts=pts) == []


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"pts": None}, "pts is NULL"),
        ({"pts": -1}, "pts is outside 0 to 200"),
        ({"pts": 201}, "pts is outside 0 to 200"),
        ({"pace": 69.9}, "pace is outside 70 or more"),
        ({"team_abbr": "LAL"}, "team_abbr is none of BOS, NYK"),
        ({"game_date": dt.date(2025, 1, 12)}, "game_date is outside 2025-01-13"),
        ({"game_date": dt.date(2025, 1, 14)}, "game_date is outside 2025-01-13"),
        ({"pace": math.inf}, "pace is not a finite number"),
    ],
)
def test_each_broken_rule_is_named(changes: dict[str, Any], rule: str):
    assert broken_by(SCORES, **changes) == [rule]


NOON, LATER = (dt.datetime(2025, 1, 13, 12, minute, tzinfo=dt.UTC) for minute in (0, 1))
TOLD = "known_until is later than price_known_at in spite of bet or value"


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({"bet": "OVER", "known_until": NOON, "price_known_at": NOON}, []),
        ({"bet": "OVER", "known_until": LATER, "price_known_at": NOON}, [TOLD]),
        ({"bet": "PASS", "known_until": LATER, "price_known_at": NOON}, []),
        ({"bet": "PASS", "value": 0.1, "known_until": LATER, "price_known_at": NOON}, [TOLD]),
        ({"bet": "OVER", "known_until": None, "price_known_at": NOON}, []),
        ({"bet": "OVER", "known_until": NOON, "price_known_at": None}, [TOLD]),
        ({"bet": None, "known_until": LATER, "price_known_at": None}, []),
    ],
    ids=["equal", "later", "no bet", "a value", "no timed fact", "a price without a time", "nothing"],
)
def test_a_bet_may_not_know_more_than_its_price(changes: dict[str, Any], broken: list[str]):
    """A forecast with the news of the evening would beat any price of the afternoon."""
    times = {"known_until": moment(null=True), "price_known_at": moment(null=True)}
    columns = {**COLUMNS, **times, "bet": text(null=True), "value": number(null=True)}
    rule = NotLater("known_until", "price_known_at", {"bet": ("OVER", "UNDER"), "value": ()})
    bets = Contract("nba_raw", "bets", SCORES.grain, columns, partition="game_date", not_later=(rule,))
    assert broken_by(bets, **{"value": None} | changes) == broken


def test_a_rule_names_columns_of_the_contract():
    with pytest.raises(ValueError, match="known_until"):
        Contract("nba_raw", "scores", SCORES.grain, COLUMNS, not_later=(NotLater("known_until", "pts", {"coach": ()}),))


def test_null_is_not_checked_against_the_range():
    assert broken_by(SCORES, pace=None) == []


@pytest.mark.parametrize(
    ("column", "allowed"),
    [
        (integer("", 0, 70), "0 to 70"),
        (integer("", 1), "1 or more"),
        (number("", high=0.5), "0.5 or less"),
        (text("", "over", "under"), "over, under"),
        (flag(), ""),
    ],
)
def test_a_column_describes_its_allowed_values(column: Column, allowed: str):
    assert column.allowed == allowed


def test_the_schema_follows_the_declared_order_and_nullability():
    assert SCORES.schema == ibis.schema(
        {"game_date": "!date", "team_abbr": "!string", "pts": "!int64", "pace": "float64", "coach": "string"}
    )


def test_every_kind_of_column_has_its_type():
    kinds = {"t": moment(), "l": texts(null=True), "f": flag()}
    schema = Contract("d", "t", ("t",), kinds).schema
    assert schema == ibis.schema({"t": "!timestamp('UTC')", "l": "array<string>", "f": "!boolean"})


def test_the_table_expression_is_unbound():
    assert str(ibis.to_sql(SCORES.table(), dialect="duckdb")) == 'SELECT\n  *\nFROM "nba_raw"."scores"'


@pytest.mark.parametrize(
    "changes",
    [
        {"grain": ("game_date", "player")},
        {"grain": ()},
        {"partition": "day"},
        {"moves": ("game_id",)},
        {"known_at": "seen_at"},
    ],
)
def test_a_contract_refuses_unknown_columns_in_grain_partition_and_moves(changes: dict[str, Any]):
    arguments: dict[str, Any] = {"grain": ("game_date",), **changes}
    with pytest.raises(ValueError, match=r"nba_raw\.scores: the grain"):
        Contract("nba_raw", "scores", columns=COLUMNS, **arguments)


def test_rows_are_put_in_the_declared_order():
    rows = ibis.memtable([a_score()]).select("coach", "pts", "game_date", "pace", "team_abbr")
    assert SCORES.cast(rows).columns == ("game_date", "team_abbr", "pts", "pace", "coach")


def test_a_missing_and_an_unknown_column_are_both_named():
    rows = ibis.memtable([{key: value for key, value in a_score().items() if key != "pace"} | {"tempo": 98.6}])
    with pytest.raises(ContractBroken, match=r"columns missing \['pace'\], columns not in the contract \['tempo'\]"):
        SCORES.cast(rows)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda rows: rows.mutate(pts=rows.pts + 0.5), "pts is float64, not int64"),
        (lambda rows: rows.mutate(pts=rows.pts.cast("string")), "pts is string, not int64"),
        (
            lambda rows: rows.mutate(game_date=rows.game_date.cast("timestamp('UTC')")),
            r"game_date is timestamp\('UTC'\), not date",
        ),
    ],
)
def test_a_lossy_cast_is_refused(change: Callable[..., Any], expected: str):
    """DuckDB rounds where BigQuery truncates, and a UTC timestamp has tomorrow's date for every late game."""
    with pytest.raises(ContractBroken, match=expected):
        SCORES.cast(change(ibis.memtable([a_score()], schema=SCORES.schema)))


def test_integers_and_null_can_be_cast_to_float():
    rows = ibis.memtable([a_score()], schema=SCORES.schema).mutate(pace=98, coach=None)
    assert SCORES.cast(rows).schema()["pace"].is_float64()


def test_the_markdown_lists_every_column_with_what_it_allows():
    lines = SCORES.markdown().splitlines()
    assert lines[4] == "| `pts` | int64 | points | 0 to 200 | no | Points scored |"
    assert lines[5] == "| `pace` | float64 | per 48 min | 70 or more | yes | Possessions |"
    assert len(lines) == 2 + len(COLUMNS)
