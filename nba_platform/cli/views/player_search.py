"""The player that a typed name means; a name of several players is refused, never guessed."""

import datetime as dt
import difflib
from collections.abc import Mapping
from typing import Any

import ibis
import pandas as pd

from nba_assets.exports.forecasts import with_player_names
from nba_assets.kit.as_of import History
from nba_assets.kit.calendar import counted, season_floor
from nba_assets.kit.table import Table
from nba_assets.reference.aliases import ALIASES
from nba_assets.reference.names import resolve
from nba_platform.cli.render import known
from nba_platform.errors import NothingToDo, UnknownPlayer
from nba_resources.dates import DateRange
from nba_resources.names import name_key
from nba_resources.warehouse.base import Warehouse

MOST_NAMED = 5
ROSTER = ["player_lookup", "player_name", "player_id", "team_abbr", "opponent_team_abbr"]


def find_player(warehouse: Warehouse, tables: Mapping[str, Table], name: str, date: dt.date) -> dict[str, Any]:
    """Return the player of the date's rosters whom a name means.

    A whole name is resolved as a bookmaker's is. A part of a name, such as a surname or a nickname, must belong to only
    one player of the season.
    """
    roster = _roster(warehouse, tables, date)
    season = _season(warehouse, tables, date, roster)
    if season.empty:
        raise _no_features(date)
    player_id, reason = _resolve(warehouse, tables, name, date, roster)
    if player_id is None and reason == "unknown":
        alike = season[[_has_part(full, name) for full in season.player_name]].sort_values("player_name")
        if len(alike) > 1:
            raise UnknownPlayer(f"{name!r} could be {_list(alike)}: which of these? Write the whole name.")
        player_id = None if alike.empty else int(alike.player_id.iloc[0])
    if player_id is None:
        if roster.empty:
            raise _no_features(date)
        doubt = "more than one player" if reason == "ambiguous" else "nobody we know"
        raise UnknownPlayer(f"{name!r} is {doubt} on {date}: {_closest(name, roster)}")
    on_roster = roster[roster.player_id == player_id]
    if not on_roster.empty:
        return dict(on_roster.iloc[0].drop("player_id"))
    raise _not_playing(warehouse, tables, name, date, season[season.player_id == player_id], roster)


def _roster(warehouse: Warehouse, tables: Mapping[str, Table], date: dt.date) -> pd.DataFrame:
    """Read everyone on the two rosters of each game of the date."""
    features = tables["ml_feature_store_v2"].contract
    if not warehouse.holds(features):
        return pd.DataFrame(columns=ROSTER)
    rows = features.table().filter(lambda row: row.game_date == date)
    return warehouse.read(with_player_names(rows, tables["players"].contract.table()).select(*ROSTER))


def _season(warehouse: Warehouse, tables: Mapping[str, Table], date: dt.date, roster: pd.DataFrame) -> pd.DataFrame:
    """Read the players seen in the season before the date, with their latest team, and those of the rosters."""
    contract = tables["player_boxscores"].contract
    if not warehouse.holds(contract):
        return roster
    boxes = contract.table()
    boxes = boxes.filter((boxes.game_date >= season_floor(date)) & (boxes.game_date < date))
    latest = boxes.group_by("player_id").aggregate(team_abbr=boxes.team_abbr.argmax(boxes.game_date))
    players = tables["players"].contract.table().select("player_id", "player_lookup", "player_name")
    seen = warehouse.read(latest.inner_join(players, "player_id"))
    return pd.concat([rows for rows in (roster[seen.columns], seen) if len(rows)] or [seen]).drop_duplicates(
        "player_id"
    )


def _resolve(
    warehouse: Warehouse, tables: Mapping[str, Table], name: str, date: dt.date, roster: pd.DataFrame
) -> tuple[int | None, str | None]:
    """Resolve a whole name, with the date's teams as the hint; the second value is the reason of a failure."""
    teams = " ".join(sorted({*roster.team_abbr, *roster.opponent_team_abbr}))
    typed = ibis.memtable(
        [(name, date, teams)], schema={"raw_name": "string", "game_date": "date", "team_hint": "string"}
    )
    boxes = History.of(tables["player_boxscores"].contract, DateRange(date, date))
    found = warehouse.read(resolve(typed, tables["players"].contract.table(), boxes)).iloc[0]
    return (int(found.player_id), None) if known(found.player_id) else (None, found.reason)


def _has_part(full_name: str, typed: str) -> bool:
    """Return whether the typed words follow one another in a name, or are its nickname with or without the surname."""
    key = name_key(typed)
    words = [name_key(word) for word in full_name.split()]
    parts = {"".join(words[first:last]) for first in range(len(words)) for last in range(first + 1, len(words) + 1)}
    surnames = ["".join(words[n:]) for n in range(1, len(words))]
    nicknames = [nickname for nickname, usual in ALIASES.items() if usual == "".join(words)]
    return bool(key) and (
        key in parts or any(nickname == key + surname for nickname in nicknames for surname in surnames)
    )


def _not_playing(
    warehouse: Warehouse,
    tables: Mapping[str, Table],
    name: str,
    date: dt.date,
    player: pd.DataFrame,
    roster: pd.DataFrame,
) -> Exception:
    """Return why a player is on no roster of the date, and when his team plays next."""
    schedule = tables["schedule"].contract
    team = None if player.empty else player.team_abbr.iloc[0]
    if team and warehouse.holds(schedule):
        games = counted(schedule.table())
        games = games.filter((games.game_date >= date) & ((games.home_team == team) | (games.away_team == team)))
        following = warehouse.read(games.order_by("game_date").limit(1))
        who = f"{player.player_name.iloc[0]} ({team}) does not play on {date}"
        if following.empty:
            return NothingToDo(f"{who}, and no later game of {team} is stored.")
        game = following.iloc[0]
        if (day := pd.Timestamp(game.game_date).date()) > date:
            return NothingToDo(f"{who}: {team} plays next on {day} ({game.away_team}@{game.home_team}).")
    if roster.empty:
        return _no_features(date)
    lookup = "" if player.empty else f" ({player.player_lookup.iloc[0]})"
    return UnknownPlayer(f"{name!r}{lookup} is on no roster of {date}: {_closest(name, roster)}")


def _no_features(date: dt.date) -> NothingToDo:
    return NothingToDo(
        f"no features are stored for {date}: run `nba backfill {date}`; days without games have none, nor have the "
        f"first two weeks of a season."
    )


def _closest(name: str, roster: pd.DataFrame) -> str:
    """Name the players of the rosters closest to what was typed, those that contain it first."""
    key = name_key(name)
    likeness = [(key in lookup, difflib.SequenceMatcher(None, key, lookup).ratio()) for lookup in roster.player_lookup]
    order = sorted(zip(likeness, roster.player_name, roster.index, strict=True), reverse=True)[:MOST_NAMED]
    return f"the closest on the rosters are {_list(roster.loc[[place for *_, place in order]])}."


def _list(players: pd.DataFrame) -> str:
    return ", ".join(f"{name} ({team})" for name, team in zip(players.player_name, players.team_abbr, strict=True))
