"""Sources of the numbers of a player's page: a query for each kind; its first column is their place there."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from models.inference.explanations import BASE_LABELS
from models.markets import MARKETS

SUMS = " UNION ALL ".join(
    f"SELECT '{market.key}' AS market, '{count}' AS base" for market in MARKETS.values() for count in market.counts
)
REACHED = ", ".join(f"{' + '.join(market.counts)} AS {market.key}" for market in MARKETS.values())
LEVELS = ", ".join(f"'{name}'" for name in BASE_LABELS)
HOUSES = """
    SELECT market, system_id, edition, predicted_sd, components FROM (
        SELECT *, system_id <> 'rates_v1' AS is_house FROM nba_predictions.player_prop_predictions
        WHERE game_date = $day AND player_lookup = $player AND (
            (market = 'player_points' AND system_id = 'ensemble_v1' AND edition = 'at_tip')
            OR (market <> 'player_points' AND system_id = 'market_blend_v1' AND edition = 'at_line')
            OR (system_id = 'rates_v1' AND edition = 'at_line')
        )
    ) QUALIFY row_number() OVER (
        PARTITION BY market ORDER BY is_house AND predicted_value IS NOT NULL DESC, NOT is_house DESC
    ) = 1
"""
FORECAST = """
    predicted_value, over_probability, push_probability, expected_value,
    CASE recommendation WHEN 'OVER' THEN over_price WHEN 'UNDER' THEN under_price END AS price,
    CASE WHEN under >= over_probability THEN round_even(100 * under / over_probability, 0)
         ELSE -round_even(100 * over_probability / under, 0) END AS fair_over_price,
    CASE WHEN over_probability >= under THEN round_even(100 * over_probability / under, 0)
         ELSE -round_even(100 * under / over_probability, 0) END AS fair_under_price
"""
TONIGHT = """
    SELECT *, 1 - over_probability - push_probability AS under FROM nba_predictions.player_prop_predictions
    WHERE game_date = $day AND player_lookup = $player
"""
FAIR = "over_probability and push_probability"
OF_FORECAST = {"price": "over_price or under_price", "fair_over_price": FAIR, "fair_under_price": FAIR}


@dataclass(frozen=True)
class Source:
    """A table, the query that finds a page's numbers in it, and the columns that are called otherwise on the page."""

    table: str
    sql: str
    columns: Mapping[str, str] = field(default_factory=dict)


def _sum_of_all(name: str) -> str:
    """Return the sum of a column; NULL if one of the counts of a market is not known."""
    return f"CASE WHEN count({name}) = count(*) THEN sum({name}) END AS {name}"


