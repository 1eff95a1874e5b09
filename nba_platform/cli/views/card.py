"""The card of a date: whose points are forecast, at which line and price, why, and whether it may be published."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from rich.table import Table as Grid
from rich.text import Text

from models.forecast_keys import house_key
from models.inference.explanations import SHORT_NAMES, explain, reason_of
from models.markets import POINTS
from models.picks import OVER, PICKS, UNDER, price_of
from models.system_ids import DEFAULT_SYSTEM, POINT_SYSTEMS, SystemId
from nba_checks.permission import Evidence, Publish, place_of, still_valid
from nba_platform.cli.command import Page
from nba_platform.cli.render import Columns, number, numbers, table, text
from nba_platform.errors import NothingToDo
from nba_platform.orchestration.instance import open_records
from nba_resources.warehouse.reader import Reader, records

if TYPE_CHECKING:
    from nba_assets.kit.table import Tables
    from nba_resources.warehouse.base import Warehouse

PREDICTIONS = "nba_predictions.player_prop_predictions"
HOUSE = house_key(POINTS)
REASONS_SHOWN = 4
COLUMNS = [
    *("game_date", "game", "player_name", "player_lookup", "team_abbr", "opponent_team_abbr", "player_status"),
    *("system_id", "line", "predicted_value", "predicted_sd", "confidence_score", "edge"),
    *("over_probability", "push_probability", "over_price", "under_price", "price_book", "expected_value"),
    *("recommendation", "pass_reason", "abstain_reason", "why", "reason"),
]
STORED = (
    "game_id",
    "start_time_utc",
    "market",
    *(name for name in COLUMNS if name not in ("why", "reason")),
    "components",
)
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
WHERE p.game_date = DATE '{{date}}' AND p.market = '{HOUSE.market}' AND p.edition = '{HOUSE.edition}'"""
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
    system: str
    rows: Sequence[Row]
    publish: Publish
    all_systems: bool = False

    @property
    def head(self) -> str:
        """The sentence that counts games, players and picks."""
        games, players = ({row[name] for row in self.rows} for name in ("game", "player_lookup"))
        counts = f"{len(games - {None})} games, {len(players)} players"
        picks = sum(row["is_pick"] for row in self.rows)
        return f"{self.date}, {'every system' if self.all_systems else self.system}: {counts}, {picks} picks."

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
        return {**head, "predictions": [{name: row[name] for name in COLUMNS} for row in self.rows]}


def read_card(
    reader: Reader,
    date: dt.date,
    publish: Callable[[dt.date], Publish],
    why_none: Callable[[dt.date], str],
    system: SystemId = DEFAULT_SYSTEM,
    all_systems: bool = False,
) -> Card:
    """Read the stored forecasts of a date with names, games and reasons in words.

    `publish` returns whether a date may be published, `why_none` why it has no forecasts.
    """
    rows = [_with_reasons(row) for row in _stored(reader, date, None if all_systems else system)]
    if not rows:
        raise NothingToDo(f"no forecasts are stored for {date}{why_none(date)}")
    rows = _ordered(rows, GAME_BY_GAME if all_systems else PICKS_FIRST)
    return Card(date, system.value, rows, publish(date), all_systems)


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
    yield _side_by_side(card.rows) if card.all_systems else _one_system(card.rows[:most])
    if most and len(card.rows) > most:
        yield f"... and {len(card.rows) - most} more: nba predictions {card.date}"
    if not card.all_systems:
        yield Text(LEGEND, "dim")


def _stored(reader: Reader, date: dt.date, system: SystemId | None) -> list[dict[str, Any]]:
    if not reader.stored([PREDICTIONS]):
        return []
    of_system = f" AND p.system_id = '{system}'" if system else ""
    return records(reader, QUERY.format(date=date) + of_system, STORED)


def _with_reasons(row: dict[str, Any]) -> dict[str, Any]:
    is_pick = row["recommendation"] in PICKS
    return {
        **row,
        "reason": explain(row["components"]),
        "why": reason_of(row),
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


def _one_system(rows: Sequence[Row]) -> Grid:
    columns = (text("game", 7), text("player", 20), *numbers("line", "points", "P(over)", "price", "value"))
    grid = table([*columns, "bet", text("why", 48)])
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        cells = (number(row[name], form) for name, form in FORMS.items())
        bet, style = (row["recommendation"], "bold") if row["is_pick"] else ("", None)
        grid.add_row(row["game"], row["player_name"], *cells, bet, row["why"], style=style)
        if following and row["is_pick"] and not following["is_pick"]:
            grid.add_row()
    return grid


def _side_by_side(rows: Sequence[Row]) -> Grid:
    """Show a player a line and a system a column: its points, with `o` or `u` for a bet over or under."""
    systems = [system for system in POINT_SYSTEMS if system is not SystemId.MARKET_LINE]
    by_player: dict[str, dict[str, Row]] = {}
    for row in rows:
        by_player.setdefault(row["player_lookup"], {})[row["system_id"]] = row
    lines = []
    for by_system in by_player.values():
        first = next(iter(by_system.values()))
        points = [_points(by_system[system]) if system in by_system else "" for system in systems]
        lines.append((first["game"], first["player_name"], number(first["line"], ".1f"), *points))
    columns: Columns = ["game", text("player", 18), *numbers("line", *(SHORT_NAMES[system] for system in systems))]
    return table(columns, lines, caption="o, u: it bets over, under; -: it abstains.")


def _points(row: Row) -> str:
    bet = {OVER: "o", UNDER: "u"}.get(row["recommendation"], " ")
    return f"{number(row['predicted_value'], '.1f') or '-'}{bet}"
