"""The frame that the rates models read: one row a player-game and edition, with what was known before its cut.

Its columns come from `player_market_form` (a column for each count and measure), `player_minutes_form`,
`player_presence` and `game_editions`. A number that is not known is NaN, and stays it up to the models.
"""

from collections.abc import Iterable, Iterator
from functools import partial

import numpy as np
import pandas as pd

from models.features import MINUTES as MOST_MINUTES
from models.features import PACE, POINTS, TYPE, Feature, FeatureContract
from models.markets import BASES

KEYS = ("game_date", "player_lookup", "edition")
MIN_CAREER_GAMES = 3  # under three, an average is one evening
MOST = 1_000.0  # of what is summed over team-mates or over a team's game
FORM = {
    "half_life_4": "Mean of his earlier games, each weighing half of the one four games later",
    "half_life_15": "The same over about 15 games",
    "half_life_50": "The same over about 50 games",
    "season_average": "Mean of his earlier games this season",
    "rate_15": "A minute, at a half-life of 15 games",
    "rate_50": "A minute, at a half-life of 50 games",
    "allowed": "In a game of the opponent, by all players against it, at a half-life of 12 games",
    "league_level": "In a team's game, mean of the season before",
}
MATES = ("minutes", "points", "reb", "ast", "fg3a", "blk", "fga")

_opt = partial(Feature, required=False)
_minutes = partial(_opt, low=0, high=MOST_MINUTES, unit="minutes")
_mates = "of his team-mates tonight, beyond their share in the games that he played"

MINUTES = FeatureContract(
    "rates_minutes_v1",
    (
        _minutes("minutes_half_life_4", meaning=FORM["half_life_4"]),
        _minutes("minutes_half_life_15", meaning=FORM["half_life_15"]),
        _minutes("minutes_half_life_50", meaning=FORM["half_life_50"]),
        _minutes("minutes_season_average", meaning=FORM["season_average"]),
        _minutes("minutes_last_5_average", meaning="Mean of his last 5 games this season"),
        _minutes("minutes_last_10_average", meaning="Mean of his last 10 games this season"),
        _minutes("minutes_last_10_deviation", meaning="Sample deviation of his last 10 games this season"),
        _minutes("last_minutes", meaning="His last game this season"),
        _opt("career_games", 0, 3_000, "games", "Earlier games with minutes"),
        _opt("season_games", 0, 120, "games", "Those of this season"),
        _opt("pf_half_life_15", 0, 6, "fouls", FORM["half_life_15"]),
        _opt("fga_half_life_15", 0, 75, "attempts", FORM["half_life_15"]),
        _opt("points_half_life_15", 0, POINTS, "points", FORM["half_life_15"]),
        _opt("plus_minus_half_life_15", -100, 100, "points", FORM["half_life_15"]),
        _opt("start_share", 0, 1, "", "Started, at a half-life of 4 games where it is known"),
        _opt("last_start", 0, 1, "", "1 when he started his last game this season"),
        _opt("days_since_last_game", 0, 10_000, "days", "Since his last game"),
        _opt("games_last_7_days", 0, 7, "games", "In the seven days before"),
        _opt("same_team", 0, 1, "", "1 when his last two games were for the same team"),
        _opt("team_days_rest", 0, 200, "days", "Of his team"),
        _opt("opponent_days_rest", 0, 200, "days", "Of the opponent"),
        _opt("spread", -75, 75, "points", "Of his team, negative for favourites"),
        _opt("spread_size", 0, 75, "points", "Without its sign: lopsided games end on the bench"),
        _opt("total", 100, 360, "points", "Points of both teams"),
        _opt("team_pace", *PACE, "possessions per 48 min", "Of his team's games, at a half-life of 12 games"),
        _opt("opponent_pace", *PACE, "possessions per 48 min", "Of the opponent's games, at a half-life of 12 games"),
        _opt("team_points", 0, 300, "points", "Scored by his team, at a half-life of 12 games"),
        _opt("opponent_points", 0, 300, "points", "Scored by the opponent, at a half-life of 12 games"),
        _opt("is_home", 0, 1, "", "1 at home"),
        _opt("is_playoff", 0, 1, "", "1 for play-in and playoffs"),
        *(_opt(f"mates_{name}", -MOST, MOST, name, f"Expected {name} {_mates}") for name in MATES),
        _opt("opponents_minutes", -MOST, MOST, "minutes", "Of the opponent's players, as in `mates_minutes`"),
        _opt("minutes_rank", 1, 60, "", "1 + team-mates expected to play more minutes"),
        _opt("expected_minutes", 0, MOST_MINUTES, "minutes", "His usual minutes times his chance to play"),
        _opt("mates_expected_minutes", 0, MOST, "minutes", "The same of all team-mates"),
        _opt("starters_out", 0, 5, "players", "Starters of the team's last game who are out"),
        _opt("play_probability", 0, 1, "", "His own, from his last status"),
    ),
)
SPREAD_HOME = Feature("spread_home", -75, 75, "points", "Of the home team, negative for favourites", required=False)
POSSESSIONS = {"opponent_possessions": "In games of the opponent", "league_possessions": "In all of the season before"}
DERIVED = ("spread", "spread_size")  # made here, from `spread_home`
OTHERS = (SPREAD_HOME.name, *POSSESSIONS)


