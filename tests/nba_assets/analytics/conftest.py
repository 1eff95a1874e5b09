import pytest

from .league import League
from .offers import tonight


@pytest.fixture
def slate(league: League) -> League:
    """The league of an evening."""
    return tonight(league)
