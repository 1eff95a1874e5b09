"""What marks stored dates as stale, and what does not."""

import datetime as dt
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pytest

import nba_assets
from nba_assets.kit import as_of as as_of_module
from nba_assets.kit.as_of import History, as_of
from nba_assets.kit.table import ExpectedRows, Table, declared_tables
from nba_resources.warehouse.contract import Column, day, integer, number, text

from ...shared import TEMPLATES
from .tiny import TINY, boxes, declared

ROOT = Path(nba_assets.__file__).parents[1]


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


@pytest.mark.parametrize("change", [{"grain": ("game_date",)}, {"post": True}, {"moves": ("team",)}], ids=str)
def test_the_code_version_changes_with_the_contract(change: dict[str, Any]):
    form = looking_back()
    assert replace(form, contract=replace(form.contract, **change)).code_version(TINY) != form.code_version(TINY)


def test_the_code_version_changes_with_the_range_of_a_column():
    form = looking_back()
    assert with_points(form, number("Mean of the last days", 0, 200)).code_version(TINY) != form.code_version(TINY)


def test_the_code_version_changes_with_the_type_of_a_column():
    form = looking_back()
    assert with_points(form, integer("Mean of the last days")).code_version(TINY) != form.code_version(TINY)


def test_prose_is_no_reason_to_compute_dates_again():
    """A full stop in a description once made five seasons stale."""
    form = looking_back()
    described = replace(form, contract=replace(form.contract, description="Other words."))
    explained = with_points(form, number("In other words", unit="points"))
    assert described.code_version(TINY) == explained.code_version(TINY) == form.code_version(TINY)


def with_points(form: Table, column: Column) -> Table:
    return replace(form, contract=replace(form.contract, columns={**form.contract.columns, "pts": column}))


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
import gc
gc.disable()
import nba_assets
from nba_assets.kit.table import declared_tables
tables = declared_tables(nba_assets)
for name in sorted(tables):
    print(name, tables[name].code_version(tables))
print(*nba_assets.__path__)
"""


def test_code_versions_are_the_same_in_every_process_and_with_every_docstring_edited(tmp_path: Path):
    """An order taken from a set would mark everything stale at each start, and so would a full stop."""
    edited = copy_with_edited_docstrings(tmp_path)
    environment = {**os.environ, "PYTHONHASHSEED": "2", "PYTHONPATH": str(tmp_path)}
    told = subprocess.run(
        [sys.executable, "-c", VERSIONS], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    *there, folder = told.stdout.splitlines()
    tables = declared_tables(nba_assets)
    statements = {name: table.sql(tables, templates=TEMPLATES) for name, table in tables.items()}
    assert edited > 500
    assert there == [f"{name} {tables[name].code_version(tables, statements[name])}" for name in sorted(tables)]
    assert folder == str(tmp_path / "nba_assets")


def copy_with_edited_docstrings(folder: Path) -> int:
    """Copy what computes tables; with a word in each docstring and a comment above each function."""
    edited = 0
    for package in ("models", "nba_assets", "nba_resources"):
        for source in (ROOT / package).rglob("*.py"):
            written = folder / source.relative_to(ROOT)
            written.parent.mkdir(parents=True, exist_ok=True)
            text, count = re.subn(r'^( *)"""(?=\w)', r'\1"""Edited. ', source.read_text(), flags=re.MULTILINE)
            written.write_text(re.sub(r"^def ", "# edited\ndef ", text, flags=re.MULTILINE))
            edited += count
    return edited
