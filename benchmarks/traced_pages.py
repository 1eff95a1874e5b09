"""Trace every number of some players' pages to the table that it comes from, each kind by one query of SQL.

`python benchmarks/traced_pages.py HOME PLAYER...` reads the pages of players as published in HOME, and the DuckDB file
of the same home; without players it takes three of those with the most lines. It prints for each kind of number its
table and column, and how many are equal when rounded as documents are. A number without a source, another one than in
the table, or one that is in the table only ends it with 1. Chances at other lines are in no table: they are computed
from the stored chance and spread by SciPy's distributions, and may be off by one unit of the last place.
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from page_numbers import HOUSES, SOURCES, Source
from scipy.optimize import brentq
from scipy.stats import nbinom, norm

from nba_assets.kit.canonical_json import encode
from nba_resources.objects.store import ObjectStore
from nba_site.page import DOCUMENTS

PLAYERS = 3
CARD = f"{DOCUMENTS}board/tonight.json"
COUNTED = ("rates_v1", "market_blend_v1", "plain_average_v1")  # systems that forecast a distribution of counts
LAST_PLACE = 0.0001
KEYS = ("market", "system_id", "edition", "zone", "game_date")  # what names an entry of a list, before its place
TAIL, SHOWN = 0.1, 0.01  # of an interval of 80 %, and the chances that a ladder leaves out on either side
CHANCES = """
    SELECT market, system_id, edition, line, over_probability, predicted_sd
    FROM nba_predictions.player_prop_predictions
    WHERE game_date = $day AND player_lookup = $player AND over_probability > 0 AND over_probability < 1
        AND line IS NOT NULL AND predicted_sd IS NOT NULL
