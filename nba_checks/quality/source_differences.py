"""Where several providers told of the same game: what they disagree on, counted and listed.

What they have answered already is compared; nobody is asked again. Which of them is believed is written in the chains,
and decided for a whole game; nothing is averaged.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import pyarrow as pa

from nba_checks.framework.by_date import DateResult, DateResults
from nba_resources.dates import DateRange
from nba_resources.sources.base import Source
from nba_resources.sources.feeds import FEEDS, Feed

COMPARED = ("schedule", "player_boxscores", "team_boxscores")
# Names are spelt in many ways, and where and when a game begins is announced and corrected until it does.
_NOT_COMPARED = frozenset({"player_name", "arena", "start_time_utc", "neutral_site"})
_WHOLE_MINUTES = 1.0  # some providers cut the seconds off
_LISTED = 5


def source_differences(source: Source, dates: DateRange) -> DateResults:
    """Whether providers that told the same game agree; the first in the chain is believed, whole."""
    found: dict[dt.date, list[str]] = {day: [] for day in dates}
    compared: Counter[dt.date] = Counter()
    for feed in COMPARED:
        told = source.rows_by_provider(feed, dates)
        for believed, other in combinations(told, 2):
            for day, fact, differing in _compared(FEEDS[feed], told[believed], told[other]):
                compared[day] += 1
                found[day] += [f"{feed} {fact}, {said} of {believed} and {other}" for said in differing]
    return {day: _verdict(compared[day], said) for day, said in found.items()}


def _verdict(compared: int, found: list[str]) -> DateResult:
    if not compared:
        return DateResult(True, "one provider told of this date, so there is nothing to compare")
    counts = {"rows compared": compared, "differences": len(found)}
    more = f"; and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
    said = f"{len(found)} differences in {compared} rows told twice"
    return DateResult(not found, f"{said}: {'; '.join(found[:_LISTED])}{more}" if found else said, counts)


def _compared(feed: Feed, believed: pa.Table, other: pa.Table) -> Iterator[tuple[dt.date, str, list[str]]]:
    """Rows of the same fact, each with the fields known to both that differ. An unknown value contradicts nothing."""
    theirs = {_key(feed, row): row for row in other.to_pylist()}
    fields = [name for name in feed.fields if name not in feed.key and name not in _NOT_COMPARED]
    for mine in believed.to_pylist():
        row = theirs.get(_key(feed, mine))
        if row is not None:
            differing = [f"{name} {mine[name]} and {row[name]}" for name in fields if _differ(feed, name, mine, row)]
            yield mine[feed.date], " ".join(map(str, _key(feed, mine))), differing


def _key(feed: Feed, row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in feed.key)


def _differ(feed: Feed, name: str, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
    one, other = mine[name], theirs[name]
    if one is None or other is None:
        return False
    if feed.fields[name].kind == "minutes":
        return abs(one - other) >= _WHOLE_MINUTES
    return bool(one != other)
