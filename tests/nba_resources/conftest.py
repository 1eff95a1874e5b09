from collections.abc import Iterator

import pytest

from nba_resources.objects.store import ObjectStore

from .buckets import BUCKET, running


@pytest.fixture(scope="session")
def emulator() -> Iterator[str]:
    with running() as address:
        yield address


@pytest.fixture
def bucket(emulator: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> ObjectStore:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", emulator)
    return ObjectStore(root=f"gs://{BUCKET}/{request.node.name}/deep", patience_seconds=20, timeout_seconds=2)
