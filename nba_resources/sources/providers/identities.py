"""NBA.com's ids for providers that have their own: a game by its date and two clubs, a player by his club and name."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from nba_resources.dates import DateRange
from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.http.fetchers import ReplayDoor
from nba_resources.sources.http.landing import Landing
from nba_resources.sources.providers.json_reader import Row
from nba_resources.sources.providers.provider import NotOffered, Provider
from nba_resources.sources.validation.parsers import arrow_schema
from nba_resources.sources.validation.validate import validate_feed

_SUFFIX = re.compile(r"\b(jr|sr|ii|iii|iv|v)$")
Facts = Callable[[str, DateRange], pa.Table]  # feed and dates to rows, as every source delivers them


def _nothing(feed: str, dates: DateRange) -> pa.Table:
    return arrow_schema(FEEDS[feed]).empty_table()


@dataclass(frozen=True)
class Identities:
    """The league's own ids, from facts that are here already, such as those of another provider's landed answers."""

    facts: Facts = _nothing

    def games(self, dates: DateRange) -> list[Row]:
        """The schedule's rows of the dates."""
        rows: list[Row] = self.facts("schedule", dates).to_pylist()
        return rows

    def players(self, dates: DateRange) -> dict[tuple[str, str], int]:
        """Ids by club and name key of everybody with a line in a box score of the dates."""
        rows = self.facts("player_boxscores", dates).to_pylist()
        return one_of_each((row["team_abbr"], row["player_name"], row["player_id"]) for row in rows)


def of_landing(landing: Landing, providers: Sequence[Provider]) -> Identities:
    """Ids as the first of these providers that ever told any told them; nothing is asked.

    The providers must be set up as they were when they asked, address included: answers are found by their questions.
    """

    def facts(feed: str, dates: DateRange) -> pa.Table:
        for provider in providers:
            try:
                told = provider.fetch(feed, dates, ReplayDoor(landing))
            except NotOffered:
                continue
            if (rows := validate_feed(FEEDS[feed], *told).rows).num_rows:
                return rows
        return _nothing(feed, dates)

    return Identities(facts)


def one_of_each(people: Iterable[tuple[str, str, int]]) -> dict[tuple[str, str], int]:
    """Ids by club and name key, without those that could mean two people."""
    found: dict[tuple[str, str], set[int]] = {}
    for team, name, player_id in people:
        found.setdefault((team, name_key(name)), set()).add(player_id)
    return {key: ids.pop() for key, ids in found.items() if len(ids) == 1}


def name_key(name: str) -> str:
    """What two spellings of one man in one club have in common: no accents, dots, spaces or suffix."""
    plain = unicodedata.normalize("NFKD", name.lower())
    words = re.sub(r"[^a-z0-9 ]", "", plain).strip()
    return _SUFFIX.sub("", words).replace(" ", "")
