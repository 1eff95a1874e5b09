import pytest

from .world import World


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("NBA_TODAY", "2024-11-20")
    return World()
