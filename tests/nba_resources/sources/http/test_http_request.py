"""The result of one HTTP request."""

import datetime as dt
import socket
import threading

import pytest
from werkzeug import Request as HttpRequest
from werkzeug import Response

from nba_resources.sources.base import SourceUnavailable
from nba_resources.sources.http import http_request
from nba_resources.sources.http.http_request import NotFound, NotModified
from nba_resources.sources.http.landing import ReceivedResponse
from nba_resources.sources.providers.provider import RequestPolicy

from ..harness import FAST
from .responses import raw_server, respond_with


def test_a_response_has_its_time_and_its_validators(harness):
    respond_with(harness, Response('{"a": 1}', headers={"ETag": '"v1"', "Content-Type": "application/json"}))
    received = harness.client().send(harness.request(), FAST)
    assert isinstance(received, ReceivedResponse)
    assert (received.body, received.received_at) == (b'{"a": 1}', harness.now())
    assert received.validators == {"If-None-Match": '"v1"'}


def test_a_response_that_never_ends_is_given_up(harness):
    requests = []

    def drip(request: HttpRequest) -> Response:
        requests.append(request)
        return Response((b" " if threading.Event().wait(0.02) else b"." for _ in range(500)), 200)

    harness.server.expect_request("/box").respond_with_handler(drip)
    with pytest.raises(SourceUnavailable, match="not complete after"):
        harness.client().send(harness.request(), RequestPolicy(seconds_between=0.001, tries=1, read_seconds=0.2))


def test_a_connection_cut_in_the_middle_is_an_error(harness):
    cut = b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"games": ['
    with raw_server(cut) as address, pytest.raises(SourceUnavailable, match="RemoteProtocolError"):
        harness.client().send(harness.request(url=address), FAST)


def test_a_refused_connection_is_reported_in_one_sentence(harness):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(SourceUnavailable, match=r"nba_com boxscore of 2025-01-15: ConnectError"):
        harness.client().send(harness.request(url=f"http://127.0.0.1:{port}/box"), FAST)


def test_validators_are_sent_and_not_modified_is_returned(harness):
    requests = respond_with(harness, Response(status=304))
    assert harness.client().send(harness.request(), FAST, {"If-None-Match": '"v1"'}) == NotModified()
    assert requests[0].headers["If-None-Match"] == '"v1"'


def test_a_missing_document_is_not_an_error(harness):
    respond_with(harness, Response("<html>Access Denied</html>", 403))
    forbidding = RequestPolicy(seconds_between=0.001, not_found=frozenset({403, 404}))
    assert harness.client().send(harness.request(), forbidding) == NotFound(403)


def test_only_bulk_downloads_follow_redirects(harness):
    respond_with(harness, Response(status=302, headers={"Location": harness.server.url_for("/file")}))
    respond_with(harness, Response(b"PAR1"), path="/file")
    with pytest.raises(SourceUnavailable, match="redirect"):
        harness.client().send(harness.request(), FAST)
    received = harness.client().send(harness.request(large=True), FAST)
    assert isinstance(received, ReceivedResponse)
    assert received.body == b"PAR1"


def test_a_body_above_the_limit_is_refused(harness, monkeypatch):
    monkeypatch.setattr(http_request, "_MAX_BODY", 4096)
    respond_with(harness, Response(b"x" * 5000))
    with pytest.raises(SourceUnavailable, match="larger than 4,096 bytes"):
        harness.client().send(harness.request(), FAST)


def test_the_body_of_an_error_above_the_limit_is_refused_too(harness, monkeypatch):
    monkeypatch.setattr(http_request, "_MAX_BODY", 4096)
    respond_with(harness, Response(b"x" * 5000, 500))
    with pytest.raises(SourceUnavailable, match="larger than 4,096 bytes"):
        harness.client().send(harness.request(), FAST)


def test_an_invalid_age_header_is_no_proof_of_a_wrong_clock(harness):
    respond_with(harness, Response("{}", headers={"Age": "1e400"}))
    assert isinstance(harness.client(max_skew=dt.timedelta(minutes=5)).send(harness.request(), FAST), ReceivedResponse)


def test_a_response_is_refused_while_the_clock_is_wrong(harness):
    respond_with(harness, Response("{}"))
    with pytest.raises(SourceUnavailable, match="the clock of this machine shows 2025-01-15 15:00:00 UTC"):
        harness.client(max_skew=dt.timedelta(minutes=5)).send(harness.request(), FAST)
