"""Tonight's card: what is forecast of whom, at which line and price, why, and whether anyone may be told."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table as Grid

from models.inference.explanations import SHORT_NAMES, explain
from models.inference.recommendation import OVER, PICKS, UNDER
from models.systems.base import SystemId
from models.training.promotion import DEFAULT_SYSTEM
from nba_assets.exports.forecasts import named, price_of, why
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.kit.json_values import plain_rows
from nba_assets.kit.table import Table
from nba_checks.completeness.coverage import coverage
from nba_checks.publish import Publish
from nba_platform.cli.errors import NothingToDo
from nba_platform.cli.formatting import chance, price, signed, tenth
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse

PREDICTIONS = "player_prop_predictions"
NAMED_AT_MOST = 4  # reasons not to publish
SHOWN = (
    *("game_date", "game", "player_name", "player_lookup", "team_abbr", "opponent_team_abbr", "player_status"),
    *("system_id", "line", "predicted_points", "predicted_sd", "confidence_score", "edge"),
    *("over_probability", "push_probability", "over_price", "under_price", "price_book", "expected_value"),
    *("recommendation", "pass_reason", "abstain_reason", "why", "reason"),
)
GAME_BY_GAME = {"start_time_utc": True, "game": True, "player_lookup": True}  # whether the least comes first
PICKS_FIRST = {"later": True, "worth": False, "start_time_utc": True, "game": True, "predicted_points": False}
LEGEND = "P(over) is a chance; value is per unit staked at the price shown."


@dataclass(frozen=True)
class Card:
    """One date's forecasts of one system, or of all: picks first by value, then game by game."""

    date: dt.date
    system: str
    rows: pd.DataFrame
    publish: Publish
    all_systems: bool = False

    @property
    def head(self) -> str:
        """How much there is."""
        chosen = self.rows if self.all_systems else self.rows[self.rows.system_id == self.system]
        picks = int(chosen.recommendation.isin(PICKS).sum())
        who = "every system" if self.all_systems else self.system
        counts = f"{chosen.game.nunique()} games, {chosen.player_lookup.nunique()} players, {picks} picks"
        return f"{self.date}, {who}: {counts}."

    @property
    def permission(self) -> str:
        """Whether it may be published."""
        named, more = self.publish.reasons[:NAMED_AT_MOST], len(self.publish.reasons) - NAMED_AT_MOST
        if self.publish.allowed:
            return "May be published: yes."
        told = [*named, f"and {more} more reasons (--json names them)"] if more > 0 else named
        return f"May be published: no, because {'; '.join(told)}."

    def plain(self) -> dict[str, Any]:
        """As values JSON knows."""
        publish = {"allowed": self.publish.allowed, "reasons": list(self.publish.reasons)}
        told = {"game_date": self.date.isoformat(), "system": None if self.all_systems else self.system}
        return {**told, "publish": publish, "predictions": plain_rows(self.rows[list(SHOWN)])}

    def show(self, console: Console, most: int | None = None) -> None:
        """A line for each player; at most so many."""
        console.print(self.head, highlight=False)
        console.print(self.permission, highlight=False, markup=False, soft_wrap=True)
        console.print()
        console.print(_side_by_side(self.rows) if self.all_systems else _grid(self.rows.head(most or len(self.rows))))
        if most and len(self.rows) > most:
            console.print(f"... and {len(self.rows) - most} more: nba predictions {self.date}", highlight=False)
        if not self.all_systems:
            console.print(LEGEND, style="dim", highlight=False)


def card(
    warehouse: Warehouse,
    tables: Mapping[str, Table],
    date: dt.date,
    today: dt.date,
    publish: Callable[[dt.date], Publish],
    chosen: SystemId = DEFAULT_SYSTEM,
    all_systems: bool = False,
) -> Card:
    """The stored forecasts of a date, with names and games, and each with its reason in words."""
    rows = _stored(warehouse, tables, date, None if all_systems else chosen)
    if rows.empty:
        raise NothingToDo(f"no forecasts are stored for {date}{_why_none(warehouse, tables, date, today)}")
    is_pick = rows.recommendation.isin(PICKS)
    told = rows.assign(
        reason=rows.components.map(explain),
        why=[why(row) for row in rows.to_dict("records")],
        later=~is_pick,
        worth=rows.expected_value.where(is_pick),
    )
    order = GAME_BY_GAME if all_systems else PICKS_FIRST
    told = told.sort_values([*order], ascending=[*order.values()], kind="stable")
    return Card(date, chosen.value, told.reset_index(drop=True), publish(date), all_systems)


