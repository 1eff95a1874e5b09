"""An emulator of BigQuery's protocol; googlesql.py checks the language."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

START_SECONDS = 60
PROGRAM = Path(__file__).with_name("emulator_program.py")


@contextmanager
def emulator(folder: Path) -> Iterator[str]:
    """Run the emulator and yield its address; its data and its DuckDB extension are in the folder."""
    home = folder / "home"
    home.mkdir()
    _install_spatial(home)
    rest, grpc = _free_ports()
    options = ["-P", str(PROGRAM), "start", "--persistent", "--data-dir", str(folder / "data"), "--project", "local"]
    ports = ["--rest-host", "127.0.0.1", "--rest-port", str(rest), "--grpc-host", "127.0.0.1", "--grpc-port", str(grpc)]
    environment = {**os.environ, "HOME": str(home), "BQEMU_ENABLE_FORMAT_EXTENSIONS": "false"}
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, *options, *ports], stdout=log, stderr=log, env=environment, cwd=folder
        )
    try:
        _wait_for(server, rest, folder / "log")
        yield f"http://127.0.0.1:{rest}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def _install_spatial(home: Path) -> None:
    """Install the extension from its Python package instead of the network."""
    import duckdb_extension_spatial

    (extension,) = Path(duckdb_extension_spatial.__file__).parent.rglob("*.duckdb_extension")
    with duckdb.connect(config={"home_directory": str(home)}) as con:
        con.execute(f"INSTALL '{extension}'")


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def _wait_for(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(START_SECONDS * 10):
        if server.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"the emulator did not start: {log.read_text(errors='replace')[-2000:]}")
