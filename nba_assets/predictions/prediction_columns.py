"""The columns of a stored forecast and of its grade."""

from collections.abc import Mapping

from models.forecast_keys import Edition, ForecastKey
from models.markets import HIGHEST_LINE, LOWEST_LINE, MARKETS
from models.picks import NO_LINE, PASS, PICKS
from models.systems.base import SystemId
from nba_resources.warehouse.contract import Column, NotLater, day, integer, moment, number, text, texts

PREDICTION_GRAIN = ("game_date", "player_lookup", *ForecastKey._fields)
RECOMMENDATIONS = (*PICKS, PASS, NO_LINE)
_PRICE = (-2000, 2000)

PREDICTION_KEYS: Mapping[str, Column] = {
    "game_date": day("US Eastern date"),
    "player_lookup": text("The player's key"),
    "market": text("The statistic, by The Odds API's key", *MARKETS),
    "system_id": text("The forecasting system", *SystemId),
    "edition": text("Facts up to the price (`at_line`) or up to tip-off (`at_tip`)", *Edition),
}

# repeated in each grade
GRADED: Mapping[str, Column] = {
    "prediction_id": text("Hash of the grain and the model; the same after a rerun"),
    "game_id": text("NBA's ten-digit id"),
    "player_id": integer("NBA id"),
    "recommendation": text("The bet the system recommends", *RECOMMENDATIONS),
    "predicted_value": number("Of the market; NULL only when the system abstains", 0, HIGHEST_LINE, null=True),
    "confidence_score": number("A ranking, not a chance; NULL when abstaining", 0, 100, null=True),
    "line": number("The line used; NULL without one", LOWEST_LINE, HIGHEST_LINE, null=True),
    "edge": number("predicted_value - line", -HIGHEST_LINE, HIGHEST_LINE, null=True),
    "model_id": text("The model of a trained system", null=True),
    "known_until": moment("Latest status or odds of the game used; before tip-off", null=True),
    "price_known_at": moment("Earliest of the prices at `line`; NULL without a time", null=True),
}

NO_LATE_PICKS = NotLater("known_until", "price_known_at", {"recommendation": PICKS, "expected_value": ()})
NO_LATE_GRADES = NotLater("known_until", "price_known_at", {"recommendation": PICKS, "grade": ()})

PREDICTION_COLUMNS: Mapping[str, Column] = {
    **PREDICTION_KEYS,
    **GRADED,
    "team_abbr": text("Tricode"),
    "opponent_team_abbr": text("Tricode, from the schedule"),
    "abstain_reason": text("For instance NO_ZONE_DATA; NULL when there is a prediction", null=True),
    "predicted_sd": number("Spread of the outcome around the prediction", 0.1, 30, null=True),
    "over_probability": number("P(result > line); over + push + under = 1", 0, 1, null=True),
    "push_probability": number("P(result = line); 0 for half-point lines", 0, 1, null=True),
    "over_price": integer("American", *_PRICE, null=True),
    "under_price": integer("American", *_PRICE, null=True),
    "price_book": text("The book of these prices: the best one for the recommended side", null=True),
    "expected_value": number("Of the recommended side at its price", -1, 20, unit="per unit staked", null=True),
    "pass_reason": text("Reason for PASS", null=True),
    "components": text(
        "JSON: each term of a rule, each system of an ensemble, the strongest features of a trained system; `[]` when "
        "abstaining, and for a trained system without a line: these are computed when they are shown",
        null=True,
    ),
    "missing_inputs": texts("Optional terms that were left out"),
    "features_snapshot": text("JSON: the feature values used; NULL for systems of every market", null=True),
    "player_status": text("As known when the forecast was made", null=True),
}
