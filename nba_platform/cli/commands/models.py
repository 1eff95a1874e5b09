"""`nba models`: list models, compare systems, and change by hand which model is in production."""

import datetime as dt
from typing import Annotated

import typer

from nba_platform.cli.command import Answer, command, progress
from nba_platform.cli.options import Edition, Market, date_range

models = typer.Typer(
    help="The models of each month: list them, compare systems, promote one or go back to the one before.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)
Reason = Annotated[str | None, typer.Option(metavar="REASON", help="Kept on the model's card.")]
ModelMarket = Annotated[str, typer.Option(help="A market's key or short name, such as reb; or minutes.")]


@models.command("list")
@command
def list_models(
    month: Annotated[str | None, typer.Option(help="For instance 2024-11; default: the newest.")] = None,
    system: Annotated[str | None, typer.Option(help="One system, in every month unless one is named.")] = None,
    market: ModelMarket = "player_points",
    variant: Annotated[str | None, typer.Option(help="at_line, at_tip or no_report; default: all.")] = None,
) -> Answer:
    """List models: rows, error beside the season average's, failed gates, and which is in production.

    [bold]Example[/bold]: the newest month, one system through all of them, then rebounds at the line:

        nba models list

        nba models list --system catboost_v8

        nba models list --market reb --variant at_line
    """
    from nba_platform.cli.arguments import model_market_named, month_named, system_named, variant_named
    from nba_platform.cli.views.models import card_document, models_page, stored_models

    of_month, of_system = month_named(month) if month else None, system_named(system) if system else None
    of_variant = variant_named(variant) if variant else None
    cards = stored_models().listed(of_month, of_system, model_market_named(market), of_variant)
    return Answer({"models": [card_document(card) for card in cards]}, models_page(cards))


@models.command()
@command
def compare(
    names: Annotated[
        list[str], typer.Argument(metavar="SYSTEM... START END", help="Two or more systems, first and last date.")
    ],
    market: Market = "player_points",
    edition: Edition = "at_tip",
) -> Answer:
    """Compare systems on identical rows of one market and edition, and challengers with their family's champion.

    [bold]Example[/bold]: may the challenger be promoted? Two systems on rebounds:

        nba models compare catboost_v8 catboost_v9 2024-11-05 2025-04-13

        nba models compare rates_v1 market_blend_v1 2024-11-05 2025-04-13 --market reb --edition at_line
    """
    if len(names) < 4:
        raise typer.BadParameter("name two systems or more, then START and END, as in the example of --help")
    *systems, start, end = names
    from models.evaluation.subject import Subject
    from nba_platform.cli.arguments import edition_named, market_named, system_named
    from nba_platform.cli.views.model_comparison import compare_models, comparison_page
    from nba_platform.config.environments import warehouse
    from nba_platform.definitions import TABLES

    chosen, dates = [system_named(name) for name in systems], date_range(start, end)
    subject = Subject(market_named(market), edition_named(edition))
    with progress().status("reading what is graded"):
        compared = compare_models(warehouse(), TABLES, chosen, dates, subject)
    return Answer(compared, comparison_page(compared))


@models.command()
@command
def promote(
    model_id: Annotated[str, typer.Argument(metavar="MODEL_ID", help="An id that `nba models list` shows.")],
    notes: Reason = None,
    despite_gates: Annotated[
        str | None, typer.Option(metavar="REASON", help="Promote a rejected model, and why.")
    ] = None,
) -> Answer:
    """Put a model in production for its own month; the one there now is retired.

    [bold]Example[/bold]: a model that failed a gate, for a reason:

        nba models promote catboost_v8-2024-11-1f3c2a90 --despite-gates "the line feed was down in October"
    """
    from nba_platform.cli.views.model_registry import model_registry

    change = model_registry().promote(model_id, notes, despite_gates, dt.datetime.now(dt.UTC))
    return Answer(change, [change.sentence])


@models.command()
@command
def rollback(
    system: Annotated[str, typer.Argument(metavar="SYSTEM")],
    month: Annotated[str, typer.Argument(metavar="MONTH", help="For instance 2024-11.")],
    notes: Reason = None,
    market: ModelMarket = "player_points",
    variant: Annotated[str, typer.Option(help="at_line, at_tip or no_report.")] = "at_tip",
) -> Answer:
    """Go back to the model of the same month that was in production before; a second rollback undoes it.

    [bold]Example[/bold]: a model of points, then one of rebounds at the line:

        nba models rollback catboost_v8 2024-11

        nba models rollback market_blend_v1 2024-11 --market reb --variant at_line
    """
    from nba_platform.cli.arguments import model_market_named, month_named, system_named, variant_named
    from nba_platform.cli.views.model_registry import model_registry

    of_market, of_variant = model_market_named(market), variant_named(variant)
    chosen, of_month = system_named(system), month_named(month)
    change = model_registry().rollback(chosen, of_month, notes, dt.datetime.now(dt.UTC), of_market, of_variant)
    return Answer(change, [change.sentence])
