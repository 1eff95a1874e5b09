import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nba_platform.cli.main import app
from nba_platform.config.settings import VARIABLES


@dataclass(frozen=True)
class CommandResult:
    """Output and exit code of a command."""

    code: int
    out: str
    err: str

    def document(self) -> dict:
        """Return stdout as its one JSON document."""
        return json.loads(self.out)


Nba = Callable[..., CommandResult]


def run_command(*words: str) -> CommandResult:
    result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    return CommandResult(result.exit_code, result.stdout, result.stderr)


@pytest.fixture(scope="session")
def nba() -> Nba:
    return run_command


@pytest.fixture(scope="session")
def settled() -> Callable[[Path, pytest.MonkeyPatch], None]:
    return settle


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty NBA_HOME with the simulated league on 2024-10-24, the third date of its season."""
    settle(tmp_path, monkeypatch)
    return tmp_path


@pytest.fixture
def nothing_else_set(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, with no other variable set."""
    for variable in VARIABLES:
        if variable.name not in ("NBA_HOME", "NBA_SOURCE"):
            monkeypatch.delenv(variable.name, raising=False)
    return home


def settle(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBA_HOME", str(folder))
    monkeypatch.setenv("NBA_SOURCE", "simulated")
    monkeypatch.setenv("NBA_TODAY", "2024-10-24")
    monkeypatch.setenv("DAGSTER_HOME", str(folder / "dagster"))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> "Filled":
    """An NBA_HOME after `nba demo --json`, once for each module: a pre-season and three dates."""
    folder = tmp_path_factory.mktemp("filled")
    with pytest.MonkeyPatch.context() as monkeypatch:
        settle(folder, monkeypatch)
        return Filled(folder, run_command("demo", "--json"))


@dataclass(frozen=True)
class Filled:
    """The folder, and the result of the command that filled it."""

    folder: Path
    said: CommandResult


@pytest.fixture
def filled_home(filled: Filled, monkeypatch: pytest.MonkeyPatch) -> Path:
    settle(filled.folder, monkeypatch)
    return filled.folder
