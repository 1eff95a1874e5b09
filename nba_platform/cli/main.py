"""The command `nba`: its help shows every command with an example."""

import typer

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

app = typer.Typer(
    name="nba",
    help="NBA props platform: compute tables for any dates, see what is stored and missing, forecast, open the UI.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for command in COMMANDS:
    app.command()(command)
app.add_typer(models, name="models")
