"""One question over the wire: what counts as an answer, and what does not."""

import datetime as dt
import socket
import threading

import pytest
from werkzeug import Request as Asked
from werkzeug import Response

from nba_resources.sources.base import SourceUnavailable
from nba_resources.sources.http.http_request import Absent, Unchanged
from nba_resources.sources.http.landing import Received
from nba_resources.sources.providers.provider import Manners

from ..hosts import HURRIED, answers, speaking


def test_an_answer_is_handed_over_with_its_time_and_what_to_ask_with_next_time(desk):
    answers(desk, Response('{"a": 1}', headers={"ETag": '"v1"', "Content-Type": "application/json"}))
    received = desk.client().ask(desk.request(), HURRIED)
    assert isinstance(received, Received)
    assert (received.body, received.received_at) == (b'{"a": 1}', desk.clock.now())
    assert received.validators == {"If-None-Match": '"v1"'}


def test_an_answer_that_drips_in_for_ever_is_given_up(desk):
    asked = []

    def drip(request: Asked) -> Response:
        asked.append(request)
        return Response((b" " if threading.Event().wait(0.02) else b"." for _ in range(500)), 200)

    desk.server.expect_request("/box").respond_with_handler(drip)
    with pytest.raises(SourceUnavailable, match="not whole after"):
        desk.client().ask(desk.request(), Manners(seconds_between=0.001, tries=1, read_seconds=0.03))


def test_a_connection_cut_in_the_middle_is_not_an_answer(desk):
    cut = b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"games": ['
    with speaking(cut) as address, pytest.raises(SourceUnavailable, match="RemoteProtocolError"):
        desk.client().ask(desk.request(url=address), HURRIED)


def test_nobody_listening_is_told_in_one_sentence(desk):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(SourceUnavailable, match=r"nba_com boxscore of 2025-01-15: ConnectError"):
        desk.client().ask(desk.request(url=f"http://127.0.0.1:{port}/box"), HURRIED)


def test_what_is_known_is_not_sent_again(desk):
    asked = answers(desk, Response(status=304))
    assert desk.client().ask(desk.request(), HURRIED, {"If-None-Match": '"v1"'}) == Unchanged()
    assert asked[0].headers["If-None-Match"] == '"v1"'


def test_what_is_not_there_is_no_error(desk):
    answers(desk, Response("<html>Access Denied</html>", 403))
    forbidding = Manners(seconds_between=0.001, absent=frozenset({403, 404}))
    assert desk.client().ask(desk.request(), forbidding) == Absent(403)


def test_only_bulk_downloads_follow_redirects(desk):
    answers(desk, Response(status=302, headers={"Location": desk.server.url_for("/file")}))
    answers(desk, Response(b"PAR1"), path="/file")
    with pytest.raises(SourceUnavailable, match="redirect"):
        desk.client().ask(desk.request(), HURRIED)
    received = desk.client().ask(desk.request(large=True), HURRIED)
    assert isinstance(received, Received)
    assert received.body == b"PAR1"


def test_a_body_larger_than_any_should_be_is_refused(desk):
    answers(desk, Response(b"x" * 5000))
    with pytest.raises(SourceUnavailable, match="larger than 4,096 bytes"):
        desk.client(body_cap=4096).ask(desk.request(), HURRIED)


def test_an_error_larger_than_any_answer_should_be_is_refused_like_one(desk):
    answers(desk, Response(b"x" * 5000, 500))
    with pytest.raises(SourceUnavailable, match="larger than 4,096 bytes"):
        desk.client(body_cap=4096).ask(desk.request(), HURRIED)


def test_an_answer_of_a_nonsensical_age_says_nothing_of_our_clock(desk):
    answers(desk, Response("{}", headers={"Age": "1e400"}))
    assert isinstance(desk.client(skew=dt.timedelta(minutes=5)).ask(desk.request(), HURRIED), Received)


def test_a_clock_that_is_wrong_is_noticed_before_anything_is_filed_under_its_time(desk):
    answers(desk, Response("{}"))
    with pytest.raises(SourceUnavailable, match="the clock of this machine says 2025-01-15 15:00:00 UTC"):
        desk.client(skew=dt.timedelta(minutes=5)).ask(desk.request(), HURRIED)
