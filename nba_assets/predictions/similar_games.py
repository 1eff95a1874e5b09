"""How a player did in those of his past games that were most like tonight's.

Alike means the same strength of opponent, rest, venue and form. A part that is not known of one of the two games speaks
neither for nor against: it leaves the points and the possible points alike.
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
POSSIBLE_FROM, KEPT_FROM, KEPT_AT_MOST = 60, 70, 20


def described(games: ir.Table) -> dict[str, Any]:
    """The four parts of a game by which others are like it, as known on its morning; NULL where one is not known."""
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
    """For each player and date what the twenty games most like it say; of equal scores the newer ones count."""
    keys = ["game_date", "player_id"]
    past = past.select(*keys, EVENT_DATE, "points", *POINTS)
    wanted = tonight.select(*keys, **{f"tonight_{part}": part for part in POINTS})
    pairs = past.join(wanted, keys)
    pairs = pairs.filter(pairs[EVENT_DATE] >= pairs.game_date - ibis.interval(days=DAYS))
    scored = _scored(pairs)
    like = scored.filter(scored.score >= KEPT_FROM)
    order = [like.score.desc(), like[EVENT_DATE].desc()]
    place = ibis.row_number().over(group_by=[like.game_date, like.player_id], order_by=order)
    kept = like.mutate(place=place).filter(lambda rows: rows.place < KEPT_AT_MOST)
    return kept.group_by(keys).aggregate(
        similar_games=kept.count(),
        similar_points=(kept.points * kept.score).sum() / kept.score.sum(),
        similar_score=kept.score.mean(),
        similar_points_std=kept.points.cast("float64").std(how="sample"),
    )


def _scored(pairs: ir.Table) -> ir.Table:
    """Each pair of games with a score of 0 to 100; pairs of which too little is known are left out."""
    got, possible = ibis.literal(0), ibis.literal(0)
    for part, (same, next_to, other) in POINTS.items():
        apart = (pairs[part] - pairs[f"tonight_{part}"]).abs()
        got += ibis.cases((apart == 0, same), (apart == 1, next_to), (apart.notnull(), other), else_=0)
        possible += apart.notnull().ifelse(same, 0)
    pairs = pairs.select("game_date", "player_id", EVENT_DATE, "points", got=got, possible=possible)
    known = pairs.filter(pairs.possible >= POSSIBLE_FROM)
    return known.mutate(score=100 * known.got / known.possible)
