"""Every answer that a host may give to a request: it is landed whole, or refused in a line and never landed."""

import json
from pathlib import Path

from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Response

from nba_resources.errors import UserError
from nba_resources.sources.http.client import Client
from nba_resources.sources.http.fetchers import LiveFetcher
from nba_resources.sources.http.landing import Landing

from ..nba_resources.sources.harness import KEYED, SECRET, Harness
from .cases import BAD_TEXT, assert_one_sentence, knock

BODIES = st.one_of(
    st.sampled_from([b"", b"{}", b"null", b'{"a": 1}', b'{"a": ', b"[" * 5_000, b"<html>", b"\xff\xfe{}", b"\x1b[31m"]),
    st.sampled_from([b'{"message": "slow down"}', SECRET.encode(), b'{"a": "' + SECRET.encode() + b'"}']),
    BAD_TEXT.map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.binary(max_size=40),
)
STATUSES = st.sampled_from([200] * 8 + [204, 206, 301, 302, 304, 400, 401, 402, 403, 404, 418, 422, 429, 500, 503, 599])
HEADERS = st.dictionaries(
    st.sampled_from(["Retry-After", "Date", "Age", "ETag", "x-requests-remaining", "x-requests-last", "Location"]),
    st.one_of(
        st.sampled_from(
            [
                "-1",
                "nan",
                "inf",
                "1e400",
                "9" * 400,
                "Thu, 01 Jan 99999999999999999999 00:00:00 GMT",
                "soon",
                "",
                "http://evil.example/",
            ]
        ),
        st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=20),
    ),
    max_size=3,
)
CODINGS = st.sampled_from([None] * 6 + ["gzip", "deflate", "br", "x-nothing"])


def is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


def test_an_answer_is_landed_whole_or_refused_in_one_line(httpserver: HTTPServer, tmp_path: Path):
    harness = Harness(httpserver, tmp_path)
    given: list[Response] = []
    httpserver.expect_request("/box").respond_with_handler(lambda request: given[-1])
    number = 0

    def answer(case: tuple[int, bytes, dict[str, str], str | None]) -> None:
        nonlocal number
        status, body, headers, coding = case
        number += 1
        given.append(Response(body, status, headers | ({"Content-Encoding": coding} if coding else {})))
        folder = tmp_path / f"case {number}"
        client = Client(folder, now=harness.now, sleep=harness.sleep, environment=harness.environment, max_skew=None)
        landing = Landing(harness.landing.objects, None)
        request = harness.request(params={"case": str(number)})
        try:
            landed = LiveFetcher(landing, client, KEYED).get(request)
        except UserError as error:
            assert_one_sentence(str(error))
            told = str(error)
        else:
            told = ""
            assert landed is None or (status == 200 and is_json(landed.body))
        assert SECRET not in told
        assert [one.body for one in landing.all(request)] == ([body] if status == 200 and not told else [])

    knock("answers to requests", st.tuples(STATUSES, BODIES, HEADERS, CODINGS), answer)
