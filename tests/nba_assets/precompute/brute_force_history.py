"""Phase 4 recomputed from the archive's files and the rules, row by row."""

import datetime as dt
from functools import cache, cached_property
from statistics import mean, stdev
from typing import Any

from ..analytics.brute_force import ZONES, Row, ratio
from ..analytics.brute_force_contexts import BruteForceContexts, known_mean, readiness

BY_ZONE = ("pct_allowed", "attempts_allowed_per_game", "vs_league", "league_pct")
USED_FROM_CONTEXT = (
    *("days_rest", "games_last_7_days", "minutes_last_7_days", "avg_minutes_last_7_days", "player_age"),
    *("back_to_backs_last_14_days", "pace_differential", "avg_usage_rate_last_10", "projected_usage_rate"),
    "star_teammates_out",
)
cached_method = cache  # there is one archive per session, so the cache may keep it alive


class BruteForceHistory(BruteForceContexts):
    """Phase 4 recomputed from the archive's facts."""

    @cached_property
    def openings(self) -> dict[str, dt.date]:
        regular = [game for game in self.games.values() if game["season_type"] == "regular"]
        return {s: min(g["game_date"] for g in regular if g["season"] == s) for s in {g["season"] for g in regular}}

    def processed(self, date: dt.date) -> bool:
        """Return whether the first fortnight of the season is over."""
        return (date - max(start for start in self.openings.values() if start <= date)).days >= 14

    @cached_method
    def _defended(self, game: str, team: str) -> Row:
        return self.team_defense_game_summary(game, team)

    @cached_method
    def _played_game(self, game: str, player: int) -> Row:
        return self.player_game_summary(game, player)

    @cached_method
    def league(self, date: dt.date, season: str) -> dict[str, float | None]:
        month = [
            self._defended(game["game_id"], team)
            for game in self.games.values()
            if game["season"] == season and date - dt.timedelta(days=30) <= game["game_date"] < date
            for team in (game["home_team"], game["away_team"])
        ]
        shot = [row for row in month if row["has_shot_zones"]]
        enough = len(shot) >= 30
        return {zone: _share(shot, zone, "opp_") if enough else None for zone in ZONES}

    def _sample(self, team: str, date: dt.date, season: str) -> list[Row]:
        return [self._defended(row["game_id"], team) for row in self.before(team, date, season)[:15]]

    @cached_method
    def ranks(self, date: dt.date, season: str) -> dict[str, int]:
        ratings = []
        for team in self.schedule:
            past = self._sample(team, date, season)
            if len(past) >= 5:
                ratings.append((mean(row["defensive_rating"] for row in past), team))
        return {team: place for place, (_, team) in enumerate(sorted(ratings), start=1)}

    @cached_method
    def team_defense_zone_analysis(self, team: str, date: dt.date, season: str) -> Row:
        past = self._sample(team, date, season)
        shot = [row for row in past if row["has_shot_zones"]]
        enough, league = len(shot) >= 5, self.league(date, season)
        row: Row = {"analysis_date": date, "team_abbr": team, "games_in_sample": len(past)}
        for zone in ZONES:
            allowed = _share(shot, zone, "opp_") if enough else None
            attempts = sum(game[f"opp_{zone}_attempts"] for game in shot)
            against = None if allowed is None or league[zone] is None else allowed - (league[zone] or 0)
            numbers = (allowed, attempts / len(shot) if enough else None, against, league[zone])
            row |= {f"{zone}_{name}": number for name, number in zip(BY_ZONE, numbers, strict=True)}
        compared = [(row[f"{zone}_vs_league"], zone) for zone in ZONES if row[f"{zone}_vs_league"] is not None]
        paces = [game["opponent_pace"] for game in past if game["opponent_pace"] is not None]
        return row | {
            "shot_games_in_sample": len(shot),
            "defensive_rating": mean(game["defensive_rating"] for game in past),
            "def_rating_rank": self.ranks(date, season)[team],
            "points_allowed_per_game": mean(game["points_allowed"] for game in past),
            "opponent_pace": mean(paces) if paces else None,
            "strongest_zone": min(compared)[1] if len(compared) == 3 else None,
            "weakest_zone": max(compared)[1] if len(compared) == 3 else None,
            "quality_tier": "high" if len(past) == 15 else "medium" if len(past) >= 10 else "low",
            **readiness(len(past), len(past)),
        }

    def player_shot_zone_analysis(self, context: Row) -> Row | None:
        past = self._past(context)
        if len(past) < 5:
            return None
        shot, long = ([game for game in past[:n] if game["has_shot_zones"]] for n in (10, 20))
        attempts = {zone: sum(game[f"{zone}_attempts"] for game in shot) for zone in ZONES}
        total = sum(attempts.values())
        known = len(shot) >= 5 and total > 0
        rate = {zone: attempts[zone] / total if known else None for zone in ZONES}
        long_total = sum(game[f"{zone}_attempts"] for game in long for zone in ZONES)
        row: Row = {
            "analysis_date": context["game_date"],
            **{name: context[name] for name in ("player_lookup", "player_id", "team_abbr")},
            "games_in_sample": len(past[:10]),
            "shot_games_in_sample": len(shot),
            "shot_zone_data_available": known,
            "total_attempts": total if known else None,
            "primary_zone": _primary(rate) if known else None,
            "sample_quality": "excellent" if len(past) >= 10 else "good" if len(past) >= 7 else "limited",
            **readiness(context["expected_count"], context["actual_count"]),
        }
        for zone in ZONES:
            row[f"{zone}_rate"] = rate[zone]
            row[f"{zone}_pct"] = _share(shot, zone) if known else None
            row[f"{zone}_attempts_per_game"] = attempts[zone] / len(shot) if known else None
        for zone in ("paint", "three"):
            taken = sum(game[f"{zone}_attempts"] for game in long)
            row[f"{zone}_rate_last_20"] = ratio(taken, long_total) if len(long) >= 15 else None
        return row

    def player_composite_factors(self, context: Row) -> Row:
        shots, meets = self.player_shot_zone_analysis(context), self._meets(context)
        tired = fatigue(context)
        usage, own = context["projected_usage_rate"], context["avg_usage_rate_last_10"]
        pace, stars = context["pace_differential"], context["star_teammates_out"]
        scores = {
            "fatigue_score": tired,
            "fatigue_adjustment": None if tired is None else (tired - 100) / 20,
            "shot_zone_mismatch_score": mismatch(shots or {}, meets),
            "pace_score": None if pace is None else clamp(pace / 2, 3),
            "usage_spike_score": None
            if usage is None
            else clamp(30 * (usage - own) * (1, 1.15, 1.30)[min(stars, 2)], 3),
        }
        optional = {"mismatch": scores["shot_zone_mismatch_score"], "usage": scores["usage_spike_score"]}
        needed = {"fatigue": scores["fatigue_adjustment"], "pace": scores["pace_score"]}
        unknown = [
            name for name, value in (optional | needed | {"age": context["player_age"]}).items() if value is None
        ]
        adds = [value for value in (*needed.values(), *optional.values()) if value is not None]
        upstream = {
            "UPGC": context["is_production_ready"],
            "UTGC": True,
            "PSZA": shots and shots["is_production_ready"],
        }
        named = ("game_id", "game_date", "player_lookup", "player_id", "opponent_team_abbr")
        return {
            **{name: context[name] for name in named},
            **scores,
            "total_composite_adjustment": None if None in needed.values() else sum(adds),
            "missing_factors": unknown,
            "factor_context": {
                name: (shots or {}).get(name) for name in ("primary_zone", *(f"{z}_rate" for z in ZONES))
            }
            | {f"{zone}_vs_league": meets[f"{zone}_vs_league"] for zone in ZONES}
            | {name: context[name] for name in USED_FROM_CONTEXT},
            **readiness(4, 4 if shots else 3, upstream | {"TDZA": True}),
        }

    def player_daily_cache(self, context: Row) -> Row:
        past, shots = self._past(context), self.player_shot_zone_analysis(context)
        points, minutes = [game["points"] for game in past], [game["minutes"] for game in past]
        some, more = len(past) >= 3, len(past) >= 5
        ftm = [game["ftm"] for game in past[:10]]
        team = [
            row["game_id"] for row in self.before(context["team_abbr"], context["game_date"], self._season(context))
        ]
        paces = [self.pace(game, context["team_abbr"]) for game in team[:10]]
        ratings = [self.attack(game, context["team_abbr"])["offensive_rating"] for game in team[:10]]
        copied = ("player_lookup", "player_id", "team_abbr", "games_last_7_days", "games_last_14_days")
        load = ("minutes_last_7_days", "minutes_last_14_days", "back_to_backs_last_14_days")
        zones = ("paint_rate", "three_rate", "primary_zone", "shot_zone_data_available")
        upstream = {"UPGC": context["is_production_ready"], "PSZA": shots and shots["is_production_ready"]}
        return {
            "cache_date": context["game_date"],
            **{name: context[name] for name in (*copied, *load)},
            **{name: shots[name] if shots else None for name in zones},
            "games_played_season": len(past),
            "games_used_last_5": len(past[:5]),
            "games_used_last_10": len(past[:10]),
            "points_avg_last_5": mean(points[:5]) if some else None,
            "points_avg_last_10": mean(points[:10]) if some else None,
            "points_avg_season": mean(points),
            "points_std_last_10": stdev(points[:10]) if more else None,
            "minutes_avg_last_10": mean(minutes[:10]) if some else None,
            "minutes_avg_season": mean(minutes),
            "ppm_avg_last_10": ratio(sum(points[:10]), sum(minutes[:10])) if some else None,
            "usage_rate_last_10": known_mean(game["usage_rate"] for game in past[:10]),
            "usage_rate_season": known_mean(game["usage_rate"] for game in past),
            "ts_pct_last_10": known_mean(game["ts_pct"] for game in past[:10]),
            "free_throw_points_share_last_10": ratio(sum(ftm), sum(points[:10])) if more else None,
            "team_pace_last_10": known_mean(paces) if sum(pace is not None for pace in paces) >= 5 else None,
            "team_off_rating_last_10": mean(ratings) if len(ratings) >= 5 else None,
            "early_season": len(past) < 10,
            **readiness(context["expected_count"], context["actual_count"], upstream),
        }

    def _season(self, context: Row) -> str:
        return self.games[context["game_id"]]["season"]

    def _past(self, context: Row) -> list[Row]:
        games = self.past(context["player_id"], context["game_date"], self._season(context))
        return [self._played_game(game["game_id"], context["player_id"]) for game in games]

    def _meets(self, context: Row) -> Row:
        return self.team_defense_zone_analysis(
            context["opponent_team_abbr"], context["game_date"], self._season(context)
        )


