"""Statements are compiled once for each state of the code, and never mistaken for those of another."""

import json
from pathlib import Path

import pytest

from nba_platform.definitions import TABLES
from nba_platform.orchestration import compiled_sql_cache as module
from nba_platform.orchestration.compiled_sql_cache import compiled_sql

SOME = {"seasons": TABLES["seasons"]}


def test_a_statement_is_the_tables_own_and_is_kept(tmp_path: Path):
    assert compiled_sql(SOME, tmp_path) == {"seasons": TABLES["seasons"].sql(TABLES)}
    (kept,) = tmp_path.glob("*.json")
    kept.write_text(json.dumps({"seasons": "SELECT 'from the file'"}))
    assert compiled_sql(SOME, tmp_path) == {"seasons": "SELECT 'from the file'"}


def test_other_code_never_finds_what_this_code_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    compiled_sql(SOME, tmp_path)
    (kept,) = tmp_path.glob("*.json")
    kept.write_text(json.dumps({"seasons": "SELECT 'outdated'"}))
    monkeypatch.setattr(module, "version", lambda name: "another release of the compiler")
    assert compiled_sql(SOME, tmp_path) == {"seasons": TABLES["seasons"].sql(TABLES)}
    assert not kept.exists()


def test_loading_definitions_makes_no_home(tmp_path: Path):
    compiled_sql(SOME, tmp_path / "home" / "compiled")
    assert not (tmp_path / "home").exists()


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path):
    taken = tmp_path / "file"
    taken.touch()
    assert compiled_sql(SOME, taken / "compiled") == {"seasons": TABLES["seasons"].sql(TABLES)}
