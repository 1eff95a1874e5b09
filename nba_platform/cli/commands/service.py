"""Commands about the installation: demo, web UI, local state and health."""

import json
import os
import shlex
import sys
from typing import Any

import typer

from nba_platform.cli.command import Answer, command, progress
from nba_platform.cli.options import AsJson, Debug, Port


@command
def demo(debug: Debug = False) -> Answer:
    """Fill the warehouse with a simulated season and end with tonight's card: no account, no key, no download.

    The second time everything is there already, and it only says so.

    [bold]Example[/bold]: in a folder of its own, apart from real data:

        NBA_HOME=~/nba-demo nba demo
    """
    from nba_platform.cli.demo import demo as run_demo
    from nba_platform.config.settings import read_settings

    return run_demo(read_settings({"NBA_SOURCE": "simulated"}), progress(), debug)


@command
def ui(
    port: Port = 3000,
    as_json: AsJson = False,
) -> None:
    """Open web UI, page and daemon; Ctrl-C ends them. The UI shows the runs of `nba backfill` and `nba demo` too.

    The terminal has a line for each run, warnings and errors; ui.log beside Dagster's records has everything else.
    While it is open the platform runs itself: it loads what changes at the source and computes each date as soon as its
    inputs are there. With NBA_AUTOMATION=off it only shows what is stored.

    [bold]Example[/bold]: on another port:

        nba ui --port 3001
    """
    from nba_platform.cli.ui import serve
    from nba_platform.config.environments import objects
    from nba_platform.config.settings import read_settings
    from nba_platform.errors import NothingToDo
    from nba_platform.orchestration.instance import prepare_instance
    from nba_platform.orchestration.ui_processes import HOST, listens
    from nba_site.server import page_server

    read_settings()  # one that is wrong is refused here, not in the log of the code server
    folder = prepare_instance()
    if listens(port):
        advice = "end what listens there, or choose another with --port."
        raise NothingToDo(f"port {port} on {HOST} is taken: {advice}")
    address = f"http://{HOST}:{port}"
    with page_server(objects(), or_any=True) as page:
        sentence = f"The UI will be at {address}, and tonight's page is at {page.address} (Ctrl-C ends both)."
        _print({"address": address, "page": page.address, "dagster_home": folder}, sentence, as_json)
        serve(port, folder, {"NBA_AUTOMATION": "on", **os.environ}, progress())


@command
def home(as_json: AsJson = False) -> None:
    """Print where all local state lives, as lines for a shell, so that Dagster's own commands use the same place.

    [bold]Example[/bold]: materialise one table with Dagster's command, recorded where the UI looks:

        eval "$(nba home)"

        dagster asset materialize -m nba_platform.definitions --select nba_raw/schedule --partition 2024-11-05
    """
    from nba_platform.orchestration.instance import OF_DAGSTER, prepare_instance

    folder = prepare_instance()
    variables = {"NBA_HOME": str(folder.parent), "DAGSTER_HOME": str(folder), **OF_DAGSTER}
    lines = "\n".join(f"export {name}={shlex.quote(value)}" for name, value in variables.items())
    _print({name.lower(): value for name, value in variables.items()}, lines, as_json)


@command
def doctor() -> Answer:
    """Check everything the platform depends on and say what to mend; exit code 1 if something fails.

    It checks versions, settings, disk, clock, warehouse, files, Dagster's records and the source. It changes no data
    and never shows a secret, only that it is set.

    [bold]Example[/bold]: before the first backfill on a new machine:

        nba doctor
    """
    from nba_platform.cli.views.pages import doctor_page
    from nba_platform.diagnostics.doctor import examine

    checkup = examine()
    return Answer(checkup, doctor_page(checkup), failed=not checkup.healthy)


def _print(document: dict[str, Any], words: str, as_json: bool) -> None:
    """Print one line of JSON, or words."""
    typer.echo(json.dumps(document, default=str) if as_json else words)
    sys.stdout.flush()
