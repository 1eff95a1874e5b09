"""Retries, pauses and the circuit breaker of the client."""

import datetime as dt

import pytest
from werkzeug import Response

from nba_resources.sources.base import SourceUnavailable
from nba_resources.sources.http.landing import ReceivedResponse
from nba_resources.sources.http.state_db import CircuitOpen
from nba_resources.sources.providers.provider import RequestPolicy

from ..harness import FAST
from .responses import busy, raw_server, respond_with


def test_a_retry_waits_as_long_as_the_host_asks(harness):
    requests = respond_with(harness, busy("7"), busy("11"), Response("{}"))
    assert isinstance(harness.client().send(harness.request(), FAST), ReceivedResponse)
    assert len(requests) == 3
    assert [seconds for seconds in harness.slept if seconds >= 1] == [7, 11]


def test_retry_after_may_be_a_date(harness):
    at = harness.now() + dt.timedelta(seconds=20)
    respond_with(harness, busy(at.strftime("%a, %d %b %Y %H:%M:%S GMT")), Response("{}"))
    harness.client().send(harness.request(), FAST)
    assert [seconds for seconds in harness.slept if seconds >= 1] == [20]


def test_a_busy_host_gets_four_requests_and_no_more(harness):
    requests = respond_with(harness, busy("1"))
    with pytest.raises(SourceUnavailable, match=r"nba_com boxscore of 2025-01-15: answered 429: slow down"):
        harness.client().send(harness.request(), FAST)
    assert len(requests) == 4


def test_a_host_that_asks_for_a_long_wait_gets_no_request_for_as_long(harness):
    requests = respond_with(harness, busy("3600"), Response("{}"))
    with pytest.raises(SourceUnavailable):
        harness.client().send(harness.request(), FAST)
    harness.advance(59)
    with pytest.raises(CircuitOpen):
        harness.client().send(harness.request(), FAST)
    harness.advance(2)
    assert isinstance(harness.client().send(harness.request(), FAST), ReceivedResponse)
    assert len(requests) == 2


@pytest.mark.parametrize("nonsense", ["soon", "-5", "nan", "", "1e400", "9" * 15])
def test_an_invalid_retry_after_is_ignored(harness, nonsense: str):
    respond_with(harness, busy(nonsense), Response("{}"))
    assert isinstance(harness.client().send(harness.request(), FAST), ReceivedResponse)
    assert max(harness.slept) <= 1


def test_server_errors_are_retried_after_growing_random_pauses(harness):
    requests = respond_with(harness, *(busy(status=status) for status in (500, 502, 503)), Response("{}"))
    assert isinstance(harness.client().send(harness.request(), FAST), ReceivedResponse)
    assert len(requests) == 4
    assert sum(harness.slept) <= 1 + 2 + 4 + 1


@pytest.mark.parametrize("status", [400, 418, 422])
def test_a_bad_request_is_not_retried(harness, status: int):
    requests = respond_with(harness, Response('{"message": "no such market"}', status))
    with pytest.raises(SourceUnavailable, match=f"answered {status}.*no such market"):
        harness.client().send(harness.request(), FAST)
    assert len(requests) == 1


def test_a_silent_host_is_given_up_after_its_tries(harness):
    policy = RequestPolicy(seconds_between=0.001, tries=2, read_seconds=0.05)
    with raw_server(b"", then_hang=True) as address, pytest.raises(SourceUnavailable, match="ReadTimeout"):
        harness.client().send(harness.request(url=address), policy)


def test_five_failures_open_the_circuit_and_one_success_closes_it(harness):
    once = RequestPolicy(seconds_between=0.001, tries=1)
    requests = respond_with(harness, *(busy(status=500) for _ in range(6)), Response("{}"))
    for _ in range(5):
        with pytest.raises(SourceUnavailable, match="answered 500"):
            harness.client().send(harness.request(), once)
    with pytest.raises(CircuitOpen, match=r"not requested until 2025-01-15 15:15 UTC.*answered 500"):
        harness.client().send(harness.request(), once)
    assert len(requests) == 5
    harness.advance(16)
    with pytest.raises(SourceUnavailable, match="answered 500"):
        harness.client().send(harness.request(), once)
    with pytest.raises(CircuitOpen):
        harness.client().send(harness.request(), once)
    harness.advance(16)
    assert isinstance(harness.client().send(harness.request(), once), ReceivedResponse)
    assert isinstance(harness.client().send(harness.request(), once), ReceivedResponse)


def test_another_endpoint_of_the_same_host_is_still_requested(harness):
    once = RequestPolicy(seconds_between=0.001, tries=1)
    respond_with(harness, busy(status=500))
    respond_with(harness, Response("{}"), path="/schedule")
    for _ in range(5):
        with pytest.raises(SourceUnavailable):
            harness.client().send(harness.request(), once)
    assert isinstance(harness.client().send(harness.request("/schedule", endpoint="schedule"), once), ReceivedResponse)
