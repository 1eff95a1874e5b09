"""The feature contract: which numbers a model sees, in which order, and what each means.

One list for training and serving. A predecessor trained on 33 columns and served another list of 25 in another order;
here the list has a hash, every model carries it, and another hash is refused.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Feature:
    """One column of the feature store: a number, or NULL where it is not known."""

    name: str
    low: float
    high: float
    required: bool
    unit: str
    meaning: str

    @property
    def null_policy(self) -> str:
        """What a NULL means for the row."""
        return "required: a NULL lowers the row's quality" if self.required else "optional: NULL where not known"


@dataclass(frozen=True)
class FeatureContract:
    """A named, ordered list of features."""

    name: str
    features: tuple[Feature, ...]

    def __iter__(self) -> Iterator[Feature]:
        return iter(self.features)

    def __len__(self) -> int:
        return len(self.features)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns in the order a model sees them."""
        return tuple(feature.name for feature in self.features)

    @property
    def required(self) -> tuple[str, ...]:
        """The columns a sound row has."""
        return tuple(feature.name for feature in self.features if feature.required)

    @property
    def hash(self) -> str:
        """Changes with any name, order, range, unit, policy or meaning."""
        told = json.dumps([asdict(feature) for feature in self.features], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:12]

    @property
    def stamp(self) -> str:
        """Name and hash, as rows and models carry them."""
        return f"{self.name}:{self.hash}"

    def markdown(self) -> str:
        """The catalogue page's table."""
        head = "| # | feature | range | unit | NULL | meaning |\n|---|---|---|---|---|---|\n"
        return head + "\n".join(
            f"| {n} | `{f.name}` | {f.low:g} to {f.high:g} | {f.unit} | {f.null_policy} | {f.meaning} |"
            for n, f in enumerate(self.features)
        )


def _r(name: str, low: float, high: float, unit: str, meaning: str) -> Feature:
    return Feature(name, low, high, True, unit, meaning)


def _o(name: str, low: float, high: float, unit: str, meaning: str) -> Feature:
    return Feature(name, low, high, False, unit, meaning)


BASE = FeatureContract(
    "ml_feature_store_v2",
    (
        _r("points_avg_last_5", 0, 60, "points", "Mean of his last 5 played games this season"),
        _r("points_avg_last_10", 0, 60, "points", "Mean of his last 10 played games this season"),
        _r("points_avg_season", 0, 60, "points", "Mean of his played games this season"),
        _r("points_std_last_10", 0, 30, "points", "Sample deviation of his last 10 played games"),
        _r("games_in_last_7_days", 0, 7, "games", "Played in the seven days before"),
        _r("fatigue_score", 0, 100, "points", "100 = fresh"),
        _o("shot_zone_mismatch_score", -10, 10, "", "His zones against what the opponent allows; + favours him"),
        _r("pace_score", -3, 3, "", "+ = a faster game than his team is used to"),
        _o("usage_spike_score", -3, 3, "", "Extra usage from absent team-mates"),
        _r("rest_advantage", -2, 2, "days", "His days of rest minus the opponent's, limited"),
        _o("injury_risk", 0, 3, "", "available 0, probable 1, questionable 2, doubtful or out 3"),
        _r("recent_trend", -2, 2, "", "Newest 2 games against the 3 before; + = rising"),
        _r("minutes_change", -2, 2, "", "Last 10 minutes against the season's; + = rising"),
        _r("opponent_def_rating", 85, 140, "points per 100", "The opponent's last 15 games"),
        _r("opponent_pace", 80, 120, "possessions per 48 min", "The opponent's last 15 games"),
        _r("home_away", 0, 1, "", "1 home, 0 away, 0.5 neutral"),
        _r("back_to_back", 0, 1, "", "1 when he played yesterday"),
        _r("playoff_game", 0, 1, "", "1 for play-in and playoffs"),
        _o("pct_paint", 0, 1, "", "Share of his attempts from the paint"),
        _o("pct_mid_range", 0, 1, "", "Share of his attempts from mid-range"),
        _o("pct_three", 0, 1, "", "Share of his attempts from three"),
        _o("pct_free_throw", 0, 1, "", "Share of his points from the line, last 10"),
        _r("team_pace", 80, 120, "possessions per 48 min", "His team's last 10 games"),
        _r("team_off_rating", 80, 140, "points per 100", "His team's last 10 games"),
        _r("team_win_pct", 0, 1, "", "His team's season"),
        _o("vegas_points_line", 0.5, 70, "points", "Consensus line before tip-off"),
        _o("vegas_opening_line", 0.5, 70, "points", "Consensus of the first lines"),
        _o("vegas_line_move", -20, 20, "points", "Line minus opening line"),
        _r("has_vegas_line", 0, 1, "", "1 when a line is known"),
        _o("avg_points_vs_opponent", 0, 80, "points", "Played games against this team in three years"),
        _r("games_vs_opponent", 0, 60, "games", "Their number"),
        _r("minutes_avg_last_10", 0, 60, "minutes", "Mean of his last 10 played games"),
        _r("ppm_avg_last_10", 0, 3, "points/min", "Points by minute, last 10"),
    ),
)

EXTENDED = FeatureContract(
    "extended_features_v1",
    (
        *BASE,
        _o("minutes_last_1", 0, 70, "minutes", "His last played game this season"),
        _o("minutes_avg_last_3", 0, 70, "minutes", "Mean of his last 3 played games this season"),
        _o("minutes_avg_last_5", 0, 70, "minutes", "Mean of his last 5 played games this season"),
        _o("minutes_std_last_10", 0, 40, "minutes", "Sample deviation of his last 10 played games, at least 5"),
        _o("starter_share_last_5", 0, 1, "", "Started, of his last 5 played games where it is known"),
        _o("fga_avg_last_10", 0, 60, "attempts", "Field goals tried a game, last 10, at least 3 known"),
        _o("fta_avg_last_10", 0, 60, "attempts", "Free throws tried a game, last 10, at least 3 known"),
        _o("points_avg_last_60", 0, 60, "points", "Mean of his last 60 played games across seasons, at least 10"),
        _o("minutes_avg_last_60", 0, 70, "minutes", "Mean of his last 60 played games across seasons, at least 10"),
        _o(
            "vacated_minutes", 0, 400, "minutes", "Minutes of rotation team-mates who are out, where injuries are known"
        ),
        _o("missed_last_game", 0, 1, "", "1 when his team's last game was played without him"),
        _o("missing_minutes", 0, 400, "minutes", "Last-10 minutes of team-mates who missed the team's last game"),
        _o("missing_points", 0, 400, "points", "Last-10 points of team-mates who missed the team's last game"),
        _o("present_minutes", 0, 600, "minutes", "Last-10 minutes of team-mates who played in the team's last game"),
    ),
)
ADDED = EXTENDED.features[len(BASE) :]
