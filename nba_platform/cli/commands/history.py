"""The command about what was run."""

from typing import Annotated

import typer

from nba_platform.cli.common import AsJson, Debug, date, opened, tell


def history(
    table: Annotated[str | None, typer.Argument(metavar="TABLE", help="A table; default: all runs.")] = None,
    day: Annotated[str | None, typer.Argument(metavar="DATE", help="One date of the table.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest first.")] = 15,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Say what was run, by whom and how it ended: all runs, those of one table, or what happened to one of its dates.

    Times are UTC. Runs of the UI and the daemon are told like those of `nba`; a failed one with the sentence it left.

    [bold]Example[/bold]: the latest runs, then every attempt at one date of a table:

        nba history

        nba history player_game_summary 2024-12-17
    """
    with opened(as_json, debug) as session:
        tell(session.history(table, date(day) if day else None, limit), as_json)
