import pytest

from .league import League


@pytest.fixture
def league() -> League:
    return League()
