"""A small league for tests: upstream rows are added by hand, tables are computed in DuckDB."""

import datetime as dt
from dataclasses import replace
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa

import nba_assets
from nba_assets.kit.table import declared_tables
from nba_resources.dates import DateRange
from nba_resources.warehouse.contract import Column, Contract
from nba_resources.warehouse.sql.statements import Statement

from ...shared import TEMPLATES

TABLES = declared_tables(nba_assets)
Row = dict[str, Any]


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


class League:
    """Rows of tables by name; a table is computed from the rows added or computed before."""

    def __init__(self) -> None:
        self.facts: dict[str, list[Row]] = {name: [] for name in TABLES}

    def add(self, name: str, **values: Any) -> Row:
        columns = TABLES[name].contract.columns
        assert not (unknown := set(values) - set(columns)), f"{name} has no columns {unknown}"
        row = {column: values.get(column, _default(shape)) for column, shape in columns.items()}
        self.facts[name].append(row)
        return row

    def game(self, date: str, home: str, away: str, tip: str | None = "23:30", **facts: Any) -> Row:
        first = int(date[:4]) - (date[5:7] < "07")
        known: Row = {
            "game_id": f"00{2 + 10 * len(self.facts['schedule']):08d}",
            "game_code": f"{date.replace('-', '')}_{away}_{home}",
            "season": f"{first}-{(first + 1) % 100:02d}",
            "season_year": first,
            "season_type": "regular",
            "status": "final",
            "start_time_utc": tip and moment(f"{date} {tip}"),
            "neutral_site": False,
        }
        return self.add("schedule", **known | {"game_date": day(date), "home_team": home, "away_team": away} | facts)

    def person(self, player: int, lookup: str | None = None, **facts: Any) -> None:
        if all(row["player_id"] != player for row in self.facts["players"]):
            lookup = lookup or f"player{player}"
            self.add("players", player_id=player, player_lookup=lookup, player_name=lookup, **facts)

    def box(self, game: Row, team: str, player: int, minutes: float = 0.0, **counts: Any) -> None:
        self.person(player)
        shown = {"player_id": player, "player_name": f"Player {player}", "minutes": float(minutes), "pts": 0}
        self.add("player_boxscores", **_side(game, team), **shown | counts)

    def team_box(self, game: Row, team: str, **counts: Any) -> None:
        self.add("team_boxscores", **_side(game, team), **{"pts": 100, "opp_pts": 90, "fga": 88} | counts)

    def shot(self, game: Row, team: str, player: int, zone: str, made: bool = True, times: int = 1) -> None:
        value = 3 if zone == "three" else 2
        for _ in range(times):
            place = len(self.facts["shots"]) + 1
            known = {"game_id": game["game_id"], "game_date": game["game_date"], "team_abbr": team}
            self.add("shots", **known, shot_number=place, player_id=player, made=made, shot_value=value, zone=zone)

    def line(self, game: Row, team: str, player: int, minutes: float = 30.0, points: int = 10, **facts: Any) -> None:
        """Add a player_game_summary and box score; days of rest follow from his earlier lines."""
        self.person(player)
        mine = [row for row in self.facts["player_game_summary"] if row["player_id"] == player and row["played"]]
        before = [row["game_date"] for row in mine if row["season"] == game["season"]]
        known = {name: game[name] for name in ("game_code", "season", "season_type")}
        known |= {"player_id": player, "player_lookup": f"player{player}", "minutes": float(minutes), "points": points}
        known |= {"player_name": f"Player {player}", "usage_rate": 0.2, "played": minutes > 0 or points > 0}
        known |= {"days_rest": (game["game_date"] - max(before)).days - 1 if before else None}
        self.add("player_game_summary", **_side(game, team), **known | facts)
        shown = {"player_id": player, "player_name": f"Player {player}", "minutes": float(minutes), "pts": points}
        self.add("player_boxscores", **_side(game, team), **shown)

    def result(self, game: Row, team: str, win: bool = True, **facts: Any) -> None:
        """Add a team_offense_game_summary."""
        known = {name: game[name] for name in ("game_code", "season", "season_type")}
        known |= {"win": win, "pace": 100.0, "offensive_rating": 110.0, "points_scored": 100, "ts_pct": 0.5}
        self.add("team_offense_game_summary", **_side(game, team), **known | facts)

    def odds(self, game: Row, book: str, minutes_before: float | None, kind: str = "snapshot", **numbers: Any) -> None:
        seen = None
        if minutes_before is not None:
            seen = game["start_time_utc"] - dt.timedelta(minutes=minutes_before)
        known = {"game_id": game["game_id"], "game_date": game["game_date"], "bookmaker": book, "snapshot_utc": seen}
        known |= {"snapshot_kind": kind, "snapshot_key": str(seen or kind), "minutes_before_tip": minutes_before}
        self.add("game_odds", **known, start_time_utc=game["start_time_utc"], **numbers)

    def move(self, date: str, player: int, event: str, team: str = "BOS", filed: str | None = None) -> None:
        """Add a move on or off the injured list with a date only."""
        known = {"kind": "il_transaction", "report_date": day(filed or date), "report_key": date, "event": event}
        known |= {"game_key": "none"}
        self.add("injury_reports", **known, team_abbr=team, player_name_raw=f"Player {player}", source="list")

    def report(
        self, at: str, player: int, status: str, team: str = "BOS", date: str | None = None, game: str | None = None
    ) -> None:
        """Add a status before a game with its time (UTC) and the date of the game, if it is named."""
        known = {"kind": "status_report", "report_date": day(date or at[:10]), "known_at": moment(at), "report_key": at}
        known |= {"event": "status", "status": status, "source": "report"}
        known |= {"game_date": game and day(game), "game_key": game or "none"}
        self.add("injury_reports", **known, team_abbr=team, player_name_raw=f"Player {player}")

    def compute(self, name: str, start: str, end: str | None = None) -> list[Row]:
        """Compute and check the rows of some dates; later computations read them."""
        contract, dates = TABLES[name].contract, DateRange(day(start), day(end or start))
        for upstream in TABLES[name].reads:
            _store(TABLES[upstream].contract, self.facts[upstream])
        computed = engine().execute(f'EXECUTE "{planned(name, dates)}"').to_arrow_table()
        rows = computed.cast(_stored_types(contract)).to_pylist()
        _check(contract, rows)
        self.facts[name] = rows
        return rows

    def one(self, name: str, start: str, **which: Any) -> Row:
        """Return the only matching row of a date."""
        rows = [row for row in self.compute(name, start) if which.items() <= row.items()]
        assert len(rows) == 1, f"{len(rows)} rows of {name} on {start} match {which}"
        return rows[0]


