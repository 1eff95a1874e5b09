import datetime as dt
import json
import sqlite3
import threading
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import pytest

from nba_platform.alerts import outbox as module
from nba_platform.alerts.alert import Alert, Severity, without_secrets
from nba_platform.alerts.channels import NotDelivered, Refused
from nba_platform.alerts.outbox import Outbox

NOON = dt.datetime(2024, 12, 4, 12, tzinfo=dt.UTC)
LOST = Alert("coverage/shots", Severity.WARNING, "Shots are lacking", "7 of 8 games", "run `nba backfill 2024-12-03`")


OPEN, QUEUED = "SELECT alert FROM open ORDER BY key", "SELECT text FROM message ORDER BY id"


@dataclass
class Pipe:
    """A channel that fails as often as it is told to."""

    name: str = "pipe"
    fails: int = 0
    refuses: str = ""
    sent: list[str] = field(default_factory=list)
    attempts: int = 0

    def send(self, text: str) -> None:
        self.attempts += 1
        if self.fails:
            self.fails -= 1
            raise NotDelivered("the webhook answered 500")
        if self.refuses and self.refuses in text:
            raise Refused("the webhook answered 400")
        self.sent.append(text)


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "home" / "alerts.db")


def stored(outbox: Outbox, query: str) -> list[str]:
    with closing(sqlite3.connect(outbox.file)) as con:
        return [value for (value,) in con.execute(query)]


def look(outbox: Outbox, found: list[Alert], *pipes: Pipe, at: dt.datetime = NOON, condition: str = "coverage") -> None:
    outbox.update(condition, found, pipes)
    outbox.deliver(pipes, at)


def test_what_lasts_is_told_once_and_once_more_when_it_is_over(outbox):
    pipe = Pipe()
    for minutes in (0, 5, 10):
        look(outbox, [LOST], pipe, at=NOON + dt.timedelta(minutes=minutes))
    assert pipe.sent == [LOST.text]
    for minutes in (15, 20):
        look(outbox, [], pipe, at=NOON + dt.timedelta(minutes=minutes))
    assert pipe.sent == [LOST.text, "[RECOVERED] Shots are lacking\nIt is no longer found."]
    assert stored(outbox, OPEN) == []


def test_what_comes_back_is_told_again(outbox):
    pipe = Pipe()
    for found in ([LOST], [], [LOST]):
        look(outbox, found, pipe)
    assert [text.split("]")[0] for text in pipe.sent] == ["[WARNING", "[RECOVERED", "[WARNING"]


def test_other_words_for_the_same_thing_are_not_news_but_worse_is(outbox):
    pipe = Pipe()
    look(outbox, [LOST], pipe)
    look(outbox, [replace(LOST, happened="6 of 8 games")], pipe)
    assert len(pipe.sent) == 1
    look(outbox, [replace(LOST, severity=Severity.CRITICAL)], pipe)
    look(outbox, [replace(LOST, severity=Severity.CRITICAL)], pipe)
    assert [text.split("]")[0] for text in pipe.sent] == ["[WARNING", "[CRITICAL"]


def test_one_condition_does_not_take_back_what_another_found(outbox):
    pipe = Pipe()
    look(outbox, [LOST], pipe)
    look(outbox, [], pipe, condition="stale_data")
    assert stored(outbox, OPEN) == [json.dumps(asdict(LOST))]


def test_a_dead_channel_loses_nothing_and_holds_up_no_other(outbox):
    dead, alive = Pipe("dead", fails=3), Pipe("alive")
    look(outbox, [LOST], dead, alive)
    assert (alive.sent, dead.sent) == ([LOST.text], [])
    look(outbox, [], dead, alive, at=NOON + dt.timedelta(minutes=5))
    look(outbox, [], dead, alive, at=NOON + dt.timedelta(minutes=10))
    look(outbox, [], dead, alive, at=NOON + dt.timedelta(minutes=15))
    assert dead.sent == alive.sent == [LOST.text, LOST.text_when_over]
    assert stored(outbox, QUEUED) == []


