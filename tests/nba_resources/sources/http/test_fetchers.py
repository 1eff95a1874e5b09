import datetime as dt
import json

import pytest
from werkzeug import Request as HttpRequest
from werkzeug import Response

from nba_resources.sources.base import BEFORE_TIP, BadInput, SourceUnavailable
from nba_resources.sources.http.fetchers import ReplayFetcher
from nba_resources.sources.http.landing import Landing
from nba_resources.sources.providers.provider import RequestPolicy

FORBIDDING = RequestPolicy(seconds_between=0.001, not_found=frozenset({403, 404}))
JSON = {"Content-Type": "application/json"}


class Page:
    """An endpoint whose response can be changed, with or without validators; it records its requests."""

    def __init__(self, harness, body: str | bytes = '{"points": 31}', path: str = "/box", etag: bool = False) -> None:
        self.body, self.etag, self.status, self.requests = body, etag, 200, []
        harness.server.expect_request(path).respond_with_handler(self.respond)

    def respond(self, request: HttpRequest) -> Response:
        self.requests.append(request)
        tag = f'"{hash(self.body)}"'
        if self.etag and request.headers.get("If-None-Match") == tag:
            return Response(status=304)
        return Response(self.body, self.status, JSON | ({"ETag": tag} if self.etag else {}))


@pytest.mark.parametrize("etag", [True, False], ids=["with validators", "without"])
def test_an_unchanged_response_is_not_landed_again(harness, etag: bool):
    page = Page(harness, etag=etag)
    first = harness.fetcher().get(harness.request())
    harness.advance(30)
    assert harness.fetcher().get(harness.request()) == first
    assert len(page.requests) == 2
    assert len(harness.landing.all(harness.request())) == 1


def test_a_correction_is_landed_beside_the_first_response(harness):
    page = Page(harness, etag=True)
    harness.fetcher().get(harness.request())
    harness.advance(30)
    page.body = '{"points": 29}'
    assert [landed.body for landed in harness.fetcher().snapshots(harness.request())] == [
        b'{"points": 31}',
        b'{"points": 29}',
    ]


def test_the_tables_of_one_run_send_one_request(harness):
    page = Page(harness)
    for _ in range(3):
        assert harness.fetcher().get(harness.request()) is not None
    assert len(page.requests) == 1


def test_a_missing_document_is_not_requested_again_within_a_run(harness):
    page = Page(harness)
    page.status = 404
    assert [harness.fetcher().get(harness.request()) for _ in range(3)] == [None] * 3
    assert len(page.requests) == 1
    assert not harness.landing.all(harness.request())


def test_a_document_that_was_received_and_is_missing_now_is_kept(harness):
    """Its rows are stored: without it, the game would be deleted."""
    page = Page(harness)
    first = harness.fetcher().get(harness.request())
    harness.advance(5)
    page.status = 404
    assert first is not None
    assert harness.fetcher().get(harness.request()) == first
    assert len(page.requests) == 2


def test_a_settled_document_is_never_requested_again(harness):
    page = Page(harness)
    first = harness.fetcher().get(harness.request(settled=True))
    harness.advance(60 * 24 * 400)
    assert harness.fetcher().get(harness.request(settled=True)) == first
    assert len(page.requests) == 1


def test_lines_are_requested_at_set_times_before_the_game_and_never_after_it(harness):
    """With a look every minute since the morning, one game costs eight requests."""
    page = Page(harness)
    tip = harness.now() + dt.timedelta(hours=9)
    times = []
    for _ in range(12 * 60):
        before = len(page.requests)
        page.body = json.dumps({"line": len(page.requests)})
        harness.fetcher().get(harness.request(tip_off=tip))
        if len(page.requests) > before:
            times.append(round((tip - harness.now()).total_seconds() / 60))
        harness.advance(1)
    assert times == [540, 480, 240, 120, 60, 30, 15, 5]
    assert len(BEFORE_TIP) + 1 == len(times)
    landed = harness.fetcher().snapshots(harness.request(tip_off=tip))
    assert [round((tip - one.received_at).total_seconds() / 60) for one in landed] == times


def test_lines_of_a_game_that_has_begun_are_not_requested_even_once(harness):
    page = Page(harness)
    assert harness.fetcher().get(harness.request(tip_off=harness.now())) is None
    assert not page.requests


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "found an empty body"),
        ("<html><body>Access Denied</body></html>", "begin with '<html>"),
        ('{"games": [{"id": 1}, ', "a complete JSON document"),
        ('{"Message": "An error has occurred."}', "found an error in its place"),
        ('{"error": "boom", "status": 500}', "found an error in its place"),
    ],
)
def test_a_good_status_with_a_bad_body_is_stored_aside_and_refused(harness, body: str, message: str):
    page = Page(harness)
    good = harness.fetcher().get(harness.request())
    harness.advance(30)
    page.body = body
    with pytest.raises(BadInput, match=message) as error:
        harness.fetcher().get(harness.request())
    assert str(error.value).startswith("nba_com boxscore of 2025-01-15: ")
    assert ".refused.gz" in str(error.value)
    assert harness.landing.newest(harness.request()) == good


def test_an_empty_list_is_a_valid_response(harness):
    Page(harness, "[]")
    landed = harness.fetcher().get(harness.request())
    assert landed is not None
    assert landed.body == b"[]"


@pytest.mark.parametrize("content", ["parquet", "pdf"])
def test_an_incomplete_download_is_refused(harness, content: str):
    page = Page(harness, b"PAR1 half" if content == "parquet" else b"%PDF-1.7 half")
    with pytest.raises(BadInput, match="expected a complete P"):
        harness.fetcher().get(harness.request(content=content))
    page.body = b"PAR1 whole PAR1" if content == "parquet" else b"%PDF-1.7 whole %%EOF\n"
    assert harness.fetcher().get(harness.request(content=content)) is not None


def test_forbidden_means_absent_only_while_the_canary_is_not_forbidden(harness):
    """The league's server answers 403 for a game not played yet, and to every client that it blocks."""
    page, canary = Page(harness), Page(harness, path="/canary")
    page.status = 403
    request = harness.request("/canary", endpoint="canary")
    assert harness.fetcher(FORBIDDING, request).get(harness.request()) is None
    harness.advance(5)
    canary.status = 403
    with pytest.raises(SourceUnavailable, match=r"canary of .* answered 403, though this document always exists"):
        harness.fetcher(FORBIDDING, request).get(harness.request())


def test_not_modified_without_a_landed_response_is_an_error(harness):
    page = Page(harness)
    page.status = 304
    with pytest.raises(SourceUnavailable, match="nothing was ever received"):
        harness.fetcher().get(harness.request())


def test_a_replay_returns_what_was_known_then_and_sends_nothing(harness):
    page = Page(harness)
    harness.fetcher().get(harness.request())
    morning = harness.now()
    harness.advance(60)
    page.body = '{"points": 29}'
    harness.fetcher().get(harness.request())
    replay = ReplayFetcher(Landing(harness.landing.objects, known_by=morning))
    then = replay.get(harness.request())
    assert then is not None
    assert then.body == b'{"points": 31}'
    assert replay.get(harness.request("/other")) is None
    assert (len(page.requests), replay.had_response, replay.nothing_landed) == (2, {True, False}, False)
    assert not replay.nothing_landed
