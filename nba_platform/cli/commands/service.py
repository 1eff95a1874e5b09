"""Commands about the machine: the web UI, where all state lives, and whether all is well with it."""

import os
import shlex
import socket
import sys
from typing import Annotated

import typer

from nba_platform.cli.common import AsJson, Debug, plain_errors, say, tell


def ui(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 3000,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Open the web UI and start the daemon; Ctrl-C ends both. It shows the runs of `nba backfill` and `nba demo` too.

    While it is open the platform runs itself: what a source changes is loaded, and every date is computed as soon as
    its inputs are there. With NBA_AUTOMATION=off it only shows what is.

    [bold]Example[/bold]: on another port:

        nba ui --port 3001
    """
    with plain_errors(as_json, debug):
        from nba_platform.cli.errors import NothingToDo
        from nba_platform.orchestration.instance import prepare_instance

        folder = prepare_instance()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                raise NothingToDo(
                    f"port {port} on 127.0.0.1 is taken: end what listens there, or choose another with --port."
                )
        address = f"http://127.0.0.1:{port}"
        say(
            {"address": address, "dagster_home": str(folder)}, f"The UI will be at {address} (Ctrl-C ends it).", as_json
        )
        if as_json:
            os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        listen = ["-h", "127.0.0.1", "-p", str(port)]
        command = [sys.executable, "-m", "dagster", "dev", "-m", "nba_platform.definitions", *listen]
        os.execve(sys.executable, command, {"NBA_AUTOMATION": "on", **os.environ})


def home(as_json: AsJson = False, debug: Debug = False) -> None:
    """Say where all local state lives, as lines a shell can read, so that Dagster's own commands use the same place.

    [bold]Example[/bold]: materialise one table with Dagster's command, recorded where the UI looks:

        eval "$(nba home)"

        dagster asset materialize -m nba_platform.definitions --select nba_raw/schedule --partition 2024-11-05
    """
    with plain_errors(as_json, debug):
        from nba_platform.orchestration.instance import EVENTS_WRITTEN_TOGETHER, prepare_instance

        folder = prepare_instance()
        places = {"NBA_HOME": str(folder.parent), "DAGSTER_HOME": str(folder)}
        places["DAGSTER_EVENT_BATCH_SIZE"] = EVENTS_WRITTEN_TOGETHER
        lines = "\n".join(f"export {name}={shlex.quote(place)}" for name, place in places.items())
        say({name.lower(): place for name, place in places.items()}, lines, as_json)


def doctor(as_json: AsJson = False, debug: Debug = False) -> None:
    """Look at everything the platform stands on and say what to mend; exit code 1 if something fails.

    Versions, settings, disk, clock, warehouse, files, the orchestrator's records, the source. It changes no data, and
    of a secret it only says that it is set.

    [bold]Example[/bold]: before the first backfill on a new machine:

        nba doctor
    """
    with plain_errors(as_json, debug):
        from nba_platform.diagnostics.doctor import examine

        checkup = examine()
        tell(checkup, as_json)
        if not checkup.healthy:
            raise typer.Exit(1)