def test_a_dead_channel_is_asked_once_a_look_and_ever_more_rarely(outbox):
    """Thirty seconds, then one, two, four minutes, and an hour at most; a success starts anew."""
    dead = Pipe(fails=100)
    other = replace(LOST, key="coverage/props")
    look(outbox, [LOST, other], dead)
    attempts = []
    for minute in range(1, 61):
        outbox.deliver([dead], NOON + dt.timedelta(minutes=minute))
        attempts.append(dead.attempts)
    assert dead.attempts == 7
    assert [minute + 1 for minute in range(1, 60) if attempts[minute] > attempts[minute - 1]] == [2, 4, 8, 16, 32]
    dead.fails = 0
    outbox.deliver([dead], NOON + dt.timedelta(days=1))
    assert len(dead.sent) == 2


def test_a_restart_forgets_neither_what_is_open_nor_what_waits(tmp_path):
    look(Outbox(tmp_path / "alerts.db"), [LOST], Pipe(fails=1))
    after = Outbox(tmp_path / "alerts.db")
    assert stored(after, OPEN) == [json.dumps(asdict(LOST))]
    pipe = Pipe()
    look(after, [LOST], pipe, at=NOON + dt.timedelta(minutes=5))
    assert pipe.sent == [LOST.text]


def test_a_message_refused_for_ever_does_not_hold_up_the_next(outbox):
    pipe = Pipe(refuses="Shots")
    other = replace(LOST, key="coverage/props", title="Props are lacking")
    outbox.update("coverage", [LOST, other], [pipe])
    assert outbox.deliver([pipe], NOON) == {"pipe": "the webhook answered 400"}
    assert (pipe.sent, stored(outbox, QUEUED)) == ([other.text], [])


def test_a_slow_channel_goes_on_at_the_next_look(outbox, monkeypatch):
    monkeypatch.setattr(module, "AT_ONCE_SECONDS", -1.0)
    pipe = Pipe()
    look(outbox, [LOST], pipe)
    assert (pipe.sent, stored(outbox, QUEUED)) == ([], [LOST.text])
    monkeypatch.undo()
    outbox.deliver([pipe], NOON)
    assert pipe.sent == [LOST.text]


def test_two_that_look_at_once_send_once(outbox):
    """The daemon runs its sensors side by side."""
    ready, pipe = threading.Barrier(4), Pipe()

    def at_once() -> None:
        ready.wait()
        look(outbox, [LOST], pipe)

    threads = [threading.Thread(target=at_once) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outbox.deliver([pipe], NOON + dt.timedelta(minutes=2))
    assert pipe.sent == [LOST.text]


def test_a_sender_that_died_blocks_for_a_minute_only(outbox):
    class Dies(Pipe):
        def send(self, text: str) -> None:
            raise KeyboardInterrupt

    outbox.update("coverage", [LOST], [Dies()])
    with pytest.raises(KeyboardInterrupt):
        outbox.deliver([Dies()], NOON)
    pipe = Pipe()
    outbox.deliver([pipe], NOON + dt.timedelta(seconds=30))
    assert pipe.sent == []
    outbox.deliver([pipe], NOON + dt.timedelta(seconds=61))
    assert pipe.sent == [LOST.text]


def test_an_alert_says_what_happened_what_to_do_and_where():
    said = replace(LOST, run_id="4f2a").text
    assert said == (
        "[WARNING] Shots are lacking\nWhat happened: 7 of 8 games\nWhat to do: run `nba backfill 2024-12-03`\nRun: 4f2a"
    )


def test_no_message_carries_a_secret(monkeypatch):
    monkeypatch.setenv("ODDS_API_KEY", "abcdef123456")
    monkeypatch.setenv("NBA_ALERT_WEBHOOK", "https://hooks.example.com/services/T1/B2/xyz")
    told = without_secrets(
        "GET https://me:pw@api.example.com/odds?apiKey=other failed with abcdef123456; "
        "https://hooks.example.com/services/T1/B2/xyz answered; run `nba backfill 2024-12-03 --select a+`"
    )
    assert told == (
        "GET https://***@api.example.com/odds?*** failed with ***; *** answered; "
        "run `nba backfill 2024-12-03 --select a+`"
    )


def test_a_trace_is_cut_and_what_to_do_is_not():
    said = replace(LOST, happened="x" * 10_000).text
    assert len(said) < 2_000
    assert said.endswith("What to do: run `nba backfill 2024-12-03`")


def test_cutting_leaves_no_half_of_a_secret(monkeypatch):
    monkeypatch.setenv("SOME_TOKEN", "s3cr3t" * 10)
    assert "s3cr3t" not in replace(LOST, happened="x" * 1490 + "s3cr3t" * 10).text
