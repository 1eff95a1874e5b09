"""The `coverage` export: the state of every table on every date of the season."""

from collections.abc import Iterator

import ibis.expr.types as ir

from nba_assets.kit.calendar import State
from nba_assets.kit.export import HOUR, Document, Edition, Frames, export, season_so_far, within
from nba_assets.kit.records import records
from nba_resources.dates import DateRange

LACKING = (State.MISSING.value, State.PARTIAL.value)
GAP = ("game_date", "table_name", "state", "expected_count", "actual_count", "reason")


def coverage_documents(frames: Frames, edition: Edition) -> Iterator[Document]:
    """Make one document: for each table a list of states, in the order of the dates."""
    judged = frames["judged"]
    wide = judged.pivot(index="table_name", columns="game_date", values="state")
    tables = [{"table_name": name, "states": row.to_list()} for name, row in wide.iterrows()]
    gaps = judged[judged["state"].isin(LACKING)].sort_values(["game_date", "table_name"], ascending=[False, True])
    content = {
        "dates": [date.date() for date in wide.columns],
        "tables": tables,
        "gaps": [{name: row[name] for name in GAP} for row in records(gaps)],
    }
    yield Document("coverage.json", edition.today, content)


@export(make_documents=coverage_documents, frames=("judged",), folder="coverage", max_age=HOUR)
def coverage(pipeline_coverage: ir.Table, dates: DateRange) -> dict[str, ir.Table]:
    """The state of every table on every date of the season, and why a date lacks rows."""
    return {"judged": within(pipeline_coverage, season_so_far(dates)).select(*GAP)}
