"""Bad input that came in at a door: one test for each fault that the generated cases found."""

import datetime as dt
import io
import json
import logging
import socket
import struct
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet
from pytest_httpserver import HTTPServer

from nba_assets.kit.calendar import BadSetting
from nba_platform.config.environments import home as home_of_environment
from nba_platform.config.settings import problems
from nba_resources.errors import UserError, printable
from nba_resources.objects.store import ObjectStore, StoreUnavailable
from nba_resources.sources.archive.source import ArchiveSource
from nba_resources.sources.base import ALWAYS, BadInput, SourceUnavailable
from nba_resources.sources.providers.json_reader import JsonValue, delivered_table
from nba_resources.sources.providers.provider import LandedResponse, Request
from nba_resources.sources.providers.sportsdataverse import _read
from nba_site.server import page_server

from ..nba_resources.sources.archive.archives import TUE, games
from ..nba_resources.sources.harness import FAST, KEYED, SECRET, Harness
from .test_arguments import run
from .test_requests_for_the_page import answer, request_of


def test_a_word_that_is_not_understood_is_told_in_one_line_and_as_a_document(home: Path):
    """It was a box of several lines, and after `--json` there was no document."""
    code, out, err = run(("backfill", "--json", "yesterday"))
    sentence = "Invalid value: 'yesterday' is no date: write it like 2024-11-01. See `nba backfill --help`."
    assert (code, err) == (2, f"error: {sentence}\n")
    assert json.loads(out) == {"error": sentence}


@pytest.mark.parametrize("words", [(), ("models",)], ids=["nba", "nba models"])
def test_without_a_command_the_help_is_printed_once_and_no_error(words: tuple[str, ...]):
    code, out, err = run(words)
    assert (code, err) == (2, "")
    assert out.count("Usage:") == 1


@pytest.mark.parametrize(
    "words",
    [
        ("backfill", "2024-10-22", "--select", ""),
        ("publish", ""),
        ("coverage", " "),
        ("evaluate", "2024-10-22", "--by", ""),
    ],
    ids=" ".join,
)
def test_an_empty_word_is_refused_and_means_neither_all_tables_nor_tonight(words: tuple[str, ...], home: Path):
    code, _, err = run(words)
    assert code == 2
    assert "it is empty: leave it out, or set the variable that it comes from" in err


@pytest.mark.parametrize("market", ["pts", "reb"])
def test_brackets_in_a_name_are_no_markup_of_the_progress(market: str, home: Path):
    code, _, err = run(("predict", "[/]", "--market", market))
    assert (code, err[:7]) == (1, "error: ")


@pytest.mark.parametrize("command", ["ui", "site"])
@pytest.mark.parametrize("port", ["-1", "0", "65536", "99999999999999999999"])
def test_a_port_that_no_machine_has_is_refused_before_anything_starts(command: str, port: str, home: Path):
    assert run((command, "--port", port))[0] == 2


def test_a_file_that_cannot_be_written_is_named(home: Path):
    ObjectStore(root=str(home / "objects")).write("exports/v1/board/tonight.json", b"{}")
    assert run(("site", "--single", "/dev/null/x"))[2].startswith("error: /dev/null/x cannot be written")


@pytest.mark.parametrize("root", ["nosuch://x", "github://x"])
def test_a_place_that_no_library_knows_is_no_place_for_files(root: str):
    with pytest.raises(StoreUnavailable, match=f"^{root} is no place for files"):
        ObjectStore(root=root).paths()


def test_a_folder_that_cannot_be_made_is_named():
    """The system says of a folder in /proc that it does not exist, and lets nobody make it."""
    with pytest.raises(StoreUnavailable, match=r"^cannot read or write files in /proc/none \(No such file"):
        ObjectStore(root="/proc/none").write("games.parquet", b"")


def test_publishing_from_an_empty_home_shows_reasons_and_no_trace(home: Path, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.ERROR):
        assert run(("publish",))[0] == 1
    assert [record for record in caplog.records if record.exc_info] == []


