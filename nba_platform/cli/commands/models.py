"""`nba models`: which models there are, which are in use, and changing that by hand."""

import datetime as dt
from typing import Annotated

import typer

from nba_platform.cli.common import AsJson, Debug, date_range, opened, tell

models = typer.Typer(
    help="The models of each month: list them, compare systems, promote one or go back to the one before.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)
Reason = Annotated[str | None, typer.Option(metavar="REASON", help="Kept on the model's card.")]


@models.command("list")
def list_models(
    month: Annotated[str | None, typer.Option(help="As 2024-11; default: the newest.")] = None,
    system: Annotated[str | None, typer.Option(help="One system, in every month unless one is named.")] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """List models: rows, error beside the season average's, failed gates, and which is in production.

    [bold]Example[/bold]: the newest month, then one system through all of them:

        nba models list

        nba models list --system catboost_v8
    """
    with opened(as_json, debug) as session:
        from nba_platform.cli.arguments import month_named, system_named

        of_month = month_named(month) if month else None
        tell(session.models.listed(of_month, system_named(system) if system else None), as_json)


@models.command()
def compare(
    names: Annotated[
        list[str], typer.Argument(metavar="SYSTEM... START END", help="Two or more systems, first and last date.")
    ],
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Compare systems on identical rows, and challengers with their family's champion by the rule of promotion.

    [bold]Example[/bold]: may the challenger take over?

        nba models compare catboost_v8 catboost_v9 2024-11-05 2025-04-13
    """
    *systems, start, end = names if len(names) > 3 else _too_few()
    with opened(as_json, debug) as session:
        from nba_platform.cli.arguments import system_named

        tell(session.compare([system_named(name) for name in systems], date_range(start, end)), as_json)


@models.command()
def promote(
    model_id: Annotated[str, typer.Argument(metavar="MODEL_ID", help="As `nba models list` names it.")],
    notes: Reason = None,
    despite_gates: Annotated[
        str | None, typer.Option(metavar="REASON", help="Promote a rejected model, and why.")
    ] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Put a model in production for its own month; the one there now is retired.

    [bold]Example[/bold]: a model that failed a gate, for a reason:

        nba models promote catboost_v8-2024-11-1f3c2a90 --despite-gates "the line feed was down in October"
    """
    with opened(as_json, debug) as session:
        tell(session.models.promote(model_id, notes, despite_gates, _now()), as_json)


@models.command()
def rollback(
    system: Annotated[str, typer.Argument(metavar="SYSTEM")],
    month: Annotated[str, typer.Argument(metavar="MONTH", help="As 2024-11.")],
    notes: Reason = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Go back to the model of the same month that was in production before; the same again undoes it.

    [bold]Example[/bold]:

        nba models rollback catboost_v8 2024-11
    """
    with opened(as_json, debug) as session:
        from nba_platform.cli.arguments import month_named, system_named

        tell(session.models.rollback(system_named(system), month_named(month), notes, _now()), as_json)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _too_few() -> list[str]:
    raise typer.BadParameter("name two systems or more, then START and END, as in the example of --help")
