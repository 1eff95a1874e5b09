"""A key is sent to its provider only, and is in no message, log or file."""

import json
import logging
import traceback
from dataclasses import replace

import pytest
from werkzeug import Response

from nba_resources.sources.base import SourceUnavailable
from nba_resources.sources.providers.provider import KeyRefused
from nba_resources.sources.providers.the_odds_api import TheOddsApi

from ..harness import KEYED, SECRET
from .responses import respond_with

SECRET_ECHO = f"the key {SECRET} is not valid"


def test_a_key_never_follows_a_redirect(harness):
    respond_with(harness, Response(status=302, headers={"Location": harness.server.url_for("/elsewhere")}))
    elsewhere = respond_with(harness, Response("{}"), path="/elsewhere")
    with pytest.raises(SourceUnavailable, match="redirect"):
        harness.client().send(harness.request(large=True), KEYED)
    assert not elsewhere


def test_without_a_key_nothing_is_sent(harness):
    requests = respond_with(harness, Response("{}"))
    with pytest.raises(KeyRefused, match="set NBA_TEST_KEY"):
        harness.client(environment={}).send(harness.request(), KEYED)
    assert not requests


def test_a_refused_key_is_reported_by_the_name_of_its_variable(harness):
    requests = respond_with(harness, Response(json.dumps({"error_code": "INVALID_KEY", "message": SECRET_ECHO}), 401))
    with pytest.raises(KeyRefused, match="NBA_TEST_KEY") as error:
        harness.client().send(harness.request(), KEYED)
    assert len(requests) == 1
    assert "s3cr3t" not in str(error.value)


@pytest.mark.parametrize("status", [400, 401, 422, 429, 500])
def test_no_message_or_log_contains_a_key(harness, caplog: pytest.LogCaptureFixture, status: int):
    """Providers repeat the request in their errors, the library logs the URL, a traceback prints both."""
    caplog.set_level(logging.DEBUG)
    requests = respond_with(harness, Response(SECRET_ECHO, status))
    with pytest.raises(SourceUnavailable) as error:
        harness.client().send(harness.request(), KEYED)
    assert requests[0].args["apiKey"] == SECRET
    logged = "".join(record.getMessage() for record in caplog.records if record.name != "werkzeug")  # the fake's own
    text = "".join(traceback.format_exception(error.value)) + logged
    assert "s3cr3t" not in text
    records = b"".join(path.read_bytes() for path in harness.home.rglob("*") if path.is_file())
    assert b"s3cr3t" not in records


@pytest.mark.parametrize("status", [401, 422])
def test_a_refusal_with_a_known_code_is_reported_with_what_to_change(harness, status: int):
    """The Odds API refuses a whole request for one unknown bookmaker."""
    respond_with(harness, Response(json.dumps({"message": "..", "error_code": "INVALID_BOOKMAKERS"}), status))
    policy = replace(KEYED, refusals=TheOddsApi.policy.refusals)
    with pytest.raises(SourceUnavailable) as error:
        harness.client().send(harness.request(), policy)
    assert f"answered {status} INVALID_BOOKMAKERS: it does not know one of the bookmakers draftkings," in str(
        error.value
    )
    assert "correct BOOKMAKERS in nba_resources/sources/providers/the_odds_api.py" in str(error.value)


def test_a_key_cut_off_at_the_end_of_a_message_is_removed_too(harness):
    """A message shows 160 characters of a response; here they end within the key."""
    respond_with(harness, Response("x" * 150 + SECRET_ECHO.removeprefix("the key "), 400))
    with pytest.raises(SourceUnavailable) as error:
        harness.client().send(harness.request(), KEYED)
    assert "s3cr3t" not in str(error.value)
