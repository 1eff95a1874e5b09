"""The `board` export: tonight's players and markets in rows, and a page of each player.

The card is one request and a player's page one more. Hit rates, splits and chances at a line that a reader chooses are
computed where it is read, from games and ladders.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import ibis.expr.types as ir

from models.markets import MARKETS, Market
from nba_assets.analytics.slate import MATCHUP
from nba_assets.exports.forecasts import Row, by_game, player_of, with_games
from nba_assets.exports.house_forecasts import FORECAST, forecast_of, house_of
from nba_assets.exports.player_pages import CONTEXT, GAME, LINE, PlayerPages, grouped, value_of
from nba_assets.kit.export import MINUTE, Document, Edition, Frames, export, within
from nba_resources.dates import DateRange

CARD, PAGES = "board/tonight.json", "board/player/"
LAST_GAMES = 10
HISTORY = dt.timedelta(days=400)  # a season, the summer before it and the end of the last one
DOUBTS = ("questionable", "doubtful", "out")
PATH = ("game_date", "player_lookup", "market", "bookmaker", "line", "over_price", "under_price", "minutes_before_tip")
FORM = ("game_date", "player_lookup", "base", "season_average", "allowed", "league_level")


def board_documents(frames: Frames, edition: Edition) -> Iterator[Document]:
    """Make the card and a page of each player; stored pages of players who are not on the slate become empty."""
    pages = PlayerPages(frames)
    forecasts = grouped(frames["forecasts"], "player_lookup", "market")
    slate, made = [], {}
    for game, players in by_game(frames["players"]):
        card = []
        for row, *_ in players:
            rows = [_row(market, row, pages, forecasts) for market in MARKETS.values()]
            made[f"{PAGES}{row['player_lookup']}.json"] = pages.page(row, game, rows, forecasts)
            if shown := [one for one in rows if one["line"] or one["forecast"]]:
                card.append({**player_of(row), **{name: row[name] for name in CONTEXT}, "rows": shown})
        doubts = [
            {name: row[name] for name in ("player_lookup", "player_name", "team_abbr", "player_status")}
            for row, *_ in players
            if row["player_status"] in DOUBTS
        ]
        slate.append({**game, "players": card, "doubts": doubts})
    markets = [{"market": one.key, "short": one.short, "label": one.label} for one in MARKETS.values()]
    yield Document(CARD, edition.today, {"markets": markets, "games": slate})
    gone = sorted(path for path in edition.stored if path.startswith(PAGES) and path not in made)
    for path, page in {**made, **dict.fromkeys(gone)}.items():
        lookup = path.removeprefix(PAGES).removesuffix(".json")
        yield Document(path, edition.today, {"player_lookup": lookup, "page": page})


@export(
    make_documents=board_documents,
    frames=("players", "lines", "forecasts", "games", "path", "form", "defence"),
    folder="board",
    max_age=MINUTE,
    guarded=True,
)
def board(
    upcoming_player_game_context: ir.Table,
    player_prop_lines: ir.Table,
    prop_line_path: ir.Table,
    player_prop_predictions: ir.Table,
    player_game_summary: ir.Table,
    player_market_form: ir.Table,
    team_defense_zone_analysis: ir.Table,
    schedule: ir.Table,
    players: ir.Table,
    dates: DateRange,
) -> dict[str, ir.Table]:
    """Tonight's rows of player and market, and a page of each player: games, chances, books and the line's path.

    A line or a forecast makes a row. Games are those he played before the date, for thirteen months back.
    """
    people = within(upcoming_player_game_context, dates).select(*MATCHUP, *CONTEXT, "teammates_out")
    played = player_game_summary.filter(player_game_summary.played)
    earlier = within(played, DateRange(dates.start - HISTORY, dates.start - dt.timedelta(days=1)))
    lines = within(player_prop_lines, dates)
    defence = within(team_defense_zone_analysis, dates, day="analysis_date")
    return {
        "players": with_games(people, players, schedule),
        "lines": lines.select("game_date", "player_lookup", "market", *LINE, offers="books"),
        "forecasts": within(player_prop_predictions, dates).select(*FORECAST),
        "games": earlier.semi_join(people, "player_lookup").select(*GAME).order_by("game_date"),
        "path": within(prop_line_path, dates).select(*PATH),
        "form": within(player_market_form, dates).select(*FORM),
        "defence": defence.rename(game_date="analysis_date"),
    }


def _row(market: Market, player: Row, pages: PlayerPages, forecasts: Mapping[Any, list[Row]]) -> dict[str, Any]:
    lookup = player["player_lookup"]
    house = house_of(market.key, forecasts.get((lookup, market.key), []))
    values = [value_of(game, market) for game in pages.games.get((lookup,), [])[:LAST_GAMES]]
    return {
        "market": market.key,
        "line": pages.line(lookup, market.key),
        "forecast": house and forecast_of(house),
        "last": values,
    }
