"""What every system says of every player of a date, game by game."""

from collections.abc import Iterator

import ibis.expr.types as ir
import pandas as pd

from nba_assets.exports.forecasts import by_game, by_player, market, named, offered, placed, systems, who
from nba_assets.kit.export import MINUTE, Content, Document, Edition, Frames, export

TODAY = "predictions/today.json"


def evenings(frames: Frames, edition: Edition) -> Iterator[Document]:
    """A document for each date, without a game where nothing may be said."""
    by_date = dict(list(frames["forecasts"].groupby("game_date")))
    nothing = frames["forecasts"].iloc[:0]
    for date in edition.dates:
        content = _evening(by_date.get(pd.Timestamp(date), nothing))
        yield Document(f"predictions/{date}.json", date, content, TODAY if date == edition.today else None)


@export(make=evenings, folder="predictions", max_age=MINUTE, dated=True, guarded=True, critical=True)
def predictions(
    player_prop_predictions: ir.Table,
    player_prop_lines: ir.Table,
    schedule: ir.Table,
    players: ir.Table,
    edition: Edition,
) -> dict[str, ir.Table]:
    """By game, every player who may be bet on: his line and prices, and what every system says of him and why."""
    rows = edition.within(player_prop_predictions)
    return {"forecasts": offered(placed(named(rows, players), schedule), edition.within(player_prop_lines))}


def _evening(rows: pd.DataFrame) -> Content:
    games = []
    for game, of_game in by_game(rows):
        told = []
        for _, of_player in by_player(of_game):
            first = of_player.iloc[0]
            about = {"player_status": first["player_status"], "market": market(first)}
            told.append({**who(first), **about, "systems": systems(of_player)})
        games.append({**game, "players": told})
    return {"games": games}
