import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nba_platform.cli.main import app
from nba_platform.config.settings import VARIABLES


@dataclass(frozen=True)
class Said:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str

    def document(self) -> dict:
        """Stdout as the one JSON document it must be."""
        return json.loads(self.out)


Nba = Callable[..., Said]


def type_in(*words: str) -> Said:
    result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    return Said(result.exit_code, result.stdout, result.stderr)


@pytest.fixture(scope="session")
def nba() -> Nba:
    return type_in


@pytest.fixture(scope="session")
def settled() -> Callable[[Path, pytest.MonkeyPatch], None]:
    return settle


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty NBA_HOME on the simulated league, on the league's third evening of 2024-25."""
    settle(tmp_path, monkeypatch)
    return tmp_path


@pytest.fixture
def nothing_else_set(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, and nothing else is set."""
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
    """A home after `nba demo --json`, made once for the tests of a module: a pre-season and three evenings."""
    folder = tmp_path_factory.mktemp("filled")
    with pytest.MonkeyPatch.context() as monkeypatch:
        settle(folder, monkeypatch)
        return Filled(folder, type_in("demo", "--json"))


@dataclass(frozen=True)
class Filled:
    """The folder, and what the command that filled it said."""

    folder: Path
    said: Said


@pytest.fixture
def filled_home(filled: Filled, monkeypatch: pytest.MonkeyPatch) -> Path:
    settle(filled.folder, monkeypatch)
    return filled.folder
