"""The inputs of a forecast in one row: a player's features, the evidence beside them, and the market."""

import json
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from models.features import BASE
from models.inference.recommendation import MARKET_COLUMNS
from models.markets import POINTS
from nba_assets.analytics.slate import MATCHUP
from nba_assets.kit.as_of import History
from nba_assets.kit.expressions.joins import with_columns_of, without

KEY = ["game_date", "player_lookup"]
PLACES = 6
_FEATURE_STORE = (
    *MATCHUP,
    *BASE.names,
    *("feature_quality_score", "is_production_ready", "is_prop_eligible", "early_season"),
)
_NOT_INPUTS = ("game_id", "player_id", "code_version", "computed_at")
_COUNTER = {"over": "under_price", "under": "over_price"}


def forecast_inputs(features: ir.Table, evidence: ir.Table, lines: ir.Table) -> ir.Table:
    """Return one row for each row of the feature store; market columns are NULL where its game has no line."""
    rows = with_columns_of(feature_inputs(features), evidence_inputs(evidence), KEY)
    offered = lines.filter(lines.market == POINTS).select(
        *("game_id", "player_lookup", "over_prob_novig", "price_known_at", "books"),
        over_price="best_over_price",
        over_book="best_over_book",
        under_price="best_under_price",
        under_book="best_under_book",
    )
    return with_columns_of(rows, offered, ["game_id", "player_lookup"])


def training_rows(features: History, evidence: History, games: History) -> ir.Table:
    """Return ready rows of players who then played, with the same columns as tonight's inputs.

    They reach up to the last requested month; each month cuts them again at its own start.
    """
    ready = features.map(lambda rows: feature_inputs(rows).filter("is_production_ready"))
    beside = evidence.map(evidence_inputs)
    played = games.map(
        lambda rows: rows.filter("played").select("game_date", "player_lookup", points=rows.points.cast("float64"))
    )
    return ready.joined(beside, KEY, how="left").joined(played, KEY).before_the_last()


def feature_inputs(rows: ir.Table) -> ir.Table:
    """Select the inputs from the feature store."""
    return rows.select(*_FEATURE_STORE, line="vegas_points_line", opening_line="vegas_opening_line")


def evidence_inputs(rows: ir.Table) -> ir.Table:
    """Select the inputs from the evidence."""
    return without(rows, *_NOT_INPUTS)


def with_counter_prices(rows: pd.DataFrame) -> pd.DataFrame:
    """Add, for the book with the best price of each side, its price for the other side."""
    rows = rounded(rows)
    quoted = rows["books"].map(
        lambda books: {(offer["book"], offer["line"]): offer for offer in json.loads(books)}, na_action="ignore"
    )
    for side, price in _COUNTER.items():
        offers = zip(quoted, rows[f"{side}_book"], rows["line"], strict=True)
        rows[f"{side}_counter_price"] = [_price(books, book, line, price) for books, book, line in offers]
    return rows


def rounded(rows: pd.DataFrame) -> pd.DataFrame:
    """Round numbers: the last bit of a mean differs between queries and must not change a tree or a fingerprint."""
    done = rows.copy(deep=False)
    for name in rows.select_dtypes("float").columns:  # one by one: together they would take the memory of all again
        done[name] = rows[name].round(PLACES)
    return done


def without_prices(rows: pd.DataFrame) -> pd.DataFrame:
    """Add price columns, all unknown, for training."""
    return rounded(rows).assign(**{name: None for name in MARKET_COLUMNS if name not in rows})


def _price(books: Any, book: Any, line: float, price: str) -> float:
    offer = books.get((book, line)) if isinstance(books, dict) else None
    value = offer[price] if offer else None
    return float("nan") if value is None else float(value)
