"""The findings of `nba doctor` about each provider."""

from nba_resources.findings import Level
from nba_resources.sources.providers.provider import Request

from ..loopback import First, Paid, ProviderServer


class ProviderWithCanary(First):
    def canary(self) -> Request:
        return Request(self.name, "schedule", f"{self.base_url}/schedule/2024-25", "2024-25")


def test_health_reports_which_providers_answer(server: ProviderServer, harness):
    server.serve("first", "schedule", "2024-25", [])
    (reachable,) = server.source(ProviderWithCanary).health()
    assert (reachable.level, reachable.found) == (
        Level.OK,
        "answers; no key needed; last response 2025-01-15 15:00 UTC",
    )
    harness.advance(10)
    server.serve("first", "schedule", "2024-25", 500)
    (failing,) = server.source(ProviderWithCanary).health()
    assert (failing.level, failing.found[-34:]) == (Level.FAIL, "last response 2025-01-15 15:00 UTC")
    assert "answered 500" in failing.found
    (paid,) = server.source(Paid).health()
    assert paid.found == "not requested; key set; 500 credits left; no response so far"
    (keyless,) = server.source(Paid, environment={}).health()
    assert (keyless.level, keyless.remedy) == (Level.WARN, "Set NBA_TEST_KEY, or leave paid out of NBA_PROVIDERS.")
    (replay,) = server.source(ProviderWithCanary, known_by=harness.now()).health()
    assert "not requested in a replay" in replay.found
