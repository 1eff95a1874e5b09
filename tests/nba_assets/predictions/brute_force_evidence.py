"""The evidence recomputed from the stored tables it reads and the rules, player by player."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from statistics import mean, stdev
from typing import Any

import pandas as pd

from ..analytics.brute_force import ZONES, Row
from ..compared import rows

YEAR, THREE_YEARS = dt.timedelta(days=365), dt.timedelta(days=1096)
USED = {
    "player_game_summary": (
        *("game_id", "game_date", "season", "player_id", "opponent_team_abbr", "is_home", "played"),
        *("days_rest", "points", "minutes", "starter", "fga", "fta"),
    ),
    "ml_feature_store_v2": (
        *("game_id", "game_date", "player_lookup", "player_id", "team_abbr", "opponent_team_abbr"),
        *("points_avg_last_5", "points_avg_last_10", "points_avg_season", "minutes_avg_last_10"),
    ),
    "upcoming_player_game_context": (
        *("game_date", "player_lookup", "is_home", "days_rest", "games_played_season"),
        *("player_status", "injury_info_available"),
    ),
    "team_defense_zone_analysis": ("analysis_date", "team_abbr", "def_rating_rank", *(f"{z}_vs_league" for z in ZONES)),
}


class BruteForceEvidence:
    """Stored features, contexts, defences and games, by player and team."""

    def __init__(self, stored: Mapping[str, pd.DataFrame], games: Mapping[str, Row]) -> None:
        read = {name: rows({name: stored[name][list(columns)]}, name) for name, columns in USED.items()}
        self.games = games
        self.features = {(row["player_id"], row["game_date"]): row for row in read["ml_feature_store_v2"]}
        self.defences = {(r["team_abbr"], r["analysis_date"]): r for r in read["team_defense_zone_analysis"]}
        contexts = read["upcoming_player_game_context"]
        self.contexts = {(row["player_lookup"], row["game_date"]): row for row in contexts}
        self.played, self.of_team = defaultdict(list), defaultdict(list)
        for row in sorted(read["player_game_summary"], key=lambda row: row["game_date"], reverse=True):
            if row["played"]:
                self.played[row["player_id"]].append(row)
        for row in self.features.values():
            self.of_team[row["team_abbr"], row["game_date"]].append(row)

    def prediction_evidence(self, player: int, date: dt.date) -> Row:
        features = self.features[player, date]
        context = self.contexts[features["player_lookup"], date]
        past = [game for game in self.played[player] if date - THREE_YEARS <= game["game_date"] < date][:60]
        meets: Row = self.defences.get((features["opponent_team_abbr"], date), {})
        return {
            **{name: features[name] for name in ("game_id", "game_date", "player_lookup", "player_id")},
            "player_status": context["player_status"],
            **{f"{zone}_vs_league": meets.get(f"{zone}_vs_league") for zone in ZONES},
            **self._similar(features | context, [game for game in past if game["game_date"] >= date - YEAR]),
            **_longer_form(past, self.games[features["game_id"]]["season"]),
            "vacated_minutes": self._vacated(features) if context["injury_info_available"] else None,
            **self._missing(features),
        }

    def _similar(self, evening: Row, past: list[Row]) -> Row:
        tonight = self._description(evening)
        scores = [(_score(self._description(game), tonight), game) for game in past]
        alike = [(score, game["game_date"], game["points"]) for score, game in scores if score and score >= 70]
        kept = sorted(alike, reverse=True)[:20]
        total, points = sum(score for score, _, _ in kept), [points for _, _, points in kept]
        return {
            "similar_games": len(kept),
            "similar_points": sum(score * points for score, _, points in kept) / total if kept else None,
            "similar_score": total / len(kept) if kept else None,
            "similar_points_std": stdev(points) if len(kept) > 1 else None,
        }

    def _description(self, game: Row) -> Row:
        """Describe a past or tonight's game by the rows of its own date."""
        date, fixture = game["game_date"], self.games[game["game_id"]]
        rank = self.defences.get((game["opponent_team_abbr"], date), {}).get("def_rating_rank")
        form: Row = self.features.get((game["player_id"], date), {})
        five, usual = form.get("points_avg_last_5"), form.get("points_avg_season")
        ahead = None if five is None or usual is None else five - usual
        return {
            "tier": None if rank is None else ("elite", "average", "weak")[(rank - 1) // 10],
            "rest": None if game["days_rest"] is None else min(game["days_rest"], 3),
            "venue": "neutral" if fixture["neutral_site"] else "home" if game["is_home"] else "away",
            "form": None if ahead is None else "hot" if ahead >= 3 else "cold" if ahead <= -3 else "normal",
        }

    def _missed(self, features: Row) -> bool:
        """Return whether his team has played since he last did."""
        date, season = features["game_date"], self.games[features["game_id"]]["season"]
        mine = [game["game_date"] for game in self.played[features["player_id"]] if game["game_date"] < date]
        team = [
            game["game_date"]
            for game in self.games.values()
            if features["team_abbr"] in (game["home_team"], game["away_team"])
            and game["season"] == season
            and game["season_type"] in ("regular", "play_in", "playoffs", "nba_cup_final")
            and game["game_date"] < date
        ]
        return max(mine) < max(team)

    def _missing(self, features: Row) -> Row:
        team = self.of_team[features["team_abbr"], features["game_date"]]
        mates = [mate for mate in team if mate is not features and mate["minutes_avg_last_10"] is not None]
        away = [mate for mate in mates if self._missed(mate)]
        there = [mate for mate in mates if mate not in away]
        return {
            "missed_last_game": float(self._missed(features)),
            "missing_minutes": float(sum(mate["minutes_avg_last_10"] for mate in away)),
            "missing_points": float(sum(mate["points_avg_last_10"] for mate in away)),
            "present_minutes": float(sum(mate["minutes_avg_last_10"] for mate in there)),
        }

    def _vacated(self, features: Row) -> float:
        mates = [mate for mate in self.of_team[features["team_abbr"], features["game_date"]] if mate is not features]
        minutes = []
        for mate in mates:
            known = self.contexts[mate["player_lookup"], mate["game_date"]]
            usual = mate["minutes_avg_last_10"]
            if known["games_played_season"] >= 5 and usual >= 10 and known["player_status"] in ("out", "doubtful"):
                minutes.append(usual)
        return float(sum(minutes))


def _score(game: Row, tonight: Row) -> float | None:
    got = possible = 0
    if None not in (game["tier"], tonight["tier"]):
        possible += 40
        pair = {game["tier"], tonight["tier"]}
        got += 40 if len(pair) == 1 else 20 if "average" in pair else 0
    if None not in (game["rest"], tonight["rest"]):
        possible += 30
        got += {0: 30, 1: 15}.get(abs(game["rest"] - tonight["rest"]), 0)
    possible += 15
    got += 15 if game["venue"] == tonight["venue"] else 0
    if None not in (game["form"], tonight["form"]):
        possible += 15
        got += 15 if game["form"] == tonight["form"] else 5
    return 100 * got / possible if possible >= 60 else None


def _longer_form(past: list[Row], season: str) -> Row:
    mine = [game for game in past if game["season"] == season]
    minutes = [game["minutes"] for game in mine]
    starts = [game["starter"] for game in mine[:5] if game["starter"] is not None]
    return {
        "minutes_last_1": minutes[0],
        "minutes_avg_last_3": mean(minutes[:3]) if len(mine) >= 3 else None,
        "minutes_avg_last_5": mean(minutes[:5]) if len(mine) >= 3 else None,
        "minutes_std_last_10": stdev(minutes[:10]) if len(mine) >= 5 else None,
        "starter_share_last_5": sum(starts) / len(starts) if starts else None,
        "fga_avg_last_10": _known_mean(mine, "fga"),
        "fta_avg_last_10": _known_mean(mine, "fta"),
        "points_avg_last_60": float(mean(game["points"] for game in past)) if len(past) >= 10 else None,
        "minutes_avg_last_60": mean(game["minutes"] for game in past) if len(past) >= 10 else None,
    }


def _known_mean(games: list[Row], stat: str) -> Any:
    known = [game[stat] for game in games[:10] if game[stat] is not None]
    return float(mean(known)) if len(known) >= 3 else None
