"""The feature contract: the numbers a model is given, in order, with range, unit and meaning.

Training and serving use one list. A predecessor trained on 33 columns and served 25 others in another order; here every
model stores the hash of its list, and loading refuses a model with another hash.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial

TYPE = "float64"  # of every feature
MIN_LINE, MAX_LINE = 0.5, 70
MINUTES, POINTS = 78, 120  # the most of a player in a game, and so of every mean
PACE, RATING = (60, 160), (30, 200)  # of a team in a game, and so of every mean


@dataclass(frozen=True)
class Feature:
    """One column of the feature store: a number, or NULL where it is unknown."""

    name: str
    low: float
    high: float
    unit: str
    meaning: str
    required: bool = True


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
        """Column names in the order a model expects."""
        return tuple(feature.name for feature in self.features)

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the features that every complete row has."""
        return tuple(feature.name for feature in self.features if feature.required)

    @property
    def hash(self) -> str:
        """Hash of names, order, type, ranges, units and NULL policy; meanings are prose and may be edited freely."""
        computed = [{"type": TYPE} | asdict(feature) for feature in self.features]
        for feature in computed:
            del feature["meaning"]
        return hashlib.sha256(json.dumps(computed, sort_keys=True).encode()).hexdigest()[:12]

    @property
    def stamp(self) -> str:
        """Name and hash, as stored with rows and models."""
        return f"{self.name}:{self.hash}"

    def markdown(self) -> str:
        """Return the table of features for the docs."""
        head = "| # | feature | range | unit | NULL | meaning |\n|---|---|---|---|---|---|\n"
        policies = {True: "required: a NULL lowers the row's quality", False: "optional: NULL where not known"}
        return head + "\n".join(
            f"| {n} | `{f.name}` | {f.low:g} to {f.high:g} | {f.unit} | {policies[f.required]} | {f.meaning} |"
            for n, f in enumerate(self.features)
        )


_req, _opt = Feature, partial(Feature, required=False)
BASE = FeatureContract(
    "ml_feature_store_v2",
    (
        _req("points_avg_last_5", 0, POINTS, "points", "Mean of his last 5 played games this season"),
        _req("points_avg_last_10", 0, POINTS, "points", "Mean of his last 10 played games this season"),
        _req("points_avg_season", 0, POINTS, "points", "Mean of his played games this season"),
        _req("points_std_last_10", 0, 66, "points", "Sample deviation of his last 10 played games"),
        _req("games_in_last_7_days", 0, 7, "games", "Played in the seven days before"),
        _req("fatigue_score", 0, 100, "points", "100 = fresh"),
        _opt("shot_zone_mismatch_score", -10, 10, "", "His zones against what the opponent allows; + favours him"),
        _req("pace_score", -3, 3, "", "+ = a faster game than his team is used to"),
        _opt("usage_spike_score", -3, 3, "", "Extra usage from absent team-mates"),
        _req("rest_advantage", -2, 2, "days", "His days of rest minus the opponent's, limited"),
        _opt("injury_risk", 0, 3, "", "available 0, probable 1, questionable 2, doubtful or out 3"),
        _req("recent_trend", -2, 2, "", "Newest 2 games against the 3 before; + = rising"),
        _req("minutes_change", -2, 2, "", "Last 10 minutes against the season's; + = rising"),
        _req("opponent_def_rating", *RATING, "points per 100", "The opponent's last 15 games"),
        _req("opponent_pace", *PACE, "possessions per 48 min", "The opponent's last 15 games"),
        _req("home_away", 0, 1, "", "1 home, 0 away, 0.5 neutral"),
        _req("back_to_back", 0, 1, "", "1 when he played yesterday"),
        _req("playoff_game", 0, 1, "", "1 for play-in and playoffs"),
        _opt("pct_paint", 0, 1, "", "Share of his attempts from the paint"),
        _opt("pct_mid_range", 0, 1, "", "Share of his attempts from mid-range"),
        _opt("pct_three", 0, 1, "", "Share of his attempts from three"),
        _opt("pct_free_throw", 0, 1, "", "Share of his points from the line, last 10"),
        _req("team_pace", *PACE, "possessions per 48 min", "His team's last 10 games"),
        _req("team_off_rating", *RATING, "points per 100", "His team's last 10 games"),
        _req("team_win_pct", 0, 1, "", "His team's season"),
        _opt("vegas_points_line", MIN_LINE, MAX_LINE, "points", "Consensus line before tip-off"),
        _opt("vegas_opening_line", MIN_LINE, MAX_LINE, "points", "Consensus of the first lines"),
        _opt("vegas_line_move", -20, 20, "points", "Line minus opening line"),
        _req("has_vegas_line", 0, 1, "", "1 when a line is known"),
        _opt("avg_points_vs_opponent", 0, POINTS, "points", "Played games against this team in three years"),
        _req("games_vs_opponent", 0, 60, "games", "Their number"),
        _req("minutes_avg_last_10", 0, MINUTES, "minutes", "Mean of his last 10 played games"),
        _req("ppm_avg_last_10", 0, 20, "points/min", "Points by minute, last 10"),
    ),
)

EXTENDED = FeatureContract(
    "extended_features_v1",
    (
        *BASE,
        _opt("minutes_last_1", 0, MINUTES, "minutes", "His last played game this season"),
        _opt("minutes_avg_last_3", 0, MINUTES, "minutes", "Mean of his last 3 played games this season"),
        _opt("minutes_avg_last_5", 0, MINUTES, "minutes", "Mean of his last 5 played games this season"),
        _opt("minutes_std_last_10", 0, 43, "minutes", "Sample deviation of his last 10 played games, at least 5"),
        _opt("starter_share_last_5", 0, 1, "", "Started, of his last 5 played games where it is known"),
        _opt("fga_avg_last_10", 0, 75, "attempts", "Field goals tried a game, last 10, at least 3 known"),
        _opt("fta_avg_last_10", 0, 50, "attempts", "Free throws tried a game, last 10, at least 3 known"),
        _opt("points_avg_last_60", 0, POINTS, "points", "Mean of his last 60 played games across seasons, at least 10"),
        _opt(
            "minutes_avg_last_60", 0, MINUTES, "minutes", "Mean of his last 60 played games across seasons, at least 10"
        ),
        _opt("vacated_minutes", 0, 600, "minutes", "Minutes of rotation team-mates who are out, if injuries are known"),
        _opt("missed_last_game", 0, 1, "", "1 when his team's last game was played without him"),
        _opt("missing_minutes", 0, 600, "minutes", "Last-10 minutes of team-mates who missed the team's last game"),
        _opt("missing_points", 0, 400, "points", "Last-10 points of team-mates who missed the team's last game"),
        _opt("present_minutes", 0, 600, "minutes", "Last-10 minutes of team-mates who played in the team's last game"),
    ),
)
EXTENDED_ONLY = EXTENDED.features[len(BASE) :]
