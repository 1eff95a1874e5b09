import datetime as dt
import json
import logging
import socket
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from werkzeug import Request as Asked
from werkzeug import Response

from nba_resources.sources.base import SourceUnavailable
from nba_resources.sources.circuit import CircuitOpen
from nba_resources.sources.exchange import Absent, Unchanged
from nba_resources.sources.landing import Received
from nba_resources.sources.provider import CreditsSpent, KeyRefused, Manners, Quota

KEYED = Manners(key_variable="NBA_TEST_KEY", key_param="apiKey")
PAID = Manners(
    key_variable="NBA_TEST_KEY",
    key_param="apiKey",
    spent="OUT_OF_USAGE_CREDITS",
    quota=Quota("NBA_TEST_CREDITS", 500, "NBA_TEST_DAILY"),
)
HURRIED = Manners(seconds_between=0.001)


def answers(desk, *responses: Response, path: str = "/box") -> list[Asked]:
    """The server gives these one after the other, and the last for ever; the list fills with what was asked."""
    asked: list[Asked] = []

    def answer(request: Asked) -> Response:
        asked.append(request)
        return responses[min(len(asked), len(responses)) - 1]

    desk.server.expect_request(path).respond_with_handler(answer)
    return asked


def busy(retry_after: str | None = None, status: int = 429) -> Response:
    return Response("slow down", status, {"Retry-After": retry_after} if retry_after else None)


@contextmanager
def speaking(lines: bytes, then_hang: bool = False) -> Iterator[str]:
    """A server of bytes, for what no server library would do."""
    listener, over = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                connection.sendall(lines)
                if then_hang:
                    over.wait(5)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/box"
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def test_an_answer_is_handed_over_with_its_time_and_what_to_ask_with_next_time(desk):
    answers(desk, Response('{"a": 1}', headers={"ETag": '"v1"', "Content-Type": "application/json"}))
    received = desk.client().ask(desk.request(), HURRIED)
    assert isinstance(received, Received)
    assert (received.body, received.received_at) == (b'{"a": 1}', desk.clock.now())
    assert received.validators == {"If-None-Match": '"v1"'}


def test_a_host_that_is_busy_is_waited_for_as_long_as_it_asks(desk):
    asked = answers(desk, busy("7"), busy("11"), Response("{}"))
    assert isinstance(desk.client().ask(desk.request(), HURRIED), Received)
    assert len(asked) == 3
    assert [seconds for seconds in desk.clock.slept if seconds >= 1] == [7, 11]


def test_a_time_to_come_back_may_be_a_date(desk):
    at = desk.clock.now() + dt.timedelta(seconds=20)
    answers(desk, busy(at.strftime("%a, %d %b %Y %H:%M:%S GMT")), Response("{}"))
    desk.client().ask(desk.request(), HURRIED)
    assert [seconds for seconds in desk.clock.slept if seconds >= 1] == [20]


def test_a_storm_of_refusals_ends_after_four_tries(desk):
    asked = answers(desk, busy("1"))
    with pytest.raises(SourceUnavailable, match=r"nba_com boxscore of 2025-01-15: answered 429: slow down"):
        desk.client().ask(desk.request(), HURRIED)
    assert len(asked) == 4


def test_who_asks_to_be_left_alone_for_longer_is_left_alone_for_as_long(desk):
    asked = answers(desk, busy("3600"), Response("{}"))
    with pytest.raises(SourceUnavailable):
        desk.client().ask(desk.request(), HURRIED)
    desk.clock.pass_minutes(59)
    with pytest.raises(CircuitOpen):
        desk.client().ask(desk.request(), HURRIED)
    desk.clock.pass_minutes(2)
    assert isinstance(desk.client().ask(desk.request(), HURRIED), Received)
    assert len(asked) == 2


@pytest.mark.parametrize("nonsense", ["soon", "-5", "nan", "", "1e400", "9" * 15])
def test_a_time_to_come_back_that_is_none_is_not_obeyed(desk, nonsense: str):
    answers(desk, busy(nonsense), Response("{}"))
    assert isinstance(desk.client().ask(desk.request(), HURRIED), Received)
    assert max(desk.clock.slept) <= 1


