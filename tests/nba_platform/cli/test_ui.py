import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import dagster as dg
import pytest
from rich.console import Console

from nba_platform.cli.ui import Lines, UIEnded, interrupted_once, serve
from nba_platform.dagster_compat.output_partitions import PARTLY_FAILED
from nba_platform.dagster_compat.records import ErrorRow
from nba_platform.errors import step_error
from nba_platform.orchestration.instance import open_instance, prepare_instance

LIMIT_SECONDS = 60  # for a broken test, not a measurement
T = TypeVar("T")
RECORD = "2026-01-02 03:04:05 +0000 - dagster"


@dg.job
def idle() -> None: ...


@dg.asset(partitions_def=dg.StaticPartitionsDefinition(["2024-10-23"]))
def player_boxscores(context: dg.AssetExecutionContext) -> None:
    context.log_event(
        dg.AssetObservation(context.asset_key, partition="2024-10-23", metadata={"refused": "53,000 points"})
    )


@pytest.fixture
def instance(home) -> Iterator[dg.DagsterInstance]:
    with open_instance() as opened:
        yield opened


@pytest.fixture
def lines(instance, home) -> Lines:
    log = home / "ui.log"
    log.touch()
    return Lines(instance, log)


@pytest.fixture
def served(monkeypatch) -> list[tuple]:
    """What `nba ui` would serve, without serving it."""
    given: list[tuple] = []
    monkeypatch.setattr("nba_platform.cli.ui.serve", lambda *arguments: given.append(arguments))
    return given


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_the_command_says_where_the_ui_will_be_and_the_page_is(home, nba, served):
    said = nba("ui", "--port", "3999")

    assert re.fullmatch(
        r"The UI will be at http://127\.0\.0\.1:3999, "
        r"and tonight's page is at http://127\.0\.0\.1:\d+ \(Ctrl-C ends both\)\.\n",
        said.out,
    )
    assert [arguments[:2] for arguments in served] == [(3999, home / "dagster")]


@pytest.mark.parametrize(("said", "found"), [(None, "on"), ("off", "off")])
def test_the_platform_runs_itself_while_the_ui_is_open(home, nba, monkeypatch, served, said: str | None, found: str):
    monkeypatch.delenv("NBA_AUTOMATION", raising=False)
    if said:
        monkeypatch.setenv("NBA_AUTOMATION", said)

    nba("ui", "--port", "3999")

    assert served[0][2]["NBA_AUTOMATION"] == found
    assert os.environ.get("NBA_AUTOMATION") == said, "nothing else of this process is turned on"


def test_a_port_that_is_taken_is_refused(home, nba, served, port):
    with socket.create_server(("127.0.0.1", port)):
        said = nba("ui", "--port", str(port))

    assert said.code == 1
    assert said.err == (
        f"error: port {port} on 127.0.0.1 is taken: end what listens there, or choose another with --port.\n"
    )
    assert served == []


def test_a_run_is_one_line_when_it_has_ended(instance, lines):
    tags = {"dagster/sensor_name": "whenever_ready"}
    run = instance.create_run_for_job(idle, status=dg.DagsterRunStatus.STARTED, tags=tags)
    assert [*lines.new()] == []
    assert lines.in_progress.endswith(f"run {run.run_id[:8]} by sensor whenever_ready: all tables, whole: running")

    instance.report_run_canceled(run)

    (line,) = lines.new()
    assert line.endswith(f"run {run.run_id[:8]} by sensor whenever_ready: all tables, whole: cancelled")
    assert (lines.in_progress, [*lines.new()]) == ("", [])


def test_the_line_of_a_failed_run_has_the_reason(instance, lines):
    run = instance.create_run_for_job(idle, status=dg.DagsterRunStatus.STARTED)
    instance.report_run_failed(run, "Process 7 is gone.")

    (line,) = lines.new()
    assert line.endswith(": failed: Process 7 is gone.")


def test_the_line_of_a_run_with_refused_dates_names_them(instance, lines):
    tags = {PARTLY_FAILED: "true"}
    dg.materialize([player_boxscores], instance=instance, partition_key="2024-10-23", tags=tags)

    (line,) = lines.new()
    assert line.endswith(", without 1 dates that were refused: player_boxscores 2024-10-23: 53,000 points")


def test_runs_that_ended_earlier_are_not_shown(instance, home):
    run = instance.create_run_for_job(idle, status=dg.DagsterRunStatus.STARTED)
    instance.report_run_failed(run, "gone")
    (home / "ui.log").touch()

    assert [*Lines(instance, home / "ui.log").new()] == []


