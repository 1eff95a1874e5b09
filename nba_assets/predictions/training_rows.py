"""The training rows of models: past forecast inputs joined to the points scored."""

import ibis.expr.types as ir

from nba_assets.kit.as_of import History
from nba_assets.predictions.forecast_inputs import KEY, evidence_inputs, feature_inputs


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
