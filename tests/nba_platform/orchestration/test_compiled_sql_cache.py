"""SQL is compiled once for each version of the code, and never read by another version."""

import json
from pathlib import Path

import pytest

from nba_platform.definitions import TABLES
from nba_platform.orchestration import compiled_sql_cache as module
from nba_platform.orchestration.compiled_sql_cache import compiled_sql

SOME = {"seasons": TABLES["seasons"]}


def test_compiled_sql_is_that_of_the_table_and_is_cached(tmp_path: Path):
    assert compiled_sql(SOME, tmp_path) == {"seasons": TABLES["seasons"].sql(TABLES)}
    (cached,) = tmp_path.glob("*.json")
    cached.write_text(json.dumps({"seasons": "SELECT 'from the file'"}))
    assert compiled_sql(SOME, tmp_path) == {"seasons": "SELECT 'from the file'"}


def test_other_code_never_finds_what_this_code_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    compiled_sql(SOME, tmp_path)
    (cached,) = tmp_path.glob("*.json")
    cached.write_text(json.dumps({"seasons": "SELECT 'outdated'"}))
    monkeypatch.setattr(module, "version", lambda name: "another release of the compiler")
    assert compiled_sql(SOME, tmp_path) == {"seasons": TABLES["seasons"].sql(TABLES)}
    assert not cached.exists()


def test_loading_definitions_makes_no_home(tmp_path: Path):
    compiled_sql(SOME, tmp_path / "home" / "compiled")
    assert not (tmp_path / "home").exists()


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path):
    taken = tmp_path / "file"
    taken.touch()
    assert compiled_sql(SOME, taken / "compiled") == {"seasons": TABLES["seasons"].sql(TABLES)}
