"""The feature store recomputed from the archive's files and the rules, row by row."""

import datetime as dt
from statistics import mean
from typing import Any

from ..analytics.brute_force import ZONES, Row
from ..analytics.brute_force_contexts import readiness
from ..precompute.brute_force_history import BruteForceHistory, clamp

OPTIONAL = {
    *("shot_zone_mismatch_score", "usage_spike_score", "injury_risk", "pct_paint", "pct_mid_range", "pct_three"),
    *("pct_free_throw", "vegas_points_line", "vegas_opening_line", "vegas_line_move", "avg_points_vs_opponent"),
}
RISK = {None: None, "available": 0, "probable": 1, "questionable": 2, "doubtful": 3, "out": 3}
TIERS = ((95, "gold"), (85, "silver"), (70, "bronze"), (50, "poor"))


class BruteForceFeatures(BruteForceHistory):
    """The feature store recomputed from the archive's facts."""

    def ml_feature_store_v2(self, context: Row, lines: dict[str, Any], order: tuple[str, ...]) -> Row:
        """Return one row; `order` is the contract's order of features, `lines` his line, opening line and move."""
        form, factors = self.player_daily_cache(context), self.player_composite_factors(context)
        shots, meets = self.player_shot_zone_analysis(context) or {}, self._meets(context)
        points = [game["points"] for game in self._past(context)]
        met = self._met(context)
        rest, theirs = context["days_rest"], context["opponent_days_rest"]
        lately, usual = form["minutes_avg_last_10"], form["minutes_avg_season"]
        same = ("points_avg_last_5", "points_avg_last_10", "points_avg_season", "points_std_last_10")
        evening = self.upcoming_team_game_context(context["team_abbr"], context["game_date"])
        features = {
            **{name: form[name] for name in (*same, "minutes_avg_last_10", "ppm_avg_last_10")},
            **{name: factors[name] for name in ("fatigue_score", "pace_score", *sorted(OPTIONAL & set(factors)))},
            **{f"pct_{zone}": shots.get(f"{zone}_rate") for zone in ZONES},
            **lines,
            "games_in_last_7_days": form["games_last_7_days"],
            "pct_free_throw": form["free_throw_points_share_last_10"],
            "team_pace": form["team_pace_last_10"],
            "team_off_rating": form["team_off_rating_last_10"],
            "team_win_pct": evening["win_pct_season"],
            "rest_advantage": None if None in (rest, theirs) else clamp(rest - theirs, 2),
            "injury_risk": RISK[context["player_status"]],
            "recent_trend": _steps(mean(points[:2]) - mean(points[2:5]), 2, 5) if len(points) >= 5 else None,
            "minutes_change": _steps((lately - usual) / usual, 0.10, 0.20) if lately is not None and usual else None,
            "opponent_def_rating": meets["defensive_rating"],
            "opponent_pace": meets["opponent_pace"],
            "home_away": 0.5 if evening["neutral_site"] else float(context["is_home"]),
            "back_to_back": float(rest == 0),
            "playoff_game": float(context["season_type"] in ("play_in", "playoffs")),
            "has_vegas_line": float(lines["vegas_points_line"] is not None),
            "avg_points_vs_opponent": mean(met) if met else None,
            "games_vs_opponent": len(met),
        }
        missing = [name for name in order if features[name] is None]
        lacking = len(set(missing) - OPTIONAL)
        known = 100 * (33 - len(missing)) / 33
        score = min(known, 49) if lacking >= 5 else min(known, 69) if lacking else known
        averages = None not in (form[name] for name in same[:3])
        upstream = {"PDC": form["is_production_ready"], "PCF": factors["is_production_ready"], "TDZA": True}
        ready = readiness(22, 22 - lacking, upstream | {"averages": averages})
        bet = lines["vegas_points_line"] is not None or (lately or 0) >= 15
        plays = context["player_status"] not in ("out", "doubtful")
        named = ("game_id", "game_date", "player_lookup", "player_id", "team_abbr", "opponent_team_abbr")
        return {
            **{name: context[name] for name in named},
            **features,
            "missing_features": missing,
            "feature_quality_score": score,
            "quality_tier": next((t for low, t in TIERS if score >= low), "critical"),
            "is_relevant": bet,
            "is_prop_eligible": ready["is_production_ready"] and bet and plays,
            "early_season": form["early_season"],
            **ready,
        }

    def _met(self, context: Row) -> list[int]:
        """Return his points against tonight's opponent in three years, for whichever team he played."""
        date, other = context["game_date"], context["opponent_team_abbr"]
        since = date - dt.timedelta(days=3 * 365 + 1)
        games = [row for row in self.of_player[context["player_id"]] if since <= row["game_date"] < date]
        sides = [(row, self.games[row["game_id"]]) for row in games if self.played(row)]
        return [r["pts"] for r, g in sides if other in (g["home_team"], g["away_team"]) and other != r["team"]]


def _steps(change: float, some: float, much: float) -> int:
    size = 2 if abs(change) >= much else 1 if abs(change) >= some else 0
    return size if change >= 0 else -size
