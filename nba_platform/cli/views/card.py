"""The card of a date: who is forecast in a market, at which line and price, why, and whether it may be published."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from rich.table import Table as Grid
from rich.text import Text

from models.inference.explanations import SHORT_NAMES, Names, explain, reason_of
from models.picks import OVER, PICKS, UNDER, price_of
from models.system_ids import SystemId
from nba_checks.permission import Evidence, Publish, place_of, still_valid
from nba_platform.cli.command import Page
from nba_platform.cli.render import Columns, number, numbers, table, text
from nba_platform.cli.views.shown import Shown
from nba_platform.errors import NothingToDo
from nba_platform.orchestration.instance import open_records
from nba_resources.warehouse.reader import Reader, records

if TYPE_CHECKING:
    from nba_assets.kit.table import Tables
    from nba_resources.warehouse.base import Warehouse

PREDICTIONS = "nba_predictions.player_prop_predictions"
REASONS_SHOWN = 4
MANY = 10  # systems side by side, from which on names are cut shorter to fit 120 columns
COLUMNS = [
    *("game_date", "game", "player_name", "player_lookup", "team_abbr", "opponent_team_abbr", "player_status"),
    *("market", "edition", "system_id", "line", "predicted_value", "predicted_sd", "confidence_score", "edge"),
    *("over_probability", "push_probability", "over_price", "under_price", "price_book", "expected_value"),
    *("recommendation", "pass_reason", "abstain_reason", "why", "reason"),
]
STORED = ("game_id", "start_time_utc", *(name for name in COLUMNS if name not in ("why", "reason")), "components")
OF_OTHERS = {
    "game": "s.away_team || '@' || s.home_team",
    "start_time_utc": "s.start_time_utc",
    "player_name": "n.player_name",
}
QUERY = f"""\
SELECT {", ".join(OF_OTHERS.get(name, f"p.{name}") for name in STORED)}
FROM {PREDICTIONS} AS p
LEFT JOIN nba_raw.schedule AS s ON s.game_id = p.game_id
LEFT JOIN nba_reference.players AS n ON n.player_id = p.player_id
WHERE p.game_date = DATE '{{date}}' AND p.market = '{{market}}' AND p.edition = '{{edition}}'"""
NAMES = "SELECT player_lookup, player_name FROM nba_reference.players"
FORMS = {"line": ".1f", "predicted_value": ".1f", "over_probability": ".0%", "price": "+.0f", "expected_value": "+.2f"}
# columns to sort by, and whether ascending
GAME_BY_GAME = {"start_time_utc": True, "game": True, "player_lookup": True}
PICKS_FIRST = {"is_pick": False, "pick_value": False, "start_time_utc": True, "game": True, "predicted_value": False}
LEGEND = "P(over) is a chance; value is per unit staked at the price shown."


Row = Mapping[str, Any]


@dataclass(frozen=True)
class Card:
    """One date's forecasts: of one system with picks first by value, or of all systems game by game."""

    date: dt.date
    shown: Shown
    rows: Sequence[Row]
    publish: Publish

    @property
    def head(self) -> str:
        """The sentence that counts games, players and picks."""
        games, players = ({row[name] for row in self.rows} for name in ("game", "player_lookup"))
        counts = f"{len(games - {None})} games, {len(players)} players"
        picks = sum(row["is_pick"] for row in self.rows)
        return f"{self.date}, {self.shown.place}{self.shown.by}: {counts}, {picks} picks."

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
        system = next(iter(self.shown.systems), None)
        head = {"game_date": self.date, "market": self.shown.market, "edition": self.shown.edition, "system": system}
        return {
            **head,
            "publish": permission,
            "predictions": [{name: row[name] for name in COLUMNS} for row in self.rows],
        }


def read_card(
    reader: Reader,
    date: dt.date,
    publish: Callable[[dt.date], Publish],
    why_none: Callable[[dt.date], str],
    shown: Shown | None = None,
) -> Card:
    """Read the stored forecasts of a date with names, games and reasons in words.

    `publish` returns whether a date may be published, `why_none` why it has no forecasts.
    """
    chosen = shown or Shown.of()
    stored = _stored(reader, date, chosen)
    if not stored:
        which = f" of {chosen.place}by {chosen.by}" if chosen.place else ""
        raise NothingToDo(f"no forecasts{which} are stored for {date}{why_none(date)}")
    names = _names(reader, stored)
    rows = _ordered([_with_reasons(row, names) for row in stored], PICKS_FIRST if chosen.systems else GAME_BY_GAME)
    return Card(date, chosen, rows, publish(date))


def permission(reader: Reader, today: dt.date, date: dt.date) -> Publish:
    """Return whether a date may be published: the stored decision while it is valid, or else a new one."""
    stored = open_records()
    if decision := still_valid(stored.value(place_of(date)), Evidence(stored.query, reader, today), date):
        return decision
    from nba_checks.publish import permission as decide
    from nba_platform.config.environments import warehouse
    from nba_platform.definitions import TABLES
    from nba_platform.orchestration.instance import open_instance

    with open_instance() as instance:
        return decide(instance, warehouse(), TABLES, date, today)


