"""How the systems have done lately and this season, always beside the line on the same rows."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import ibis
import ibis.expr.types as ir

from nba_assets.exports.results import POPULATIONS, totals_of
from nba_assets.kit.export import HOUR, Document, Edition, Frames, export
from nba_assets.predictions.system_daily_performance import judged_rows, measured

DAYS = {"last_7_days": 7, "last_30_days": 30}
SEASON = "season"


def records(frames: Frames, edition: Edition) -> Iterator[Document]:
    """One document: three windows that end today."""
    found, known = frames["totals"], frames["known"]
    starts = {name: edition.today - dt.timedelta(days=days - 1) for name, days in DAYS.items()}
    windows = [
        {"window": name, "start_date": start, "systems": totals_of(found[found["window"] == name])}
        for name, start in {**starts, SEASON: edition.season.start}.items()
    ]
    content = {"results_until": known["until"].iat[0], "windows": windows}
    yield Document("systems/performance.json", edition.today, content)


@export(make=records, folder="systems", max_age=HOUR)
def performance(
    prediction_accuracy: ir.Table, player_prop_predictions: ir.Table, ml_feature_store_v2: ir.Table, edition: Edition
) -> dict[str, ir.Table]:
    """Seven days, thirty days and the season of each system: errors, hit rate and its interval, return at real prices.

    Over everybody with ten games, and over everybody with a line: whom one can bet on.
    """
    grades = edition.within(prediction_accuracy, edition.season)
    rows = judged_rows(
        grades,
        edition.within(player_prop_predictions, edition.season),
        edition.within(ml_feature_store_v2, edition.season),
    )
    rows = _in_windows(rows.filter(rows.population.isin(POPULATIONS)), edition)
    played = grades.filter(grades.outcome_state == "PLAYED")
    return {
        "totals": measured(rows, ["window", "system_id", "population"]),
        "known": played.aggregate(until=played.game_date.max()),
    }


def _in_windows(rows: ir.Table, edition: Edition) -> ir.Table:
    """Each row once for every window it lies in."""
    lies_in: list[Any] = [
        (rows.game_date > ibis.literal(edition.today - dt.timedelta(days=days))).ifelse(name, None)
        for name, days in DAYS.items()
    ]
    names = ibis.array([*lies_in, ibis.literal(SEASON)]).filter(lambda name: name.notnull())
    return rows.mutate(window=names.unnest())
