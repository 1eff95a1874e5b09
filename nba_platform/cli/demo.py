"""A first look without accounts or keys: the whole graph over a simulated season, up to tonight's card."""

import datetime as dt
import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from rich.console import Console

from nba_platform.cli.command import Answer, Page
from nba_platform.cli.views.card import card_page, permission, read_card, why_no_card
from nba_platform.cli.views.outcome import Outcome, outcome_page
from nba_platform.cli.views.stored_coverage import keep_tables, read_coverage
from nba_platform.config.environments import home, reader, tonight
from nba_platform.config.settings import Settings
from nba_platform.errors import NothingToDo
from nba_platform.orchestration.instance import open_records
from nba_resources.code_hash import code_hash
from nba_resources.dates import SUMMER, DateRange, season_year

ROWS_SHOWN = 12
DONE = "demo.json"
ALL_THERE = "Everything is there already, computed by the code as it is now."


def demo(settings: Settings, console: Console, debug: bool = False) -> Answer:
    """Compute missing or stale dates of the season, then read tonight's card; a second time nothing is computed."""
    today = tonight(settings)
    dates = season_until(today)
    outcome = _done_before(dates) or _computed(settings, dates, console, debug)
    card, store = None, reader(settings)
    shown: Page = [""]
    if not outcome.error:
        try:
            card = read_card(store, today, partial(permission, store, today), partial(why_no_card, today))
            shown = card_page(card, ROWS_SHOWN)
        except NothingToDo as error:
            shown = [f"No card for tonight: {error}"]
    page = chain(outcome_page(outcome), [""], shown, _next_steps())
    return Answer({**outcome.document, "tonight": card}, page, outcome.warnings, outcome.error)


def season_until(today: dt.date) -> DateRange:
    """Return the dates of a season up to a date, those before its first game included.

    The daemon would request them, as without them nothing shows what is missing.
    """
    first = dt.date(season_year(today), SUMMER[-1] + 1, 1)
    return DateRange(min(first, today), today)


def _done_before(dates: DateRange) -> Outcome | None:
    """Return what is stored if a demo has ended and nothing has changed since, neither code nor records nor tables."""
    with suppress(OSError, ValueError):
        if json.loads((home() / DONE).read_text(encoding="utf-8")) == _state(dates):
            return Outcome(read_coverage(dates, dates.end), notes=(ALL_THERE,))
    return None


def _state(dates: DateRange) -> dict[str, Any]:
    """Return what differs as soon as there may be something to compute."""
    file = (home() / "nba.duckdb").stat()
    ((last_event,),) = open_records().query("SELECT MAX(id) FROM event_logs")
    stored = {"last_event": last_event, "bytes": file.st_size, "written_ns": file.st_mtime_ns}
    return {"code": code_hash(), "dates": str(dates), **stored}


def _computed(settings: Settings, dates: DateRange, console: Console, debug: bool) -> Outcome:
    """Compute what is left to do, and remember the state in which nothing is."""
    from nba_platform.cli.runs import backfill
    from nba_platform.definitions import TABLES

    outcome = backfill(settings, dates, None, console, train_again=True, debug=debug)
    if not outcome.runs:
        outcome = replace(outcome, notes=(ALL_THERE,))
    if not outcome.error and not outcome.refusals:
        keep_tables(TABLES)
        (home() / DONE).write_text(json.dumps(_state(dates)), encoding="utf-8")
    return outcome


def _next_steps() -> Iterator[str]:
    programs = os.path.relpath(Path(sys.executable).parent)
    query = "FROM nba_analytics.player_game_summary SELECT player_name, SUM(points) GROUP BY 1 ORDER BY 2 DESC LIMIT 5"
    shell = f"import duckdb; print(duckdb.connect('{home() / 'nba.duckdb'}', read_only=True).sql('{query}'))"
    yield ""
    yield "Where to look next:"
    yield f"  {programs}/nba ui         the graph, every table's page and every run, on http://127.0.0.1:3000"
    yield f"  {programs}/nba publish    writes the documents of tonight's page"
    yield f"  {programs}/nba site       the page: tonight, players, results and record, on http://127.0.0.1:3080"
    yield f"  {programs}/nba coverage   what is stored and what is missing, date by date"
    yield f"  {programs}/nba predict    any player at any line, for instance one of the card's"
    yield f'  {programs}/python -c "{shell}"'
