"""The card of a date: whose points are forecast, at which line and price, why, and whether it may be published."""

import datetime as dt
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from rich.table import Table as Grid
from rich.text import Text

from models.inference.explanations import SHORT_NAMES, explain
from models.inference.recommendation import OVER, PICKS, UNDER
from models.systems.base import SystemId
from models.training.promotion import DEFAULT_SYSTEM
from nba_assets.exports.forecasts import price_of, reason_of, with_player_names
from nba_assets.kit.export import Explain, as_stored
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.kit.table import Table
from nba_checks.completeness.coverage import coverage
from nba_checks.publish import Publish, publishable
from nba_platform.cli.command import Page
from nba_platform.cli.render import Columns, number, numbers, table, text
from nba_platform.errors import NothingToDo
from nba_platform.orchestration.instance import open_instance
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse

PREDICTIONS = "player_prop_predictions"
REASONS_SHOWN = 4
COLUMNS = [
    *("game_date", "game", "player_name", "player_lookup", "team_abbr", "opponent_team_abbr", "player_status"),
    *("system_id", "line", "predicted_points", "predicted_sd", "confidence_score", "edge"),
    *("over_probability", "push_probability", "over_price", "under_price", "price_book", "expected_value"),
    *("recommendation", "pass_reason", "abstain_reason", "why", "reason"),
]
FORMS = {"line": ".1f", "predicted_points": ".1f", "over_probability": ".0%", "price": "+.0f", "expected_value": "+.2f"}
# columns to sort by, and whether ascending
GAME_BY_GAME = {"start_time_utc": True, "game": True, "player_lookup": True}
PICKS_FIRST = {"is_pick": False, "pick_value": False, "start_time_utc": True, "game": True, "predicted_points": False}
LEGEND = "P(over) is a chance; value is per unit staked at the price shown."


@dataclass(frozen=True)
class Card:
    """One date's forecasts: of one system with picks first by value, or of all systems game by game."""

    date: dt.date
    system: str
    rows: pd.DataFrame
    publish: Publish
    all_systems: bool = False

    @property
    def head(self) -> str:
        """The sentence that counts games, players and picks."""
        rows, system = self.rows, "every system" if self.all_systems else self.system
        counts = f"{rows.game.nunique()} games, {rows.player_lookup.nunique()} players"
        return f"{self.date}, {system}: {counts}, {int(rows.recommendation.isin(PICKS).sum())} picks."

    @property
    def permission(self) -> str:
        """The sentence that says whether the date may be published."""
        if self.publish.allowed:
            return "May be published: yes."
        shown, more = [*self.publish.reasons[:REASONS_SHOWN]], len(self.publish.reasons) - REASONS_SHOWN
        shown += [f"and {more} more reasons (--json names them)"] if more > 0 else []
        return f"May be published: no, because {'; '.join(shown)}."

    @property
    def document(self) -> dict[str, Any]:
        """The JSON of a card."""
        permission = {"allowed": self.publish.allowed, "reasons": self.publish.reasons}
        head = {"game_date": self.date, "system": None if self.all_systems else self.system, "publish": permission}
        return {**head, "predictions": self.rows[COLUMNS]}


def read_card(
    warehouse: Warehouse,
    tables: Mapping[str, Table],
    date: dt.date,
    today: dt.date,
    publish: Callable[[dt.date], Publish],
    system: SystemId = DEFAULT_SYSTEM,
    all_systems: bool = False,
    complete: Explain = as_stored,
) -> Card:
    """Read the stored forecasts of a date with names, games and reasons in words; `complete` adds those not stored."""
    rows = _stored(warehouse, tables, date, None if all_systems else system)
    if rows.empty:
        raise NothingToDo(f"no forecasts are stored for {date}{_why_none(warehouse, tables, date, today)}")
    rows, is_pick = complete(rows), rows.recommendation.isin(PICKS)
    rows = rows.assign(
        reason=rows.components.map(explain),
        why=[reason_of(row) for row in rows.to_dict("records")],
        is_pick=is_pick,
        pick_value=rows.expected_value.where(is_pick),
        price=[price_of(row) for row in rows.to_dict("records")],
    )
    order = GAME_BY_GAME if all_systems else PICKS_FIRST
    rows = rows.sort_values([*order], ascending=[*order.values()], kind="stable").reset_index(drop=True)
    return Card(date, system.value, rows, publish(date), all_systems)


