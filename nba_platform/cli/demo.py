"""A first look without accounts or keys: the whole graph over a simulated season, up to tonight's card."""

import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from nba_platform.cli.errors import NothingToDo
from nba_platform.cli.result import Outcome
from nba_platform.cli.session import Session
from nba_platform.cli.views.card import Card
from nba_platform.config.environments import home
from nba_platform.definitions import TABLES
from nba_platform.orchestration.backfill.runs import refuse_mixing
from nba_resources.dates import DateRange
from nba_resources.sources.base import ALWAYS

ROWS_SHOWN = 12


@dataclass(frozen=True)
class Demo:
    """What was filled, and what it says of tonight; on the first evenings of a season nothing can be said yet."""

    filled: Outcome
    tonight: Card | str

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was noticed on the way."""
        return self.filled.warnings

    @property
    def error(self) -> str | None:
        """What ended it, if anything."""
        return self.filled.error

    def plain(self) -> dict[str, Any]:
        """As values JSON knows."""
        card = self.tonight.plain() if isinstance(self.tonight, Card) else None
        return {**self.filled.plain(), "tonight": card}

    def show(self, console: Console) -> None:
        """What is stored, then tonight's card, then where to look next."""
        self.filled.show(console)
        console.print()
        if isinstance(self.tonight, Card):
            self.tonight.show(console, ROWS_SHOWN)
        else:
            console.print(self.tonight, highlight=False, markup=False, soft_wrap=True)
        for sentence in where_to_look():
            console.print(sentence, highlight=False, markup=False, soft_wrap=True)


def demo(session: Session) -> Demo:
    """Fill what is not there yet; a second time there is nothing to do and it says so in seconds."""
    refuse_mixing(session.warehouse, TABLES, session.source)
    filled = session.backfill(season_until_tonight(session), train_again=True)
    if not filled.runs:
        filled = replace(filled, notes=("Everything is there already, computed by the code as it is now.",))
    return Demo(filled, "" if filled.error else _tonight(session))


def season_until_tonight(session: Session) -> DateRange:
    """The season that tonight's games belong to, pre-season too: who played in it has a name on opening night."""
    games = session.source.fetch("schedule", ALWAYS).rows.to_pandas()
    season = games.season.isin(games[games.game_date == session.today].season)
    return DateRange(min(games[season].game_date), session.today)


def _tonight(session: Session) -> Card | str:
    try:
        return session.card(session.today)
    except NothingToDo as error:
        return f"No card for tonight: {error}"


def where_to_look() -> tuple[str, ...]:
    """Three ways on from here, as they can be typed from the present folder."""
    programs = os.path.relpath(Path(sys.executable).parent)
    query = "FROM nba_analytics.player_game_summary SELECT player_name, SUM(points) GROUP BY 1 ORDER BY 2 DESC LIMIT 5"
    shell = f"import duckdb; print(duckdb.connect('{home() / 'nba.duckdb'}', read_only=True).sql('{query}'))"
    return (
        "",
        "Where to look next:",
        f"  {programs}/nba ui         the graph, every table's page and every run, on http://127.0.0.1:3000",
        f"  {programs}/nba coverage   what is stored and what is missing, date by date",
        f"  {programs}/nba predict    any player at any line, for instance one of the card's",
        f'  {programs}/python -c "{shell}"',
    )
