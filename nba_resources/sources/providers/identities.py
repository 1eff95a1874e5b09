"""Find NBA.com ids for providers with ids of their own: a game by date and teams, a player by team and name."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from nba_resources.dates import DateRange
from nba_resources.names import name_key_without_suffix
from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.http.fetchers import ReplayFetcher
from nba_resources.sources.http.landing import Landing
from nba_resources.sources.providers.json_reader import Row
from nba_resources.sources.providers.provider import NotOffered, Provider
from nba_resources.sources.validation.parsers import arrow_schema
from nba_resources.sources.validation.validate import validate_feed


def _no_rows(feed: str, dates: DateRange) -> pa.Table:
    return arrow_schema(FEEDS[feed]).empty_table()


@dataclass(frozen=True)
class Identities:
    """Ids from rows that are already known. `rows` returns the rows of a feed and a range of dates."""

    rows: Callable[[str, DateRange], pa.Table] = _no_rows

    def games(self, dates: DateRange) -> list[Row]:
        """Return the schedule's rows of the dates."""
        games: list[Row] = self.rows("schedule", dates).to_pylist()
        return games

    def players(self, dates: DateRange) -> dict[tuple[str, str], int]:
        """Return the ids, by team and name key, of all players in the box scores of the dates."""
        lines = self.rows("player_boxscores", dates).to_pylist()
        return unique_ids((line["team_abbr"], line["player_name"], line["player_id"]) for line in lines)


def landed_identities(landing: Landing, providers: Sequence[Provider]) -> Identities:
    """Take ids from the landed responses of the first provider that has any; no request is sent.

    The providers need the base URL they had when they sent their requests: responses are found by URL.
    """

    def rows(feed: str, dates: DateRange) -> pa.Table:
        for provider in providers:
            try:
                delivered = provider.fetch(feed, dates, ReplayFetcher(landing))
            except NotOffered:
                continue
            if (table := validate_feed(FEEDS[feed], *delivered).rows).num_rows:
                return table
        return _no_rows(feed, dates)

    return Identities(rows)


def unique_ids(people: Iterable[tuple[str, str, int]]) -> dict[tuple[str, str], int]:
    """Return ids by team and name key, leaving out keys shared by several people."""
    found: dict[tuple[str, str], set[int]] = {}
    for team, name, player_id in people:
        found.setdefault((team, name_key_without_suffix(name)), set()).add(player_id)
    return {key: ids.pop() for key, ids in found.items() if len(ids) == 1}
