"""State is readable by its owner alone; files that are written for others are theirs to read."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from nba_platform.cli import private_files
from nba_resources.objects.store import ObjectStore

from .conftest import Filled, Nba

OURS = {"said.json", "compiled"}  # of the tests


@pytest.fixture(autouse=True)
def usual(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The umask of most machines."""
    monkeypatch.setattr(private_files, "_OF_USER", 0o022)
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, str]:
    """Return files and folders that somebody else may read or change, with their modes."""
    inside = [path for path in folder.rglob("*") if path.relative_to(folder).parts[0] not in OURS]
    assert len(inside) > 3
    found = {str(path.relative_to(folder)): path.lstat().st_mode & 0o777 for path in inside}
    return {name: oct(mode) for name, mode in found.items() if mode & 0o077}


def test_everything_in_a_home_is_its_owners_alone(filled: Filled):
    """Tables, records and logs of runs, models, documents: libraries make most of these files."""
    assert {"nba.duckdb", "dagster", "objects"} <= {path.name for path in filled.folder.iterdir()}
    assert modes(filled.folder) == {}


def test_a_home_that_a_command_makes_is_its_owners_alone(home: Path, nba: Nba, monkeypatch: pytest.MonkeyPatch):
    made = home / "a" / "b"
    monkeypatch.setenv("NBA_HOME", str(made))
    nba("publish")
    assert [path.stat().st_mode & 0o777 for path in (made, made.parent)] == [0o700, 0o700]
    assert modes(made) == {}
    assert os.umask(0o022) == 0o022, "other files of this process are as they were"


def test_a_page_for_a_host_is_readable_by_the_host(home: Path, nba: Nba):
    ObjectStore(root=str(home / "objects")).write("exports/v1/board/tonight.json", b"{}")
    assert nba("site", str(home / "public")).code == 0
    assert nba("site", "--single", str(home / "tonight.html")).code == 0
    assert (home / "public").stat().st_mode & 0o777 == 0o755
    assert (home / "public" / "v1" / "board" / "tonight.json").stat().st_mode & 0o777 == 0o644
    assert (home / "tonight.html").stat().st_mode & 0o777 == 0o644
