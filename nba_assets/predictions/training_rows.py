"""What models are taught with: the evenings of the past, joined to what became of them."""

import ibis.expr.types as ir

from nba_assets.kit.as_of import History
from nba_assets.predictions.forecast_inputs import KEY, evening_features, evidence_beside


def training_rows(features: History, evidence: History, games: History) -> ir.Table:
    """Ready rows of players who then played, up to the last month asked for: each month cuts again at its own start.

    The same columns as tonight's rows: what a model is asked with is what it was taught with.
    """
    ready = features.map(lambda rows: evening_features(rows).filter("is_production_ready"))
    beside = evidence.map(evidence_beside)
    played = games.map(
        lambda rows: rows.filter("played").select("game_date", "player_lookup", points=rows.points.cast("float64"))
    )
    return ready.joined(beside, KEY, how="left").joined(played, KEY).before_the_last()