class InvalidRatesInput(ValueError):
    """The frame does not follow its contract."""


def form_columns(base: str) -> tuple[str, ...]:
    """Return the columns that the mean of a count reads about that count."""
    return tuple(f"{base}_{measure}" for measure in FORM)


def input_columns(bases: Iterable[str] = BASES) -> tuple[str, ...]:
    """Return every column of the frame, except the keys and the results."""
    minutes = (name for name in MINUTES.names if name not in DERIVED)
    return tuple(dict.fromkeys((*minutes, *OTHERS, *(name for base in bases for name in form_columns(base)))))


def checked(rows: pd.DataFrame, bases: Iterable[str] = BASES) -> pd.DataFrame:
    """Return the frame with plain floats; refuse missing columns and impossible numbers."""
    columns = input_columns(bases)
    if missing := [name for name in (*KEYS, *columns) if name not in rows]:
        raise InvalidRatesInput(f"expected the columns of a rates input, found no {', '.join(missing)}")
    numbers = rows[list(columns)].astype(TYPE)
    for name, low, high in _ranges(columns):
        values = numbers[name].to_numpy()
        outside = values[(values < low) | (values > high)]
        if outside.size:
            raise InvalidRatesInput(
                f"{name}: expected {low:g} to {high:g}, found {outside[0]:g} in {outside.size} of {len(rows)} rows; "
                "a value that is not known is NaN"
            )
    others = rows.drop(columns=numbers.columns)
    return pd.concat([others, numbers], axis=1)


def minutes_features(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the features of the minutes model, in the order of the contract."""
    made = dict(zip(DERIVED, (spread := spread_of(rows), np.abs(spread)), strict=True))
    return pd.DataFrame({name: made[name] if name in made else rows[name] for name in MINUTES.names}, dtype=TYPE)


def spread_of(rows: pd.DataFrame) -> pd.Series:
    """Return the spread from the side of each player's team."""
    return rows["spread_home"].astype(TYPE) * (2 * rows["is_home"].astype(TYPE) - 1)


def has_history(rows: pd.DataFrame) -> pd.Series:
    """Return True for players with enough earlier games to forecast."""
    return rows.career_games >= MIN_CAREER_GAMES


def _ranges(columns: Iterable[str]) -> Iterator[tuple[str, float, float]]:
    features = {feature.name: feature for feature in (*MINUTES, SPREAD_HOME)}
    for name in columns:
        feature = features.get(name)
        yield (name, feature.low, feature.high) if feature else (name, 0.0, MOST)
