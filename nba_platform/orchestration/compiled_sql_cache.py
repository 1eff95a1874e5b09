"""Cache of the compiled SQL of every table, shared by processes.

A code version needs the table's SQL, and compiling all tables takes seconds in every run, UI worker and command. The
name of the cache file is a hash of the source code, so other code never reads it.
"""

import contextlib
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


def compiled_sql(tables: Mapping[str, Table], folder: Path) -> Mapping[str, str]:
    """Return the SQL of each table by name, compiled once for each version of the code."""
    file = folder / f"{_fingerprint()}.json"
    if file.exists():
        return json.loads(file.read_text(encoding="utf-8"))
    compiled = {name: table.sql(tables) for name, table in tables.items()}
    with contextlib.suppress(OSError):  # a cache that cannot be written costs only time
        folder.mkdir(exist_ok=True)  # a missing NBA_HOME is not created
        for outdated in folder.glob("*.json"):
            outdated.unlink(missing_ok=True)
        unfinished = file.with_suffix(f".{os.getpid()}")
        unfinished.write_text(json.dumps(compiled), encoding="utf-8")
        unfinished.replace(file)  # no process reads half a file
    return compiled


def _fingerprint() -> str:
    digest = hashlib.sha256(repr([version(name) for name in COMPILERS]).encode())
    for package in (nba_assets, nba_resources, models):
        root = Path(package.__path__[0])
        for source in sorted(root.rglob("*.py")):
            digest.update(f"{source.relative_to(root.parent)}\n".encode() + source.read_bytes())
    return digest.hexdigest()[:16]
