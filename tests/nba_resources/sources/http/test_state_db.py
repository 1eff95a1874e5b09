"""The state file of a home made by an earlier version."""

import sqlite3
from contextlib import closing

import pytest
from werkzeug import Response

from nba_resources.sources.base import SourceUnavailable
from nba_resources.sources.http.landing import ReceivedResponse
from nba_resources.sources.http.state_db import CircuitOpen
from nba_resources.sources.providers.provider import Quota

from ..harness import FAST, KEYED
from .responses import respond_with

PLAN = Quota("NBA_TEST_CREDITS", 500)
VERSION_0_1 = """
    CREATE TABLE circuits (
        host TEXT, endpoint TEXT, failures INTEGER NOT NULL, open_until TEXT, said TEXT, PRIMARY KEY (host, endpoint)
    );
    CREATE TABLE asked (request TEXT PRIMARY KEY, provider TEXT, asked_at TEXT NOT NULL);
    CREATE INDEX asked_of ON asked (provider, asked_at);
    CREATE TABLE credits (
        id INTEGER PRIMARY KEY, provider TEXT NOT NULL, asked_at TEXT NOT NULL, endpoint TEXT NOT NULL,
        spent REAL NOT NULL, remaining REAL
    );
"""


def test_a_state_file_of_version_0_1_is_read_and_extended(harness):
    respond_with(harness, Response("{}"))
    request = harness.request()
    host = request.url.split("/")[2]
    with closing(sqlite3.connect(harness.home / "providers.db", isolation_level=None)) as con:
        con.executescript(VERSION_0_1)
        con.execute("INSERT INTO circuits VALUES (?, 'boxscore', 5, '2025-01-15T15:10:00+00:00', 'was down')", [host])
        con.execute("INSERT INTO asked VALUES (?, 'nba_com', '2025-01-15T12:00:00+00:00')", [request.digest])
        con.execute("INSERT INTO credits VALUES (1, 'nba_com', '2025-01-02T12:00:00+00:00', 'odds', 20, 400)")
    client = harness.client()
    with pytest.raises(CircuitOpen, match="until 2025-01-15 15:10 UTC because it failed: was down"):
        client.send(request, FAST)
    for time in (client.state.last_response(request), client.state.last_response_of("nba_com")):
        assert time is not None
        assert time.isoformat() == "2025-01-15T12:00:00+00:00"
    assert client.credits.left("nba_com", PLAN) == 400
    harness.advance(11)
    assert isinstance(client.send(request, KEYED), ReceivedResponse)


def test_without_a_file_to_count_in_no_request_is_sent(harness):
    """A full disk ended the run with an error of SQLite, which says neither what is lost nor what to do."""
    (harness.home / "providers.db").mkdir()
    requests = respond_with(harness, Response("[]"))
    with pytest.raises(SourceUnavailable, match=r"providers\.db, which counts .* cannot be written \(unable to open"):
        harness.client().send(harness.request(), FAST)
    assert not requests