SOURCES = (
    Source(
        "nba_analytics.upcoming_player_game_context",
        """
        SELECT '', player_id, games_played_season, days_rest, games_last_7_days
        FROM nba_analytics.upcoming_player_game_context WHERE game_date = $day AND player_lookup = $player
        """,
    ),
    Source(
        "nba_precompute.team_defense_zone_analysis",
        """
        SELECT 'defence', games_in_sample, defensive_rating, def_rating_rank, opponent_pace
        FROM nba_precompute.team_defense_zone_analysis WHERE analysis_date = $day AND team_abbr = $opponent
        """,
    ),
    *(
        Source(
            "nba_precompute.team_defense_zone_analysis",
            f"""
            SELECT 'defence/zones/{zone}', {zone}_pct_allowed AS allowed_pct, {zone}_league_pct AS league_pct,
                   {zone}_attempts_allowed_per_game AS attempts_per_game
            FROM nba_precompute.team_defense_zone_analysis WHERE analysis_date = $day AND team_abbr = $opponent
            """,
            {
                "allowed_pct": f"{zone}_pct_allowed",
                "league_pct": f"{zone}_league_pct",
                "attempts_per_game": f"{zone}_attempts_allowed_per_game",
            },
        )
        for zone in ("paint", "mid_range", "three")
    ),
    Source(
        "nba_analytics.player_game_summary",
        """
        SELECT 'games/' || game_date, minutes, days_rest, usage_rate, points, reb, ast, fg3m, stl, blk, tov
        FROM nba_analytics.player_game_summary
        WHERE player_lookup = $player AND played AND game_date < $day AND game_date >= $day::DATE - 400
        ORDER BY game_date DESC LIMIT 82
        """,
    ),
    Source(
        "nba_analytics.player_game_summary",
        f"""
        SELECT 'markets/' || market || '/last/' || nth AS place, reached AS itself FROM (
            UNPIVOT (
                SELECT row_number() OVER (ORDER BY game_date DESC) - 1 AS nth, {REACHED}
                FROM nba_analytics.player_game_summary
                WHERE player_lookup = $player AND played AND game_date < $day AND game_date >= $day::DATE - 400
                ORDER BY game_date DESC LIMIT 10
            ) ON COLUMNS('^player_') INTO NAME market VALUE reached
        )
        """,
        {"last": "the market's counts"},
    ),
    Source(
        "nba_analytics.player_prop_lines",
        """
        SELECT 'markets/' || market || '/line', line, opening_line, best_over_price AS over_price,
               best_under_price AS under_price, over_prob_novig AS over_probability, n_books AS books
        FROM nba_analytics.player_prop_lines WHERE game_date = $day AND player_lookup = $player
        """,
        {
            "over_price": "best_over_price",
            "under_price": "best_under_price",
            "over_probability": "over_prob_novig",
            "books": "n_books",
        },
    ),
    Source(
        "nba_analytics.player_prop_lines",
        """
        SELECT 'markets/' || market || '/offers/' || nth, (offer->>'line')::DOUBLE AS line,
               (offer->>'over_price')::DOUBLE AS over_price, (offer->>'under_price')::DOUBLE AS under_price
        FROM (
            SELECT market, nth, json_extract(books, '$[' || nth || ']') AS offer
            FROM nba_analytics.player_prop_lines, range(json_array_length(books)::BIGINT) AS places(nth)
            WHERE game_date = $day AND player_lookup = $player
        )
        """,
        dict.fromkeys(("line", "over_price", "under_price"), "books"),
    ),
    Source(
        "nba_analytics.prop_line_path",
        """
        SELECT 'markets/' || market || '/path/' || (row_number() OVER (
                   PARTITION BY market ORDER BY minutes_before_tip DESC NULLS LAST, bookmaker) - 1),
               line, over_price, under_price, minutes_before_tip
        FROM nba_analytics.prop_line_path WHERE game_date = $day AND player_lookup = $player
        """,
    ),
    Source(
        "nba_predictions.player_prop_predictions",
        f"SELECT 'markets/' || market || '/systems/' || system_id || ' ' || edition, {FORECAST} FROM ({TONIGHT})",
        OF_FORECAST,
    ),
    Source(
        "nba_predictions.player_prop_predictions",
        f"""
        SELECT 'markets/' || market || '/forecast', {FORECAST} FROM ({TONIGHT})
        SEMI JOIN ({HOUSES}) AS houses USING (market, system_id, edition)
        """,
        OF_FORECAST,
    ),
    Source(
        "nba_predictions.player_prop_predictions",
        f"""
        SELECT 'markets/' || market || '/reasons/' || nth, CASE
                   WHEN part->>'system' IS NOT NULL THEN part->>'prediction'
                   WHEN part->>'reason' IS NOT NULL THEN part->>'amount'
                   WHEN part->>'feature' IN ({LEVELS}) THEN part->>'value'
                   ELSE part->>'points' END::DOUBLE AS amount
        FROM (
            SELECT market, nth, json_extract(components, '$[' || nth || ']') AS part
            FROM ({HOUSES}), range(json_array_length(components)::BIGINT) AS places(nth)
        )
        """,
        {"amount": "components"},
    ),
    Source(
        "nba_precompute.player_market_form",
        f"""
        SELECT 'markets/' || market, {_sum_of_all("season_average")}, {_sum_of_all("allowed")},
               {_sum_of_all("league_level")}
        FROM ({SUMS}) LEFT JOIN (
            SELECT * FROM nba_precompute.player_market_form WHERE game_date = $day AND player_lookup = $player
        ) USING (base) GROUP BY market
        """,
    ),
)
