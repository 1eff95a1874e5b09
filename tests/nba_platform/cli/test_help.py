import subprocess
import sys

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from nba_platform.cli.main import app

GROUPS = {"models": ["list", "compare", "promote", "rollback"]}
COMMANDS = [name for name in get_command(app).commands if name not in GROUPS]
ALL = [*COMMANDS, *(f"{group} {name}" for group, names in GROUPS.items() for name in names)]


def test_the_commands_are_the_documented_ones():
    tables = ["backfill", "train", "coverage", "history", "preflight"]
    live = ["ingest", "replay", "archive"]
    forecasts = ["predictions", "predict", "publish", "site", "evaluate"]
    service = ["demo", "doctor", "ui", "home"]

    assert sorted(COMMANDS) == sorted([*tables, *live, *forecasts, *service])
    assert [*get_command(app).commands["models"].commands] == GROUPS["models"]


@pytest.mark.parametrize("command", ALL)
def test_the_help_of_every_command_teaches_with_an_example(command):
    help_text = CliRunner().invoke(app, [*command.split(), "--help"], env={"COLUMNS": "200"}).stdout

    after_example = help_text.partition("Example")[2]
    assert f"nba {command}" in after_example
    assert "--json" in help_text


def test_help_answers_before_the_orchestrator_is_imported():
    """Dagster takes more than a second to import, which is too long to wait for a list of options."""
    program = (
        "import sys, nba_platform.cli.main; sys.exit(bool({'dagster', 'ibis', 'pandas', 'catboost'} & {*sys.modules}))"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
