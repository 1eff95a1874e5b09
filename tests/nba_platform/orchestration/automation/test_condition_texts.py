"""The names and texts of conditions that the UI shows."""

from collections.abc import Iterator

import dagster as dg
import pytest

from nba_platform.orchestration.automation.bridging import ReadyWithGaps
from nba_platform.orchestration.automation.conditions import whenever_newer, whenever_ready
from nba_platform.orchestration.automation.kinds import Flagged, OnTheSameDate

from .world import TABLES


def conditions(condition: dg.AutomationCondition) -> Iterator[dg.AutomationCondition]:
    yield condition
    for child in condition.children:
        yield from conditions(child)


@pytest.mark.parametrize("name", ["forecasts", "models", "calendar", "summary"])
def test_every_condition_of_ours_has_a_name_in_words_and_a_sentence(name: str):
    rule = whenever_ready(TABLES[name], TABLES)
    assert rule is not None
    ours = [one for one in conditions(rule) if isinstance(one, Flagged | OnTheSameDate | ReadyWithGaps)]
    assert ours
    for one in ours:
        assert one.name
        assert "_" not in one.name
        assert one.description.endswith(".")


def test_the_condition_of_a_report_says_what_it_waits_for():
    texts = [one.description for one in conditions(whenever_newer(by_date=True)) if isinstance(one, Flagged)]
    assert "A run of an input failed after this date was stored." in texts
