"""Measure the rates models on the real archive, walk-forward: each month from the rows before it.

`python benchmarks/rates.py [FILE]` reads the tables of a filled `nba.duckdb`, or fills a home first. Errors are of
players who may be bet on with ten earlier games of the season, of the median forecast, beside the plain average
0.5 x last five + 0.3 x last ten + 0.2 x season.
"""

import datetime as dt
import sys
import time
from pathlib import Path

import ibis
import pandas as pd
from archive_home import EVERYTHING, archive_home, nba

import nba_assets
from models.markets import BASES, MARKETS, Market
from models.rates.forecast import forecast_markets
from models.rates.model import RatesModel
from models.rates.training import RatesConfig, train_months
from models.rates.variants import Variant, training_rows
from nba_assets.kit.table import declared_tables
from nba_assets.predictions.rates_inputs import rates_inputs
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

TABLES = declared_tables(nba_assets)
SEASONS = {
    "2023-24": (dt.date(2023, 8, 1), dt.date(2024, 7, 31)),
    "2024-25": (dt.date(2024, 8, 1), dt.date(2025, 7, 31)),
}
PLAIN = {"last_5_average": 0.5, "last_10_average": 0.3, "season_average": 0.2}
KEY = ["game_date", "player_lookup"]


def main() -> None:
    """Fill a home if none is given, then print the errors by market, edition and season."""
    if sys.argv[1:]:
        print_errors(Path(sys.argv[1]))
        return
    with archive_home() as (home, environment):
        nba(
            environment, "backfill", *EVERYTHING, "--select", "+player_presence,+player_market_form,ml_feature_store_v2"
        )
        print_errors(home / "nba.duckdb")


def print_errors(file: Path) -> None:
    """Train every month of every variant, forecast every row of the seasons, and print what is off by how much."""
    warehouse = DuckDBWarehouse(path=str(file))
    rows, began = read_rows(warehouse), time.process_time()
    print(f"{len(rows):,} rows of players and editions read in {began:.0f} processor s", flush=True)
    parts = forecast_all(rows)
    print(f"trained and forecast in {time.process_time() - began:.0f} processor s\n", flush=True)
    forecasts = pd.concat(parts).merge(read_compared(warehouse), on=[*KEY, "market"])
    print(f"{'market':<34}{'season':>9}{'rows':>8}{'plain':>8}{'at_tip':>8}{'/ plain':>9}{'at_line':>9}{'/ plain':>9}")
    for key in MARKETS:
        for season, (start, end) in SEASONS.items():
            own = forecasts[(forecasts.market == key) & forecasts.game_date.between(*map(pd.Timestamp, (start, end)))]
            print_market(MARKETS[key], season, own)


def print_market(market: Market, season: str, rows: pd.DataFrame) -> None:
    """Print one market in one season, on the rows that both editions forecast."""
    medians = (
        rows.pivot_table(index=[*KEY, "plain", "actual"], columns="edition", values="median").dropna().reset_index()
    )
    plain = (medians.plain - medians.actual).abs().mean()
    errors = [(medians[edition] - medians.actual).abs().mean() for edition in ("at_tip", "at_line")]
    told = "".join(f"{error:>{8 + n}.3f}{error / plain:>9.3f}" for n, error in enumerate(errors))
    print(f"{market.label:<34}{season:>9}{len(medians):>8,}{plain:>8.3f}{told}", flush=True)


def forecast_all(rows: pd.DataFrame) -> list[pd.DataFrame]:
    """Forecast the rows of each month of the seasons by the models of that month."""
    month = rows.game_date.dt.to_period("M").dt.to_timestamp()
    first = pd.Timestamp(min(start for start, _ in SEASONS.values()))
    months = sorted(one.date() for one in month[month >= first].unique())
    models: dict[dt.date, dict[Variant, RatesModel]] = {one: {} for one in months}
    for variant in Variant:
        learned = training_rows(rows[rows.actual_minutes.notna()], variant)
        for one, model in train_months(learned, months, RatesConfig()):
            models[one][variant] = model
    return [forecast_markets(rows[month == pd.Timestamp(one)], models[one]) for one in months]


def read_rows(warehouse: DuckDBWarehouse) -> pd.DataFrame:
    """Read the inputs of all dates, with what the players did."""
    names = ("player_presence", "player_minutes_form", "player_market_form", "game_editions")
    inputs = rates_inputs(*(TABLES[name].contract.table() for name in names))
    games = TABLES["player_game_summary"].contract.table().filter("played")
    done = games.select(*KEY, actual_minutes="minutes", **{f"actual_{base}": base for base in BASES})
    rows = warehouse.read(inputs.left_join(done, KEY).select(*inputs.columns, *done.columns[2:]))
    return rows.assign(game_date=pd.to_datetime(rows.game_date))


def read_compared(warehouse: DuckDBWarehouse) -> pd.DataFrame:
    """Read for each market the plain average and the result, of players who may be bet on with ten earlier games."""
    form, games, features = (
        TABLES[name].contract.table() for name in ("player_market_form", "player_game_summary", "ml_feature_store_v2")
    )
    plain = sum(weight * form[name] for name, weight in PLAIN.items())
    wide = (
        form.mutate(plain=plain)
        .group_by(KEY)
        .aggregate(**{f"plain_{base}": ibis._.plain.max(where=ibis._.base == base) for base in BASES})
    )
    seasoned = features.filter(features.is_prop_eligible, ~features.early_season).select(*KEY)
    rows = warehouse.read(wide.join(games.filter("played").select(*KEY, *BASES), KEY).semi_join(seasoned, KEY))
    rows = rows.assign(game_date=pd.to_datetime(rows.game_date))
    return pd.concat(
        rows[KEY].assign(
            market=key,
            plain=rows[[f"plain_{count}" for count in market.counts]].sum(axis=1, skipna=False),
            actual=rows[[*market.counts]].sum(axis=1, skipna=False),
        )
        for key, market in MARKETS.items()
    )


if __name__ == "__main__":
    main()
