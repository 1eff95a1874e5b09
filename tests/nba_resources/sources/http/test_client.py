"""How often and when a host is asked: patiently, never in a rush, and not at all once it has failed again and again."""

import datetime as dt

import pytest
from werkzeug import Response

from nba_resources.sources.base import SourceUnavailable
from nba_resources.sources.http.circuit import CircuitOpen
from nba_resources.sources.http.landing import Received
from nba_resources.sources.providers.provider import Manners

from ..hosts import HURRIED, answers, busy, speaking


def test_a_host_that_is_busy_is_waited_for_as_long_as_it_asks(desk):
    asked = answers(desk, busy("7"), busy("11"), Response("{}"))
    assert isinstance(desk.client().ask(desk.request(), HURRIED), Received)
    assert len(asked) == 3
    assert [seconds for seconds in desk.clock.slept if seconds >= 1] == [7, 11]


def test_a_time_to_come_back_may_be_a_date(desk):
    at = desk.clock.now() + dt.timedelta(seconds=20)
    answers(desk, busy(at.strftime("%a, %d %b %Y %H:%M:%S GMT")), Response("{}"))
    desk.client().ask(desk.request(), HURRIED)
    assert [seconds for seconds in desk.clock.slept if seconds >= 1] == [20]


def test_a_storm_of_refusals_ends_after_four_tries(desk):
    asked = answers(desk, busy("1"))
    with pytest.raises(SourceUnavailable, match=r"nba_com boxscore of 2025-01-15: answered 429: slow down"):
        desk.client().ask(desk.request(), HURRIED)
    assert len(asked) == 4


def test_who_asks_to_be_left_alone_for_longer_is_left_alone_for_as_long(desk):
    asked = answers(desk, busy("3600"), Response("{}"))
    with pytest.raises(SourceUnavailable):
        desk.client().ask(desk.request(), HURRIED)
    desk.clock.pass_minutes(59)
    with pytest.raises(CircuitOpen):
        desk.client().ask(desk.request(), HURRIED)
    desk.clock.pass_minutes(2)
    assert isinstance(desk.client().ask(desk.request(), HURRIED), Received)
    assert len(asked) == 2


@pytest.mark.parametrize("nonsense", ["soon", "-5", "nan", "", "1e400", "9" * 15])
def test_a_time_to_come_back_that_is_none_is_not_obeyed(desk, nonsense: str):
    answers(desk, busy(nonsense), Response("{}"))
    assert isinstance(desk.client().ask(desk.request(), HURRIED), Received)
    assert max(desk.clock.slept) <= 1


def test_an_error_of_the_server_passes_and_pauses_grow_at_random(desk):
    asked = answers(desk, *(busy(status=status) for status in (500, 502, 503)), Response("{}"))
    assert isinstance(desk.client().ask(desk.request(), HURRIED), Received)
    assert len(asked) == 4
    assert sum(desk.clock.slept) <= 1 + 2 + 4 + 1


@pytest.mark.parametrize("status", [400, 418, 422])
def test_a_question_that_is_wrong_is_not_asked_again(desk, status: int):
    asked = answers(desk, Response('{"message": "no such market"}', status))
    with pytest.raises(SourceUnavailable, match=f"answered {status}.*no such market"):
        desk.client().ask(desk.request(), HURRIED)
    assert len(asked) == 1


def test_a_host_that_falls_silent_is_given_up_after_its_tries(desk):
    with speaking(b"", then_hang=True) as address, pytest.raises(SourceUnavailable, match="ReadTimeout"):
        desk.client().ask(desk.request(url=address), Manners(seconds_between=0.001, tries=2, read_seconds=0.05))


def test_what_failed_five_times_is_left_alone_until_one_question_finds_it_well(desk):
    once = Manners(seconds_between=0.001, tries=1)
    asked = answers(desk, *(busy(status=500) for _ in range(6)), Response("{}"))
    for _ in range(5):
        with pytest.raises(SourceUnavailable, match="answered 500"):
            desk.client().ask(desk.request(), once)
    with pytest.raises(CircuitOpen, match=r"left alone until 2025-01-15 15:15 UTC.*answered 500"):
        desk.client().ask(desk.request(), once)
    assert len(asked) == 5
    desk.clock.pass_minutes(16)
    with pytest.raises(SourceUnavailable, match="answered 500"):
        desk.client().ask(desk.request(), once)
    with pytest.raises(CircuitOpen):
        desk.client().ask(desk.request(), once)
    desk.clock.pass_minutes(16)
    assert isinstance(desk.client().ask(desk.request(), once), Received)
    assert isinstance(desk.client().ask(desk.request(), once), Received)


def test_another_endpoint_of_the_same_host_is_still_asked(desk):
    once = Manners(seconds_between=0.001, tries=1)
    answers(desk, busy(status=500))
    answers(desk, Response("{}"), path="/schedule")
    for _ in range(5):
        with pytest.raises(SourceUnavailable):
            desk.client().ask(desk.request(), once)
    assert isinstance(desk.client().ask(desk.request("/schedule", endpoint="schedule"), once), Received)
