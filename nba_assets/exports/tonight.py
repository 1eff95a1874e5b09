"""The `tonight` export: a card of every player on the slate, and a page with all that is known before the game."""

from collections.abc import Iterator
from typing import Any

import ibis
import ibis.expr.types as ir

from models.inference.explanations import Names, explain
from models.markets import POINTS
from models.system_ids import DEFAULT_SYSTEM
from nba_assets.analytics.slate import MATCHUP
from nba_assets.exports.forecasts import (
    FORECAST,
    Row,
    by_game,
    by_player,
    market_of,
    names_of,
    of_points,
    player_of,
    systems_of,
    with_games,
    with_market,
)
from nba_assets.exports.other_markets import OTHER_COLUMNS, details_of, markets_of, of_other_markets
from nba_assets.exports.players import last_games
from nba_assets.kit.export import MINUTE, Content, Document, Edition, Frames, export, season_so_far, within
from nba_assets.kit.expressions.joins import with_columns_of
from nba_resources.dates import DateRange

FOLDER = "tonight/player/"
CONTEXT = ("player_status", "is_home", "games_played_season", "days_rest", "games_last_7_days")
FORM = ("points_avg_last_5", "points_avg_last_10", "points_avg_season", "minutes_avg_last_10", "usage_rate_last_10")
FACTORS = ("fatigue_score", "shot_zone_mismatch_score", "pace_score", "usage_spike_score", "total_composite_adjustment")
KEY = ["game_date", "player_lookup"]
HEADLINE = ("predicted_value", "over_probability", "recommendation", "price", "price_book", "expected_value", "reason")


def tonight_documents(frames: Frames, edition: Edition) -> Iterator[Document]:
    """Make the cards and a page for each; stored pages of players who are not on the slate become empty."""
    forecasts = by_player(edition.explain(frames["forecasts"])[["player_lookup", *FORECAST]])
    others, names = by_player(frames["others"]), names_of(frames["names"])
    played = last_games(frames["games"])
    games, cards, pages = [], [], {}
    for game, players in by_game(frames["universe"]):
        games.append(game)
        for row, *_ in players:
            lookup = row["player_lookup"]
            systems = _systems(forecasts.get(lookup, []), names)
            cards.append(_card(row, systems))
            markets = _markets(others.get(lookup, []), names)
            pages[f"{FOLDER}{lookup}.json"] = _page(row, game, systems, markets, played.get(lookup, []))
    yield Document("tonight/all-players.json", edition.today, {"games": games, "players": cards})
    gone = sorted(path for path in edition.stored if path.startswith(FOLDER) and path not in pages)
    for path, page in {**pages, **dict.fromkeys(gone)}.items():
        lookup = path.removeprefix(FOLDER).removesuffix(".json")
        yield Document(path, edition.today, {"player_lookup": lookup, "tonight": page})


@export(
    make_documents=tonight_documents,
    frames=("universe", "forecasts", "others", "names", "games"),
    folder="tonight",
    max_age=MINUTE,
    guarded=True,
)
def tonight(
    upcoming_player_game_context: ir.Table,
    player_daily_cache: ir.Table,
    player_composite_factors: ir.Table,
    player_prop_lines: ir.Table,
    player_prop_predictions: ir.Table,
    player_game_summary: ir.Table,
    schedule: ir.Table,
    players: ir.Table,
    dates: DateRange,
) -> dict[str, ir.Table]:
    """Every player on tonight's rosters: status, form, market and the house's forecast.

    His page has every system on points, and every other market, also those without a line.
    """
    people = within(upcoming_player_game_context, dates)
    people = people.select(*MATCHUP, *CONTEXT, "teammates_out")
    form = within(player_daily_cache, dates, day="cache_date").select("player_lookup", *FORM, game_date="cache_date")
    factors = player_composite_factors.select(*KEY, *FACTORS, "missing_factors")
    rows = with_columns_of(with_columns_of(people, form, KEY), factors, KEY)
    rows = with_games(rows, players, schedule).mutate(market=ibis.literal(POINTS))
    forecasts, lines = within(player_prop_predictions, dates), within(player_prop_lines, dates)
    games = within(player_game_summary, season_so_far(dates))
    return {
        "universe": with_market(rows, lines),
        "forecasts": of_points(forecasts),
        "others": with_market(of_other_markets(forecasts), lines).select(*OTHER_COLUMNS),
        "names": players.select("player_lookup", "player_name"),
        "games": games.semi_join(people, "player_lookup").order_by("game_date"),
    }


def _systems(forecasts: list[Row], names: Names) -> list[dict[str, Any]]:
    """Return each system's forecast of a player with its details."""
    details = {row["system_id"]: explain(row["components"], names=names) for row in forecasts}
    return [{**system, "details": details[system["system_id"]]} for system in systems_of(forecasts, names)]


def _markets(others: list[Row], names: Names) -> list[dict[str, Any]]:
    """Return each other market of a player with what the forecast of its rates rests on."""
    details = details_of(others, names)
    return [{**market, "details": details.get(market["market"])} for market in markets_of(others, names)]


def _card(row: Row, systems: list[dict[str, Any]]) -> dict[str, Any]:
    house = next((system for system in systems if system["system_id"] == DEFAULT_SYSTEM.value), None)
    return {
        **player_of(row),
        **{name: row[name] for name in ("game_id", *CONTEXT, *FORM)},
        "market": market_of(row),
        "house": house and {name: house[name] for name in HEADLINE},
    }


def _page(
    row: Row, game: Content, systems: list[dict[str, Any]], markets: list[dict[str, Any]], played: list[Row]
) -> dict[str, Any]:
    return {
        **player_of(row),
        "game": game,
        **{name: row[name] for name in (*CONTEXT, "teammates_out", *FORM)},
        "factors": {name: row[name] for name in (*FACTORS, "missing_factors")},
        "market": market_of(row),
        "systems": systems,
        "markets": markets,
        "last_games": played,
    }
