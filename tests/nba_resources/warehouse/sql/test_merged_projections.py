"""The number by which Ibis decides whether to merge two projections is the one that it counts itself."""

import ibis
import ibis.expr.types as ir
import pytest
from ibis.backends.sql import rewrites

import nba_assets
from nba_assets.kit.table import COMPILED_FOR, declared_tables
from nba_resources.warehouse.sql.merged_projections import counted_by_ibis, expressions_below
from nba_resources.warehouse.sql.statements import compile_sql

TABLES = declared_tables(nba_assets)
GAMES = ibis.table({"team": "string", "points": "int64"}, name="games")
TWICE = GAMES.points + GAMES.points
HALVES = GAMES.mutate(one=TWICE / 2, other=TWICE * TWICE).mutate(sum=ibis._.one + ibis._.other)


@pytest.mark.parametrize(
    "rows",
    [
        GAMES,
        HALVES,
        HALVES.join(HALVES.filter(ibis._.sum > 3), "team"),
        GAMES.mutate(chance=ibis.random()).mutate(twice=ibis._.chance * 2),
        GAMES.filter(GAMES.team.isin(HALVES.team)).order_by(TWICE).distinct(),
        *(TABLES[name].build(TABLES, COMPILED_FOR) for name in ("team_boxscores", "player_game_summary")),
    ],
)
def test_expressions_are_counted_as_by_ibis(rows: ir.Table):
    for node in rows.op().find((ibis.expr.operations.Relation, ibis.expr.operations.Value)):
        assert expressions_below(node) == counted_by_ibis(node)


def test_statements_are_the_same_with_numbers_counted_by_ibis(monkeypatch: pytest.MonkeyPatch):
    rows = HALVES.join(HALVES.filter(ibis._.sum > 3), "team").mutate(more=ibis._.sum + 1)
    statement = compile_sql(rows, "duckdb")
    assert rewrites.complexity is expressions_below
    monkeypatch.setattr(rewrites, "complexity", counted_by_ibis)
    monkeypatch.setattr(ibis, "to_sql", ibis.expr.sql.to_sql)
    assert compile_sql(rows, "duckdb") == statement
