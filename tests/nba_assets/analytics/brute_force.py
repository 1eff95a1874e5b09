"""Finished games recomputed from the archive's files, row by row, from the rules and without our code."""

import datetime as dt
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

Row = dict[str, Any]
COUNTS = ("fgm", "fga", "fg3m", "fg3a", "ftm", "fta", "oreb", "dreb", "reb", "ast", "stl", "blk", "tov", "pf")
TEAM_COUNTS = tuple(name for name in COUNTS if name not in ("stl", "blk"))
ZONES = ("paint", "mid_range", "three")


class Archive:
    """The archive's facts for some spans of dates; each span begins before a season."""

    def __init__(self, folder: str, spans: Iterable[tuple[dt.date, dt.date]]) -> None:
        self.folder, self.spans = Path(folder), tuple(spans)
        self.games: dict[str, Row] = {row["game_id"]: row for row in self.read("games")}
        self.boxes, self.teams = self.read("player_boxscores"), self.read("team_boxscores")
        self.box = {(row["game_id"], row["player_id"]): row for row in self.boxes}
        self.team_box = {(row["game_id"], row["team"]): row for row in self.teams}
        self.shots, self.of_team = defaultdict(list), defaultdict(list)
        self.of_player, self.schedule = defaultdict(list), defaultdict(list)
        for row in self.boxes:
            self.of_team[row["game_id"], row["team"]].append(row)
            self.of_player[row["player_id"]].append(row)
        for row in self.read("shots"):
            self.shots[row["game_id"]].append(row)
        for row in self.games.values():
            for side in ("home_team", "away_team"):
                self.schedule[row[side]].append(row)

    def read(self, name: str, date: str = "game_date") -> list[Row]:
        frame = pd.read_parquet(self.folder / f"{name}.parquet")
        frame[date] = pd.to_datetime(frame[date]).dt.date
        frame = frame[[any(start <= day <= end for start, end in self.spans) for day in frame[date]]]
        frame = frame.astype(object).where(frame.notna(), None)
        return frame.sort_values(date, kind="stable").to_dict("records")

    def lookup(self, player: int) -> str:
        return plain(self.of_player[player][0]["player_name"])

    def played(self, row: Row) -> bool:
        shows = ("minutes", "pts", "fga", "fta", "reb", "ast", "stl", "blk", "tov", "pf")
        return any(row[name] is not None and row[name] > 0 for name in shows)

    def past(self, player: int, date: dt.date, season: str) -> list[Row]:
        """Return the games of this season he played in before the date, newest first."""
        games = (row for row in self.of_player[player] if self.games[row["game_id"]]["season"] == season)
        return [row for row in games if row["game_date"] < date and self.played(row)][::-1]

    def overtimes(self, game: str, team: str) -> int | None:
        minutes = [row["minutes"] for row in self.of_team[game, team]]
        return max(0, round((sum(minutes) / 5 - 48) / 5)) if minutes else None

    def usage(self, row: Row) -> float | None:
        players = self.of_team[row["game_id"], row["team"]]
        if row["minutes"] < 1 or sum(p["pts"] for p in players) != self.team_box[row["game_id"], row["team"]]["pts"]:
            return None
        length = 48 + 5 * (self.overtimes(row["game_id"], row["team"]) or 0)
        share = _used(row) * length / (row["minutes"] * sum(map(_used, players)))
        return share if share <= 0.60 else None

    def _zones(self, game: str, prefix: str = "", **which: Any) -> Row:
        shots = self.shots[game]
        mine = [shot for shot in shots if which.items() <= shot.items()]
        attempts, makes = Counter(map(_zone, mine)), Counter(_zone(shot) for shot in mine if shot["made"])
        counts = {f"{prefix}{zone}_attempts": attempts[zone] for zone in ZONES}
        counts |= {f"{prefix}{zone}_makes": makes[zone] for zone in ZONES}
        return counts if shots else dict.fromkeys(counts)

    def player_game_summary(self, game: str, player: int) -> Row:
        row, fixture = self.box[game, player], self.games[game]
        home = row["team"] == fixture["home_team"]
        before = self.past(player, fixture["game_date"], fixture["season"])
        zones = self._zones(game, player_id=player)
        trusted = bool(self.shots[game]) and abs(sum(zones[f"{z}_attempts"] for z in ZONES) - row["fga"]) <= 1
        return {
            **_identity(fixture),
            **{name: row[name] for name in (*COUNTS, "player_id", "minutes", "plus_minus", "player_name")},
            **zones,
            "starter": row["starter"] if any(mate["starter"] for mate in self.of_team[game, row["team"]]) else None,
            "player_lookup": self.lookup(player),
            "team_abbr": row["team"],
            "opponent_team_abbr": fixture["away_team" if home else "home_team"],
            "is_home": home,
            "played": self.played(row),
            "points": row["pts"],
            "days_rest": rest_days(fixture["game_date"], before),
            "usage_rate": self.usage(row),
            "ts_pct": ratio(row["pts"], 2 * (row["fga"] + 0.44 * row["fta"])),
            "efg_pct": ratio(row["fgm"] + 0.5 * row["fg3m"], row["fga"]),
            "has_shot_zones": trusted,
        }

    def attack(self, game: str, team: str, prefix: str = "") -> Row:
        """Return the values of the attacking side, which both summaries hold."""
        row, overtimes = self.team_box[game, team], self.overtimes(game, team)
        possessions = row["fga"] + 0.44 * row["fta"] + row["tov"] - row["oreb"]
        zones = self._zones(game, prefix, team=team)
        taken = [zones[f"{prefix}{zone}_attempts"] for zone in ZONES]
        defending = prefix == "opp_"
        return {
            **{f"{prefix}{name}": row[name] for name in TEAM_COUNTS},
            **zones,
            "points_allowed" if defending else "points_scored": row["pts"],
            "has_shot_zones": None not in taken and abs(sum(taken) - row["fga"]) <= 2,
            "overtime_periods": overtimes,
            f"{prefix}possessions": possessions,
            "opponent_pace" if defending else "pace": self.pace(game, team),
            "defensive_rating" if defending else "offensive_rating": 100 * row["pts"] / possessions,
            f"{prefix}ts_pct": row["pts"] / (2 * (row["fga"] + 0.44 * row["fta"])),
        }

    def pace(self, game: str, team: str) -> float | None:
        row, overtimes = self.team_box[game, team], self.overtimes(game, team)
        possessions = row["fga"] + 0.44 * row["fta"] + row["tov"] - row["oreb"]
        return None if overtimes is None else possessions * 48 / (48 + 5 * overtimes)

    def before(self, team: str, date: dt.date, season: str) -> list[Row]:
        """Return the team's games of this season before the date, newest first."""
        return [row for row in self.schedule[team] if row["season"] == season and row["game_date"] < date][::-1]

    def _team_game(self, game: str, team: str, team_column: str) -> Row:
        fixture = self.games[game]
        own, other = ("home", "away") if team == fixture["home_team"] else ("away", "home")
        before = self.before(team, fixture["game_date"], fixture["season"])
        margin = int(fixture[f"{own}_pts"] - fixture[f"{other}_pts"])
        return {
            **_identity(fixture),
            team_column: team,
            "opponent_team_abbr": fixture[f"{other}_team"],
            "is_home": own == "home",
            "win": margin > 0,
            "margin": margin,
            "team_days_rest": rest_days(fixture["game_date"], before),
        }

    def team_offense_game_summary(self, game: str, team: str) -> Row:
        return self._team_game(game, team, "team_abbr") | self.attack(game, team)

    def team_defense_game_summary(self, game: str, team: str) -> Row:
        row = self._team_game(game, team, "defending_team_abbr")
        own = self.team_box[game, team]
        return row | self.attack(game, row["opponent_team_abbr"], "opp_") | {"steals": own["stl"], "blocks": own["blk"]}


def plain(name: str) -> str:
    """Return the name in lower case, without accents, only a-z and 0-9."""
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKD", name.lower()))


def rest_days(date: dt.date, past: list[Row]) -> int | None:
    return (date - past[0]["game_date"]).days - 1 if past else None


def ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _identity(fixture: Row) -> Row:
    code = f"{fixture['game_date']:%Y%m%d}_{fixture['away_team']}_{fixture['home_team']}"
    return {name: fixture[name] for name in ("game_id", "game_date", "season", "season_type")} | {"game_code": code}


def _used(row: Row) -> float:
    return row["fga"] + 0.44 * row["fta"] + row["tov"]


def _zone(shot: Row) -> str:
    if shot["shot_value"] == 3:
        return "three"
    return "paint" if shot["distance_ft"] <= 8 else "mid_range"