def test_an_error_of_the_server_passes_and_pauses_grow_at_random(desk):
    asked = answers(desk, *(busy(status=status) for status in (500, 502, 503)), Response("{}"))
    assert isinstance(desk.client().ask(desk.request(), HURRIED), Received)
    assert len(asked) == 4
    assert sum(desk.clock.slept) <= 1 + 2 + 4 + 1


@pytest.mark.parametrize("status", [400, 418, 422])
def test_a_question_that_is_wrong_is_not_asked_again(desk, status: int):
    asked = answers(desk, Response('{"message": "no such market"}', status))
    with pytest.raises(SourceUnavailable, match=f"answered {status}.*no such market"):
        desk.client().ask(desk.request(), HURRIED)
    assert len(asked) == 1


def test_a_host_that_falls_silent_is_given_up_after_its_tries(desk):
    with speaking(b"", then_hang=True) as address, pytest.raises(SourceUnavailable, match="ReadTimeout"):
        desk.client().ask(desk.request(url=address), Manners(seconds_between=0.001, tries=2, read_seconds=0.05))


def test_an_answer_that_drips_in_for_ever_is_given_up(desk):
    asked = []

    def drip(request: Asked) -> Response:
        asked.append(request)
        return Response((b" " if threading.Event().wait(0.02) else b"." for _ in range(500)), 200)

    desk.server.expect_request("/box").respond_with_handler(drip)
    with pytest.raises(SourceUnavailable, match="not whole after"):
        desk.client().ask(desk.request(), Manners(seconds_between=0.001, tries=1, read_seconds=0.03))


