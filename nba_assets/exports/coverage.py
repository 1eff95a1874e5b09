"""What is stored of the season, table by table and date by date, and what is lacking."""

from collections.abc import Iterator

import ibis.expr.types as ir

from nba_assets.kit.calendar import State
from nba_assets.kit.export import HOUR, Document, Edition, Frames, export

LACKING = (State.MISSING.value, State.PARTIAL.value)
GAP = ("game_date", "table_name", "state", "expected_count", "actual_count", "reason")


def states(frames: Frames, edition: Edition) -> Iterator[Document]:
    """One document: a row of states for each table, in step with the dates."""
    judged = frames["judged"]
    wide = judged.pivot(index="table_name", columns="game_date", values="state")
    tables = [{"table_name": name, "states": row.to_list()} for name, row in wide.iterrows()]
    gaps = judged[judged["state"].isin(LACKING)].sort_values(["game_date", "table_name"], ascending=[False, True])
    content = {
        "dates": [date.date() for date in wide.columns],
        "tables": tables,
        "gaps": [{name: row[name] for name in GAP} for row in gaps.to_dict("records")],
    }
    yield Document("coverage.json", edition.today, content)


@export(make=states, folder="coverage", max_age=HOUR)
def coverage(pipeline_coverage: ir.Table, edition: Edition) -> dict[str, ir.Table]:
    """The state of every table on every date of the season as judged last, and why a date lacks rows."""
    return {"judged": edition.within(pipeline_coverage, edition.season).select(*GAP)}
