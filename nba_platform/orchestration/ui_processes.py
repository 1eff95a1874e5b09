"""The processes of `nba ui`: a code server, the web server and the daemon, started and ended together.

`dagster dev` starts them one after the other, puts a second code server in front of the first, prints every event of
every run, and waits up to two minutes when it is ended.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

DEFINITIONS = "nba_platform.definitions"
HOST = "127.0.0.1"
SECONDS_TO_END = 2.0  # a run ends within milliseconds, unless it is inside a long statement
_SECONDS_BETWEEN_LOOKS = 0.05
_PROGRAMS = Path(sys.executable).parent


@dataclass
class UIProcesses:
    """The running processes by name. Each leads a group of its own, so that Ctrl-C reaches none of them directly."""

    port: int
    log: Path
    environment: Mapping[str, str]
    folder: Path  # of the socket of the code server and of the workspace file
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self) -> None:
        """Start the code server and the web server; `start_daemon` follows when the web server answers."""
        code_server, workspace = self.folder / "code", self.folder / "workspace.yaml"
        location = {"socket": str(code_server), "location_name": DEFINITIONS}
        workspace.write_text(json.dumps({"load_from": [{"grpc_server": location}]}), encoding="utf-8")
        self.log.write_bytes(b"")
        graph = ["-m", DEFINITIONS, "--socket", str(code_server), "--log-level", "warning"]
        self.run("code server", [sys.executable, "-m", "dagster", "api", "grpc", *graph])
        served = ["-w", str(workspace), "-h", HOST, "-p", str(self.port)]
        web_server = [sys.executable, "-m", "nba_platform.orchestration.web_server", str(code_server)]
        self.run("web server", [*web_server, *served])

    def start_daemon(self) -> None:
        """Start the daemon: the web server answers earlier if it need not share the processor."""
        self.run("daemon", [str(_PROGRAMS / "dagster-daemon"), "run", "-w", str(self.folder / "workspace.yaml")])

    def answer(self) -> bool:
        """Return whether the web server answers."""
        return listens(self.port)

    def ended(self) -> str | None:
        """Return the name of a process that has ended, if any has."""
        return next((name for name, process in self.running.items() if process.poll() is not None), None)

    def end(self) -> None:
        """End all processes with their runs: politely, and after `SECONDS_TO_END` by force."""
        self._signal(signal.SIGTERM)
        until = time.monotonic() + SECONDS_TO_END
        while self._groups() and time.monotonic() < until:
            time.sleep(_SECONDS_BETWEEN_LOOKS)
        self._signal(signal.SIGKILL)
        for process in self.running.values():
            process.wait()

    def run(self, name: str, command: Sequence[str]) -> None:
        """Start a process that writes to the log."""
        with self.log.open("ab") as log:
            self.running[name] = subprocess.Popen(
                command, env=dict(self.environment), stdout=log, stderr=log, start_new_session=True
            )

    def _groups(self) -> list[int]:
        """Return the groups in which a process is alive; the runs are in that of the code server."""
        alive = []
        for process in self.running.values():
            process.poll()
            with suppress(ProcessLookupError):
                os.killpg(process.pid, 0)
                alive.append(process.pid)
        return alive

    def _signal(self, number: int) -> None:
        for group in self._groups():
            with suppress(ProcessLookupError):
                os.killpg(group, number)


@contextmanager
def ui_processes(port: int, log: Path, environment: Mapping[str, str]) -> Iterator[UIProcesses]:
    """Start the processes and end them with the block."""
    with tempfile.TemporaryDirectory(prefix="nba-") as folder:  # the path of a socket must be short
        processes = UIProcesses(port, log, environment, Path(folder))
        try:
            processes.start()
            yield processes
        finally:
            processes.end()


def listens(port: int) -> bool:
    """Return whether a server listens on a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0
