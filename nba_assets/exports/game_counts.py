"""On which dates of the season there are games, for whoever wants to turn the pages."""

from collections.abc import Iterator

import ibis.expr.types as ir

from nba_assets.kit.calendar import counted
from nba_assets.kit.export import HOUR, Document, Edition, Frames, export


def calendar(frames: Frames, edition: Edition) -> Iterator[Document]:
    """One document, the dates to come included."""
    yield Document("schedule/game-counts.json", edition.today, {"dates": frames["dates"].to_dict("records")})


@export(make=calendar, folder="schedule", max_age=HOUR)
def game_counts(schedule: ir.Table, edition: Edition) -> dict[str, ir.Table]:
    """Games of each date of the season, and how many of them are over."""
    games = counted(schedule)
    games = games.filter(games.game_date >= edition.season.start)
    final = games.game_id.count(where=games.status == "final")
    dates = games.group_by("game_date").aggregate(games=games.game_id.count(), final=final)
    return {"dates": dates.order_by("game_date")}
