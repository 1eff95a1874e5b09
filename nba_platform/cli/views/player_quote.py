"""Any player, any line: computed on the spot by the same systems and the month's models as the stored forecasts."""

import datetime as dt
import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import pandas as pd
from rich.console import Console
from rich.table import Table as Grid

from models.inference.explanations import explain, explain_abstention
from models.inference.forecast import forecast, quote_lines
from nba_assets.exports.forecasts import named
from nba_assets.kit.as_of import History
from nba_assets.kit.calendar import month_of
from nba_assets.kit.json_values import plain_rows
from nba_assets.kit.table import Table
from nba_assets.predictions.forecast_inputs import evenings, with_counter_prices
from nba_assets.predictions.month_models import MonthModels
from nba_assets.reference.names import resolve
from nba_platform.cli.errors import NothingToDo, UnknownPlayer
from nba_platform.cli.formatting import chance, known, price, tenth
from nba_resources.dates import DateRange
from nba_resources.names import name_key
from nba_resources.warehouse.base import Warehouse

NAMED_AT_MOST = 5
ROSTER = ("player_lookup", "player_name", "player_id", "team_abbr", "opponent_team_abbr")
_SAID = ("system_id", "predicted_points", "predicted_sd", "confidence_score", "abstain_reason", "missing_inputs")
_QUOTED = (
    *("system_id", "line", "over_probability", "push_probability", "under_probability"),
    *("fair_over_price", "fair_under_price"),
)


@dataclass(frozen=True)
class Quotes:
    """One player on one date, by every system and at every line asked."""

    date: dt.date
    player: Mapping[str, Any]
    lines: tuple[float, ...]
    notes: tuple[str, ...]
    said: pd.DataFrame
    quoted: pd.DataFrame

    def plain(self) -> dict[str, Any]:
        """As values JSON knows."""
        told = {"game_date": self.date.isoformat(), **self.player, "notes": list(self.notes), "lines": list(self.lines)}
        systems = plain_rows(self.said)
        for system in systems:
            mine = self.quoted[self.quoted.system_id == system["system_id"]]
            system["quotes"] = plain_rows(mine.drop(columns="system_id"))
        return {**told, "systems": systems}

    def show(self, console: Console) -> None:
        """What each system says and why, then a table for each line."""
        who = f"{self.player['player_name']}, {self.player['team_abbr']} against {self.player['opponent_team_abbr']}"
        console.print(f"{who}, {self.date}", highlight=False)
        for note in self.notes:
            console.print(note, highlight=False, markup=False, soft_wrap=True)
        console.print()
        console.print(_systems(self.said))
        chances = self.quoted[self.quoted.over_probability.notna()]
        for line, of_line in chances.groupby("line"):
            console.print()
            console.print(_line(line, of_line))


def predict(
    warehouse: Warehouse,
    tables: Mapping[str, Table],
    models_of: Callable[[dt.date], MonthModels],
    name: str,
    date: dt.date,
    lines: Sequence[float] = (),
) -> Quotes:
    """Forecasts and fair odds of one player; without a line, at the market's if there is one."""
    roster = _roster(warehouse, tables, date)
    player = _player(warehouse, tables, name, date, roster)
    evening = _evening(warehouse, tables, date, player["player_lookup"])
    models = models_of(month_of(date))
    told = forecast(evening, models.learners, models.spreads)
    market = evening.line.iloc[0]
    asked = tuple(lines) or ((float(market),) if known(market) else ())
    quoted = quote_lines(told, models.spreads, asked) if asked else pd.DataFrame(columns=list(_QUOTED))
    said = told[list(_SAID)].assign(reason=_reasons(told))
    return Quotes(date, player, asked, _notes(evening.iloc[0], models, date), said, quoted[list(_QUOTED)])


def _roster(warehouse: Warehouse, tables: Mapping[str, Table], date: dt.date) -> pd.DataFrame:
    """Everyone on the two rosters of any game of the date."""
    features = tables["ml_feature_store_v2"].contract
    rows = features.table().filter(lambda row: row.game_date == date)
    everybody = named(rows, tables["players"].contract.table()).select(*ROSTER)
    found = warehouse.read(everybody) if warehouse.holds(features) else None
    if found is None or found.empty:
        raise NothingToDo(
            f"no features are stored for {date}: run `nba backfill {date}`; days without games have none, nor have the "
            f"first two weeks of a season."
        )
    return found