def permission(warehouse: Warehouse, tables: Mapping[str, Table], today: dt.date, date: dt.date) -> Publish:
    """Return whether a date may be published, from Dagster's records and the warehouse."""
    with open_instance() as instance:
        return publishable(instance, warehouse, tables, date, today)


def card_page(card: Card, most: int | None = None) -> Page:
    """Show a line for each player, `most` lines at most."""
    yield card.head
    yield card.permission
    yield ""
    yield _side_by_side(card.rows) if card.all_systems else _one_system(card.rows.head(most or len(card.rows)))
    if most and len(card.rows) > most:
        yield f"... and {len(card.rows) - most} more: nba predictions {card.date}"
    if not card.all_systems:
        yield Text(LEGEND, "dim")


def _stored(warehouse: Warehouse, tables: Mapping[str, Table], date: dt.date, system: SystemId | None) -> pd.DataFrame:
    contract = tables[PREDICTIONS].contract
    if not warehouse.holds(contract):
        return pd.DataFrame()
    rows = contract.table().filter(lambda row: row.game_date == date)
    if system:
        rows = rows.filter(rows.system_id == system.value)
    games, players = (tables[name].contract.table() for name in ("schedule", "players"))
    games = games.select("game_id", "start_time_utc", game=games.away_team + "@" + games.home_team)
    return warehouse.read(with_player_names(with_columns_of(rows, games, ["game_id"]), players))


def _why_none(warehouse: Warehouse, tables: Mapping[str, Table], date: dt.date, today: dt.date) -> str:
    """Return the state of the date and what to do about it."""
    states = coverage(warehouse, tables, DateRange(date, date), today, of=[tables[PREDICTIONS]])
    if not states:
        return ": the date has no partition, as the first one is 2021-10-19."
    (state,) = states
    advice = f": run `nba backfill {date}`" if state.command or state.date >= today else ""
    return f" ({state.state}: {state.reason}){advice}."


def _one_system(rows: pd.DataFrame) -> Grid:
    columns = (text("game", 7), text("player", 20), *numbers("line", "points", "P(over)", "price", "value"))
    grid = table([*columns, "bet", text("why", 48)])
    records = rows.to_dict("records")
    for row, following in zip(records, [*records[1:], None], strict=True):
        cells = (number(row[name], form) for name, form in FORMS.items())
        bet, style = (row["recommendation"], "bold") if row["is_pick"] else ("", None)
        grid.add_row(row["game"], row["player_name"], *cells, bet, row["why"], style=style)
        if following and row["is_pick"] and not following["is_pick"]:
            grid.add_row()
    return grid


def _side_by_side(rows: pd.DataFrame) -> Grid:
    """Show a player a line and a system a column: its points, with `o` or `u` for a bet over or under."""
    systems = [system for system in SystemId if system is not SystemId.MARKET_LINE]
    lines = []
    for _, of_player in rows.groupby("player_lookup", sort=False):
        by_system = {row["system_id"]: row for row in of_player.to_dict("records")}
        first = next(iter(by_system.values()))
        points = [_points(by_system[system]) if system in by_system else "" for system in systems]
        lines.append((first["game"], first["player_name"], number(first["line"], ".1f"), *points))
    columns: Columns = ["game", text("player", 18), *numbers("line", *(SHORT_NAMES[system] for system in systems))]
    return table(columns, lines, caption="o, u: it bets over, under; -: it abstains.")


def _points(row: Mapping[Hashable, Any]) -> str:
    bet = {OVER: "o", UNDER: "u"}.get(row["recommendation"], " ")
    return f"{number(row['predicted_points'], '.1f') or '-'}{bet}"