STORED: dict[str, list[Row]] = {}  # the rows of each table in the engine


@cache
def engine() -> duckdb.DuckDBPyConnection:
    """Return the engine of all leagues of this process: each stores all that it reads before it computes.

    A statement is planned once for all leagues, so its plan may not depend on the rows that one of them stored.
    """
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    con.execute("SET disabled_optimizers = 'statistics_propagation'")
    for contract in (table.contract for table in TABLES.values()):
        con.execute(f'CREATE SCHEMA IF NOT EXISTS "{contract.dataset}"')
        con.register("facts", pa.Table.from_pylist([], schema=_stored_types(contract)))
        con.execute(f'CREATE TABLE "{contract.dataset}"."{contract.name}" AS FROM facts')
    return con


def _store(contract: Contract, rows: list[Row]) -> None:
    """Store the rows of a table, unless it holds the same already: most tables of most leagues are empty."""
    if STORED.get(contract.name, []) == rows:
        return
    engine().register("facts", pa.Table.from_pylist(rows, schema=_stored_types(contract)))
    table = f'"{contract.dataset}"."{contract.name}"'
    engine().execute(f"DELETE FROM {table}; INSERT INTO {table} FROM facts")
    STORED[contract.name] = [{**row} for row in rows]


@cache
def planned(name: str, dates: DateRange) -> str:
    """Plan the statement of a table once, which takes two thirds of its time, and return the name of the plan."""
    plan = f"{name} {dates.start} {dates.end}"
    engine().execute(f'PREPARE "{plan}" AS {statement(name, dates)}')
    return plan


@cache
def statement(name: str, dates: DateRange) -> str:
    (query,) = TABLES[name].queries(TABLES, dates).values()
    query = replace(query, stamps={"code_version": "test", "computed_at": moment("2030-01-01 00:00")})
    return Statement.of(query, "duckdb", TEMPLATES).cast(TABLES[name].contract, "duckdb").sql


def _stored_types(contract: Contract) -> pa.Schema:
    return pa.schema([field.with_nullable(True) for field in contract.schema.to_pyarrow()])


def _side(game: Row, team: str) -> Row:
    at_home = team == game["home_team"]
    other = game["away_team"] if at_home else game["home_team"]
    known = {"game_id": game["game_id"], "game_date": game["game_date"]}
    return known | {"team_abbr": team, "opponent_team_abbr": other, "is_home": at_home}


def _default(shape: Column) -> Any:
    if shape.null:
        return None
    if shape.dtype.is_array():
        return []
    least = max(0, int(shape.low or 0))
    plain = {
        "is_string": "",
        "is_boolean": False,
        "is_date": day("2000-01-01"),
        "is_integer": least,
        "is_floating": 0.0,
    }
    return next((value for kind, value in plain.items() if getattr(shape.dtype, kind)()), moment("2030-01-01 00:00"))


def _check(contract: Contract, rows: list[Row]) -> None:
    keys = [tuple(row[name] for name in contract.grain) for row in rows]
    assert len(set(keys)) == len(keys), f"{contract.key}: repeated keys"
    for row in rows:
        for name, shape in contract.columns.items():
            value = row[name]
            assert value is not None or shape.null, f"{contract.key}: {name} is NULL in {row}"
            if value is not None:
                assert not shape.values or value in shape.values, f"{contract.key}: {name} is {value!r}"
                assert shape.low is None or value >= shape.low, f"{contract.key}: {name} is {value!r}"
                assert shape.high is None or value <= shape.high, f"{contract.key}: {name} is {value!r}"
