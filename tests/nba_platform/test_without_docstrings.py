"""`python -OO` removes docstrings: descriptions in the UI are then empty, and everything else still works."""

import os
import subprocess
import sys
from pathlib import Path

from nba_platform.definitions import platform

COUNT = """
import sys
from unittest.mock import MagicMock
sys.modules["xgboost"] = MagicMock()  # XGBoost 3.2 edits a docstring when it is imported, so it fails by itself
from nba_platform.definitions import platform
graph = platform().resolve_asset_graph()
print(len(graph.get_all_asset_keys()), len(graph.asset_check_keys))
"""


def test_all_tables_and_checks_load_without_docstrings(tmp_path: Path):
    graph = platform().resolve_asset_graph()
    command = [sys.executable, "-OO", "-c", COUNT]
    environment = os.environ | {"NBA_HOME": str(tmp_path)}
    counted = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert counted.stdout.split() == [str(len(graph.get_all_asset_keys())), str(len(graph.asset_check_keys))]
