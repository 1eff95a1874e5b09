"""Duplicate facts: equal rows are collapsed, rows that contradict each other are set aside."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter

import duckdb

from nba_resources.rejected import RejectedRow, Unit
from nba_resources.sources.base import BadInput
from nba_resources.sources.feeds import Feed
from nba_resources.sources.validation.facts import set_aside

SHOWN = 3  # conflicts named in the error: enough to recognise a pattern, short enough for one line

_MERGED = {"earliest": "min({field})", "joined": "string_agg(DISTINCT {field}, '; ' ORDER BY {field})"}


def collapse(con: duckdb.DuckDBPyConnection, feed: Feed) -> dict[str, int]:
    """Leave one row for each key in the table `facts`, NULLs being equal; return how many rows went, by reason."""
    rows = _count(con, "FROM facts")
    if not feed.key or _count(con, f"SELECT DISTINCT {_list(feed.key)} FROM facts") == rows:
        return {}
    different = _count(con, f"SELECT DISTINCT {_list(feed.fields)} FROM facts")
    merged = ", ".join(_MERGED[how].format(field=f'"{name}"') + f' AS "{name}"' for name, how in feed.merge.items())
    others = _list(name for name in feed.fields if name not in feed.merge)
    con.execute(
        f"CREATE TEMP TABLE collapsed AS SELECT {others}{', ' if merged else ''}{merged} FROM facts GROUP BY {others}"
    )
    con.execute("DROP TABLE facts")
    con.execute("ALTER TABLE collapsed RENAME TO facts")
    return {"exact duplicates collapsed": rows - different, "duplicates merged": different - _count(con, "FROM facts")}


def set_aside_conflicts(con: duckdb.DuckDBPyConnection, feed: Feed, origins: list[str]) -> list[RejectedRow]:
    """Set aside all rows that give a fact two values, because choosing one would be a guess; the reason names two rows.

    Two versions of a game in the schedule refuse it.
    """
    must_agree = [name for name in feed.fields if name not in feed.key and name not in feed.merge]
    if not feed.key or not must_agree:
        return []
    versions = con.execute(
        f"SELECT {_list(feed.key)}, {_list(must_agree)},"
        f" list({{'part': part, 'row': row}} ORDER BY part, row) AS places,"
        f" count(*) OVER (PARTITION BY {_list(feed.key)}) AS versions"
        f" FROM facts GROUP BY {_list(feed.key)}, {_list(must_agree)} QUALIFY versions > 1"
        f" ORDER BY {_list(feed.key)}, places"
    ).fetchall()
    conflicts = [list(group) for _, group in groupby(versions, key=itemgetter(slice(len(feed.key))))]
    if conflicts and feed.unit is Unit.WHOLE:
        shown = [_describe(feed, must_agree, rows[0], rows[1], origins) for rows in conflicts[:SHOWN]]
        rest = f"; and {len(conflicts) - SHOWN} more" if len(conflicts) > SHOWN else ""
        raise BadInput(f"conflicting duplicate: {'; '.join(shown)}{rest}; correct or remove one of them")
    return set_aside(
        con,
        feed,
        {
            (place["part"], place["row"]): _describe(feed, must_agree, rows[0], rows[1], origins)
            for rows in conflicts
            for version in rows
            for place in version[-2]
        },
    )


def _describe(feed: Feed, must_agree: list[str], one: Sequence, other: Sequence, origins: list[str]) -> str:
    width = len(feed.key)
    places = [f"{origins[place['part']]} row {place['row']}" for place in (one[-2][0], other[-2][0])]
    one, other = (["nothing" if value is None else str(value) for value in row] for row in (one, other))
    key = ", ".join(f"{name} {value}" for name, value in zip(feed.key, one, strict=False))
    values = zip(must_agree, one[width:], other[width:], strict=False)
    differences = ", ".join(f"{name} ({a} and {b})" for name, a, b in values if a != b)
    return f"{places[0]} and {places[1]} hold the same fact ({key}) but differ in {differences}"


def _list(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _count(con: duckdb.DuckDBPyConnection, query: str) -> int:
    return con.execute(f"SELECT count(*) FROM ({query})").fetchall()[0][0]