@pytest.mark.parametrize(
    ("record", "shown"),
    [
        (f"{RECORD} - INFO - nothing new", []),
        (f"{RECORD}.daemon - \x1b[31mERROR\x1b[0m - Sensor daemon caught an error", ["Sensor daemon caught an error"]),
        (f"{RECORD} - DEBUG - __ASSET_JOB - 1f0a - 21 - nba_raw__shots - STEP_START - Started.", []),
        (f"{RECORD} - ERROR - __ASSET_JOB - 1f0a - 21 - nba_raw__shots - STEP_FAILURE - It failed.", []),
        ("Traceback (most recent call last):", []),
    ],
    ids=["information", "error", "event", "failure of a run", "trace"],
)
def test_of_the_log_warnings_and_errors_are_shown_but_no_event(lines, record: str, shown: list[str]):
    lines.log.write_text(f"{record}\n")

    assert [*lines.new()] == [f"03:04:05 error: {one}" for one in shown]
    assert [*lines.new()] == [], "each line once"


def test_half_a_line_of_the_log_waits_for_its_end(lines):
    lines.log.write_text(f"{RECORD} - WARNING - the file is ")
    assert [*lines.new()] == []

    lines.log.write_text(f"{RECORD} - WARNING - the file is locked\n")
    assert [*lines.new()] == ["03:04:05 warning: the file is locked"]


def test_an_end_of_a_process_ends_the_ui_and_shows_the_log(home, port):
    """A code server that cannot load the definitions ends at once."""
    environment = {**os.environ, "NBA_SOURCE": "nowhere"}

    with pytest.raises(UIEnded, match="the code server has ended") as ended:
        serve(port, prepare_instance(), environment, Console(quiet=True))

    log = home / "dagster" / "ui.log"
    assert str(log) in str(ended.value)
    assert "NBA_SOURCE is 'nowhere'" in log.read_text()


def test_a_setting_that_is_wrong_is_refused_before_anything_starts(home, nba, monkeypatch, served):
    monkeypatch.setenv("NBA_SOURCE", "nowhere")

    said = nba("ui")

    assert said.code == 1
    assert "NBA_SOURCE is 'nowhere'" in said.err
    assert served == []


def test_ctrl_c_ends_the_ui_and_all_its_processes(home, port):
    environment = {**os.environ, "NBA_AUTOMATION": "off"}
    command = [Path(sys.executable).with_name("nba"), "ui", "--port", str(port), "--json"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as ui:
        try:
            assert ui.stdout is not None
            said = json.loads(ui.stdout.readline())
            assert said["address"] == f"http://127.0.0.1:{port}"
            with urllib.request.urlopen(said["page"]) as page:
                assert b"<title>NBA props</title>" in page.read()
            assert within_limit(lambda: tables_known_at(port)) > 30
            assert [tables_known_at(port, **{name: "http://evil.example"}) for name in ("Host", "Origin")] == [0, 0]
            processes = within_limit(lambda: three_or_more(children(ui.pid)))

            ui.send_signal(signal.SIGINT)

            assert ui.wait(LIMIT_SECONDS) == 0
            assert ui.stdout.read() == ""
        finally:
            ui.terminate()
    assert [process for process in processes if Path(f"/proc/{process}").exists()] == []
    assert [path for path in (home / "dagster").rglob("*") if path.stat().st_mode & 0o077] == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_ctrl_c_that_arrives_in_a_callback_of_python_is_not_lost():
    """The exception is dropped there, and later signals are ignored: the UI ran on until it was killed."""
    seen = {"games"}
    dropped = weakref.ref(seen, lambda _: signal.raise_signal(signal.SIGINT))
    with interrupted_once() as interruption:
        interruption.check()
        del seen
        assert dropped() is None
        with pytest.raises(KeyboardInterrupt):
            interruption.check()


def within_limit(read: Callable[[], T]) -> T:
    """What a function returns as soon as that is true."""
    until = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < until:
        if found := read():
            return found
        time.sleep(0.2)
    raise AssertionError(f"nothing within {LIMIT_SECONDS} s")


def tables_known_at(port: int, **headers: str) -> int:
    """The number of tables that the web server knows; none until it answers, or if it refuses."""
    query = json.dumps({"query": "{ assetNodes { id } }"}).encode()
    headers = {"Content-Type": "application/json", **headers}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/graphql", query, headers)
    with suppress(OSError), urllib.request.urlopen(request, timeout=LIMIT_SECONDS) as response:
        return len(json.load(response)["data"]["assetNodes"])
    return 0


def three_or_more(processes: list[int]) -> list[int]:
    """A code server, a web server and a daemon, or nothing."""
    return processes if len(processes) >= 3 else []


def children(process: int) -> list[int]:
    """The processes started by a process, and theirs."""
    found = []
    for one in Path(f"/proc/{process}/task").glob("*/children"):
        for child in map(int, one.read_text().split()):
            found += [child, *children(child)]
    return found


def test_a_run_that_was_ended_with_the_ui_says_so():
    """It was "not an error we know"."""
    error = ErrorRow("dagster._core.errors.DagsterExecutionInterruptedError", "DagsterExecutionInterruptedError", None)

    assert step_error(error) == "interrupted: its process was asked to end."