def _player(
    warehouse: Warehouse, tables: Mapping[str, Table], name: str, date: dt.date, roster: pd.DataFrame
) -> dict[str, Any]:
    """Resolved as bookmakers' names are, the date's teams as the hint; refused with candidates where it is in doubt."""
    teams = " ".join(sorted({*roster.team_abbr, *roster.opponent_team_abbr}))
    asked = ibis.memtable(
        [(name, date, teams)], schema={"raw_name": "string", "game_date": "date", "team_hint": "string"}
    )
    boxes = History.of(tables["player_boxscores"].contract, DateRange(date, date))
    placed = warehouse.read(resolve(asked, tables["players"].contract.table(), boxes)).iloc[0]
    if not known(placed.player_id):
        raise UnknownPlayer(f"{name!r} is {_doubt(placed.reason)} on {date}: {_near(name, roster)}")
    found = roster[roster.player_id == placed.player_id]
    if found.empty:
        raise UnknownPlayer(f"{name!r} ({placed.player_lookup}) is on no roster of {date}: {_near(name, roster)}")
    return dict(found.iloc[0].drop("player_id"))


def _doubt(reason: str) -> str:
    return "more than one player" if reason == "ambiguous" else "nobody we know"


def _near(name: str, roster: pd.DataFrame) -> str:
    """The rosters' names closest to what was typed; one that contains it, such as a surname, comes first."""
    key = name_key(name)
    likeness = [(key in lookup, difflib.SequenceMatcher(None, key, lookup).ratio()) for lookup in roster.player_lookup]
    closest = sorted(zip(likeness, roster.player_name, roster.team_abbr, strict=True), reverse=True)[:NAMED_AT_MOST]
    return f"the closest on the rosters are {', '.join(f'{player} ({team})' for _, player, team in closest)}."


def _evening(warehouse: Warehouse, tables: Mapping[str, Table], date: dt.date, player: str) -> pd.DataFrame:
    features, evidence, lines = (
        tables[name].contract.table().filter(lambda row: row.game_date == date)
        for name in ("ml_feature_store_v2", "prediction_evidence", "player_prop_lines")
    )
    rows = warehouse.read(evenings(features, evidence, lines).filter(lambda row: row.player_lookup == player))
    return with_counter_prices(rows)


def _reasons(told: pd.DataFrame) -> list[str]:
    return [
        f"says nothing: {explain_abstention(silent)}" if isinstance(silent, str) else explain(components, most=3)
        for silent, components in zip(told.abstain_reason, told.components, strict=True)
    ]


def _notes(evening: pd.Series, models: MonthModels, date: dt.date) -> tuple[str, ...]:
    notes = []
    if known(evening.line):
        notes.append(f"The market's line is {evening.line:g}.")
    else:
        notes.append("Nobody offers a line, so what needs one says nothing.")
    if not evening.is_production_ready:
        notes.append(
            f"His row is not ready (quality {evening.feature_quality_score:.0f} of 100): too little is known of him."
        )
    if not evening.is_prop_eligible:
        notes.append("He is not among the players who may be bet on, so this is computed now and stored nowhere.")
    if known(evening.player_status) and evening.player_status != "available":
        notes.append(f"His status is {evening.player_status}.")
    if not models.spreads:
        notes.append(f"{date:%Y-%m} has no models, so there are no chances: run `nba train {month_of(date):%Y-%m}`.")
    return tuple(notes)


def _systems(said: pd.DataFrame) -> Grid:
    grid = Grid(box=None, pad_edge=False)
    grid.add_column("system", no_wrap=True)
    for name in ("points", "sd", "confidence"):
        grid.add_column(name, justify="right", no_wrap=True)
    grid.add_column("why", max_width=66)
    for row in said.to_dict("records"):
        confidence = f"{row['confidence_score']:.0f}" if known(row["confidence_score"]) else ""
        grid.add_row(
            row["system_id"], tenth(row["predicted_points"]), tenth(row["predicted_sd"]), confidence, row["reason"]
        )
    return grid


def _line(line: float, quoted: pd.DataFrame) -> Grid:
    grid = Grid(box=None, pad_edge=False)
    grid.add_column(f"line {line:g}", no_wrap=True, min_width=26)
    for name in ("over", "push", "under", "fair over", "fair under"):
        grid.add_column(name, justify="right", no_wrap=True)
    for row in quoted.to_dict("records"):
        chances = (chance(row[f"{side}_probability"]) for side in ("over", "push", "under"))
        grid.add_row(row["system_id"], *chances, price(row["fair_over_price"]), price(row["fair_under_price"]))
    return grid
