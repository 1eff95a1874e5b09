"""Ten thousand generated cases of bad input, at every door."""

import re
from pathlib import Path

from .cases import CASES


def test_ten_thousand_cases_knock_in_all():
    assert sum(CASES.values()) >= 10_000


def test_at_every_door_somebody_knocks():
    """Each test fails itself if it tried fewer cases than its door has."""
    tests = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    assert sorted(re.findall(r'^ +knock\("(.+?)"', tests, re.MULTILINE)) == sorted(CASES)
