"""Responses are stored as they were received, completely or not at all."""

import datetime as dt
import gzip
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nba_resources.objects.store import ObjectStore
from nba_resources.sources.base import BadInput
from nba_resources.sources.http.landing import Landing, ReceivedResponse, received_at
from nba_resources.sources.providers.provider import Request

BOX = Request("nba_com", "boxscore", "https://cdn.example/box.json", "2025-01-15", {"game": "0022400561"})
NINE = dt.datetime(2025, 1, 15, 14, 0, tzinfo=dt.UTC)


def at(hours: float, body: bytes = b"{}") -> ReceivedResponse:
    return ReceivedResponse(body, NINE + dt.timedelta(hours=hours), "application/json", {"If-None-Match": '"v1"'})


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(ObjectStore(root=str(tmp_path)))


def test_a_response_is_read_back_as_it_was_received(landing: Landing):
    body = b'{"a": "\xc3\xa9"}\n\nPAR1\x00\xff\n'
    landed = landing.land(BOX, at(0, body))
    assert landing.newest(BOX) == landed
    assert (landed.body, landed.received_at, landed.validators) == (body, NINE, {"If-None-Match": '"v1"'})
    assert landed.path.startswith(f"landing/nba_com/boxscore/2025-01-15/{BOX.digest}/20250115T140000.000000Z")


def test_a_landed_file_states_its_request_and_its_time(landing: Landing, tmp_path: Path):
    """A file can be read by hand with zcat."""
    landed = landing.land(BOX, at(0))
    head, _, body = gzip.decompress((tmp_path / landed.path).read_bytes()).partition(b"\n")
    about = json.loads(head)
    assert body == b"{}"
    assert {name: about[name] for name in ("provider", "endpoint", "url", "params", "received_at", "content_type")} == {
        "provider": "nba_com",
        "endpoint": "boxscore",
        "url": "https://cdn.example/box.json",
        "params": {"game": "0022400561"},
        "received_at": "2025-01-15T14:00:00+00:00",
        "content_type": "application/json",
    }


def test_responses_are_listed_oldest_first_and_the_last_is_the_newest(landing: Landing):
    for hours in (3, 1, 2):
        landing.land(BOX, at(hours, str(hours).encode()))
    assert [landed.body for landed in landing.all(BOX)] == [b"1", b"2", b"3"]
    newest = landing.newest(BOX)
    assert newest is not None
    assert newest.body == b"3"


def test_a_replay_sees_what_had_been_received_by_then(landing: Landing):
    for hours in (1, 2, 3):
        landing.land(BOX, at(hours, str(hours).encode()))
    then = Landing(landing.objects, known_by=NINE + dt.timedelta(hours=2))
    assert [landed.body for landed in then.all(BOX)] == [b"1", b"2"]
    assert Landing(landing.objects, known_by=NINE).newest(BOX) is None


def test_other_parameters_make_another_request_but_their_order_does_not(landing: Landing):
    one = Request("a", "b", "u", "2025", {"x": "1", "y": ["2", "3"]})
    turned = Request("a", "b", "u", "2025", {"y": ["2", "3"], "x": "1"})
    other = Request("a", "b", "u", "2025", {"x": "1", "y": ["3", "2"]})
    landing.land(one, at(0))
    assert landing.newest(turned) is not None
    assert landing.newest(other) is None


def test_a_refused_response_is_stored_but_never_read(landing: Landing):
    landing.land(BOX, at(0, b"good"))
    refused = landing.land(BOX, at(1, b"<html>"), refused=True)
    newest = landing.newest(BOX)
    assert newest is not None
    assert newest.body == b"good"
    assert refused.path not in landing.paths("nba_com")
    assert landing.objects.exists(refused.path)


@pytest.mark.parametrize("harm", [lambda raw: raw[:-9], lambda raw: b"", lambda raw: b"not gzip", None])
def test_a_damaged_file_is_an_error_that_names_it(landing: Landing, tmp_path: Path, harm):
    path = landing.land(BOX, at(0, b'{"points": 31}')).path
    raw = (tmp_path / path).read_bytes()
    other = gzip.compress(gzip.decompress(raw).replace(b"31", b"13"))
    (tmp_path / path).write_bytes(harm(raw) if harm else other)
    with pytest.raises(BadInput, match=r"landing/nba_com/boxscore/.* is damaged"):
        landing.newest(BOX)


LAND_FOR_EVER = """
import datetime as dt, sys
from nba_resources.objects.store import ObjectStore
from nba_resources.sources.http.landing import Landing, ReceivedResponse
from nba_resources.sources.providers.provider import Request
box = Request("nba_com", "boxscore", "https://cdn.example/box.json", "2025-01-15", {"game": "0022400561"})
landing, nine = Landing(ObjectStore(root=sys.argv[1])), dt.datetime(2025, 1, 15, 14, tzinfo=dt.UTC)
for second in range(10_000):
    landing.land(box, ReceivedResponse(b"x" * 3_000_000, nine + dt.timedelta(seconds=second), ""))
"""


def test_a_killed_write_leaves_complete_files_only(landing: Landing, tmp_path: Path):
    writer = subprocess.Popen([sys.executable, "-c", LAND_FOR_EVER, str(tmp_path)])
    deadline = time.monotonic() + 60
    while len(landing.paths("nba_com")) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    writer.kill()
    writer.wait()
    result = landing.all(BOX)
    assert len(result) >= 3
    assert {len(landed.body) for landed in result} == {3_000_000}


def test_the_time_of_receipt_is_in_the_file_name(landing: Landing):
    time = NINE + dt.timedelta(microseconds=1234)
    assert received_at(landing.land(BOX, ReceivedResponse(b"", time, "")).path) == time
