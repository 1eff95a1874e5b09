"""Counting the credits of a paid plan."""

from contextlib import suppress

import pytest
from werkzeug import Response

from nba_resources.sources.base import SourceUnavailable
from nba_resources.sources.http.landing import ReceivedResponse
from nba_resources.sources.providers.provider import CreditsSpent, Quota, RequestPolicy

from .responses import busy, raw_server, respond_with

PAID = RequestPolicy(
    key_variable="NBA_TEST_KEY",
    key_param="apiKey",
    credits_spent_text="OUT_OF_USAGE_CREDITS",
    quota=Quota("NBA_TEST_CREDITS", 500, "NBA_TEST_DAILY"),
)


def test_reserved_credits_are_corrected_by_the_reported_cost(harness):
    respond_with(harness, Response("[]", headers={"x-requests-last": "0", "x-requests-remaining": "480.0"}))
    client = harness.client()
    client.send(harness.request(cost=3), PAID)
    assert client.credits.left("nba_com", PAID.quota) == 480


def test_without_a_reported_cost_the_estimate_stands(harness):
    respond_with(harness, Response("[]"))
    client = harness.client()
    client.send(harness.request(cost=3), PAID)
    assert client.credits.left("nba_com", PAID.quota) == 497


def test_a_request_without_a_response_counts_as_spent(harness):
    respond_with(harness, busy(status=503))
    client = harness.client()
    with pytest.raises(SourceUnavailable):
        client.send(harness.request(cost=3), PAID)
    assert client.credits.left("nba_com", PAID.quota) == 497


