"""Where fakes live, and doors to them."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ..fakes.desks import Desk, PlainDoor
from ..fakes.league import League


@pytest.fixture(scope="session")
def league() -> League:
    return League()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def door() -> Iterator[PlainDoor]:
    with httpx.Client(trust_env=False, verify=False) as line:  # loopback only: no certificates to read
        yield PlainDoor(line)
