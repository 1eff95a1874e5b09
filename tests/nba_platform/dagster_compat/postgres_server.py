"""A PostgreSQL server of the tests' own, where the machine has one installed: on 127.0.0.1, gone with the tests."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from glob import glob
from pathlib import Path

import psycopg2

PASSWORD = "open%sesame"
ESCAPED = "open%25sesame"


def tools() -> Path | None:
    """Return the folder of `initdb`, which Debian does not put on the path."""
    on_path, debians = shutil.which("initdb"), sorted(glob("/usr/lib/postgresql/*/bin/initdb"))
    paths = [on_path] if on_path else debians
    return Path(paths[-1]).parent if paths else None


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int

    def address(self, database: str, password: str = ESCAPED) -> str:
        return f"postgresql://nba:{password}@127.0.0.1:{self.port}/{database}"

    def run(self, statement: str, database: str = "postgres") -> list[tuple]:
        with closing(psycopg2.connect(self.address(database))) as con:
            con.autocommit = True
            with con.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []

    def empty_database(self, name: str) -> str:
        """The address of one."""
        self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self.run(f'CREATE DATABASE "{name}"')
        return self.address(name)


@contextmanager
def running(binaries: Path) -> Iterator[Server]:
    """The server refuses to run as root, so it then runs as its own user, in a folder that user may enter."""
    user = next((entry.pw_name for entry in pwd.getpwall() if entry.pw_name == "postgres"), "nobody")
    whose = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if os.getuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="nba-postgres-", ignore_cleanup_errors=True) as name:
        folder, data, log = Path(name), Path(name, "data"), Path(name, "log")
        (folder / "password").write_text(PASSWORD)
        if whose:
            shutil.chown(folder, user)
            shutil.chown(folder / "password", user)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        make = ["initdb", "-D", data, "-U", "nba", "-A", "scram-sha-256", "--pwfile", folder / "password", "--no-sync"]
        serve = f"-F -p {port} -c listen_addresses=127.0.0.1 -k {folder}"
        subprocess.run(_command(binaries, make), check=True, capture_output=True, cwd="/", **whose)
        start = ["pg_ctl", "-D", data, "-l", log, "-w", "-o", serve, "start"]
        subprocess.run(_command(binaries, start), check=True, stdout=subprocess.DEVNULL, cwd="/", **whose)
        try:
            yield Server(port)
        finally:
            stop = ["pg_ctl", "-D", data, "-m", "immediate", "stop"]
            subprocess.run(_command(binaries, stop), check=True, stdout=subprocess.DEVNULL, cwd="/", **whose)


def _command(binaries: Path, words: list) -> list[str]:
    return [str(binaries / words[0]), *map(str, words[1:])]
