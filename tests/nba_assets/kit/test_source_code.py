"""The source behind a table that is made in Python."""

import itertools
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import nba_assets
from nba_assets.kit.source_code import source_of
from nba_assets.kit.table import declared_tables

MAIN = '''
"""Forecasts."""
from models.HELPERS import WEIGHT, weighted

SEASON = "2024-25"
UNUSED = 1

def forecast(rows):
    """Weigh the rows."""
    return weighted(rows, SEASON)  # the season counts
'''
HELPERS = '''
"""Helpers."""
WEIGHT = 0.5

class Weights:
    """Both weights."""
    last = WEIGHT

def weighted(rows, season):
    """Multiply."""
    return rows * Weights.last

def chart(rows):
    return "a bar for each row"
'''
NUMBERS = itertools.count(100)  # sources are cached by module name
Written = Callable[[str, str], Callable]


@pytest.fixture
def forecast(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Written:
    """Write the two modules under names of their own, and return the function of the first."""
    import models

    monkeypatch.setattr(models, "__path__", [*models.__path__, str(tmp_path)])

    def write(main: str, helpers: str) -> Callable:
        name = f"forecast_{next(NUMBERS)}"
        (tmp_path / f"{name}_helpers.py").write_text(helpers)
        (tmp_path / f"{name}.py").write_text(main.replace("HELPERS", f"{name}_helpers"))
        module = __import__(f"models.{name}", fromlist=["forecast"])
        for made in (f"models.{name}", f"models.{name}_helpers"):
            monkeypatch.setitem(sys.modules, made, sys.modules[made])
        return module.forecast

    return write


def body_of(function: Callable) -> str:
    return "\n".join(line for line in source_of(function).splitlines() if not line.startswith("#"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"2024-25"', '"2025-26"'),
        ("WEIGHT = 0.5", "WEIGHT = 0.6"),
        ("rows * Weights", "rows + Weights"),
        ("weighted(rows, SEASON)", "weighted(rows, season=SEASON)"),
    ],
)
def test_a_change_of_anything_the_function_reaches_shows(forecast: Written, old: str, new: str):
    before, after = forecast(MAIN, HELPERS), forecast(MAIN.replace(old, new), HELPERS.replace(old, new))
    assert body_of(before) != body_of(after)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Weigh the rows.", "Weigh all rows."),
        ("Both weights.", "Weights."),
        ('"""Helpers."""', '"""Small helpers."""'),
        ("  # the season counts", ""),
        ("a bar for each row", "a line for each row"),
        ("UNUSED = 1", "UNUSED = 2"),
    ],
)
def test_prose_and_what_is_not_reached_does_not_show(forecast: Written, old: str, new: str):
    before, after = forecast(MAIN, HELPERS), forecast(MAIN.replace(old, new), HELPERS.replace(old, new))
    assert body_of(before) == body_of(after)


def test_the_source_of_forecasts_holds_every_system_and_no_chart_and_no_check():
    source = source_of(declared_tables(nba_assets)["player_prop_predictions"].compute_frame)
    reached = {line.removeprefix("# ") for line in source.splitlines() if line.startswith("# ")}
    assert {"models.systems.SYSTEMS", "models.systems.ensemble.forecast", "models.systems.trees.tree_system"} <= reached
    assert {"models.inference.distribution.ResidualSpread", "models.inference.recommendation.recommend"} <= reached
    assert not [name for name in reached if "charts" in name or name.startswith("nba_checks")]
