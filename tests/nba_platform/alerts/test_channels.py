import http.server
import json
import logging
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from nba_assets.kit.calendar import BadSetting
from nba_platform.alerts.channels import LogChannel, NotDelivered, Refused, Webhook, channels

SECRET = "T0P-S3CR3T-PATH"


class Chat(http.server.ThreadingHTTPServer):
    """A chat on this machine that answers as told and keeps what it received."""

    def __init__(self) -> None:
        self.received: list[dict] = []
        self.answers: list[int] = []
        self.delay = 0.0
        super().__init__(("127.0.0.1", 0), Answering)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{SECRET}"


class Answering(http.server.BaseHTTPRequestHandler):
    server: Chat

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(self.server.delay)
        code = self.server.answers.pop(0) if self.server.answers else 200
        if code == 200:
            assert self.headers["Content-Type"] == "application/json"
            self.server.received.append(json.loads(body))
        self.send_response(code)
        if code == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch) -> Iterator[Chat]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = Chat()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_message_arrives_as_one_json_document(chat):
    Webhook(chat.address).send('7 "of" 8\nünfinished')
    assert chat.received == [{"text": '7 "of" 8\nünfinished'}]


def test_a_text_from_outside_can_neither_call_everybody_nor_break_the_document(chat):
    Webhook(chat.address).send('<!channel> "},{"text": "<https://evil.example|click>" & more')
    assert chat.received == [{"text": '&lt;!channel&gt; "},{"text": "&lt;https://evil.example|click&gt;" &amp; more'}]


@pytest.mark.parametrize("code", [500, 503, 429, 404, 302])
def test_an_answer_that_is_no_yes_is_no_delivery(chat, code):
    chat.answers = [code]
    with pytest.raises(NotDelivered, match=f"answered {code}") as refused:
        Webhook(chat.address).send("hello")
    assert not isinstance(refused.value, Refused)
    assert chat.received == []


def test_a_message_that_can_never_be_taken_is_told_apart(chat):
    chat.answers = [400]
    with pytest.raises(Refused):
        Webhook(chat.address).send("hello")


def test_a_chat_that_does_not_answer_is_soon_given_up(chat):
    chat.delay = 1.0
    with pytest.raises(NotDelivered, match="cannot be reached: TimeoutError"):
        Webhook(chat.address, time_out_seconds=0.1).send("hello")


def test_a_chat_that_is_not_there_is_no_delivery(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/{SECRET}"
    with pytest.raises(NotDelivered, match="ConnectionRefusedError") as refused:
        Webhook(address).send("hello")
    assert SECRET not in str(refused.value)


def test_no_error_and_no_repr_shows_the_address(chat):
    chat.answers = [500]
    webhook = Webhook(chat.address)
    with pytest.raises(NotDelivered) as failed:
        webhook.send("hello")
    assert SECRET not in f"{failed.value!r} {failed.value.__cause__!r} {webhook!r}"


def test_no_log_shows_the_address(chat, caplog):
    """The HTTP library writes every address it opens into the log."""
    caplog.set_level(logging.DEBUG)
    Webhook(chat.address).send("hello")
    assert SECRET not in caplog.text


@pytest.mark.parametrize("address", ["file:///etc/passwd", f"ftp://example.com/{SECRET}", SECRET, ""])
def test_only_web_addresses_are_taken(address):
    """A library that opens addresses may open files, too."""
    with pytest.raises(BadSetting, match="NBA_ALERT_WEBHOOK") as refused:
        Webhook(address)
    assert SECRET not in str(refused.value)


def test_the_environment_names_the_webhook(monkeypatch):
    log = logging.getLogger("alerts")
    monkeypatch.delenv("NBA_ALERT_WEBHOOK", raising=False)
    assert channels(log) == [LogChannel(log)]
    monkeypatch.setenv("NBA_ALERT_WEBHOOK", "https://hooks.example.com/x")
    assert channels(log) == [LogChannel(log), Webhook("https://hooks.example.com/x")]


def test_the_log_takes_a_text_as_it_is(caplog):
    LogChannel(logging.getLogger("alerts")).send("100 %s of %d")
    assert caplog.messages == ["100 %s of %d"]
