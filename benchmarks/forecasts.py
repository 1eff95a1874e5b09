"""How honest forecasts of points do on the real archive: each month by models of the months before, on the same rows.

`python benchmarks/forecasts.py [WAREHOUSE]` trains, forecasts and grades five seasons; given a filled warehouse it only
prints what is stored there. Two populations: players who may be bet on and played, with ten earlier games, in 2024-25;
and rows with a line before tip-off, in 2024-25 and 2025-26.
"""

import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import duckdb
import pandas as pd
from archive_home import EVERYTHING, archive_home, nba

from models.evaluation.scores import ProbabilityScores

PLAIN = "plain average (0.5, 0.3, 0.2)"
LINE, SEASON = "market_line", "season_average_v1"
GRADED = """
SELECT a.game_date, a.player_lookup, a.system_id, a.predicted_value AS points, a.actual_value AS scored, a.line,
    a.grade, a.edge, p.over_probability, p.push_probability, l.over_prob_novig,
    f.early_season, 0.5 * f.points_avg_last_5 + 0.3 * f.points_avg_last_10 + 0.2 * f.points_avg_season AS plain
FROM nba_predictions.prediction_accuracy a
JOIN nba_predictions.player_prop_predictions p USING (game_date, player_lookup, market, system_id, edition)
JOIN nba_predictions.ml_feature_store_v2 f USING (game_date, player_lookup)
LEFT JOIN nba_analytics.player_prop_lines l ON l.game_id = a.game_id AND l.player_lookup = a.player_lookup
    AND l.market = a.market
WHERE a.market = 'player_points' AND a.edition = 'at_tip' AND a.outcome_state = 'PLAYED'
    AND a.game_date >= DATE '2024-11-01'
"""


def main() -> None:
    """Fill a home if none is given, then print the figures."""
    if sys.argv[1:]:
        print_figures(Path(sys.argv[1]))
        return
    with archive_home() as (home, environment):
        fill(environment, EVERYTHING)
        print_figures(home / "nba.duckdb")


def fill(environment: Mapping[str, str], dates: tuple[str, str]) -> None:
    """Compute the features, train every month and grade its forecasts; print what each took."""
    tables = "player_prop_predictions,prediction_accuracy,system_daily_performance"
    steps = {"features": "+prediction_evidence", "every month trained": "ml_model_registry"}
    for what, selection in {**steps, "forecast and graded": tables}.items():
        _, seconds = nba(environment, "backfill", *dates, "--select", selection)
        print(f"{what:<24}{seconds:>8.0f} s wall", flush=True)


def print_figures(file: Path) -> None:
    """Errors of both populations, then chances."""
    with closing(duckdb.connect(file, read_only=True)) as con:
        rows = con.execute(GRADED).df()
    everyone = rows[~rows.early_season & (rows.game_date < "2025-10-01")]
    _print_everyone(everyone[~everyone.system_id.isin([LINE, "market_anchored_v1", "zone_matchup_v1"])])
    _print_lined(rows[rows.line.notna() & (rows.system_id != "zone_matchup_v1")])


def _print_everyone(rows: pd.DataFrame) -> None:
    points, scored = _side_by_side(rows)
    plain = rows.drop_duplicates(["game_date", "player_lookup"]).set_index(["game_date", "player_lookup"]).plain
    points[PLAIN] = plain.reindex(points.index)
    errors = points.sub(scored, axis=0).abs()
    months = errors.groupby(errors.index.get_level_values(0).strftime("%Y-%m")).mean()
    print(f"\n2024-25, may be bet on, ten earlier games, played: {len(points):,} rows on which all systems spoke")
    print(f"{'system':<32}{'MAE':>8}{'/ plain':>9}{'bias':>8}  months worse than the season average")
    for system in errors.mean().sort_values().index:
        worse = months.index[months[system] > months[SEASON]]
        ratio, bias = errors[system].mean() / errors[PLAIN].mean(), (points[system] - scored).mean()
        print(f"{system:<32}{errors[system].mean():>8.3f}{ratio:>9.4f}{bias:>+8.2f}  {', '.join(worse) or 'none'}")


def _print_lined(rows: pd.DataFrame) -> None:
    points, scored = _side_by_side(rows)
    errors = points.sub(scored, axis=0).abs()
    print(f"\n2024-25 and 2025-26, with a line: {len(points):,} rows on which all systems spoke")
    print(f"{'system':<32}{'MAE':>8}{'/ line':>9}{'rows':>8}{'Brier':>9}{'ECE':>8}   beside the price, same rows")
    for system in errors.mean().sort_values().index:
        ratio = errors[system].mean() / errors[LINE].mean()
        print(f"{system:<32}{errors[system].mean():>8.3f}{ratio:>9.4f}{_chances(rows[rows.system_id == system])}")


def _chances(rows: pd.DataFrame) -> str:
    """Chances of the over given no push, pushes left out."""
    rows = rows[rows.over_probability.notna() & (rows.scored != rows.line)]
    if rows.empty:
        return ""
    promised = (rows.over_probability / (1 - rows.push_probability)).to_numpy()
    over, priced = (rows.scored > rows.line).to_numpy(), rows.over_prob_novig.notna().to_numpy()
    ours, market = (
        ProbabilityScores.of(chance[priced], over[priced]).brier or 0.0
        for chance in (promised, rows.over_prob_novig.to_numpy())
    )
    found = ProbabilityScores.of(promised, over)
    return f"{found.n:>8,}{found.brier:>9.4f}{found.ece:>8.4f}   {ours - market:+.4f} on {priced.sum():,}"


def _side_by_side(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Each system's points on the rows that all of them predicted, and what was scored."""
    keys = ["game_date", "player_lookup"]
    points = rows.pivot(index=keys, columns="system_id", values="points").dropna()
    scored = rows.drop_duplicates(keys).set_index(keys).scored.reindex(points.index)
    return points, scored.astype(float)


if __name__ == "__main__":
    main()
