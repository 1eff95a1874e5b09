"""The player that a typed name means; a name of several players is refused, never guessed."""

import datetime as dt
import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from nba_assets.exports.forecasts import with_player_names
from nba_assets.kit.as_of import History
from nba_assets.kit.calendar import counted, season_floor
from nba_assets.kit.stored_query import stored_query
from nba_assets.kit.table import Table, Tables
from nba_assets.reference.aliases import ALIASES
from nba_assets.reference.names import resolve
from nba_platform.cli.render import known
from nba_platform.errors import NothingToDo, UnknownPlayer
from nba_resources.dates import DateRange
from nba_resources.names import name_key
from nba_resources.warehouse.base import Warehouse

MOST_NAMED = 5
TYPED = ibis.table({"raw_name": "string", "game_date": "date", "team_hint": "string"}, name="typed_names")
ROSTER = ["player_lookup", "player_name", "player_id", "team_abbr", "opponent_team_abbr"]


def find_player(warehouse: Warehouse, tables: Mapping[str, Table], name: str, date: dt.date) -> dict[str, Any]:
    """Return the player of the date's rosters whom a name means; part of a name must be that of one player only."""
    return _Search(warehouse, tables, date).find(name)


@dataclass(frozen=True)
class _Search:
    """The rosters of a date and the players of its season."""

    warehouse: Warehouse
    tables: Mapping[str, Table]
    date: dt.date

    def find(self, name: str) -> dict[str, Any]:
        season = self.season
        if season.empty:
            raise self._no_features()
        player_id, reason = self._resolve(name)
        if player_id is None and reason == "unknown":
            alike = season[[_has_part(full, name) for full in season.player_name]].sort_values("player_name")
            if len(alike) > 1:
                raise UnknownPlayer(f"{name!r} could be {_list(alike)}: which of these? Write the whole name.")
            player_id = None if alike.empty else int(alike.player_id.iloc[0])
        if player_id is None:
            if self.roster.empty:
                raise self._no_features()
            doubt = "more than one player" if reason == "ambiguous" else "nobody we know"
            raise UnknownPlayer(f"{name!r} is {doubt} on {self.date}: {_closest(name, self.roster)}")
        on_roster = self.roster[self.roster.player_id == player_id]
        if on_roster.empty:
            raise self._not_playing(name, season[season.player_id == player_id])
        return dict(on_roster.iloc[0].drop("player_id"))

    @cached_property
    def roster(self) -> pd.DataFrame:
        """Everyone on the two rosters of each game of the date."""
        features = self.tables["ml_feature_store_v2"].contract
        if not self.warehouse.holds(features):
            return pd.DataFrame(columns=ROSTER)
        rows = features.table().filter(lambda row: row.game_date == self.date)
        return self.warehouse.read(with_player_names(rows, self.tables["players"].contract.table()).select(*ROSTER))

    @property
    def season(self) -> pd.DataFrame:
        """The players seen in the season before the date, with their latest team, and those of the rosters."""
        contract = self.tables["player_boxscores"].contract
        if not self.warehouse.holds(contract):
            return self.roster
        boxes = contract.table()
        boxes = boxes.filter((boxes.game_date >= season_floor(self.date)) & (boxes.game_date < self.date))
        latest = boxes.group_by("player_id").aggregate(team_abbr=boxes.team_abbr.argmax(boxes.game_date))
        players = self.tables["players"].contract.table().select("player_id", "player_lookup", "player_name")
        seen = self.warehouse.read(latest.inner_join(players, "player_id"))
        rows = [rows for rows in (self.roster[seen.columns], seen) if len(rows)] or [seen]
        return pd.concat(rows).drop_duplicates("player_id")

    def _resolve(self, name: str) -> tuple[int | None, str | None]:
        """Resolve a whole name, with the date's teams as the hint; the second value is the reason of a failure."""
        teams = " ".join(sorted({*self.roster.team_abbr, *self.roster.opponent_team_abbr}))
        row = {"raw_name": name, "game_date": self.date, "team_hint": teams}
        typed = pa.Table.from_pylist([row], schema=TYPED.schema().to_pyarrow())
        meant = replace(_resolved(self.tables, DateRange(self.date, self.date)), frames={TYPED.get_name(): typed})
        found = self.warehouse.read(meant).iloc[0]
        return (int(found.player_id), None) if known(found.player_id) else (None, found.reason)

    def _not_playing(self, name: str, player: pd.DataFrame) -> Exception:
        """Return why a player is on no roster of the date, and when his team plays next."""
        schedule = self.tables["schedule"].contract
        team = None if player.empty else player.team_abbr.iloc[0]
        if team and self.warehouse.holds(schedule):
            games = counted(schedule.table())
            playing = (games.home_team == team) | (games.away_team == team)
            games = games.filter((games.game_date >= self.date) & playing)
            following = self.warehouse.read(games.order_by("game_date").limit(1))
            sentence = f"{player.player_name.iloc[0]} ({team}) does not play on {self.date}"
            if following.empty:
                return NothingToDo(f"{sentence}, and no later game of {team} is stored.")
            game = following.iloc[0]
            if (day := pd.Timestamp(game.game_date).date()) > self.date:
                return NothingToDo(f"{sentence}: {team} plays next on {day} ({game.away_team}@{game.home_team}).")
        if self.roster.empty:
            return self._no_features()
        lookup = "" if player.empty else f" ({player.player_lookup.iloc[0]})"
        return UnknownPlayer(f"{name!r}{lookup} is on no roster of {self.date}: {_closest(name, self.roster)}")

    def _no_features(self) -> NothingToDo:
        reason = "days without games have none, nor have the first two weeks of a season."
        return NothingToDo(f"no features are stored for {self.date}: run `nba backfill {self.date}`; {reason}")


@stored_query
def _resolved(tables: Tables, dates: DateRange) -> ir.Table:
    """The players whom typed names mean on a date."""
    boxes = History.of(tables["player_boxscores"].contract, dates)
    return resolve(TYPED, tables["players"].contract.table(), boxes)


def _has_part(full_name: str, typed: str) -> bool:
    """Return whether the typed words follow one another in a name, or are its nickname with or without the surname."""
    key = name_key(typed)
    words = [name_key(word) for word in full_name.split()]
    parts = {"".join(words[first:last]) for first in range(len(words)) for last in range(first + 1, len(words) + 1)}
    with_surname = {key + "".join(words[n:]) for n in range(1, len(words))}
    is_nickname = any(ALIASES.get(name) == "".join(words) for name in with_surname)
    return bool(key) and (key in parts or is_nickname)


def _closest(name: str, roster: pd.DataFrame) -> str:
    """Name the players of the rosters closest to what was typed, those that contain it first."""
    key = name_key(name)
    likeness = [(key in lookup, difflib.SequenceMatcher(None, key, lookup).ratio()) for lookup in roster.player_lookup]
    order = sorted(zip(likeness, roster.player_name, roster.index, strict=True), reverse=True)[:MOST_NAMED]
    return f"the closest on the rosters are {_list(roster.loc[[place for *_, place in order]])}."


def _list(players: pd.DataFrame) -> str:
    return ", ".join(f"{name} ({team})" for name, team in zip(players.player_name, players.team_abbr, strict=True))
