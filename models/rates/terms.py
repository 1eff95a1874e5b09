"""Terms of a count's linear mean: his form, tonight's minutes, and what is different tonight.

Centres and scales are constants, so that a term of a row never depends on other rows. Forms are differences from the
form of fifteen games: a season without games yet adds nothing. Where a term is not known, the model takes its centre.
`STAMP` names their meaning: with another formula they need another version.
"""

import hashlib
import json
from collections.abc import Mapping

import numpy as np
import pandas as pd

from models.features import TYPE
from models.inference.odds import Numbers
from models.rates.inputs import spread_of

TOTAL, MINUTES, RANK = 225.0, 24.0, 6.0  # usual points of a game, minutes and rank
ABSENCE_LIMIT = 2.0  # of the scaled factor: beyond it there are too few games to learn from
OWN_STATISTIC = {"fg3m": "fg3a", "stl": "minutes", "tov": "ast"}  # whose absence matters to a count, if not its own
ABSENCE_SCALE = {"minutes": 50.0, "points": 25.0, "reb": 10.0, "ast": 6.0, "fg3a": 8.0, "blk": 1.2}
REASONS: Mapping[str, str] = {
    "expected": "form",
    "form_15": "form",
    "form_4": "form",
    "form_50": "form",
    "season": "form",
    "rate": "form",
    "minutes": "minutes",
    "minutes_change": "minutes",
    "mates": "team-mates tonight",
    "mates_minutes": "team-mates tonight",
    "mates_attempts": "team-mates tonight",
    "expected_x_mates": "team-mates tonight",
    "expected_x_mates_minutes": "team-mates tonight",
    "allowed": "opponent",
    "expected_x_allowed": "opponent",
    "opponents_minutes": "opponent's players tonight",
    "spread": "odds",
    "total": "odds",
    "expected_x_total": "odds",
    "expected_x_spread_size": "odds",
    "home": "venue",
    "pace": "pace",
    "expected_x_pace": "pace",
    "rank": "role",
    "starter": "role",
    "playoff": "play-off",
    "expected_x_playoff": "play-off",
}
_MEANING = [list(REASONS), TOTAL, MINUTES, RANK, ABSENCE_LIMIT, OWN_STATISTIC, ABSENCE_SCALE]
STAMP = f"rates_terms_v1:{hashlib.sha256(json.dumps(_MEANING).encode()).hexdigest()[:12]}"


def own_statistic(base: str) -> str:
    """Return the statistic of team-mates whose absence moves a count most."""
    return OWN_STATISTIC.get(base, base if base in ABSENCE_SCALE else "minutes")


def terms(rows: pd.DataFrame, base: str, minutes: Numbers) -> pd.DataFrame:
    """Return the terms of one count, one column for each of `REASONS`; unknown forms leave the whole row unknown."""
    form, rate = _form(rows, base, "half_life_15"), (_form(rows, base, "rate_15") + _form(rows, base, "rate_50")) / 2
    expected = rate * minutes
    own = own_statistic(base)
    mates, mates_minutes = _known(rows, f"mates_{own}"), _known(rows, "mates_minutes")
    allowed = _form(rows, base, "allowed") / _form(rows, base, "league_level") - 1
    pace = _known(rows, "opponent_possessions") / _known(rows, "league_possessions") - 1
    spread, total = spread_of(rows).to_numpy(), (_known(rows, "total") - TOTAL) / 10
    columns = {
        "expected": expected,
        "form_15": form,
        "form_4": _form(rows, base, "half_life_4") - form,
        "form_50": _form(rows, base, "half_life_50") - form,
        "season": _form(rows, base, "season_average") - form,
        "rate": rate,
        "minutes": minutes - MINUTES,
        "minutes_change": minutes - _known(rows, "minutes_half_life_15"),
        "mates": mates,
        "mates_minutes": mates_minutes,
        "mates_attempts": _known(rows, "mates_fga"),
        "expected_x_mates": expected * _scaled(mates, own),
        "expected_x_mates_minutes": expected * _scaled(mates_minutes, "minutes"),
        "allowed": allowed,
        "expected_x_allowed": expected * allowed,
        "opponents_minutes": _known(rows, "opponents_minutes"),
        "spread": spread,
        "total": total,
        "expected_x_total": expected * total,
        "expected_x_spread_size": expected * np.abs(spread) / 10,
        "home": _known(rows, "is_home") - 0.5,
        "pace": pace,
        "expected_x_pace": expected * pace,
        "rank": _known(rows, "minutes_rank") - RANK,
        "starter": _known(rows, "start_share") - 0.5,
        "playoff": _known(rows, "is_playoff"),
        "expected_x_playoff": expected * _known(rows, "is_playoff"),
    }
    values = np.column_stack([columns[name] for name in REASONS])
    values[np.isnan(expected) | np.isnan(form)] = np.nan
    return pd.DataFrame(values, rows.index, list(REASONS))


def _known(rows: pd.DataFrame, name: str) -> Numbers:
    return rows[name].to_numpy(TYPE)


def _form(rows: pd.DataFrame, base: str, measure: str) -> Numbers:
    return _known(rows, f"{base}_{measure}")


def _scaled(absence: Numbers, statistic: str) -> Numbers:
    return np.clip(absence / ABSENCE_SCALE[statistic], -ABSENCE_LIMIT, ABSENCE_LIMIT)
