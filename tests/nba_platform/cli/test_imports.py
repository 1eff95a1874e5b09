"""Commands that print stored rows load only what they need: each runs in a process of its own."""

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from models.training.cards import ModelStatus
from nba_checks.permission import Publish
from nba_platform.cli.views.card import permission
from nba_platform.config.environments import reader

from ...shared import warehouse_at
from ..conftest import Nba
from ..registry_rows import model
from ..rows import store

NIGHT, DEMO_TONIGHT = dt.date(2024, 12, 10), dt.date(2024, 10, 24)
ORCHESTRATION = {"dagster", "dagster_pandas", "dagster_graphql", "sqlalchemy"}
SLOW = {"matplotlib", "plotly", "requests", "httpx", "google.cloud"}
LEARNERS = {"xgboost", "catboost", "sklearn"}
FRAMES = {"ibis", "pandas", "numpy", "pyarrow", "sqlglot"}
READING = ORCHESTRATION | SLOW | LEARNERS | FRAMES
PROGRAM = """
import json, sys
from nba_platform.cli.main import app
sys.argv = ["nba", *sys.argv[1:]]
try:
    app()
except SystemExit as ended:
    code = ended.code
print(json.dumps([code, sorted(sys.modules)]), file=sys.stderr)
"""


def modules_of(*words: str, code: int = 0) -> set[str]:
    """Return what a command imported that ended with a code."""
    ran = subprocess.run([sys.executable, "-c", PROGRAM, *words], capture_output=True, text=True, check=True)
    ended, modules = json.loads(ran.stderr.splitlines()[-1])
    assert ended == code, ran.stderr
    return set(modules)


@pytest.fixture
def evening(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A date with a forecast that may not be published, as was decided and stored."""
    monkeypatch.setenv("NBA_TODAY", str(NIGHT))
    game = {"game_date": NIGHT, "game_id": "1"}
    player = {"player_id": 1, "player_lookup": "one"}
    forecast = {"system_id": "ensemble_v1", "edition": "at_tip", "recommendation": "NO_LINE"}
    forecast |= {"predicted_value": 20.0, "components": "[]"}
    store(
        warehouse_at(home / "nba.duckdb"),
        schedule=[game | {"season_type": "regular", "status": "scheduled", "home_team": "BOS", "away_team": "NYK"}],
        players=[player | {"player_name": "One"}],
        player_game_summary=[game | player],
        ml_feature_store_v2=[game | player | {"is_prop_eligible": True}],
        player_prop_predictions=[game | player | forecast],
        ml_model_registry=[model("m", ModelStatus.CANDIDATE)],
    )
    assert not permission(reader(), NIGHT, NIGHT).allowed
    return home


@pytest.mark.parametrize(
    "words",
    [["predictions"], ["predictions", "--all-systems", "--json"], ["models", "list"]],
    ids=" ".join,
)
def test_a_card_and_the_models_are_read_without_frames_learners_or_orchestrator(words: list[str], evening: Path):
    assert not modules_of(*words) & READING


@pytest.mark.parametrize(
    "words",
    [["history", "--json"], ["history", "nba_raw.schedule", "2024-10-22"]],
    ids=" ".join,
)
def test_history_is_read_without_frames_learners_or_orchestrator(words: list[str], filled_home: Path):
    assert not modules_of(*words) & READING


def test_a_permission_that_lapsed_is_decided_again(evening: Path, monkeypatch: pytest.MonkeyPatch):
    """The stored decision is about what was stored then: with other rows the command evaluates every guard."""
    asked = []
    monkeypatch.setattr("nba_checks.publish.publishable", lambda *given: asked.append(given) or Publish())
    store(warehouse_at(evening / "nba.duckdb"), ml_model_registry=[])

    assert permission(reader(), NIGHT, NIGHT) == Publish()
    assert asked


def test_what_needs_no_table_is_refused_without_importing_any(home: Path):
    assert not modules_of("models", "list", code=1) & READING


def test_a_forecast_on_the_spot_needs_no_orchestrator(evening: Path):
    """It ends with an error here, as no box score is stored."""
    modules = modules_of("predict", "one", code=1)
    assert modules >= {"pandas", "ibis"}
    assert not modules & (ORCHESTRATION | SLOW)


def test_coverage_is_counted_without_frames_learners_or_orchestrator(filled_home: Path, nba: Nba):
    """The first command of a version of the code compiles the queries, the others render them."""
    compiled = nba("coverage", "--json").document()
    assert not modules_of("coverage") & READING
    rendered = nba("coverage", "--json").document()
    assert {**compiled, "seconds": 0} == {**rendered, "seconds": 0}


def test_rows_that_were_lost_are_missed_although_no_run_knows_of_it(filled_home: Path, nba: Nba):
    """A stored state would still be complete."""
    contexts, date = "nba_analytics.upcoming_team_game_context", "2024-10-24"
    before = nba("coverage", date, date, "--json").document()
    with duckdb.connect(str(filled_home / "nba.duckdb")) as engine:
        engine.execute(f"DELETE FROM {contexts} WHERE game_date = DATE '{date}'")
    after = nba("coverage", date, date, "--json").document()

    states = [next(one["states"] for one in said["tables"] if one["table"] == contexts) for said in (before, after)]
    assert states == [{"complete": 1}, {"missing": 1}]


def test_a_run_decides_whether_its_newest_date_may_be_published(filled_home: Path, monkeypatch: pytest.MonkeyPatch):
    """The demo's run has stored the decision, so no guard is evaluated."""
    monkeypatch.setattr("nba_checks.publish.publishable", None)
    decision = permission(reader(), DEMO_TONIGHT, DEMO_TONIGHT)
    assert decision.reasons[0].startswith("no forecast of 2024-10-24 is stored; nothing can be done")
