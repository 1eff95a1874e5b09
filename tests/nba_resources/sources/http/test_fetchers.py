import datetime as dt
import json

import pytest
from werkzeug import Request as Asked
from werkzeug import Response

from nba_resources.sources.base import BadInput, SourceUnavailable
from nba_resources.sources.http.fetchers import BEFORE_TIP, ReplayDoor
from nba_resources.sources.http.landing import Landing
from nba_resources.sources.providers.provider import Manners

FORBIDDING = Manners(seconds_between=0.001, absent=frozenset({403, 404}))
JSON = {"Content-Type": "application/json"}


class Page:
    """An endpoint whose answer can be changed, with validators if it likes; it counts what it was asked."""

    def __init__(self, desk, body: str | bytes = '{"points": 31}', path: str = "/box", etag: bool = False) -> None:
        self.body, self.etag, self.status, self.asked = body, etag, 200, []
        desk.server.expect_request(path).respond_with_handler(self.answer)

    def answer(self, request: Asked) -> Response:
        self.asked.append(request)
        tag = f'"{hash(self.body)}"'
        if self.etag and request.headers.get("If-None-Match") == tag:
            return Response(status=304)
        return Response(self.body, self.status, JSON | ({"ETag": tag} if self.etag else {}))


@pytest.mark.parametrize("etag", [True, False], ids=["with validators", "without"])
def test_an_unchanged_answer_is_not_landed_again(desk, etag: bool):
    page = Page(desk, etag=etag)
    first = desk.door().get(desk.request())
    desk.clock.pass_minutes(30)
    assert desk.door().get(desk.request()) == first
    assert len(page.asked) == 2
    assert len(desk.landing.all(desk.request())) == 1


def test_a_correction_is_landed_beside_what_was_corrected(desk):
    page = Page(desk, etag=True)
    desk.door().get(desk.request())
    desk.clock.pass_minutes(30)
    page.body = '{"points": 29}'
    assert [landed.body for landed in desk.door().snapshots(desk.request())] == [b'{"points": 31}', b'{"points": 29}']


def test_the_tables_of_one_run_ask_once(desk):
    page = Page(desk)
    for _ in range(3):
        assert desk.door().get(desk.request()) is not None
    assert len(page.asked) == 1


def test_what_is_not_there_is_not_asked_for_again_within_a_run(desk):
    page = Page(desk)
    page.status = 404
    assert [desk.door().get(desk.request()) for _ in range(3)] == [None] * 3
    assert len(page.asked) == 1
    assert not desk.landing.all(desk.request())


def test_what_is_settled_is_never_asked_again(desk):
    page = Page(desk)
    first = desk.door().get(desk.request(settled=True))
    desk.clock.pass_minutes(60 * 24 * 400)
    assert desk.door().get(desk.request(settled=True)) == first
    assert len(page.asked) == 1


def test_lines_are_asked_for_at_set_times_before_the_game_and_never_after_it(desk):
    """Looked at every minute from the morning on, a game costs eight questions, whatever looks around in between."""
    page = Page(desk)
    tip = desk.clock.now() + dt.timedelta(hours=9)
    asked_at = []
    for _ in range(12 * 60):
        before = len(page.asked)
        page.body = json.dumps({"line": len(page.asked)})
        desk.door().get(desk.request(tip_off=tip))
        if len(page.asked) > before:
            asked_at.append(round((tip - desk.clock.now()).total_seconds() / 60))
        desk.clock.pass_minutes(1)
    assert asked_at == [540, 480, 240, 120, 60, 30, 15, 5]
    assert len(BEFORE_TIP) + 1 == len(asked_at)
    landed = desk.door().snapshots(desk.request(tip_off=tip))
    assert [round((tip - one.received_at).total_seconds() / 60) for one in landed] == asked_at


def test_a_game_that_has_begun_is_never_asked_about_even_for_the_first_time(desk):
    page = Page(desk)
    assert desk.door().get(desk.request(tip_off=desk.clock.now())) is None
    assert not page.asked


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("", "found nothing at all"),
        ("<html><body>Access Denied</body></html>", "begin with '<html>"),
        ('{"games": [{"id": 1}, ', "a whole JSON document"),
        ('{"Message": "An error has occurred."}', "found an error in place of one"),
        ('{"error": "boom", "status": 500}', "found an error in place of one"),
    ],
)
def test_a_good_status_with_a_bad_body_is_kept_aside_and_refused(desk, body: str, told: str):
    page = Page(desk)
    good = desk.door().get(desk.request())
    desk.clock.pass_minutes(30)
    page.body = body
    with pytest.raises(BadInput, match=told) as refused:
        desk.door().get(desk.request())
    assert str(refused.value).startswith("nba_com boxscore of 2025-01-15: ")
    assert ".refused.gz" in str(refused.value)
    assert desk.landing.newest(desk.request()) == good


def test_an_empty_list_is_an_answer(desk):
    Page(desk, "[]")
    landed = desk.door().get(desk.request())
    assert landed is not None
    assert landed.body == b"[]"


@pytest.mark.parametrize("content", ["parquet", "pdf"])
def test_a_download_that_is_not_whole_is_refused(desk, content: str):
    page = Page(desk, b"PAR1 half" if content == "parquet" else b"%PDF-1.7 half")
    with pytest.raises(BadInput, match="expected a whole P"):
        desk.door().get(desk.request(content=content))
    page.body = b"PAR1 whole PAR1" if content == "parquet" else b"%PDF-1.7 whole %%EOF\n"
    assert desk.door().get(desk.request(content=content)) is not None


def test_forbidden_means_absent_only_while_what_is_certainly_there_is_not_forbidden(desk):
    """The league's server says 403 for a game not played yet, and to whomever it has shut out."""
    page, canary = Page(desk), Page(desk, path="/canary")
    page.status = 403
    there = desk.request("/canary", endpoint="canary")
    assert desk.door(FORBIDDING, there).get(desk.request()) is None
    desk.clock.pass_minutes(5)
    canary.status = 403
    with pytest.raises(SourceUnavailable, match="has shut us out"):
        desk.door(FORBIDDING, there).get(desk.request())


def test_nothing_changed_since_never_is_no_answer(desk):
    page = Page(desk)
    page.status = 304
    with pytest.raises(SourceUnavailable, match="nothing was ever received"):
        desk.door().get(desk.request())


def test_a_replay_hands_out_what_was_known_and_asks_nobody(desk):
    page = Page(desk)
    desk.door().get(desk.request())
    morning = desk.clock.now()
    desk.clock.pass_minutes(60)
    page.body = '{"points": 29}'
    desk.door().get(desk.request())
    replay = ReplayDoor(Landing(desk.landing.objects, known_by=morning))
    then = replay.get(desk.request())
    assert then is not None
    assert then.body == b'{"points": 31}'
    assert replay.get(desk.request("/other")) is None
    assert (len(page.asked), replay.found, replay.not_found) == (2, 1, 1)
    assert not replay.nobody_asked
