"""Form and minutes recomputed from the archive's box scores, one player and date at a time."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..analytics.brute_force import Archive, Row, rest_days

BASES = (
    *("minutes", "fga", "fg3a", "pf", "plus_minus"),
    *("points", "reb", "ast", "fg3m", "stl", "blk", "tov"),
)
ORDER = ["game_date", "game_id"]


class BruteForceForm:
    """Form and minutes from frames of all players' and teams' games, without our code."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        boxes = pd.DataFrame(archive.boxes).rename(columns={"pts": "points"}).sort_values(ORDER)
        marked = boxes.groupby(["game_id", "team"]).starter.transform(lambda one: any(value is True for value in one))
        boxes["start"] = np.where(marked, boxes.starter == True, np.nan)  # noqa: E712 - None is no start
        boxes[[*BASES]] = boxes[[*BASES]].astype(float)
        self.games = boxes[boxes.minutes > 0]
        self.of_player = {player: games for player, games in self.games.groupby("player_id")}
        played = boxes[[archive.played(row) for row in boxes.rename(columns={"points": "pts"}).to_dict("records")]]
        sides = played.groupby(["season", *ORDER, "opponent"])[[*BASES]]
        self.against = sides.sum(min_count=1).where(sides.count().eq(sides.size(), axis=0)).reset_index()
        teams = [
            {
                "season": game["season"],
                "game_date": game["game_date"],
                "team": team,
                **self._style(game["game_id"], team),
            }
            for team, games in archive.schedule.items()
            for game in games
        ]
        self.teams = pd.DataFrame(teams)
        self.of_team = {team: games for team, games in self.teams.groupby("team")}

    def player_market_form(self, row: Row, date: dt.date) -> dict[str, Row]:
        """Return a player's rows by statistic, from the games before a date."""
        past = self._newest_first(self.of_player[row["player_id"]], date)
        season = past[past.season == row["season"]]
        allowed = self._newest_first(self.against[self.against.opponent == row["opponent_team_abbr"]], date)
        before = self.against[self.against.season == _season_before(row["season"])]
        copied = {name: row[name] for name in ("game_date", "player_lookup", "game_id", "player_id")}
        found = {}
        for base in BASES:
            lately = season[base].head(10).dropna()
            found[base] = copied | {
                "base": base,
                **{f"half_life_{games}": half_life(past[base], games) for games in (4, 15, 50)},
                **{f"rate_{games}": half_life(past[base], games, past.minutes) for games in (15, 50)},
                "season_average": _known(season[base].mean()),
                "last_5_average": _known(season[base].head(5).mean()),
                "last_10_average": _known(lately.mean()),
                "last_10_deviation": _known(lately.std(ddof=1)),
                "season_games": int(season[base].count()),
                "allowed": half_life(allowed[base], 12),
                "league_level": _known(before[base].mean()),
            }
        return found

    def player_minutes_form(self, row: Row, date: dt.date) -> Row:
        """Return a player's row, from the games before a date; his teams and the game are taken from the stored one."""
        past = self._newest_first(self.of_player[row["player_id"]], date)
        season = past[past.season == row["season"]]
        game, last = self.archive.games[row["game_id"]], season.iloc[0]
        copied = ("game_date", "player_lookup", "game_id", "player_id", "team_abbr", "opponent_team_abbr", "season")
        sides: Row = {}
        for side in ("team", "opponent"):
            team = row["team_abbr" if side == "team" else "opponent_team_abbr"]
            style = self._newest_first(self.of_team[team], date)
            sides |= {f"{side}_{name}": half_life(style[name], 12) for name in ("pace", "points", "possessions")}
            sides[f"{side}_days_rest"] = rest_days(date, self.archive.before(team, date, row["season"]))
        before = self.teams[self.teams.season == _season_before(row["season"])]
        return {name: row[name] for name in copied} | {
            "is_home": game["home_team"] == row["team_abbr"],
            "is_playoff": game["season_type"] in ("play_in", "playoffs"),
            "career_games": len(past),
            "season_games": len(season),
            "start_share": half_life(past.start, 4),
            "last_start": None if np.isnan(last.start) else bool(last.start),
            "last_minutes": last.minutes,
            "days_since_last_game": (date - past.iloc[0].game_date).days,
            "games_last_7_days": sum(date - dt.timedelta(days=7) <= day for day in season.game_date),
            "same_team": len(set(season.team.head(2))) == 1,
            **sides,
            "league_possessions": _known(before.possessions.mean()),
        }

    def _style(self, game: str, team: str) -> Row:
        box = self.archive.team_box[game, team]
        possessions = box["fga"] + 0.44 * box["fta"] + box["tov"] - box["oreb"]
        return {
            "game_id": game,
            "pace": self.archive.pace(game, team),
            "points": box["pts"],
            "possessions": possessions,
        }

    def _newest_first(self, games: pd.DataFrame, date: dt.date) -> pd.DataFrame:
        return games[games.game_date < date].sort_values(ORDER, ascending=False)


def half_life(newest_first: pd.Series, games: float, per: pd.Series | None = None) -> float | None:
    """Return the weighted average, one game after the other."""
    above = below = 0.0
    wholes: Sequence[float] = [1.0] * len(newest_first) if per is None else per.tolist()
    for back, (value, whole) in enumerate(zip(newest_first.astype(float).tolist(), wholes, strict=True)):
        if not np.isnan(value):
            above += value * 0.5 ** (back / games)
            below += whole * 0.5 ** (back / games)
    return above / below if below else None


def _known(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)


def _season_before(season: str) -> str:
    first = int(season[:4]) - 1
    return f"{first}-{(first + 1) % 100:02}"
