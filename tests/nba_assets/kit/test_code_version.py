"""What marks stored dates as stale, and what does not."""

import datetime as dt
import os
import subprocess
import sys
from dataclasses import replace
from typing import Any

import ibis.expr.types as ir
import pytest

import nba_assets
from nba_assets.kit import as_of as as_of_module
from nba_assets.kit.as_of import History, as_of
from nba_assets.kit.table import ExpectedRows, Table, declared_tables
from nba_resources.warehouse.contract import day, number, text

from .tiny import TINY, boxes, declared


def looking_back(days: int = 7) -> Table:
    @declared(columns={"game_date": day(), "team": text(), "pts": number("Mean of the last days")})
    def form(games: History) -> ir.Table:
        """How it went."""
        slate = games.on()
        recent = as_of(games, slate, ["team"], days=days)
        return recent.group_by("game_date", "team").aggregate(pts=recent.pts.mean())

    return form


def test_the_code_version_is_the_same_for_the_same_declaration():
    assert looking_back().code_version(TINY) == looking_back().code_version(TINY)


def test_the_code_version_changes_with_the_statement():
    assert looking_back(7).code_version(TINY) != looking_back(8).code_version(TINY)


@pytest.mark.parametrize(
    "change", [{"grain": ("game_date",)}, {"description": "Other words."}, {"post": True}], ids=str
)
def test_the_code_version_changes_with_the_contract(change: dict[str, Any]):
    form = looking_back()
    assert replace(form, contract=replace(form.contract, **change)).code_version(TINY) != form.code_version(TINY)


def test_the_code_version_changes_with_the_range_of_a_column():
    form = looking_back()
    narrower = {**form.contract.columns, "pts": number("Mean of the last days", 0, 200)}
    assert replace(form, contract=replace(form.contract, columns=narrower)).code_version(TINY) != form.code_version(
        TINY
    )


def test_a_fix_of_as_of_marks_every_table_that_looks_back_as_stale(monkeypatch: pytest.MonkeyPatch):
    @declared()
    def season_form(games: History) -> ir.Table:
        return as_of(games, games.on(), ["team"])

    before = season_form.code_version(TINY), boxes.code_version(TINY)
    monkeypatch.setattr(as_of_module, "season_floor", lambda date: dt.date(2000, 1, 1))
    after = season_form.code_version(TINY), boxes.code_version(TINY)
    assert before[0] != after[0]
    assert before[1] == after[1]


def test_what_a_table_owes_is_no_reason_to_compute_it_again():
    form = looking_back()
    assert replace(form, expected_rows=ExpectedRows.ROSTER_PLAYERS).code_version(TINY) == form.code_version(TINY)


VERSIONS = """
import nba_assets
from nba_assets.kit.table import declared_tables
tables = declared_tables(nba_assets)
for name in sorted(tables):
    print(name, tables[name].code_version(tables))
"""


def test_code_versions_are_the_same_in_every_process():
    """An order taken from a set would mark everything stale at each start."""
    told = [
        subprocess.run(
            [sys.executable, "-c", VERSIONS],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert told[0] == told[1]
    assert told[0].count("\n") == len(declared_tables(nba_assets))
