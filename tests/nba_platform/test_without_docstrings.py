"""`python -OO` removes docstrings: descriptions in the UI are then empty, and everything else still works."""

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nba_checks.all import all_checks
from nba_checks.publish import publishable
from nba_platform.definitions import TABLES

from .conftest import Settle

GRAPH = Path(__file__).with_name("graph.json")
NIGHT = dt.date(2024, 12, 10)
PROGRAM = f"""
import datetime, json, logging, sys
from unittest.mock import MagicMock
sys.modules["xgboost"] = MagicMock()  # XGBoost 3.2 edits a docstring when it is imported, so it fails by itself
from nba_checks.publish import publishable
from nba_platform.definitions import platform
graph = platform().resolve_asset_graph()
logging.disable()
print(json.dumps({{
    "assets": sorted(key.to_user_string() for key in graph.get_all_asset_keys()),
    "checks": len(graph.asset_check_keys),
    "reasons": publishable(None, None, {{}}, {NIGHT!r}, {NIGHT!r}).public_reasons,
}}))
"""


@pytest.fixture(scope="module")
def optimised(tmp_path_factory: pytest.TempPathFactory, settled: Settle) -> dict[str, Any]:
    """Return what a process without docstrings has loaded, and what it says."""
    with pytest.MonkeyPatch.context() as patch:
        settled(tmp_path_factory.mktemp("home"), patch)
        command = [sys.executable, "-OO", "-c", PROGRAM]
        return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def test_all_tables_and_checks_load_without_docstrings(optimised: dict[str, Any]):
    assert optimised["assets"] == sorted(json.loads(GRAPH.read_text(encoding="utf-8")))
    assert optimised["checks"] == sum(len(list(check.check_specs)) for check in all_checks(TABLES))


def test_the_published_reasons_are_the_same_without_docstrings(optimised: dict[str, Any]):
    """They were the docstrings of private functions: `python -OO` published "whether None"."""
    nobody: Any = None
    assert optimised["reasons"] == list(publishable(nobody, nobody, {}, NIGHT, NIGHT).public_reasons)
