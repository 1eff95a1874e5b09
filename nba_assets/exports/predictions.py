"""The `predictions` export: every system's forecast of every player of a date, by game."""

from collections.abc import Iterator, Mapping
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from models.inference.explanations import Names
from nba_assets.exports.forecasts import (
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
from nba_assets.exports.other_markets import OTHER_COLUMNS, markets_of, of_other_markets
from nba_assets.kit.export import MINUTE, Content, Document, Edition, Frames, export, within
from nba_resources.dates import DateRange

TODAY = "predictions/today.json"


def prediction_documents(frames: Frames, edition: Edition) -> Iterator[Document]:
    """Make a document per date, without games where the date may not be published."""
    forecasts, others, names = edition.explain(frames["forecasts"]), frames["others"], names_of(frames["names"])
    for date in edition.dates:
        of_date, others_of_date = (rows[rows["game_date"] == pd.Timestamp(date)] for rows in (forecasts, others))
        content = _games(of_date, by_player(others_of_date), names)
        yield Document(f"predictions/{date}.json", date, content, TODAY if date == edition.today else None)


@export(
    make_documents=prediction_documents,
    frames=("forecasts", "others", "names"),
    folder="predictions",
    max_age=MINUTE,
    dated=True,
    guarded=True,
    critical=True,
)
def predictions(
    player_prop_predictions: ir.Table,
    player_prop_lines: ir.Table,
    schedule: ir.Table,
    players: ir.Table,
    dates: DateRange,
) -> dict[str, ir.Table]:
    """Every player who may be bet on, by game: his line and prices, and every system's forecast with its reason.

    Beside points stand the other markets in which he has a line.
    """
    rows, lines = within(player_prop_predictions, dates), within(player_prop_lines, dates)
    others = with_market(of_other_markets(rows), lines)
    return {
        "forecasts": with_market(with_games(of_points(rows), players, schedule), lines),
        "others": others.filter(others.market_line.notnull()).select(*OTHER_COLUMNS),
        "names": players.select("player_lookup", "player_name"),
    }


def _games(rows: pd.DataFrame, others: Mapping[str, list[Row]], names: Names) -> Content:
    games = []
    for game, players in by_game(rows):
        games.append({**game, "players": [_player(of_player, others, names) for of_player in players]})
    return {"games": games}


def _player(rows: list[Row], others: Mapping[str, list[Row]], names: Names) -> dict[str, Any]:
    first = rows[0]
    return {
        **player_of(first),
        **{"player_status": first["player_status"], "market": market_of(first), "systems": systems_of(rows, names)},
        "markets": markets_of(others.get(first["player_lookup"], []), names),
    }
