"""A key is sent to its provider and to nobody else, and stands in no text."""

import json
import logging
import traceback

import pytest
from werkzeug import Response

from nba_resources.sources.base import SourceUnavailable
from nba_resources.sources.providers.provider import KeyRefused, Manners

from ..hosts import KEYED, SECRET, answers

SECRET_ECHO = f"the key {SECRET} is not valid"


def test_a_key_never_follows_a_redirect(desk):
    answers(desk, Response(status=302, headers={"Location": desk.server.url_for("/elsewhere")}))
    elsewhere = answers(desk, Response("{}"), path="/elsewhere")
    with pytest.raises(SourceUnavailable, match="redirect"):
        desk.client().ask(desk.request(large=True), KEYED)
    assert not elsewhere


def test_without_a_key_nothing_is_sent(desk):
    asked = answers(desk, Response("{}"))
    with pytest.raises(KeyRefused, match="set NBA_TEST_KEY"):
        desk.client(environment={}).ask(desk.request(), KEYED)
    assert not asked


def test_a_key_that_is_refused_is_told_by_the_name_of_its_variable(desk):
    asked = answers(desk, Response(json.dumps({"error_code": "INVALID_KEY", "message": SECRET_ECHO}), 401))
    with pytest.raises(KeyRefused, match="NBA_TEST_KEY") as refused:
        desk.client().ask(desk.request(), KEYED)
    assert len(asked) == 1
    assert "s3cr3t" not in str(refused.value)


@pytest.mark.parametrize("manners", [KEYED, Manners(key_variable="NBA_TEST_KEY", key_header="Authorization")])
@pytest.mark.parametrize("status", [400, 401, 422, 429, 500])
def test_no_text_ever_holds_a_key(desk, caplog: pytest.LogCaptureFixture, manners: Manners, status: int):
    """Providers repeat the question in their errors, the library logs the address, a trace prints both."""
    caplog.set_level(logging.DEBUG)
    asked = answers(desk, Response(SECRET_ECHO, status))
    with pytest.raises(SourceUnavailable) as refused:
        desk.client().ask(desk.request(), manners)
    sent = asked[0].args.get("apiKey") or asked[0].headers.get("Authorization")
    assert sent == SECRET
    logged = "".join(record.getMessage() for record in caplog.records if record.name != "werkzeug")  # the fake's own
    told = "".join(traceback.format_exception(refused.value)) + logged
    assert "s3cr3t" not in told
    records = b"".join(path.read_bytes() for path in desk.home.rglob("*") if path.is_file())
    assert b"s3cr3t" not in records


def test_half_a_key_at_the_end_of_what_is_shown_is_taken_out_too(desk):
    """Of an answer 160 characters are shown: here the key stands across the last of them."""
    answers(desk, Response("x" * 150 + SECRET_ECHO.removeprefix("the key "), 400))
    with pytest.raises(SourceUnavailable) as refused:
        desk.client().ask(desk.request(), KEYED)
    assert "s3cr3t" not in str(refused.value)