"""
ITSELF = "itself"  # a column whose numbers stand at the place of their row
NO_SOURCE, ABSENT = "no source", "in the table, not on the page"
COMPUTED = "computed from line, over_probability, predicted_sd"


@dataclass(frozen=True)
class Traced:
    """A kind of number: where it comes from, how many there are, and those that are not as in the table."""

    kind: str
    source: str
    found: int
    differing: tuple[str, ...]


def main() -> None:
    """Print each kind of number with its source, for each player."""
    if len(sys.argv) < 2:
        sys.exit("name a home with published documents: python benchmarks/traced_pages.py HOME PLAYER...")
    home = Path(sys.argv[1])
    objects = ObjectStore(root=str(home / "objects"))
    wrong = 0
    with duckdb.connect(str(home / "nba.duckdb"), read_only=True) as connection:
        for player in sys.argv[2:] or usual_players(objects):
            document = json.loads(objects.read(f"{DOCUMENTS}board/player/{player}.json"))
            wrong += report(document, [*traced(connection, document)])
    sys.exit(1 if wrong else 0)


def usual_players(objects: ObjectStore) -> list[str]:
    """Return players of tonight: those with the most lines, by name."""
    card = json.loads(objects.read(CARD))
    players = [player for game in card["games"] for player in game["players"]]
    lines = {one["player_lookup"]: sum(row["line"] is not None for row in one["rows"]) for one in players}
    return sorted(lines, key=lambda player: (-lines[player], player))[:PLAYERS]


def traced(connection: duckdb.DuckDBPyConnection, document: Mapping[str, Any]) -> Iterator[Traced]:
    """Yield each kind of number of a page; those without a source come last, with all of them differing."""
    page = document["page"]
    told = dict(numbers_of(page))
    of = {"player": page["player_lookup"], "day": document["game_date"], "opponent": page["opponent_team_abbr"]}
    stored: dict[str, tuple[str, float]] = {}
    for of_kind in SOURCES:
        for place, number in rows_of(connection, of_kind, of):
            name = field_of(place)
            stored[place] = f"{of_kind.table}.{of_kind.columns.get(name, name)}", rounded(name, number)
    chances = dict(computed_chances(connection, of))
    kinds: dict[tuple[str, str], list[str]] = {}
    differing: dict[tuple[str, str], list[str]] = {}
    for place, number in told.items():
        source, same = NO_SOURCE, False
        if place in chances:
            source, same = COMPUTED, near(number, chances[place])
        elif place in stored:
            source, same = stored[place][0], number == stored[place][1]
        kinds.setdefault((kind_of(place), source), []).append(place)
        if not same:
            differing.setdefault((kind_of(place), source), []).append(place)
    for place in sorted((stored.keys() | chances.keys()) - told.keys()):
        kinds.setdefault((kind_of(place), ABSENT), []).append(place)
        differing.setdefault((kind_of(place), ABSENT), []).append(place)
    for kind, places in kinds.items():
        yield Traced(*kind, len(places), tuple(differing.get(kind, ())))


def numbers_of(part: Any, place: str = "") -> Iterator[tuple[str, float]]:
    """Yield every number below a part of a document with its place, such as `games/2025-11-12/points`."""
    if isinstance(part, Mapping):
        for name, value in part.items():
            yield from numbers_of(value, f"{place}/{name}".lstrip("/"))
    elif isinstance(part, list):
        for nth, value in enumerate(part):
            yield from numbers_of(value, f"{place}/{entry(value, nth)}")
    elif isinstance(part, int | float) and not isinstance(part, bool):
        yield place, part


def entry(value: Any, nth: int) -> str:
    """Return the name of an entry of a list: what identifies it, or its place."""
    named = [str(value[key]) for key in KEYS if key in value] if isinstance(value, Mapping) else []
    return " ".join(named) or str(nth)


def rows_of(
    connection: duckdb.DuckDBPyConnection, source: Source, of: Mapping[str, str]
) -> Iterator[tuple[str, float]]:
    """Yield the numbers of a source by place; the first column of its query is the place of the others."""
    used = {name: value for name, value in of.items() if f"${name}" in source.sql}
    rows = connection.execute(source.sql, used)
    names = [column[0] for column in rows.description or ()][1:]
    for place, *values in rows.fetchall():
        for name, value in zip(names, values, strict=True):
            if value is not None:
                yield "/".join(filter(None, (place, name.removeprefix(ITSELF)))), value


def computed_chances(connection: duckdb.DuckDBPyConnection, of: Mapping[str, str]) -> Iterator[tuple[str, float]]:
    """Yield the intervals of all forecasts, and the chances of the house's, from what is stored of each."""
    of = {name: of[name] for name in ("day", "player")}
    houses = {market: (system, edition) for market, system, edition, *_ in connection.execute(HOUSES, of).fetchall()}
    for market, system, edition, line, over, sd in connection.execute(CHANCES, of).fetchall():
        above = exceeding(system, int(line // 1), over, sd)
        low = next(count for count, chance in enumerate(above) if chance < 1 - TAIL)
        high = next(count for count, chance in enumerate(above) if chance <= TAIL)
        places = [f"markets/{market}/systems/{system} {edition}"]
        if houses.get(market) == (system, edition):
            shown = [count for count, chance in enumerate(above) if SHOWN <= chance <= 1 - SHOWN]
            yield f"markets/{market}/ladder/first", shown[0]
            yield from ((f"markets/{market}/ladder/above_probability/{n}", above[c]) for n, c in enumerate(shown))
            places.append(f"markets/{market}/forecast")
        for place in places:
            yield f"{place}/low", low
            yield f"{place}/high", high


def exceeding(system: str, count: int, over: float, sd: float) -> list[float]:
    """Return the chances of more than 0, 1, 2, ... of the distribution that exceeds `count` with this chance."""
    every = range(150)
    if system not in COUNTED:
        centre = count + 0.5 - norm.isf(over) * sd
        return [float(norm.sf(n + 0.5, centre, sd)) for n in every]

    def above(mean: float, n: Any) -> Any:
        size = mean**2 / max(sd**2 - mean, mean * 1e-6)
        return nbinom.sf(n, size, size / (mean + size))

    mean = brentq(lambda mean: above(mean, count) - over, 1e-9, 150)
    return [float(chance) for chance in above(mean, list(every))]


def field_of(place: str) -> str:
    """Return the name of a number: the last part of its place that is no place in a list."""
    return next(part for part in reversed(place.split("/")) if not part.isdigit())


def kind_of(place: str) -> str:
    """Return a place without what names the entries of its lists."""
    return re.sub(
        r"/(\d+|\d{4}-\d\d-\d\d|player_\w+|[a-z_]+_v\d at_\w+|[a-z_]+ at_\w+|paint|mid_range|three)(?=/|$)", "[]", place
    )


def rounded(name: str, value: float) -> float:
    """Return a number as documents have it."""
    number: float = json.loads(encode({name: value}))[name]
    return number


def near(number: float, expected: float) -> bool:
    """Return whether a number is another one but for one unit of the last place."""
    return abs(number - expected) < LAST_PLACE


def report(document: Mapping[str, Any], kinds: Iterable[Traced]) -> int:
    """Print the kinds of numbers of a page, and return how many numbers are not as in their table."""
    totals: Counter[str] = Counter()
    print(f"\n{document['page']['player_name']}, {document['game_date']}")
    for kind in kinds:
        same = kind.found - len(kind.differing)
        print(f"  {kind.kind:<44}{kind.source:<74}{same:>5} of {kind.found:<5}{' '.join(kind.differing[:3])}")
        totals += Counter(equal=same, all=kind.found)
    print(f"  {totals['equal']:,} of {totals['all']:,} numbers are equal")
    return totals["all"] - totals["equal"]


if __name__ == "__main__":
    main()
