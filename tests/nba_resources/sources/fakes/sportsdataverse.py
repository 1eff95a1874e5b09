"""The bulk releases, one Parquet file a season; ids are numbers in some files, as in the real ones."""

import datetime as dt
import io
import re
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from werkzeug import Request

from nba_resources.sources.simulated.shots import HOOP

from .league import SEASON, League, Row
from .server import Fake

_COUNTS = {
    "fgm": "field_goals_made",
    "fga": "field_goals_attempted",
    "fg3m": "three_pointers_made",
    "fg3a": "three_pointers_attempted",
    "ftm": "free_throws_made",
    "fta": "free_throws_attempted",
    "oreb": "rebounds_offensive",
    "dreb": "rebounds_defensive",
    "reb": "rebounds_total",
    "ast": "assists",
    "stl": "steals",
    "blk": "blocks",
    "tov": "turnovers",
    "pf": "fouls_personal",
    "pts": "points",
}


class FakeSportsDataverse(Fake):
    """Serves files of 2024-25 only. `table_changes` change the table of a file."""

    def __init__(self, league: League) -> None:
        super().__init__()
        self.league = league
        self.table_changes: dict[str, Callable[[pa.Table], pa.Table]] = {}

    def kind(self, path: str) -> str:
        return path.split("/")[-1]

    def answer(self, path: str, request: Request) -> Any:
        match = re.fullmatch(r"/nba_stats_(\w+)/\w+_2025\.parquet", path)
        if not match:
            return None
        rows = {"schedules": self._schedule, "player_boxscores": self._players, "team_boxscores": self._teams}
        table = pa.Table.from_pylist((rows | {"shots": self._shots, "rosters": self._rosters})[match[1]]())
        table = self.table_changes.get(match[1], lambda same: same)(table)
        file = io.BytesIO()
        pq.write_table(table, file)
        return file.getvalue()

    def _schedule(self) -> list[Row]:
        """List finished games, without time and arena."""
        return [
            {
                "game_id": int(game["game_id"]),
                "game_date": game["game_date"].isoformat(),
                "season": 2025,
                "season_type": game["season_type"],
            }
            | {f"{side}_{what}": game[f"{side}_{what}"] for side in ("home", "away") for what in ("team_id", "pts")}
            for game in self.league.schedule
            if game["status"] == "final"
        ]

    def _team_ids(self, game_id: str) -> dict[str, int]:
        return {team["team_abbr"]: team["team_id"] for team in self.league.teams[game_id]}

    def _players(self) -> list[Row]:
        rows = []
        for game_id, players in self.league.players.items():
            ids = self._team_ids(game_id)
            rows += [_player(player, ids[player["team_abbr"]]) for player in players]
            one = players[0] | dict.fromkeys(_COUNTS, 0) | {"player_id": 9_000_001, "player_name": "On Bench"}
            sat = _player(one | {"starter": False, "plus_minus": 0}, ids[one["team_abbr"]])
            rows.append(sat | {"minutes": "", "comment": "DNP - Coach's Decision"})
        return rows

    def _teams(self) -> list[Row]:
        """Count the turnovers of players only."""
        rows = []
        for game_id, teams in self.league.teams.items():
            players = self.league.players.get(game_id, [])
            for team in teams:
                charged = sum(row["tov"] for row in players if row["team_abbr"] == team["team_abbr"])
                counts = {theirs: team[ours] for ours, theirs in _COUNTS.items()} | {"turnovers": charged}
                rows.append({"game_id": game_id, "team_id": team["team_id"], "minutes": "240:00"} | counts)
        return rows

    def _shots(self) -> list[Row]:
        return [
            {
                "game_id": game_id,
                "team_id": self._team_ids(game_id)[shot["team_abbr"]],
                "person_id": shot["player_id"],
                "period": shot["period"],
                "clock": f"PT{shot['seconds_left'] // 60:02d}M{shot['seconds_left'] % 60:02d}.00S",
                "shot_value": shot["shot_value"],
                "shot_result": "Made" if shot["made"] else "Missed",
                "shot_distance": 0 if "corner" in shot["zone_basic"] else shot["distance_ft"] + 1,
                "x_legacy": round(-shot["x"] * 10, 3),
                "y_legacy": round((shot["y"] - HOOP) * 10, 3),
                "sub_type": shot["action_type"],
            }
            for game_id, shots in self.league.shots.items()
            for shot in shots
        ]

    def _rosters(self) -> list[Row]:
        """List team by team, so that a player who moved is listed twice; dates are in the league's format."""
        last_name_first = self.league.rows("rosters", SEASON)
        return [
            {"season": 2025, "team_id": team, "player_id": row["player_id"], "birth_date": _spelled(row["birth_date"])}
            for number, row in enumerate(last_name_first)
            for team in ([1610612738, 1610612752] if number == 0 else [1610612738])
        ]


def _spelled(day: dt.date | None) -> str | None:
    return day and day.strftime("%b %d, %Y").upper()


def _player(player: Row, team_id: int) -> Row:
    first, _, last = player["player_name"].partition(" ")
    tenths = round(player["minutes"] * 10)
    return {theirs: player[ours] for ours, theirs in _COUNTS.items()} | {
        "game_id": player["game_id"],
        "team_id": team_id,
        "person_id": player["player_id"],
        "first_name": first,
        "family_name": last,
        "position": "G" if player["starter"] else "",
        "comment": "",
        "minutes": f"{tenths // 10}:{tenths % 10 * 6:02d}",
        "plus_minus_points": float(player["plus_minus"]),
    }