def _stored(warehouse: Warehouse, tables: Mapping[str, Table], date: dt.date, system: SystemId | None) -> pd.DataFrame:
    contract = tables[PREDICTIONS].contract
    if not warehouse.holds(contract):
        return pd.DataFrame()
    rows = contract.table().filter(lambda row: row.game_date == date)
    if system:
        rows = rows.filter(rows.system_id == system.value)
    games, players = (tables[name].contract.table() for name in ("schedule", "players"))
    games = games.select("game_id", "start_time_utc", game=games.away_team + "@" + games.home_team)
    return warehouse.read(named(with_columns_of(rows, games, ["game_id"]), players))


def _why_none(warehouse: Warehouse, tables: Mapping[str, Table], date: dt.date, today: dt.date) -> str:
    """The state of the date says what to do about it."""
    told = coverage(warehouse, tables, DateRange(date, date), today, of=[tables[PREDICTIONS]])
    state = next(iter(told), None)
    if state is None:
        return ": the date has no partition, as the first one is 2021-10-19."
    if state.command or state.date >= today:
        return f" ({state.state}: {state.reason}): run `nba backfill {date}`."
    return f" ({state.state}: {state.reason})."


def _grid(rows: pd.DataFrame) -> Grid:
    grid = Grid(box=None, pad_edge=False)
    for name, width in {"game": 7, "player": 20}.items():
        grid.add_column(name, no_wrap=True, overflow="ellipsis", max_width=width)
    for name in ("line", "points", "P(over)", "price", "value"):
        grid.add_column(name, justify="right", no_wrap=True)
    grid.add_column("bet", no_wrap=True)
    grid.add_column("why", overflow="ellipsis", no_wrap=True, max_width=48)
    told = rows.to_dict("records")
    for row, following in zip(told, [*told[1:], None], strict=True):
        grid.add_row(*_cells(row), style="bold" if row["recommendation"] in PICKS else None)
        if following and following["later"] and not row["later"]:
            grid.add_row()
    return grid


def _cells(row: Mapping[Any, Any]) -> tuple[str, ...]:
    bet = row["recommendation"] if row["recommendation"] in PICKS else ""
    numbers = (tenth(row["line"]), tenth(row["predicted_points"]), chance(row["over_probability"]))
    money = (price(price_of(row)), signed(row["expected_value"]))
    return (row["game"], row["player_name"], *numbers, *money, bet, row["why"])


def _side_by_side(rows: pd.DataFrame) -> Grid:
    """A player a line and a system a column: its points, with `o` or `u` where it would bet over or under."""
    grid = Grid(
        box=None, pad_edge=False, caption="o, u: it bets over, under; -: it says nothing.", caption_justify="left"
    )
    grid.add_column("game", no_wrap=True)
    grid.add_column("player", no_wrap=True, overflow="ellipsis", max_width=18)
    grid.add_column("line", justify="right")
    systems = [system for system in SystemId if system is not SystemId.MARKET_LINE]
    for system in systems:
        grid.add_column(SHORT_NAMES[system], justify="right", no_wrap=True)
    for _, of_player in rows.groupby("player_lookup", sort=False):
        said = {row["system_id"]: row for row in of_player.to_dict("records")}
        first = next(iter(said.values()))
        cells = [_mark(said[system]) if system in said else "" for system in systems]
        grid.add_row(first["game"], first["player_name"], tenth(first["line"]), *cells)
    return grid


def _mark(row: Mapping[Any, Any]) -> str:
    bet = {OVER: "o", UNDER: "u"}.get(row["recommendation"], " ")
    return f"{tenth(row['predicted_points']) or '-'}{bet}"
