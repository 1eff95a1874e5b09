"""What `nba doctor` says of each provider."""

from nba_resources.findings import Level
from nba_resources.sources.providers.provider import Request

from ..papers import Dear, Morning, Press


class Watched(Morning):
    def canary(self) -> Request:
        return Request(self.name, "schedule", f"{self.base_url}/schedule/2024-25", "2024-25")


def test_health_tells_who_answers_and_who_does_not(press: Press, desk):
    press.prints("morning", "schedule", "2024-25", [])
    (well,) = press.source(Watched).health()
    assert (well.level, well.found) == (Level.OK, "answers; key not needed; last answer 2025-01-15 15:00 UTC")
    desk.clock.pass_minutes(10)
    press.prints("morning", "schedule", "2024-25", 500)
    (ill,) = press.source(Watched).health()
    assert (ill.level, ill.found[-32:]) == (Level.FAIL, "last answer 2025-01-15 15:00 UTC")
    assert "answered 500" in ill.found
    (dear,) = press.source(Dear).health()
    assert dear.found == "not asked; key set; 500 credits left; never answered yet"
    (poor,) = press.source(Dear, environment={}).health()
    assert (poor.level, poor.remedy) == (Level.WARN, "Set NBA_TEST_KEY, or leave dear out of NBA_PROVIDERS.")
    (past,) = press.source(Watched, known_by=desk.clock.now()).health()
    assert "not asked in a replay" in past.found
