"""A player's points in the past games most similar to tonight's.

Games are compared by strength of opponent, rest, venue and form. A part that is unknown in either game counts neither
in the score nor in the possible score.
"""

from typing import Any

import ibis
import ibis.expr.types as ir

from nba_assets.kit.as_of import EVENT_DATE

DAYS = 365
TIERS = (10, 20)  # the best defences, the average ones, the weak ones: each a third of the league
REST_AT_MOST = 3
FORM = 3  # points above or below his season, over five games
POINTS = {  # for a part that is the same, one step apart, further apart
    "opponent_tier": (40, 20, 0),
    "rest_bucket": (30, 15, 0),
    "venue": (15, 0, 0),
    "form_tier": (15, 5, 5),
}
MIN_POSSIBLE, MIN_SCORE, MOST_GAMES = 60, 70, 20


def described(games: ir.Table) -> dict[str, Any]:
    """Return the four parts that games are compared by, as known on the morning; NULL where unknown."""
    rank, rest = games.def_rating_rank, games.days_rest
    form = games.points_avg_last_5 - games.points_avg_season
    best, average = TIERS
    return {
        "opponent_tier": ibis.cases((rank <= best, 0), (rank <= average, 1), (rank > average, 2), else_=None),
        "rest_bucket": rest.clip(upper=REST_AT_MOST),
        "venue": games.home_away,
        "form_tier": ibis.cases((form >= FORM, 1), (form <= -FORM, -1), (form.notnull(), 0), else_=None),
    }


def similar_games(past: ir.Table, tonight: ir.Table) -> ir.Table:
    """Return for each player and date the means of the twenty most similar games; of equal scores the newer count."""
    keys = ["game_date", "player_id"]
    past = past.select(*keys, EVENT_DATE, "points", *POINTS)
    targets = tonight.select(*keys, **{f"tonight_{part}": part for part in POINTS})
    pairs = past.join(targets, keys)
    pairs = pairs.filter(pairs[EVENT_DATE] >= pairs.game_date - ibis.interval(days=DAYS))
    got, possible = ibis.literal(0), ibis.literal(0)
    for part, (same, next_to, other) in POINTS.items():
        apart = (pairs[part] - pairs[f"tonight_{part}"]).abs()
        got += ibis.cases((apart == 0, same), (apart == 1, next_to), (apart.notnull(), other), else_=0)
        possible += apart.notnull().ifelse(same, 0)
    pairs = pairs.select("game_date", "player_id", EVENT_DATE, "points", got=got, possible=possible)
    known = pairs.filter(pairs.possible >= MIN_POSSIBLE)
    scored = known.mutate(score=100 * known.got / known.possible)
    like = scored.filter(scored.score >= MIN_SCORE)
    order = [like.score.desc(), like[EVENT_DATE].desc()]
    place = ibis.row_number().over(group_by=[like.game_date, like.player_id], order_by=order)
    kept = like.mutate(place=place).filter(lambda rows: rows.place < MOST_GAMES)
    return kept.group_by(keys).aggregate(
        similar_games=kept.count(),
        similar_points=(kept.points * kept.score).sum() / kept.score.sum(),
        similar_score=kept.score.mean(),
        similar_points_std=kept.points.cast("float64").std(how="sample"),
    )
