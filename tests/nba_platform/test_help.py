import subprocess
import sys

import pytest
from typer.testing import CliRunner

from nba_platform.cli import app

COMMANDS = [command.callback.__name__ for command in app.registered_commands if command.callback]


def test_the_commands_are_the_documented_ones():
    assert COMMANDS == ["backfill", "coverage", "preflight", "demo", "ui", "home"]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_teaches_with_an_example(command):
    help_text = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"}).stdout

    after_example = help_text.partition("Example")[2]
    assert f"nba {command}" in after_example
    assert "--json" in help_text


def test_help_answers_before_the_orchestrator_is_imported():
    """Dagster takes more than a second to import, which is too long to wait for a list of options."""
    program = "import sys, nba_platform.cli; sys.exit('dagster' in sys.modules or 'ibis' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
