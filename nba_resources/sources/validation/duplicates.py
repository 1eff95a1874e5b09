"""What to do when the same fact was published more than once: repeats collapse, contradictions refuse the load."""

from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter

import duckdb

from nba_resources.sources.base import BadInput
from nba_resources.sources.feeds import Feed

SHOWN = 3  # conflicts told in full: enough to recognise a pattern, short enough for one line

_MERGED = {
    "earliest": "min({field})",
    "joined": "string_agg(DISTINCT {field}, '; ' ORDER BY {field})",
}


def collapse(con: duckdb.DuckDBPyConnection, feed: Feed, origins: list[str]) -> dict[str, int]:
    """Leaves one row for each key in `facts` (unknown parts of a key are equal); says how many went, by reason."""
    if not feed.key or _count(con, f"SELECT DISTINCT {_listed(feed.key)} FROM facts") == _count(con, "FROM facts"):
        return {}
    _refuse_conflicts(con, feed, origins)
    published = _count(con, "FROM facts")
    different = _count(con, f"SELECT DISTINCT {_listed(feed.fields)} FROM facts")
    merged = ", ".join(_MERGED[way].format(field=f'"{name}"') + f' AS "{name}"' for name, way in feed.merge.items())
    agreed = _listed(name for name in feed.fields if name not in feed.merge)
    con.execute(
        f"CREATE TABLE collapsed AS SELECT {agreed}{', ' if merged else ''}{merged} FROM facts GROUP BY {agreed}"
    )
    con.execute("DROP TABLE facts")
    con.execute("ALTER TABLE collapsed RENAME TO facts")
    return {
        "exact duplicates collapsed": published - different,
        "duplicates merged": different - _count(con, "FROM facts"),
    }


def _refuse_conflicts(con: duckdb.DuckDBPyConnection, feed: Feed, origins: list[str]) -> None:
    """Two values for one fact: choosing either would be a guess, so both are shown with the rows they stand in."""
    must_agree = [name for name in feed.fields if name not in feed.key and name not in feed.merge]
    if not must_agree:
        return
    versions = con.execute(
        f"SELECT {_listed(feed.key)}, {_listed(must_agree)}, min({{'part': part, 'row': row}}) AS place,"
        f" count(*) OVER (PARTITION BY {_listed(feed.key)}) AS versions"
        f" FROM facts GROUP BY {_listed(feed.key)}, {_listed(must_agree)} QUALIFY versions > 1"
        f" ORDER BY {_listed(feed.key)}, place"
    ).fetchall()
    if not versions:
        return
    keys = [list(group) for _, group in groupby(versions, key=itemgetter(slice(len(feed.key))))]
    told = [_conflict(feed, must_agree, rows[0], rows[1], origins) for rows in keys[:SHOWN]]
    rest = f"; and {len(keys) - SHOWN} more" if len(keys) > SHOWN else ""
    raise BadInput(f"conflicting duplicate: {'; '.join(told)}{rest}; correct or remove one of them")


def _conflict(feed: Feed, must_agree: list[str], one: tuple, other: tuple, origins: list[str]) -> str:
    width = len(feed.key)
    key = ", ".join(f"{name} {_shown(value)}" for name, value in zip(feed.key, one, strict=False))
    values = zip(must_agree, one[width:], other[width:], strict=False)
    differences = ", ".join(f"{name} ({_shown(a)} and {_shown(b)})" for name, a, b in values if a != b)
    places = [f"{origins[place['part']]} row {place['row']}" for place in (one[-2], other[-2])]
    return f"{places[0]} and {places[1]} tell the same fact ({key}) but differ in {differences}"


def _shown(value: object) -> str:
    return "nothing" if value is None else str(value)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _count(con: duckdb.DuckDBPyConnection, query: str) -> int:
    return con.execute(f"SELECT count(*) FROM ({query})").fetchall()[0][0]