@pytest.mark.parametrize("folder", ["~nobody-here/x", "\udcff"], ids=["no such user", "no text"])
def test_a_home_that_no_machine_has_is_named(folder: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NBA_HOME", folder)
    with pytest.raises(BadSetting, match=r"^NBA_HOME is '.+': it must be a folder, like ~/nba$"):
        home_of_environment()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NBA_THE_ODDS_API_MONTHLY", "\u0661\u0662"),  # digits, but none that a number is read from
        ("NBA_BIGQUERY_MAX_GB", "9" * 400),  # infinity
        ("NBA_NBA_COM_HEADERS", "[" * 5_000),  # deeper than Python reads
        ("NBA_NBA_COM_HEADERS", '{"User-Agent": "a\\nHost: b"}'),  # a header of its own
        ("NBA_NBA_COM_HEADERS", '{"a b": "c"}'),
    ],
    ids=["digits", "infinity", "depth", "line", "name"],
)
def test_a_value_that_only_looks_right_is_named_before_it_is_used(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(name, value)
    (problem,) = problems()
    assert problem.startswith(f"{name} ")


def test_a_name_from_outside_neither_begins_a_line_of_a_log_nor_colours_a_terminal():
    told = str(UserError("no player 'A\x1b[31m\nerror: B\u2028C\u202e'"))
    assert told == r"no player 'A\x1b[31m error: B C\u202e'"
    assert printable("Nikola Joki\u0107, 25.5 \u00b7 \u2265 1") == "Nikola Joki\u0107, 25.5 \u00b7 \u2265 1"


@pytest.mark.parametrize("name", ['a" ', 'x") FROM range(9) -- ', '"'])
def test_a_file_may_name_its_columns_as_it_likes(name: str, tmp_path: Path):
    """A quotation mark in a name ended the name in the statement, and what followed was read as SQL."""
    parquet.write_table(games(TUE).append_column(name, [["word"]]), tmp_path / "games.parquet")
    source = ArchiveSource(str(tmp_path))
    assert [*source.fingerprints("schedule")] == [TUE]
    assert source.fetch("schedule", ALWAYS).notes == {f"column ignored: {name}": 1}


def test_an_address_that_is_none_is_not_found_and_no_trace_is_printed(tmp_path: Path, capfd: pytest.CaptureFixture):
    with page_server(ObjectStore(root=str(tmp_path)), port=0) as server:
        assert b" 404 " in answer(server, request_of("GET", "http://[", "127.0.0.1"))
    assert capfd.readouterr().err == ""


def test_documents_that_cannot_be_read_are_unavailable_with_the_reason(tmp_path: Path):
    (tmp_path / "exports").write_text("a file where a folder belongs")
    with page_server(ObjectStore(root=str(tmp_path)), port=0) as server:
        received = answer(server, request_of("GET", "/v1/board/tonight.json", "127.0.0.1"))
    assert b" 503 " in received.splitlines()[0]
    assert b"cannot read or write files" in received


def test_a_reader_who_goes_away_is_no_error_of_the_server(tmp_path: Path, capfd: pytest.CaptureFixture):
    with page_server(ObjectStore(root=str(tmp_path)), port=0) as server:
        for _ in range(9):
            reader = socket.create_connection(("127.0.0.1", server.server_port))
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            reader.sendall(request_of("GET", "/app.js", "127.0.0.1"))
            reader.close()  # with a reset
        assert b" 200 " in answer(server, request_of("GET", "/", "127.0.0.1"))
    assert capfd.readouterr().err == ""


def test_a_name_longer_than_any_file_has_is_no_document(tmp_path: Path):
    """It was answered as a fault of the disk."""
    with page_server(ObjectStore(root=str(tmp_path)), port=0) as server:
        for path in ("9" * 400, "/".join(["9" * 200] * 30)):
            received = answer(server, request_of("GET", f"/v1/{path}.json", "127.0.0.1"))
            assert received.startswith(b"HTTP/1.0 404 ")


def landed(body: bytes) -> LandedResponse:
    request = Request("nba_com", "schedule", "http://fake", "2024-25")
    return LandedResponse(request, dt.datetime(2025, 1, 1, tzinfo=dt.UTC), body, "", "landing/x")


def test_json_deeper_than_python_reads_is_refused_with_its_file():
    with pytest.raises(BadInput, match=r"landed as landing/x: expected JSON, found 5000 bytes"):
        JsonValue.parse(landed(b"[" * 5_000))


@pytest.mark.parametrize("value", ["\ud800", 10**400], ids=["half a character", "a number of 400 digits"])
def test_a_value_that_json_may_hold_and_no_table_can_is_refused_with_its_column(value: object):
    field = "arena" if isinstance(value, str) else "home_pts"
    with pytest.raises(BadInput, match=rf"landed as landing/x: column {field}: found a value that cannot be stored"):
        delivered_table("schedule", landed(b"{}"), [{field: value}], {})


def test_a_release_whose_texts_are_no_texts_is_refused_with_its_file():
    file = io.BytesIO()
    parquet.write_table(pa.table({"game_id": pa.array([b"\xe9"]).view(pa.string())}), file)
    with pytest.raises(BadInput, match=r"landed as landing/x: expected a Parquet file"):
        _read(landed(file.getvalue()), {})


def test_a_key_that_a_host_echoes_is_in_no_message(httpserver: HTTPServer, tmp_path: Path):
    harness = Harness(httpserver, tmp_path)
    httpserver.expect_request("/box").respond_with_data(f"no JSON for {SECRET}")
    with pytest.raises(BadInput, match=r"bytes that begin with 'no JSON for \*\*\*'"):
        harness.fetcher(KEYED).get(harness.request())


def test_a_date_beyond_all_calendars_is_no_time_to_wait(httpserver: HTTPServer, tmp_path: Path):
    harness = Harness(httpserver, tmp_path)
    header = {"Retry-After": "Thu, 01 Jan 99999999999999999999 00:00:00 GMT"}
    httpserver.expect_request("/box").respond_with_data("slow down", 429, header)
    with pytest.raises(SourceUnavailable, match="answered 429: slow down"):
        harness.fetcher(replace(FAST, tries=1)).get(harness.request())
