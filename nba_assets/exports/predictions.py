"""The `predictions` export: every system's forecast of every player of a date, by game."""

from collections.abc import Iterator
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from nba_assets.exports.forecasts import (
    Row,
    by_game,
    market_of,
    of_points,
    player_of,
    systems_of,
    with_games,
    with_market,
)
from nba_assets.kit.export import MINUTE, Content, Document, Edition, Frames, export, within
from nba_resources.dates import DateRange

TODAY = "predictions/today.json"


def prediction_documents(frames: Frames, edition: Edition) -> Iterator[Document]:
    """Make a document per date, without games where the date may not be published."""
    forecasts = edition.explain(frames["forecasts"])
    by_date, nothing = dict(list(forecasts.groupby("game_date"))), forecasts.iloc[:0]
    for date in edition.dates:
        content = _games(by_date.get(pd.Timestamp(date), nothing))
        yield Document(f"predictions/{date}.json", date, content, TODAY if date == edition.today else None)


@export(
    make_documents=prediction_documents,
    frames=("forecasts",),
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
    """Every player who may be bet on, by game: his line and prices, and every system's forecast with its reason."""
    rows = of_points(within(player_prop_predictions, dates))
    return {"forecasts": with_market(with_games(rows, players, schedule), within(player_prop_lines, dates))}


def _games(rows: pd.DataFrame) -> Content:
    games = []
    for game, players in by_game(rows):
        games.append({**game, "players": [_player(of_player) for of_player in players]})
    return {"games": games}


def _player(rows: list[Row]) -> dict[str, Any]:
    about = {"player_status": rows[0]["player_status"], "market": market_of(rows[0])}
    return {**player_of(rows[0]), **about, "systems": systems_of(rows)}
