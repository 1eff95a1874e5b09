"""What every command does alike: its options, its session, how it tells what it found and how it ends."""

import datetime as dt
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import typer
from rich.console import Console

if TYPE_CHECKING:
    from nba_platform.cli.session import Session
    from nba_resources.dates import DateRange

PIPE_WIDTH = 140  # what is piped or logged has no edge to wrap at

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout and nothing else.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the orchestrator's log, and the trace of an error.")]
Start = Annotated[str, typer.Argument(metavar="START", help="First date, for instance 2024-11-01.")]
End = Annotated[str | None, typer.Argument(metavar="END", help="Last date; START alone means that one date.")]


class Told(Protocol):
    """What a command hands back."""

    def plain(self) -> dict[str, Any]:
        """As values JSON knows."""
        ...

    def show(self, console: Console) -> None:
        """For people."""
        ...


class Computed(Told, Protocol):
    """The same of a command that ran something, which may have gone wrong."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was noticed on the way."""
        ...

    @property
    def error(self) -> str | None:
        """What ended it, if anything."""
        ...


@contextmanager
def opened(as_json: bool, debug: bool) -> Iterator["Session"]:
    """A session whose errors are told in one line."""
    with plain_errors(as_json, debug):
        from nba_platform.cli.session import Session

        yield Session(Console(stderr=True), debug)


@contextmanager
def plain_errors(as_json: bool, debug: bool) -> Iterator[None]:
    """What a person can mend is told in one line; what is our mistake keeps its trace."""
    from sqlalchemy.exc import OperationalError

    from nba_platform.cli.errors import TOLD, told

    try:
        yield
    except (*TOLD, OperationalError) as error:
        if debug:
            raise
        fail(told(error), {"error": told(error)} if as_json else None)


def finish(computed: Computed, as_json: bool) -> None:
    """Tell what was computed; a failure ends with exit code 1."""
    errors = Console(stderr=True)
    for warning in computed.warnings:
        errors.print(f"warning: {warning}", markup=False, highlight=False, soft_wrap=True)
    if computed.error:
        fail(computed.error, computed.plain() if as_json else None)
    tell(computed, as_json)


def tell(found: Told, as_json: bool) -> None:
    """One document for programs, tables and sentences for people."""
    if as_json:
        typer.echo(json.dumps(found.plain(), indent=2))
    else:
        found.show(Console() if sys.stdout.isatty() else Console(width=PIPE_WIDTH))


def fail(message: str, document: dict[str, Any] | None) -> None:
    """One line on stderr, the document on stdout where one was asked for, exit code 1."""
    typer.echo(f"error: {message}", err=True)
    if document is not None:
        typer.echo(json.dumps(document, indent=2))
    raise typer.Exit(1)


def say(document: dict[str, Any], words: str, as_json: bool) -> None:
    """The same for what is one line long."""
    typer.echo(json.dumps(document) if as_json else words)
    sys.stdout.flush()


def date_range(start: str, end: str) -> "DateRange":
    """Two dates as typed."""
    from nba_resources.dates import DateRange

    first, last = date(start), date(end)
    if last < first:
        raise typer.BadParameter(f"END {last} is before START {first}")
    return DateRange(first, last)


def date(text: str) -> dt.date:
    """A date as typed."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no date: write it like 2024-11-01") from None
