"""Count and list the differences between providers that returned the same game.

Only stored responses are compared; no provider is asked again. The order of providers decides which one is used, for a
whole game; nothing is averaged.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import pyarrow as pa

from nba_checks.framework.by_date import DateResult, DateResults, listed
from nba_resources.dates import DateRange
from nba_resources.sources.base import Source
from nba_resources.sources.feeds import FEEDS, Feed

COMPARED = ("schedule", "player_boxscores", "team_boxscores")
# Names are spelt in many ways; place and time of a game are corrected until it begins.
_NOT_COMPARED = frozenset({"player_name", "arena", "start_time_utc", "neutral_site"})
_WHOLE_MINUTES = 1.0  # some providers cut the seconds off
_LISTED = 5


def source_differences(source: Source, dates: DateRange) -> DateResults:
    """Providers that returned the same game agree; the first of them in order is used for the whole game."""
    differences: dict[dt.date, list[str]] = {day: [] for day in dates}
    compared: Counter[dt.date] = Counter()
    for feed in COMPARED:
        by_provider = source.rows_by_provider(feed, dates)
        for used, other in combinations(by_provider, 2):
            for day, fact, fields in _compared(FEEDS[feed], by_provider[used], by_provider[other]):
                compared[day] += 1
                differences[day] += [f"{feed} {fact}, {field} of {used} and {other}" for field in fields]
    return {day: _result(compared[day], of_day) for day, of_day in differences.items()}


def _result(compared: int, differences: list[str]) -> DateResult:
    if not compared:
        return DateResult(True, "only one provider returned this date, so there is nothing to compare")
    message = f"{len(differences)} differences in {compared} rows returned by two providers"
    counts = {"rows compared": compared, "differences": len(differences)}
    if not differences:
        return DateResult(True, message, counts)
    step = "the provider named first is used; if it is wrong, leave it out of NBA_PROVIDERS"
    return DateResult(False, f"{message}, expected 0: {listed(differences, _LISTED)}; {step}", counts)


def _compared(feed: Feed, used: pa.Table, other: pa.Table) -> Iterator[tuple[dt.date, str, list[str]]]:
    """Yield each fact both providers have, with the fields that differ; an unknown value differs from nothing."""
    others = {_key(feed, row): row for row in other.to_pylist()}
    fields = [name for name in feed.fields if name not in feed.key and name not in _NOT_COMPARED]
    for row in used.to_pylist():
        second = others.get(_key(feed, row))
        if second is not None:
            differing = [
                f"{name} {row[name]} and {second[name]}" for name in fields if _differ(feed, name, row, second)
            ]
            yield row[feed.date], " ".join(map(str, _key(feed, row))), differing


def _key(feed: Feed, row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in feed.key)


def _differ(feed: Feed, name: str, first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    one, other = first[name], second[name]
    if one is None or other is None:
        return False
    if feed.fields[name].kind == "minutes":
        return abs(one - other) >= _WHOLE_MINUTES
    return bool(one != other)
