"""What a forecast is made of: a player's features, the evidence beside them, and the market, in one row."""

import json
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from models.features import BASE
from models.inference.recommendation import MARKET_COLUMNS
from nba_assets.analytics.slate import MATCHUP
from nba_assets.kit.expressions.joins import with_columns_of, without

KEY = ["game_date", "player_lookup"]
PLACES = 9
_FEATURE_STORE = (
    *MATCHUP,
    *BASE.names,
    *("feature_quality_score", "is_production_ready", "is_prop_eligible", "early_season"),
)
_ABOUT_THE_ROW = ("game_id", "player_id", "code_version", "computed_at")
_COUNTER = {"over": "under_price", "under": "over_price"}


def evenings(features: ir.Table, evidence: ir.Table, lines: ir.Table) -> ir.Table:
    """One row for each row of the feature store; market columns are NULL where its own game has no line."""
    rows = with_columns_of(evening_features(features), evidence_beside(evidence), KEY)
    offered = lines.select(
        *("game_id", "player_lookup", "over_prob_novig", "books"),
        over_price="best_over_price",
        over_book="best_over_book",
        under_price="best_under_price",
        under_book="best_under_book",
        line_seen="line_known_at",
    )
    return with_columns_of(rows, offered, ["game_id", "player_lookup"])


def evening_features(rows: ir.Table) -> ir.Table:
    """What the feature store contributes."""
    return rows.select(*_FEATURE_STORE, line="vegas_points_line", opening_line="vegas_opening_line")


def evidence_beside(rows: ir.Table) -> ir.Table:
    """What the evidence adds to it."""
    return without(rows, *_ABOUT_THE_ROW)


def with_counter_prices(rows: pd.DataFrame) -> pd.DataFrame:
    """What the book of each side's best price asks for the other side: read from the books, as they were quoted."""
    rows = settled(rows)
    quoted = rows["books"].map(_by_book, na_action="ignore")
    return rows.assign(
        **{
            f"{side}_counter_price": [
                _price(books, book, line, price)
                for books, book, line in zip(quoted, rows[f"{side}_book"], rows["line"], strict=True)
            ]
            for side, price in _COUNTER.items()
        }
    )


def settled(rows: pd.DataFrame) -> pd.DataFrame:
    """The last bit of a mean depends on what was computed beside it: no tree may turn on it, and no fingerprint."""
    numbers = rows.select_dtypes("float").columns
    return rows.assign(**rows[numbers].round(PLACES))


def without_prices(rows: pd.DataFrame) -> pd.DataFrame:
    """For training, which bets nothing: the columns of an evening, all prices unknown."""
    return settled(rows).assign(**{name: None for name in MARKET_COLUMNS if name not in rows})


def _by_book(books: str) -> dict[tuple[str, float], dict[str, Any]]:
    return {(offer["book"], offer["line"]): offer for offer in json.loads(books)}


def _price(books: Any, book: Any, line: float, price: str) -> float:
    offer = books.get((book, line)) if isinstance(books, dict) else None
    found = offer[price] if offer else None
    return float("nan") if found is None else float(found)
