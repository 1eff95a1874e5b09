"""The findings of `nba doctor` about each provider."""

from dataclasses import replace

from nba_resources.findings import Level
from nba_resources.sources.provider_priority import LINE_PLANS
from nba_resources.sources.providers.provider import Quota, Request

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


class PaidByTheLook(Paid):
    policy = replace(Paid.policy, quota=Quota("NBA_TEST_CREDITS", 500, per_look=4))


def test_health_says_what_the_lines_of_a_game_cost_beside_what_is_left(server: ProviderServer, harness):
    """Four markets, when first seen and at seven times before tip-off; with `NBA_LINES=free` at one."""
    source = server.source(PaidByTheLook)
    (full,) = source.health()
    source.before_tip = LINE_PLANS["free"]
    (free,) = source.health()
    assert "500 credits left; lines of a game cost 32; " in full.found
    assert "500 credits left; lines of a game cost 8; " in free.found
