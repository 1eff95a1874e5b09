"""The frame of every command: --json and --debug, errors in one line, output for people or programs, exit code."""

import inspect
import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any, ParamSpec

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from nba_platform.cli.options import AsJson, Debug
from nba_platform.cli.private_files import private_files

PIPE_WIDTH = 140  # of output that is piped or logged
Page = Iterable[str | Text | Table]
P = ParamSpec("P")


@dataclass(frozen=True)
class Answer:
    """The output of a command: `result` as JSON or `page` for people. It exits with code 1 if it `failed`.

    `warnings` go to stderr. With an `error`, which goes to stderr too, there is no page.
    """

    result: object
    page: Page
    warnings: tuple[str, ...] = ()
    error: str | None = None
    failed: bool = False


def command(function: Callable[P, Answer | None]) -> Callable[..., None]:
    """Make a command of a function that returns its answer, or nothing if it printed it itself."""
    signature = inspect.signature(function)
    options = {"as_json": AsJson, "debug": Debug}
    keyword = partial(inspect.Parameter, kind=inspect.Parameter.KEYWORD_ONLY, default=False)
    added = [keyword(name, annotation=one) for name, one in options.items() if name not in signature.parameters]

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> None:
        from nba_platform.errors import is_fixable, one_line

        as_json, debug = kwargs["as_json"], kwargs["debug"]
        _refuse_empty(kwargs)
        try:
            given = {name: value for name, value in kwargs.items() if name in signature.parameters}
            with private_files():
                answer = function(*args, **given)
            if answer:
                _print(answer, as_json)
        except Exception as error:
            if debug or not is_fixable(error):
                raise
            _print(Answer({"error": one_line(error)}, (), error=one_line(error)), as_json)

    run.__signature__ = signature.replace(parameters=[*signature.parameters.values(), *added])  # type: ignore[attr-defined]
    run.__annotations__ = {**function.__annotations__, **options, "return": None}
    return run


def progress() -> Console:
    """Return the console for progress: stderr, so that stdout holds the answer alone.

    It has a descriptor of its own: Dagster passes stderr on through `tail` while a run goes on and ends it with the
    run, so that the last lines were lost on a busy machine.
    """
    try:
        return Console(file=os.fdopen(os.dup(sys.stderr.fileno()), "w", encoding="utf-8", closefd=False))
    except io.UnsupportedOperation:
        return Console(stderr=True)


def print_page(page: Page, console: Console) -> None:
    """Print sentences unwrapped and tables within the width of the console."""
    for part in page:
        if isinstance(part, Table):
            console.print(part)
        else:
            console.print(part, highlight=False, markup=False, soft_wrap=True)


def _refuse_empty(words: Mapping[str, object]) -> None:
    """Refuse an empty text: it comes from a variable that is not set, and must not mean all tables or tonight."""
    for name, word in words.items():
        for one in word if isinstance(word, list) else [word]:
            if isinstance(one, str) and not one.strip():
                advice = "leave it out, or set the variable that it comes from"
                raise typer.BadParameter(f"it is empty: {advice}", param_hint=name.replace("_", " "))


def _print(answer: Answer, as_json: bool) -> None:
    print_page((f"warning: {warning}" for warning in answer.warnings), Console(stderr=True))
    if answer.error:
        typer.echo(f"error: {answer.error}", err=True)
    if as_json:
        from nba_platform.cli.render import to_json

        typer.echo(json.dumps(to_json(answer.result), indent=2))
    elif not answer.error:
        print_page(answer.page, Console() if sys.stdout.isatty() else Console(width=PIPE_WIDTH))
    if answer.error or answer.failed:
        raise typer.Exit(1)
