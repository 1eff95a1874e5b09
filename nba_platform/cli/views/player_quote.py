"""Forecasts and fair odds of any player at any line, computed now by the systems and models of the month."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from models.inference.explanations import explain, explain_abstention
from models.inference.forecast import every_row, forecast, quote_lines
from nba_assets.analytics.player_prop_lines import player_prop_lines
from nba_assets.kit.calendar import month_of
from nba_assets.kit.table import Table
from nba_assets.predictions.explained_forecasts import inputs_of
from nba_assets.predictions.ml_feature_store_v2 import ml_feature_store_v2
from nba_assets.predictions.month_models import MonthModels
from nba_assets.predictions.prediction_evidence import prediction_evidence
from nba_assets.raw.player_boxscores import player_boxscores
from nba_assets.raw.schedule import schedule
from nba_assets.reference.players import players
from nba_platform.cli.command import Page
from nba_platform.cli.render import Columns, cells, known, numbers, table, text
from nba_platform.cli.views.player_search import find_player
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse

_READ = (ml_feature_store_v2, prediction_evidence, player_prop_lines, player_boxscores, players, schedule)
TABLES = {table.contract.name: table for table in _READ}  # importing all tables would take longer than the forecast
_FORECAST = ["system_id", "predicted_value", "predicted_sd", "confidence_score", "abstain_reason", "missing_inputs"]
_QUOTE = ["over_probability", "push_probability", "under_probability", "fair_over_price", "fair_under_price"]
FORECAST_CELLS = {"system_id": "", **dict.fromkeys(_FORECAST[1:3], ".1f"), "confidence_score": ".0f", "reason": ""}
QUOTE_CELLS = {"system_id": "", **dict.fromkeys(_QUOTE[:3], ".0%"), **dict.fromkeys(_QUOTE[3:], "+.0f")}


@dataclass(frozen=True)
class PlayerQuote:
    """One player on one date: `forecasts` by system, `quotes` by system and line."""

    date: dt.date
    player: Mapping[str, Any]
    lines: tuple[float, ...]
    notes: tuple[str, ...]
    forecasts: pd.DataFrame
    quotes: pd.DataFrame

    @property
    def document(self) -> dict[str, Any]:
        """The JSON of a quote."""
        quotes = self.quotes[["system_id", "line", *_QUOTE]]
        systems = [
            {**row, "quotes": quotes[quotes.system_id == row["system_id"]].drop(columns="system_id")}
            for row in self.forecasts.to_dict("records")
        ]
        head = {"game_date": self.date, **self.player}
        return {**head, "notes": self.notes, "lines": self.lines, "systems": systems}


def quote_player(
    warehouse: Warehouse,
    tables: Mapping[str, Table],
    models_of: Callable[[dt.date], MonthModels],
    name: str,
    date: dt.date,
    lines: Sequence[float] = (),
) -> PlayerQuote:
    """Compute the forecasts and fair odds of one player; by default at the market's line, if there is one."""
    player = find_player(warehouse, tables, name, date)
    inputs = inputs_of(warehouse, tables, DateRange(date, date), [player["player_lookup"]])
    models = models_of(month_of(date))
    forecasts = forecast(inputs, models.learners, models.spreads, explained=every_row)
    market = inputs.line.iloc[0]
    lines = tuple(lines) or ((float(market),) if known(market) else ())
    no_quotes = pd.DataFrame(columns=["system_id", "line", *_QUOTE])
    quotes = quote_lines(forecasts, models.spreads, lines) if lines else no_quotes
    shown = forecasts[_FORECAST].assign(reason=_reasons(forecasts))
    return PlayerQuote(date, player, lines, _notes(inputs.iloc[0], models, date), shown, quotes)


def quote_page(quote: PlayerQuote) -> Page:
    """Show each system's forecast with its reason, then a table for each line."""
    player = quote.player
    yield f"{player['player_name']}, {player['team_abbr']} against {player['opponent_team_abbr']}, {quote.date}"
    yield from quote.notes
    yield ""
    columns: Columns = ["system", *numbers("points", "sd", "confidence"), text("why", 66, wrapped=True)]
    yield table(columns, cells(quote.forecasts, FORECAST_CELLS))
    for line, of_line in quote.quotes[quote.quotes.over_probability.notna()].groupby("line"):
        first = text(f"line {line:g}")
        first.min_width = 26
        yield ""
        yield table([first, *numbers("over", "push", "under", "fair over", "fair under")], cells(of_line, QUOTE_CELLS))


def _reasons(forecasts: pd.DataFrame) -> list[str]:
    return [
        f"says nothing: {explain_abstention(abstained)}" if isinstance(abstained, str) else explain(components, most=3)
        for abstained, components in zip(forecasts.abstain_reason, forecasts.components, strict=True)
    ]


def _notes(inputs: pd.Series, models: MonthModels, date: dt.date) -> tuple[str, ...]:
    line = f"The market's line is {inputs.line:g}." if known(inputs.line) else ""
    notes = [line or "Nobody offers a line, so what needs one says nothing."]
    if not inputs.is_production_ready:
        quality = f"quality {inputs.feature_quality_score:.0f} of 100"
        notes.append(f"His row is not ready ({quality}): too little is known of him.")
    if not inputs.is_prop_eligible:
        notes.append("He is not among the players who may be bet on, so this is computed now and stored nowhere.")
    if known(inputs.player_status) and inputs.player_status != "available":
        notes.append(f"His status is {inputs.player_status}.")
    if not models.spreads:
        notes.append(f"{date:%Y-%m} has no models, so there are no chances: run `nba train {month_of(date):%Y-%m}`.")
    return tuple(notes)
