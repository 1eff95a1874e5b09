"""A first look without accounts or keys: the whole graph over a simulated season, up to tonight's card."""

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path

from rich.console import Console

from nba_assets.kit.calendar import today
from nba_platform.cli.command import Answer, Page
from nba_platform.cli.runs import backfill
from nba_platform.cli.views.card import card_page, permission, read_card, why_none
from nba_platform.cli.views.outcome import outcome_page
from nba_platform.config.environments import home, source, warehouse
from nba_platform.config.settings import Settings
from nba_platform.definitions import TABLES
from nba_platform.errors import NothingToDo
from nba_platform.orchestration.backfill.runs import refuse_mixing
from nba_resources.dates import DateRange
from nba_resources.sources.base import ALWAYS, Source

ROWS_SHOWN = 12


def demo(settings: Settings, console: Console, debug: bool = False) -> Answer:
    """Compute missing or stale dates of the season, then read tonight's card; a second time nothing is computed."""
    facts, store = source(settings), warehouse(settings=settings)
    refuse_mixing(store, TABLES, facts)
    outcome = backfill(settings, season_until_tonight(facts), None, console, train_again=True, debug=debug)
    if not outcome.runs:
        outcome = replace(outcome, notes=("Everything is there already, computed by the code as it is now.",))
    card, tonight = None, today(facts)
    shown: Page = [""]
    if not outcome.error:
        try:
            card = read_card(
                store, tonight, partial(permission, store, tonight), partial(why_none, store, TABLES, tonight)
            )
            shown = card_page(card, ROWS_SHOWN)
        except NothingToDo as error:
            shown = [f"No card for tonight: {error}"]
    page = chain(outcome_page(outcome), [""], shown, _next_steps())
    return Answer({**outcome.document, "tonight": card}, page, outcome.warnings, outcome.error)


def season_until_tonight(facts: Source) -> DateRange:
    """Return the dates of tonight's season, pre-season included: it names the players of opening night."""
    games, tonight = facts.fetch("schedule", ALWAYS).rows.to_pandas(), today(facts)
    season = games.season.isin(games[games.game_date == tonight].season)
    return DateRange(min(games[season].game_date), tonight)


def _next_steps() -> Iterator[str]:
    programs = os.path.relpath(Path(sys.executable).parent)
    query = "FROM nba_analytics.player_game_summary SELECT player_name, SUM(points) GROUP BY 1 ORDER BY 2 DESC LIMIT 5"
    shell = f"import duckdb; print(duckdb.connect('{home() / 'nba.duckdb'}', read_only=True).sql('{query}'))"
    yield ""
    yield "Where to look next:"
    yield f"  {programs}/nba ui         the graph, every table's page and every run, on http://127.0.0.1:3000"
    yield f"  {programs}/nba coverage   what is stored and what is missing, date by date"
    yield f"  {programs}/nba predict    any player at any line, for instance one of the card's"
    yield f'  {programs}/python -c "{shell}"'
