from collections.abc import Iterator

import fsspec
import pytest


@pytest.fixture
def bucket() -> Iterator[str]:
    system = fsspec.filesystem("memory")
    system.makedirs("/an-archive")
    yield "memory://an-archive"
    system.rm("/an-archive", recursive=True)