def test_every_try_whose_response_was_lost_counts_as_spent(harness):
    """The provider may have counted each: four tries of a cut body were counted as one, and a limit was exceeded."""
    with raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[") as url:
        client = harness.client()
        with pytest.raises(SourceUnavailable, match="RemoteProtocolError"):
            client.send(harness.request(url=url, cost=3), PAID)
        assert client.credits.left("nba_com", PAID.quota) == 500 - PAID.tries * 3

        client = harness.client(environment={"NBA_TEST_KEY": "k", "NBA_TEST_DAILY": "17"})
        with pytest.raises(CreditsSpent, match="15 of 17 credits of today"):
            client.send(harness.request(url=url, cost=3), PAID)


def test_a_request_that_never_arrived_is_counted_once(harness):
    client = harness.client()
    with pytest.raises(SourceUnavailable, match="ConnectError"):
        client.send(harness.request(url="http://127.0.0.1:9/box", cost=3), PAID)
    assert client.credits.left("nba_com", PAID.quota) == 497


def test_a_plan_stops_before_zero(harness):
    requests = respond_with(harness, Response("[]", headers={"x-requests-last": "1", "x-requests-remaining": "11"}))
    client = harness.client()
    client.send(harness.request(cost=1), PAID)
    client.send(harness.request(cost=1), PAID)
    with pytest.raises(CreditsSpent, match="counts 11 credits left, of which 10 are never spent"):
        client.send(harness.request(cost=2), PAID)
    assert len(requests) == 2


def test_credits_that_were_gone_and_bought_are_seen_in_the_next_free_response(harness):
    """Once the provider had said that none were left, nothing was requested until the month ended."""
    counts = ("0", "0", "300", "297")
    requests = respond_with(harness, *(Response("[]", headers={"x-requests-remaining": left}) for left in counts))
    client = harness.client()
    client.send(harness.request(cost=3), PAID)
    client.send(harness.request(cost=0), PAID)
    with pytest.raises(CreditsSpent, match="counts 0 credits left"):
        client.send(harness.request(cost=3), PAID)
    client.send(harness.request(cost=0), PAID)
    assert client.credits.left("nba_com", PAID.quota) == 300
    client.send(harness.request(cost=3), PAID)
    assert client.credits.left("nba_com", PAID.quota) == 297
    assert len(requests) == 4


@pytest.mark.parametrize(("variable", "period"), [("NBA_TEST_CREDITS", "this month"), ("NBA_TEST_DAILY", "today")])
def test_the_operators_limit_is_never_exceeded(harness, variable: str, period: str):
    requests = respond_with(harness, Response("[]"))
    client = harness.client(environment={"NBA_TEST_KEY": "k", variable: "5"})
    client.send(harness.request(cost=3), PAID)
    with pytest.raises(CreditsSpent, match=f"3 of 5 credits of {period} are spent; raise {variable} to allow more"):
        client.send(harness.request(cost=3), PAID)
    assert len(requests) == 1


@pytest.mark.parametrize("written", ["nan", "inf", "1e9", "-5", "²", "plenty"])
def test_the_operators_limit_must_be_a_plain_number(harness, written: str):
    """No sum of credits exceeds `nan`, so it would be no limit."""
    requests = respond_with(harness, Response("[]"))
    with pytest.raises(SourceUnavailable, match=f"NBA_TEST_CREDITS is '{written}': it must be a number of credits"):
        harness.client(environment={"NBA_TEST_KEY": "k", "NBA_TEST_CREDITS": written}).send(
            harness.request(cost=3), PAID
        )
    assert not requests


def test_limits_start_anew_each_day_and_month(harness):
    respond_with(harness, Response("[]"))
    client = harness.client(environment={"NBA_TEST_KEY": "k", "NBA_TEST_DAILY": "5", "NBA_TEST_CREDITS": "7"})
    client.send(harness.request(cost=4), PAID)
    harness.advance(24 * 60)
    client.send(harness.request(cost=3), PAID)
    harness.advance(24 * 60)
    with pytest.raises(CreditsSpent, match="of this month"):
        client.send(harness.request(cost=3), PAID)
    harness.advance(20 * 24 * 60)
    assert isinstance(client.send(harness.request(cost=3), PAID), ReceivedResponse)


@pytest.mark.parametrize("answer", [Response("[]"), busy(status=503)], ids=["answered", "not answered"])
def test_a_request_that_is_answered_after_midnight_counts_on_the_new_day(harness, answer: Response):
    """It was reserved on the day before: 43 credits were charged on a day of 40."""
    harness.time = harness.time.replace(hour=23, minute=59, second=30)
    respond_with(harness, busy("45"), answer)
    client = harness.client(environment={"NBA_TEST_KEY": "k", "NBA_TEST_DAILY": "5"})
    with suppress(SourceUnavailable):
        client.send(harness.request(cost=3), PAID)
    assert harness.time.day == 16
    with pytest.raises(CreditsSpent, match="3 of 5 credits of today"):
        client.send(harness.request(cost=3), PAID)


def test_spent_credits_are_not_reported_as_a_wrong_key(harness):
    requests = respond_with(harness, Response('{"error_code": "OUT_OF_USAGE_CREDITS"}', 401))
    client = harness.client()
    with pytest.raises(CreditsSpent):
        client.send(harness.request(cost=1), PAID)
    assert len(requests) == 1
    assert client.credits.left("nba_com", PAID.quota) == 500


def test_spent_credits_are_recognised_in_a_long_response(harness):
    respond_with(harness, Response('{"message": "' + "x" * 500 + '", "error_code": "OUT_OF_USAGE_CREDITS"}', 401))
    with pytest.raises(CreditsSpent, match="the credits are spent"):
        harness.client().send(harness.request(cost=1), PAID)


def test_paid_history_needs_an_allowance_of_its_own(harness):
    requests = respond_with(harness, Response("[]", headers={"x-requests-last": "10"}))
    with pytest.raises(CreditsSpent, match="`nba ingest --credits`"):
        harness.client().send(harness.request(cost=10, history=True), PAID)
    client = harness.client(for_history=25)
    client.send(harness.request(cost=10, history=True), PAID)
    client.send(harness.request(cost=10, history=True), PAID)
    with pytest.raises(CreditsSpent, match="but 5 credits are left for history"):
        client.send(harness.request(cost=10, history=True), PAID)
    assert len(requests) == 2
