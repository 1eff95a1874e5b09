"""The compiled SQL of every table, kept between processes.

A code version needs the table's SQL, and compiling all of it takes seconds, which every run, every worker of the UI and
every command would pay again. The file is named after the sources it was compiled from, so another code never finds it.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import models
import nba_assets
import nba_resources
from nba_assets.kit.table import Table

COMPILERS = ("ibis-framework", "sqlglot")


def statements(tables: Mapping[str, Table], folder: Path) -> Mapping[str, str]:
    """Each table's statement by name, compiled once for each state of the code."""
    file = folder / f"{_fingerprint()}.json"
    if file.exists():
        return json.loads(file.read_text(encoding="utf-8"))
    compiled = {name: table.sql(tables) for name, table in tables.items()}
    _keep(compiled, file)
    return compiled


def _fingerprint() -> str:
    told = hashlib.sha256(repr([version(name) for name in COMPILERS]).encode())
    for package in (nba_assets, nba_resources, models):
        root = Path(package.__path__[0])
        for source in sorted(root.rglob("*.py")):
            told.update(f"{source.relative_to(root.parent)}\n".encode() + source.read_bytes())
    return told.hexdigest()[:16]


def _keep(compiled: Mapping[str, str], file: Path) -> None:
    """In a home that exists, moved into place when complete; where it cannot be kept, only time is lost."""
    if not file.parent.parent.exists():
        return
    try:
        file.parent.mkdir(exist_ok=True)
        for outdated in file.parent.glob("*.json"):
            outdated.unlink(missing_ok=True)
        beside = file.with_suffix(f".{os.getpid()}")
        beside.write_text(json.dumps(compiled), encoding="utf-8")
        beside.replace(file)
    except OSError:
        return
