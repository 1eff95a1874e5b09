"""The command `nba`: everything a newcomer needs, each command with an example in its help.

Imports of the platform are inside the commands: help must answer at once, and the engine takes a second to wake up.
"""

import datetime as dt
import json
import os
import shlex
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

if TYPE_CHECKING:
    from nba_platform.outcome import Outcome
    from nba_platform.session import Session
    from nba_resources.dates import DateRange

PIPE_WIDTH = 140  # what is piped or logged has no edge to wrap at

app = typer.Typer(
    name="nba",
    help="NBA props platform: compute tables for any dates, see what is stored and what is missing, open the UI.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout and nothing else.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the orchestrator's log, and the trace of an error.")]
Start = Annotated[str, typer.Argument(metavar="START", help="First date, for instance 2024-11-01.")]
End = Annotated[str | None, typer.Argument(metavar="END", help="Last date; START alone means that one date.")]


@app.command()
def backfill(
    start: Start,
    end: End = None,
    select: Annotated[
        str | None,
        typer.Option(help="Tables, comma-separated; +name adds what it needs, name+ what needs it. Default: all."),
    ] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Compute tables for one date or a range of dates; running it again replaces the same rows.

    A range is one run, recorded like any other: it shows up in the UI. What fails leaves the stored rows as they were.

    [bold]Example[/bold]: every table for November, then one table and all it needs for a single date:

        nba backfill 2024-11-01 2024-11-30

        nba backfill 2024-11-05 --select +player_game_summary
    """
    with _session(as_json, debug) as session:
        _finish(session.backfill(_range(start, end or start), select), as_json)


@app.command()
def coverage(
    start: Annotated[
        str | None, typer.Argument(metavar="START", help="First date; default: the current season's.")
    ] = None,
    end: Annotated[str | None, typer.Argument(metavar="END", help="Last date; default: today.")] = None,
    calendar: Annotated[
        bool | None, typer.Option(help="Layer by date, a character each; default: for up to a season.")
    ] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Say what is stored: per table its rows, its dates by state, the worst dates and what mends them; then a calendar.

    Counted against the schedule: a date is complete only if every game, team or player it owes is there.

    [bold]Example[/bold]: the current season, five seasons as a calendar, then one month for a program:

        nba coverage

        nba coverage 2021-10-19 2026-01-02 --calendar

        nba coverage 2024-11-01 2024-11-30 --json
    """
    with _session(as_json, debug) as session:
        dates = session.season() if start is None else _range(start, end or session.today.isoformat())
        _finish(session.coverage(dates, calendar), as_json)


@app.command()
def preflight(
    start: Start,
    end: End = None,
    select: Annotated[str | None, typer.Option(help="The tables of the backfill, as it takes them.")] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Say GO or NO-GO before a backfill: is what it reads there, and is nobody else at work on the same dates?

    Each criterion is told with what was found, what is needed and what mends it. NO-GO ends with exit code 1, and so
    does anything that cannot be found out.

    [bold]Example[/bold]: before the features of a season are computed:

        nba preflight 2024-10-22 2025-06-22 --select ml_feature_store_v2
    """
    with _session(as_json, debug) as session:
        checked = session.preflight(_range(start, end or start), select)
    if as_json:
        typer.echo(json.dumps(checked.plain(), indent=2))
    else:
        checked.show(Console() if sys.stdout.isatty() else Console(width=PIPE_WIDTH))
    if not checked.go:
        raise typer.Exit(1)


@app.command()
def demo(as_json: AsJson = False, debug: Debug = False) -> None:
    """Fill the warehouse with a simulated season up to its "tonight": no account, no key, no download.

    The second time everything is there already, and it only says so.

    [bold]Example[/bold]: in a folder of its own, apart from real data:

        NBA_HOME=~/nba-demo nba demo
    """
    os.environ["NBA_SOURCE"] = "simulated"
    with _session(as_json, debug) as session:
        from nba_platform.demo import demo as fill

        _finish(fill(session), as_json)


@app.command()
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
    with _plain_errors(as_json, debug):
        from nba_platform.errors import NothingToDo
        from nba_platform.instance import prepare_instance

        folder = prepare_instance()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                raise NothingToDo(
                    f"port {port} on 127.0.0.1 is taken: end what listens there, or choose another with --port."
                )
        address = f"http://127.0.0.1:{port}"
        _tell(
            {"address": address, "dagster_home": str(folder)}, f"The UI will be at {address} (Ctrl-C ends it).", as_json
        )
        if as_json:
            os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        command = [
            sys.executable,
            "-m",
            "dagster",
            "dev",
            "-m",
            "nba_platform.definitions",
            "-h",
            "127.0.0.1",
            "-p",
            str(port),
        ]
        os.execve(sys.executable, command, {"NBA_AUTOMATION": "on", **os.environ})


@app.command()
def home(as_json: AsJson = False, debug: Debug = False) -> None:
    """Say where all local state lives, as lines a shell can read, so that Dagster's own commands use the same place.

    [bold]Example[/bold]: materialise one table with Dagster's command, recorded where the UI looks:

        eval "$(nba home)"

        dagster asset materialize -m nba_platform.definitions --select nba_raw/schedule --partition 2024-11-05
    """
    with _plain_errors(as_json, debug):
        from nba_platform.instance import EVENTS_WRITTEN_TOGETHER, prepare_instance

        folder = prepare_instance()
        places = {"NBA_HOME": str(folder.parent), "DAGSTER_HOME": str(folder)}
        places["DAGSTER_EVENT_BATCH_SIZE"] = EVENTS_WRITTEN_TOGETHER
        lines = "\n".join(f"export {name}={shlex.quote(place)}" for name, place in places.items())
        _tell({name.lower(): place for name, place in places.items()}, lines, as_json)


@contextmanager
def _session(as_json: bool, debug: bool) -> Iterator["Session"]:
    with _plain_errors(as_json, debug):
        from nba_platform.session import Session

        yield Session(Console(stderr=True), debug)


@contextmanager
def _plain_errors(as_json: bool, debug: bool) -> Iterator[None]:
    """What a person can mend is told in one line; what is our mistake keeps its trace."""
    from sqlalchemy.exc import OperationalError

    from nba_platform.errors import TOLD, told

    try:
        yield
    except (*TOLD, OperationalError) as error:
        if debug:
            raise
        _fail(told(error), {"error": told(error)} if as_json else None)


def _finish(outcome: "Outcome", as_json: bool) -> None:
    errors = Console(stderr=True)
    for warning in outcome.warnings:
        errors.print(f"warning: {warning}", markup=False, highlight=False, soft_wrap=True)
    if outcome.error:
        _fail(outcome.error, outcome.plain() if as_json else None)
    if as_json:
        typer.echo(json.dumps(outcome.plain(), indent=2))
    else:
        outcome.show(Console() if sys.stdout.isatty() else Console(width=PIPE_WIDTH))


def _fail(message: str, document: dict[str, Any] | None) -> None:
    typer.echo(f"error: {message}", err=True)
    if document is not None:
        typer.echo(json.dumps(document, indent=2))
    raise typer.Exit(1)


def _tell(document: dict[str, Any], words: str, as_json: bool) -> None:
    typer.echo(json.dumps(document) if as_json else words)
    sys.stdout.flush()


def _range(start: str, end: str) -> "DateRange":
    from nba_resources.dates import DateRange

    first, last = _date(start), _date(end)
    if last < first:
        raise typer.BadParameter(f"END {last} is before START {first}")
    return DateRange(first, last)


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no date: write it like 2024-11-01") from None