def why_none(warehouse: "Warehouse", tables: "Tables", today: dt.date, date: dt.date) -> str:
    """Return the state of a date without forecasts and what to do about it."""
    from nba_checks.completeness.coverage import coverage
    from nba_resources.dates import DateRange

    states = coverage(warehouse, tables, DateRange(date, date), today, of=[tables["player_prop_predictions"]])
    if not states:
        return ": the date has no partition, as the first one is 2021-10-19."
    (state,) = states
    advice = f": run `nba backfill {date}`" if state.command or state.date >= today else ""
    return f" ({state.state}: {state.reason}){advice}."


def why_no_card(today: dt.date, date: dt.date) -> str:
    """Return why the warehouse of the environment has no card of a date."""
    from nba_platform.config.environments import warehouse
    from nba_platform.definitions import TABLES

    return why_none(warehouse(), TABLES, today, date)


def card_page(card: Card, most: int | None = None) -> Page:
    """Show a line for each player, `most` lines at most."""
    yield card.head
    yield card.permission
    yield ""
    yield _one_system(card.rows[:most], card.shown.unit) if card.shown.systems else _side_by_side(card.rows)
    if most and len(card.rows) > most:
        yield f"... and {len(card.rows) - most} more: nba predictions {card.date}"
    if card.shown.systems:
        yield Text(LEGEND, "dim")


def _stored(reader: Reader, date: dt.date, shown: Shown) -> list[dict[str, Any]]:
    """Return the stored forecasts, of each player that of the first system that has one."""
    if not reader.stored([PREDICTIONS]):
        return []
    named = ", ".join(f"'{system}'" for system in shown.systems)
    of_systems = f" AND p.system_id IN ({named})" if named else ""
    query = QUERY.format(date=date, market=shown.market, edition=shown.edition) + of_systems
    rows = records(reader, query, STORED)
    if not shown.systems:
        return rows
    best: dict[str, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: (row["predicted_value"] is None, shown.systems.index(row["system_id"]))):
        best.setdefault(row["player_lookup"], row)
    return [*best.values()]


def _names(reader: Reader, rows: Sequence[Row]) -> Names:
    """Return the names of players, if a forecast is explained by a team-mate."""
    if any('"player"' in (row["components"] or "") for row in rows):
        return {row["lookup"]: row["name"] for row in records(reader, NAMES, ("lookup", "name"))}
    return {}


def _with_reasons(row: dict[str, Any], names: Names) -> dict[str, Any]:
    is_pick = row["recommendation"] in PICKS
    return {
        **row,
        "reason": explain(row["components"], market=row["market"], names=names),
        "why": reason_of(row, names),
        "is_pick": is_pick,
        "pick_value": row["expected_value"] if is_pick else None,
        "price": price_of(row),
    }


def _ordered(rows: list[dict[str, Any]], order: Mapping[str, bool]) -> list[dict[str, Any]]:
    """Sort by several columns, ascending or not; what is unknown comes last."""
    for name, ascending in reversed([*order.items()]):
        known = sorted((row for row in rows if row[name] is not None), key=itemgetter(name), reverse=not ascending)
        rows = known + [row for row in rows if row[name] is None]
    return rows


def _one_system(rows: Sequence[Row], unit: str) -> Grid:
    columns = (text("game", 7), text("player", 20), *numbers("line", unit, "P(over)", "price", "value"))
    grid = table([*columns, "bet", text("why", 48)])
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        cells = (number(row[name], form) for name, form in FORMS.items())
        bet, style = (row["recommendation"], "bold") if row["is_pick"] else ("", None)
        grid.add_row(row["game"], row["player_name"], *cells, bet, row["why"], style=style)
        if following and row["is_pick"] and not following["is_pick"]:
            grid.add_row()
    return grid


def _side_by_side(rows: Sequence[Row]) -> Grid:
    """Show a player a line and a system a column: its forecast, with `o` or `u` for a bet over or under."""
    found = {row["system_id"] for row in rows}
    systems = [system for system in SystemId if system in found and system is not SystemId.MARKET_LINE]
    by_player: dict[str, dict[str, Row]] = {}
    for row in rows:
        by_player.setdefault(row["player_lookup"], {})[row["system_id"]] = row
    lines = []
    for by_system in by_player.values():
        first = next(iter(by_system.values()))
        told = [_forecast(by_system[system]) if system in by_system else "" for system in systems]
        lines.append((first["game"], first["player_name"], number(first["line"], ".1f"), *told))
    width = 18 if len(systems) < MANY else 14
    columns: Columns = ["game", text("player", width), *numbers("line", *(SHORT_NAMES[system] for system in systems))]
    return table(columns, lines, caption="o, u: it bets over, under; -: it abstains.")


def _forecast(row: Row) -> str:
    bet = {OVER: "o", UNDER: "u"}.get(row["recommendation"], " ")
    return f"{number(row['predicted_value'], '.1f') or '-'}{bet}"
