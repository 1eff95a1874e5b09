"""The table `facts` in which a delivery is validated: each row with the part and row number it came from."""

from collections.abc import Mapping

import duckdb
import pyarrow as pa

from nba_resources.rejected import RejectedRow, Unit, as_json
from nba_resources.sources.feeds import Feed

Place = tuple[int, int]  # the part of the delivery, and the row in it


def set_aside(
    con: duckdb.DuckDBPyConnection,
    feed: Feed,
    reasons: Mapping[Place, str],
    delivered: Mapping[Place, Mapping[str, object]] | None = None,
) -> list[RejectedRow]:
    """Move rows out of the facts; `delivered` are the values as they were delivered, where they could not be read."""
    if not reasons:
        return []
    parts, rows = zip(*reasons, strict=True)
    con.register("places", pa.table({"part": pa.array(parts, pa.int32()), "row": pa.array(rows, pa.int64())}))
    moved = con.execute("SELECT * FROM facts SEMI JOIN places USING (part, row) ORDER BY part, row").to_arrow_table()
    con.execute("DELETE FROM facts USING places WHERE facts.part = places.part AND facts.row = places.row")
    con.unregister("places")
    rejected = []
    for fact in moved.to_pylist():
        place = (fact.pop("part"), fact.pop("row"))
        values = (delivered or {}).get(place, fact)
        unit = fact["game_id"] or "" if feed.unit is Unit.GAME else ""
        rejected.append(RejectedRow(fact[feed.date], fact.get("source") or "", as_json(values), reasons[place], unit))
    return rejected
