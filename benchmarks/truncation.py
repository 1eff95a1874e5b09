"""Whether anything leaks, on a stored warehouse: random dates of each season replayed without their future.

Prints one line a date: what differs when everything dated on it or later is deleted, and when it is changed.
`python benchmarks/truncation.py [HOW_MANY] [SEED]`, with `NBA_HOME` naming the home of a filled warehouse.
"""

import random
import sys
import time

import pandas as pd

from nba_checks.leakage.point_in_time import Difference, differences
from nba_checks.leakage.replay import EVIDENCE
from nba_checks.leakage.replay_inputs import Future
from nba_platform.config.environments import warehouse
from nba_platform.definitions import TABLES

DATES, SEED = 25, 7


def main() -> None:
    """Replay each date twice and say what became of it; the exit code tells whether every row held."""
    how_many, seed = (int(value) for value in (sys.argv[1:] + [str(DATES), str(SEED)][len(sys.argv) - 1 :]))
    stored = stored_dates()
    chosen = spread_over_seasons(stored, how_many, seed)
    print(f"{'date':<12}{'season':<10}{'rows':>13}{'deleted':>12}{'changed':>12}{'seconds':>9}", flush=True)
    found: list[Difference] = []
    for day in chosen.itertuples():
        began = time.monotonic()
        by_future = {f: differences(warehouse(), TABLES, day.date, f) for f in (Future.DELETED, Future.CHANGED)}
        said = [f"{len(differing)} differ" if differing else "identical" for differing in by_future.values()]
        seconds = time.monotonic() - began
        print(f"{day.date!s:<12}{day.season:<10}{day.rows:>13}{said[0]:>12}{said[1]:>12}{seconds:>9.1f}", flush=True)
        found += [difference for differing in by_future.values() for difference in differing]
    print(f"\n{len(chosen)} dates, each table of phase 3 contexts and phase 4: {len(found)} columns differ")
    sys.exit("\n".join(map(str, found)) or 0)


def stored_dates() -> pd.DataFrame:
    """The dates with evidence, their season and how many rows they have."""
    evidence, games = TABLES[EVIDENCE].contract.table(), TABLES["schedule"].contract.table()
    season = games.select("game_id", "season")
    rows = evidence.join(season, "game_id").select("season", "game_date")
    found = warehouse().read(rows.group_by("season", "game_date").aggregate(rows=rows.count()).order_by("game_date"))
    return found.assign(date=pd.to_datetime(found.game_date).dt.date)


def spread_over_seasons(stored: pd.DataFrame, how_many: int, seed: int) -> pd.DataFrame:
    """Random dates, as many of each season as of any other."""
    draw = random.Random(seed)
    seasons = [draw.sample(list(dates.index), len(dates)) for _, dates in stored.groupby("season")]
    chosen = [index for turn in zip(*seasons, strict=False) for index in turn][:how_many]
    return stored.loc[sorted(chosen)]


if __name__ == "__main__":
    main()
