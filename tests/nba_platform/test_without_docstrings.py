"""`python -OO` removes docstrings: descriptions in the UI are then empty, and everything else still works."""

import json
import subprocess
import sys
from pathlib import Path

from nba_checks.all import all_checks
from nba_platform.definitions import TABLES

GRAPH = Path(__file__).with_name("graph.json")
DEFINITIONS = """
import json, sys
from unittest.mock import MagicMock
sys.modules["xgboost"] = MagicMock()  # XGBoost 3.2 edits a docstring when it is imported, so it fails by itself
from nba_platform.definitions import platform
graph = platform().resolve_asset_graph()
print(json.dumps([sorted(key.to_user_string() for key in graph.get_all_asset_keys()), len(graph.asset_check_keys)]))
"""


def test_all_tables_and_checks_load_without_docstrings(home: Path):
    command = [sys.executable, "-OO", "-c", DEFINITIONS]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(loaded.stdout) == [
        sorted(json.loads(GRAPH.read_text(encoding="utf-8"))),
        sum(len(list(check.check_specs)) for check in all_checks(TABLES)),
    ]