def fatigue(context: Row) -> float | None:
    if context["days_rest"] is None:
        return None
    score = 100 - 15 if context["days_rest"] == 0 else 105 if context["days_rest"] >= 2 else 100
    score -= 10 * (context["games_last_7_days"] >= 4) + 10 * (context["minutes_last_7_days"] > 140)
    score -= 8 * ((context["avg_minutes_last_7_days"] or 0) > 35)
    score -= (0, 5, 12)[min(context["back_to_backs_last_14_days"], 2)]
    age = context["player_age"] or 0
    return max(0, min(100, score - (10 if age >= 35 else 5 if age >= 30 else 0)))


def mismatch(shots: Row, meets: Row) -> float | None:
    zone = shots.get("primary_zone")
    if zone is None or None in (meets[f"{z}_vs_league"] for z in ZONES):
        return None
    if zone == "balanced":
        points = sum(100 * shots[f"{z}_rate"] * meets[f"{z}_vs_league"] for z in ZONES)
    else:
        points = 100 * meets[f"{zone}_vs_league"] * min(shots[f"{zone}_rate"] / 0.5, 1)
    return clamp(points * 1.2 if abs(points) > 5 else points, 10)


def _primary(rate: dict[str, Any]) -> str:
    if rate["paint"] >= 0.40:
        return "paint"
    if rate["three"] >= 0.40:
        return "three"
    return "mid_range" if rate["mid_range"] >= 0.35 else "balanced"


def _share(games: list[Row], zone: str, prefix: str = "") -> float | None:
    makes, attempts = (sum(game[f"{prefix}{zone}_{what}"] for game in games) for what in ("makes", "attempts"))
    return ratio(makes, attempts)


def clamp(value: float, limit: float) -> float:
    return max(-limit, min(limit, value))
