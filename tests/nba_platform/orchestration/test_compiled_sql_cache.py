"""The SQL of tables comes from templates, which only processes with the same code share."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from time import sleep

import pytest

from nba_platform.config.environments import templates
from nba_platform.definitions import TABLES
from nba_platform.orchestration.compiled_sql_cache import compiled_sql
from nba_resources import code_hash as module
from nba_resources.code_hash import code_hash
from nba_resources.warehouse.sql import statements
from nba_resources.warehouse.sql.statements import compile_sql
from nba_resources.warehouse.sql.templates import TemplateFolder

SOME = {"seasons": TABLES["seasons"]}


def test_compiled_sql_is_that_of_the_table_and_is_cached(tmp_path: Path):
    folder = TemplateFolder(tmp_path / "compiled" / "hash")
    assert compiled_sql(SOME, folder) == {"seasons": TABLES["seasons"].sql(TABLES)}
    (cached,) = tmp_path.rglob("*.json")
    cached.write_text(cached.read_text().replace("SELECT", "SELECT 'from the file',"))
    assert "'from the file'" in compiled_sql(SOME, folder)["seasons"]


def test_processes_that_start_at_the_same_time_compile_a_table_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """After an update, the UI, the daemon and their code servers each compiled all tables."""
    folder, compiled, together = TemplateFolder(tmp_path / "compiled" / "hash"), [], Barrier(2)

    def compile_slowly(*words: object) -> str:
        compiled.append(words)
        sleep(0.2)
        return compile_sql(*words)

    def start(number: int) -> Mapping[str, str]:
        together.wait()
        return compiled_sql(SOME, folder)

    monkeypatch.setattr(statements, "compile_sql", compile_slowly)
    with ThreadPoolExecutor() as pool:
        one, other = pool.map(start, range(2))
    assert one == other
    assert len(compiled) == 1


def test_other_code_never_finds_what_this_code_compiled(home: Path, monkeypatch: pytest.MonkeyPatch):
    ours = templates()
    assert ours.path == home / "compiled" / code_hash()
    monkeypatch.setattr(module, "version", lambda name: "another release of the compiler")
    code_hash.cache_clear()
    assert templates().path.parent == ours.path.parent
    assert templates().path != ours.path
    monkeypatch.undo()
    code_hash.cache_clear()


def test_the_hash_changes_with_any_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(module, "PACKAGES", ("ours",))
    seen = []
    for text in ("", "a = 1", "a = 2", "a = 1"):
        (tmp_path / "ours" / "sums.py").write_text(text)
        code_hash.cache_clear()
        seen.append(code_hash())
    code_hash.cache_clear()
    assert seen[1] == seen[3]
    assert len({*seen}) == 3


def test_loading_definitions_makes_no_home(tmp_path: Path):
    compiled_sql(SOME, TemplateFolder(tmp_path / "home" / "compiled" / "hash"))
    assert not (tmp_path / "home").exists()


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path):
    taken = tmp_path / "compiled"
    taken.touch()
    assert compiled_sql(SOME, TemplateFolder(taken / "hash")) == {"seasons": TABLES["seasons"].sql(TABLES)}
