"""The `game_counts` export: the dates of the season with games."""

from collections.abc import Iterator

import ibis.expr.types as ir

from nba_assets.kit.calendar import counted
from nba_assets.kit.export import HOUR, Document, Edition, Frames, export, season_so_far
from nba_assets.kit.records import records
from nba_resources.dates import DateRange


def game_counts_documents(frames: Frames, edition: Edition) -> Iterator[Document]:
    """Make one document; it includes future dates."""
    yield Document("schedule/game-counts.json", edition.today, {"dates": records(frames["dates"])})


@export(make_documents=game_counts_documents, frames=("dates",), folder="schedule", max_age=HOUR)
def game_counts(schedule: ir.Table, dates: DateRange) -> dict[str, ir.Table]:
    """The number of games on each date of the season, and how many are final."""
    games = counted(schedule)
    games = games.filter(games.game_date >= season_so_far(dates).start)
    final = games.game_id.count(where=games.status == "final")
    counts = games.group_by("game_date").aggregate(games=games.game_id.count(), final=final)
    return {"dates": counts.order_by("game_date")}
