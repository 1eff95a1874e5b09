"""Measure the ensemble of points without each of its members, walk-forward, on the same rows.

`python benchmarks/ensemble_members.py WAREHOUSE` reads the grades of a filled `nba.duckdb`: players who played, with
ten earlier games, whom the ensemble still forecasts without the member. For each season it prints the mean difference
of absolute errors, without the member minus with it: wholly below 0, the member hurts. Games are independent, not rows.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import duckdb
import pandas as pd

from models.evaluation.scores import Difference
from models.systems.base import SystemId
from models.systems.ensemble import MEMBERS, SUBSTITUTES, forecast

GRADED = """
SELECT season, game_id, player_lookup, system_id, predicted_value, a.confidence_score, actual_value
FROM nba_predictions.prediction_accuracy a
JOIN nba_predictions.ml_feature_store_v2 f USING (game_date, game_id, player_lookup)
JOIN nba_raw.schedule USING (game_id)
WHERE market = 'player_points' AND edition = 'at_tip' AND outcome_state = 'PLAYED' AND NOT early_season
ORDER BY season
"""
KEY = ["season", "game_id", "player_lookup"]


def main() -> None:
    """Print the worth of each member in each season."""
    if not sys.argv[1:]:
        sys.exit(__doc__)
    with closing(duckdb.connect(Path(sys.argv[1]), read_only=True)) as con:
        rows = con.execute(GRADED).df()
    print(f"{'season':<9}{'without':<28}{'rows':>8}{'with':>8}{'without':>9}  difference")
    for season, of_season in rows.groupby("season"):
        for member, errors, found in without_each(of_season):
            interval = "" if found.low is None else f" [{found.low:+.4f}, {found.high:+.4f}]"
            means = f"{errors['with'].mean():>8.3f}{errors['without'].mean():>9.3f}"
            print(f"{season:<9}{member:<28}{found.n:>8,}{means}  {found.mean:+.4f}{interval}")


def without_each(rows: pd.DataFrame) -> Iterator[tuple[SystemId, pd.DataFrame, Difference]]:
    """Yield each member with the errors of the ensemble with and without it, and their difference."""
    wide = rows.pivot(index=KEY, columns="system_id", values=["predicted_value", "confidence_score"])
    actual = rows.drop_duplicates(KEY).set_index(KEY)["actual_value"].reindex(wide.index)
    systems = {system: wide.xs(system, axis=1, level=1) for system in (*MEMBERS, *SUBSTITUTES)}
    whole = _ensemble(systems)
    for member in MEMBERS:
        reduced = _ensemble({**systems, member: systems[member] * float("nan")})
        errors = pd.DataFrame({"with": (whole - actual).abs(), "without": (reduced - actual).abs()}).dropna()
        games = errors.index.get_level_values("game_id").to_numpy()
        yield member, errors, Difference.of(errors["without"].to_numpy(), errors["with"].to_numpy(), games)


def _ensemble(systems: Mapping[SystemId, pd.DataFrame]) -> pd.Series:
    rows = pd.DataFrame(index=next(iter(systems.values())).index)
    return forecast(rows, None, systems)["predicted_value"]


if __name__ == "__main__":
    main()
