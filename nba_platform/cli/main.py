"""The command `nba`: its help shows every command with an example."""

import json
import sys
from collections.abc import Sequence
from functools import partial
from typing import Any

import typer
from typer.core import TyperGroup

from nba_platform.cli.commands.forecasts import evaluate, predict, predictions, publish, train
from nba_platform.cli.commands.live import archive, ingest, replay
from nba_platform.cli.commands.models import models
from nba_platform.cli.commands.service import demo, doctor, home, ui
from nba_platform.cli.commands.site import site
from nba_platform.cli.commands.tables import backfill, coverage, history, preflight

COMMANDS = (
    *(backfill, train, coverage, history, preflight),
    *(ingest, replay, archive),
    *(predictions, predict, publish, site, evaluate),
    *(demo, doctor, ui, home),
)


class OneLineErrors(TyperGroup):
    """Tells words that it does not understand like any other error: one line, and a document after `--json`."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command of some words, and exit unless another program calls it."""
        run = partial(super().main, args, prog_name, complete_var, windows_expand_args=windows_expand_args, **extra)
        if not standalone_mode:
            return run(standalone_mode=False)
        try:
            code = run(standalone_mode=False)
        except typer.TyperException as error:
            code = error.exit_code
            _tell(error, sys.argv[1:] if args is None else args)
        sys.exit(code if isinstance(code, int) else 0)


def _tell(error: typer.TyperException, words: Sequence[str]) -> None:
    from nba_resources.errors import printable

    message = printable(error.format_message())
    if not message:  # `nba` and `nba models` alone: their help is printed already
        return
    context = getattr(error, "ctx", None)
    advice = f"See `{context.command_path if context else 'nba'} --help`."
    sentence = f"{message if message[-1] in '.?!' else f'{message}.'} {advice}"
    typer.echo(f"error: {sentence}", err=True)
    if "--json" in words:
        typer.echo(json.dumps({"error": sentence}, indent=2))


app = typer.Typer(
    name="nba",
    cls=OneLineErrors,
    help="NBA props platform: compute tables for any dates, see what is stored and missing, forecast, open the UI.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for command in COMMANDS:
    app.command()(command)
app.add_typer(models, name="models")
