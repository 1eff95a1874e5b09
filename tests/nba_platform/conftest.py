import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nba_platform.cli.main import app
from nba_platform.config.settings import VARIABLES

from ..shared import filled_once, share_compiled


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
Settle = Callable[[Path, pytest.MonkeyPatch], None]


def run_command(*words: str) -> CommandResult:
    result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    return CommandResult(result.exit_code, result.stdout, result.stderr)


@pytest.fixture(scope="session")
def nba() -> Nba:
    return run_command


@pytest.fixture(scope="session")
def settled() -> Settle:
    return settle


def settle(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a folder the NBA_HOME of a test; the SQL templates of all homes are the same."""
    share_compiled(folder)
    monkeypatch.setenv("NBA_HOME", str(folder))
    monkeypatch.setenv("NBA_SOURCE", "simulated")
    monkeypatch.setenv("NBA_TODAY", "2024-10-24")
    monkeypatch.setenv("DAGSTER_HOME", str(folder / "dagster"))


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


@dataclass(frozen=True)
class Filled:
    """An NBA_HOME after `nba demo --json`, which all tests share, and the result of the command."""

    folder: Path
    said: CommandResult


@pytest.fixture(scope="session")
def filled() -> Filled:
    """The demo's pre-season and three dates, computed once for all tests."""

    def fill(folder: Path) -> None:
        with pytest.MonkeyPatch.context() as monkeypatch:
            settle(folder, monkeypatch)
            (folder / "said.json").write_text(json.dumps(vars(run_command("demo", "--json"))))

    folder = filled_once("demo", fill)
    return Filled(folder, CommandResult(**json.loads((folder / "said.json").read_text())))


@pytest.fixture
def filled_home(filled: Filled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the filled home: a test may change it."""
    home = tmp_path / "home"
    shutil.copytree(filled.folder, home, symlinks=True)
    settle(home, monkeypatch)
    return home