def test_a_connection_cut_in_the_middle_is_not_an_answer(desk):
    cut = b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"games": ['
    with speaking(cut) as address, pytest.raises(SourceUnavailable, match="RemoteProtocolError"):
        desk.client().ask(desk.request(url=address), HURRIED)


def test_nobody_listening_is_told_in_one_sentence(desk):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(SourceUnavailable, match=r"nba_com boxscore of 2025-01-15: ConnectError"):
        desk.client().ask(desk.request(url=f"http://127.0.0.1:{port}/box"), HURRIED)


def test_what_is_known_is_not_sent_again(desk):
    asked = answers(desk, Response(status=304))
    assert desk.client().ask(desk.request(), HURRIED, {"If-None-Match": '"v1"'}) == Unchanged()
    assert asked[0].headers["If-None-Match"] == '"v1"'


def test_what_is_not_there_is_no_error(desk):
    answers(desk, Response("<html>Access Denied</html>", 403))
    forbidding = Manners(seconds_between=0.001, absent=frozenset({403, 404}))
    assert desk.client().ask(desk.request(), forbidding) == Absent(403)


def test_only_bulk_downloads_follow_redirects(desk):
    answers(desk, Response(status=302, headers={"Location": desk.server.url_for("/file")}))
    answers(desk, Response(b"PAR1"), path="/file")
    with pytest.raises(SourceUnavailable, match="redirect"):
        desk.client().ask(desk.request(), HURRIED)
    received = desk.client().ask(desk.request(large=True), HURRIED)
    assert isinstance(received, Received)
    assert received.body == b"PAR1"


def test_a_key_never_follows_a_redirect(desk):
    answers(desk, Response(status=302, headers={"Location": desk.server.url_for("/elsewhere")}))
    elsewhere = answers(desk, Response("{}"), path="/elsewhere")
    with pytest.raises(SourceUnavailable, match="redirect"):
        desk.client().ask(desk.request(large=True), KEYED)
    assert not elsewhere


def test_a_body_larger_than_any_should_be_is_refused(desk):
    answers(desk, Response(b"x" * 5000))
    with pytest.raises(SourceUnavailable, match="larger than 4,096 bytes"):
        desk.client(body_cap=4096).ask(desk.request(), HURRIED)


def test_an_error_larger_than_any_answer_should_be_is_refused_like_one(desk):
    answers(desk, Response(b"x" * 5000, 500))
    with pytest.raises(SourceUnavailable, match="larger than 4,096 bytes"):
        desk.client(body_cap=4096).ask(desk.request(), HURRIED)


def test_what_failed_five_times_is_left_alone_until_one_question_finds_it_well(desk):
    once = Manners(seconds_between=0.001, tries=1)
    asked = answers(desk, *(busy(status=500) for _ in range(6)), Response("{}"))
    for _ in range(5):
        with pytest.raises(SourceUnavailable, match="answered 500"):
            desk.client().ask(desk.request(), once)
    with pytest.raises(CircuitOpen, match=r"left alone until 2025-01-15 15:15 UTC.*answered 500"):
        desk.client().ask(desk.request(), once)
    assert len(asked) == 5
    desk.clock.pass_minutes(16)
    with pytest.raises(SourceUnavailable, match="answered 500"):
        desk.client().ask(desk.request(), once)
    with pytest.raises(CircuitOpen):
        desk.client().ask(desk.request(), once)
    desk.clock.pass_minutes(16)
    assert isinstance(desk.client().ask(desk.request(), once), Received)
    assert isinstance(desk.client().ask(desk.request(), once), Received)


def test_another_endpoint_of_the_same_host_is_still_asked(desk):
    once = Manners(seconds_between=0.001, tries=1)
    answers(desk, busy(status=500))
    answers(desk, Response("{}"), path="/schedule")
    for _ in range(5):
        with pytest.raises(SourceUnavailable):
            desk.client().ask(desk.request(), once)
    assert isinstance(desk.client().ask(desk.request("/schedule", endpoint="schedule"), once), Received)


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


SECRET_ECHO = "the key s3cr3t-key-of-nobody is not valid"


@pytest.mark.parametrize("manners", [KEYED, Manners(key_variable="NBA_TEST_KEY", key_header="Authorization")])
@pytest.mark.parametrize("status", [400, 401, 422, 429, 500])
def test_no_text_ever_holds_a_key(desk, caplog: pytest.LogCaptureFixture, manners: Manners, status: int):
    """Providers repeat the question in their errors, the library logs the address, a trace prints both."""
    caplog.set_level(logging.DEBUG)
    asked = answers(desk, Response(SECRET_ECHO, status))
    with pytest.raises(SourceUnavailable) as refused:
        desk.client().ask(desk.request(), manners)
    sent = asked[0].args.get("apiKey") or asked[0].headers.get("Authorization")
    assert sent == "s3cr3t-key-of-nobody"
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


def test_what_was_put_aside_is_corrected_by_what_it_cost(desk):
    answers(desk, Response("[]", headers={"x-requests-last": "0", "x-requests-remaining": "480.0"}))
    client = desk.client()
    client.ask(desk.request(cost=3), PAID)
    assert client.credits.left("nba_com", PAID.quota) == 480


def test_without_a_word_from_the_provider_our_own_estimate_stands(desk):
    answers(desk, Response("[]"))
    client = desk.client()
    client.ask(desk.request(cost=3), PAID)
    assert client.credits.left("nba_com", PAID.quota) == 497


def test_a_question_without_an_answer_is_counted_as_spent(desk):
    answers(desk, busy(status=503))
    client = desk.client()
    with pytest.raises(SourceUnavailable):
        client.ask(desk.request(cost=3), PAID)
    assert client.credits.left("nba_com", PAID.quota) == 497


def test_a_plan_stops_before_zero(desk):
    asked = answers(desk, Response("[]", headers={"x-requests-last": "1", "x-requests-remaining": "11"}))
    client = desk.client()
    client.ask(desk.request(cost=1), PAID)
    client.ask(desk.request(cost=1), PAID)
    with pytest.raises(CreditsSpent, match="counts 11 credits left, of which 10 are never spent"):
        client.ask(desk.request(cost=2), PAID)
    assert len(asked) == 2


@pytest.mark.parametrize(("variable", "told"), [("NBA_TEST_CREDITS", "of this month"), ("NBA_TEST_DAILY", "of today")])
def test_what_the_operator_allows_is_never_overspent(desk, variable: str, told: str):
    asked = answers(desk, Response("[]"))
    client = desk.client(environment={"NBA_TEST_KEY": "k", variable: "5"})
    client.ask(desk.request(cost=3), PAID)
    with pytest.raises(CreditsSpent, match=f"3 of 5 credits {told} are spent: {variable} allows more"):
        client.ask(desk.request(cost=3), PAID)
    assert len(asked) == 1


@pytest.mark.parametrize("written", ["nan", "inf", "1e9", "-5", "²", "plenty"])
def test_what_the_operator_allows_is_a_plain_number_or_nothing_is_sent(desk, written: str):
    """No sum of credits is more than `nan`: a plan that allows so many would allow all."""
    asked = answers(desk, Response("[]"))
    with pytest.raises(SourceUnavailable, match=f"NBA_TEST_CREDITS is '{written}': it must be a number of credits"):
        desk.client(environment={"NBA_TEST_KEY": "k", "NBA_TEST_CREDITS": written}).ask(desk.request(cost=3), PAID)
    assert not asked


def test_tomorrow_and_next_month_begin_anew(desk):
    answers(desk, Response("[]"))
    client = desk.client(environment={"NBA_TEST_KEY": "k", "NBA_TEST_DAILY": "5", "NBA_TEST_CREDITS": "7"})
    client.ask(desk.request(cost=4), PAID)
    desk.clock.pass_minutes(24 * 60)
    client.ask(desk.request(cost=3), PAID)
    desk.clock.pass_minutes(24 * 60)
    with pytest.raises(CreditsSpent, match="of this month"):
        client.ask(desk.request(cost=3), PAID)
    desk.clock.pass_minutes(20 * 24 * 60)
    assert isinstance(client.ask(desk.request(cost=3), PAID), Received)


def test_credits_that_ran_out_are_not_a_wrong_key(desk):
    asked = answers(desk, Response('{"error_code": "OUT_OF_USAGE_CREDITS"}', 401))
    client = desk.client()
    with pytest.raises(CreditsSpent):
        client.ask(desk.request(cost=1), PAID)
    assert len(asked) == 1
    assert client.credits.left("nba_com", PAID.quota) == 500


def test_credits_that_ran_out_are_recognised_however_long_the_answer(desk):
    answers(desk, Response('{"message": "' + "x" * 500 + '", "error_code": "OUT_OF_USAGE_CREDITS"}', 401))
    with pytest.raises(CreditsSpent, match="the credits are spent"):
        desk.client().ask(desk.request(cost=1), PAID)


def test_paid_history_needs_an_allowance_of_its_own(desk):
    asked = answers(desk, Response("[]", headers={"x-requests-last": "10"}))
    with pytest.raises(CreditsSpent, match="`nba ingest --credits`"):
        desk.client().ask(desk.request(cost=10, history=True), PAID)
    client = desk.client(for_history=25)
    client.ask(desk.request(cost=10, history=True), PAID)
    client.ask(desk.request(cost=10, history=True), PAID)
    with pytest.raises(CreditsSpent, match="where 5 credits are left for history"):
        client.ask(desk.request(cost=10, history=True), PAID)
    assert len(asked) == 2


def test_an_answer_of_a_nonsensical_age_says_nothing_of_our_clock(desk):
    answers(desk, Response("{}", headers={"Age": "1e400"}))
    assert isinstance(desk.client(skew=dt.timedelta(minutes=5)).ask(desk.request(), HURRIED), Received)


def test_a_clock_that_is_wrong_is_noticed_before_anything_is_filed_under_its_time(desk):
    answers(desk, Response("{}"))
    with pytest.raises(SourceUnavailable, match="the clock of this machine says 2025-01-15 15:00:00 UTC"):
        desk.client(skew=dt.timedelta(minutes=5)).ask(desk.request(), HURRIED)
