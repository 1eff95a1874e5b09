"""The worth of the league's injury report: every month trained and graded walk-forward with it and without it.

`python benchmarks/statuses_worth.py fill FOLDER [START END]` fills `FOLDER/with` and `FOLDER/without`, the latter from
an archive that lacks `injury_statuses`; both seasons need models of the seasons before, so the default is everything.
`python benchmarks/statuses_worth.py compare WITH WITHOUT` prints, for each season and system on points
at tip-off, the mean paired difference of absolute errors on identical rows with its 95 % interval, in which games are
independent.
"""

import os
import sys
from contextlib import closing
from pathlib import Path

import duckdb
import pandas as pd
from archive_home import EVERYTHING, archive_dir
from forecasts import fill

from models.evaluation.scores import Difference

STATUSES = "injury_statuses"
SEASONS = ("2023-24", "2024-25")
POINTS_AT_TIP = "market = 'player_points' AND edition = 'at_tip'"
PAIRED = f"""
SELECT season, game_id, system_id, had.line, had.actual_value AS scored, had.predicted_value AS known,
    lacked.predicted_value AS unknown
FROM (FROM had.nba_predictions.prediction_accuracy WHERE {POINTS_AT_TIP}) had
JOIN lacked.nba_predictions.prediction_accuracy lacked USING (game_id, player_lookup, market, system_id, edition)
JOIN had.nba_raw.schedule USING (game_id)
WHERE had.outcome_state = 'PLAYED' AND lacked.outcome_state = 'PLAYED'
    AND had.predicted_value IS NOT NULL AND lacked.predicted_value IS NOT NULL
    AND had.line IS NOT DISTINCT FROM lacked.line
"""
ONE_SIDED = f"""
SELECT season, count(*) FILTER (unknown IS NULL) AS only_with, count(*) FILTER (known IS NULL) AS only_without
FROM (FROM had.nba_predictions.prediction_accuracy SELECT game_id, player_lookup, system_id, predicted_value AS known
    WHERE outcome_state = 'PLAYED' AND predicted_value IS NOT NULL AND {POINTS_AT_TIP})
FULL JOIN (FROM lacked.nba_predictions.prediction_accuracy
    SELECT game_id, player_lookup, system_id, predicted_value AS unknown
    WHERE outcome_state = 'PLAYED' AND predicted_value IS NOT NULL AND {POINTS_AT_TIP})
    USING (game_id, player_lookup, system_id)
JOIN had.nba_raw.schedule USING (game_id) GROUP BY season
"""


def main() -> None:
    """Fill two homes, or compare them."""
    match sys.argv[1:]:
        case ["fill", folder]:
            fill_both(Path(folder), EVERYTHING)
        case ["fill", folder, start, end]:
            fill_both(Path(folder), (start, end))
        case ["compare", known, unknown]:
            print_comparison(Path(known), Path(unknown))
        case _:
            sys.exit(__doc__)


def fill_both(folder: Path, dates: tuple[str, str]) -> None:
    """Fill a home from the whole archive and one from an archive of links without the statuses."""
    archive = Path(archive_dir()).resolve()
    lacking = folder / "archive"
    lacking.mkdir(parents=True, exist_ok=True)
    for file in archive.iterdir():
        if file.stem != STATUSES and not (lacking / file.name).exists():
            (lacking / file.name).symlink_to(file)
    for home, source in {"with": archive, "without": lacking}.items():
        print(f"{home} {STATUSES}, {'...'.join(dates)}")
        environment = {"NBA_HOME": str(folder / home), "NBA_SOURCE": "archive", "NBA_ARCHIVE_DIR": str(source)}
        fill({**os.environ, **environment}, dates)


def print_comparison(known: Path, unknown: Path) -> None:
    """Print the table of each season: all rows, those with a line, those without."""
    rows = paired_rows(known, unknown)
    for season, only_with, only_without in sorted(_read(known, unknown, ONE_SIDED).itertuples(index=False)):
        if season not in SEASONS:
            continue
        print(f"\n{season}, identical rows, played. Difference of absolute errors: below 0 the report helps")
        print(f"forecasts of players who played that only one home made: {only_with:,} with, {only_without:,} without")
        print(f"{'system':<28}{'rows':<14}{'n':>8}{'games':>7}{'changed':>9}{'with':>8}{'without':>9}  difference")
        for system, of_system in rows[rows.season == season].groupby("system_id"):
            lined = of_system.line.notna()
            for name, part in {"all": of_system, "with line": of_system[lined], "no line": of_system[~lined]}.items():
                if len(part):
                    print(f"{system:<28}{name:<14}{described(part)}")


def paired_rows(known: Path, unknown: Path) -> pd.DataFrame:
    """Return each forecast that both homes made of a player who played, with both absolute errors."""
    rows = _read(known, unknown, PAIRED)
    return rows.assign(
        changed=(rows.known - rows.unknown).abs() > 1e-9,
        error_known=(rows.known - rows.scored).abs(),
        error_unknown=(rows.unknown - rows.scored).abs(),
    )


def _read(known: Path, unknown: Path, query: str) -> pd.DataFrame:
    with closing(duckdb.connect()) as con:
        con.execute(f"ATTACH '{known / 'nba.duckdb'}' AS had (READ_ONLY)")
        con.execute(f"ATTACH '{unknown / 'nba.duckdb'}' AS lacked (READ_ONLY)")
        return con.execute(query).df()


def described(rows: pd.DataFrame) -> str:
    """Return the counts, errors and the difference of some rows as cells."""
    found = Difference.of(rows.error_known.to_numpy(), rows.error_unknown.to_numpy(), rows.game_id.to_numpy())
    interval = "" if found.low is None else f" [{found.low:+.4f}, {found.high:+.4f}]"
    counts = f"{len(rows):>8,}{rows.game_id.nunique():>7,}{rows.changed.mean():>9.1%}"
    return f"{counts}{rows.error_known.mean():>8.3f}{rows.error_unknown.mean():>9.3f}  {found.mean:+.4f}{interval}"


if __name__ == "__main__":
    main()
