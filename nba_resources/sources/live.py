"""Live providers behind the interface of every source: a chain for each feed, the first that has a game is believed."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

import pyarrow as pa
import pyarrow.compute as pc

from nba_resources.dates import DateRange, by_season, days_of, season_of
from nba_resources.findings import Finding
from nba_resources.sources import eastern
from nba_resources.sources.base import ALWAYS, BEFORE_TIP, BadInput, Delivery, Note, Source, SourceUnavailable
from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.http.client import Client
from nba_resources.sources.http.fetchers import LiveDoor, ReplayDoor
from nba_resources.sources.http.landing import Landing
from nba_resources.sources.providers.health import health
from nba_resources.sources.providers.json_reader import Row
from nba_resources.sources.providers.provider import CreditsSpent, Provider
from nba_resources.sources.validation.validate import validate_feed

OF_GAMES = frozenset({"player_boxscores", "team_boxscores", "shots"})
FIRST = dt.date(2021, 7, 1)  # no older season has a partition
OPTIONAL = frozenset({"rosters"})  # nothing else waits for them, so a replay does without
LATE = dt.timedelta(hours=5, minutes=30)  # after tip-off; a provider that has no box score by then is not waited for
_NEVER_PLAYED = ("postponed", "cancelled")
_LISTED = 10


@dataclass(frozen=True)
class Chain:
    """Who is asked for a feed, in order: for the current season, and for seasons that are over."""

    daily: tuple[str, ...]
    history: tuple[str, ...]


@dataclass
class _Said:
    """What is told beside the rows of a delivery: notes, how many rows are whose, and why not the first's."""

    notes: Counter[str] = field(default_factory=Counter)
    by: Counter[str] = field(default_factory=Counter)
    why: list[str] = field(default_factory=list)


class LiveSource(Source):
    """Asks providers through landing. Without a client nothing is asked: it is a replay of what is landed."""

    name = "live"

    def __init__(
        self,
        providers: Sequence[Provider],
        landing: Landing,
        client: Client | None,
        chains: Mapping[str, Chain],
        before_tip: tuple[dt.timedelta, ...] = BEFORE_TIP,
    ) -> None:
        self._providers = {provider.name: provider for provider in providers}
        self._landing, self._client, self._chains, self.before_tip = landing, client, chains, before_tip

    def fetch(self, feed: str, dates: DateRange) -> Delivery:
        """The facts of each season from the first provider that has them; each row says from whom it is."""
        said = _Said()
        rows: list[pa.Table] = []
        for piece in self._pieces(dates):
            try:
                rows += self._of_piece(feed, piece, said)
            except SourceUnavailable:
                if dates != ALWAYS or piece.end >= self.today():
                    raise
                said.notes[f"nobody has {feed} of {season_of(piece.start)}"] += 1
        empty = _with_source(feed, validate_feed(FEEDS[feed]).rows, self.name)
        notes: dict[str, Note] = dict(said.notes)
        if said.why:
            notes["not from the first in the chain"] = "; ".join(dict.fromkeys(said.why))
        return Delivery(pa.concat_tables([empty, *rows]), notes, {**said.by, **self._credits_left()})

    def today(self) -> dt.date:
        """The date in New York, whoever plays."""
        return eastern.date_of(self._now())

    def signature(self) -> str | None:
        """Changes when a provider's schedule does; every other feed is asked for by the clock."""
        season = season_of(self.today())
        chain = self._chain("schedule", self.today())
        told = [path for provider in chain for path in self._landing.paths(provider.name, f"schedule/{season}/")]
        return f"{sha256(chr(10).join(told).encode()).hexdigest()[:16]} {season}" if told else None

    def fingerprints(self, feed: str) -> dict[dt.date, str]:
        """Who plays whom, when: scores change with each load anyway, a moved game only with the schedule."""
        if feed != "schedule":
            return {}
        told: dict[dt.date, list[str]] = {}
        for game in self._landed_schedule(days_of(season_of(self.today()))):
            off = game["status"] if game["status"] in _NEVER_PLAYED else ""
            fixture = [game["game_id"], game["home_team"], game["away_team"], game["start_time_utc"], off]
            told.setdefault(game["game_date"], []).append(str(fixture))
        return {day: sha256("".join(sorted(games)).encode()).hexdigest()[:16] for day, games in told.items()}

    def told_by_each(self, feed: str, dates: DateRange) -> dict[str, pa.Table]:
        """What every provider that was ever asked says of the dates, the most trusted first; nothing is asked."""
        told: dict[str, pa.Table] = {}
        for piece in by_season(dates):
            for provider in self._chain(feed, piece.start, asked=False):
                try:
                    rows, _ = self._landed(provider, feed, piece, _Said())
                except (SourceUnavailable, BadInput):
                    continue  # what cannot be read is told by whoever loads it
                if rows.num_rows:
                    told[provider.name] = pa.concat_tables([*filter(None, [told.get(provider.name)]), rows])
        return told

    def health(self) -> list[Finding]:
        """Each provider: does it answer, is its key set, what is left of its plan, when did it last answer."""
        return [health(provider, self._landing, self._client) for provider in self._providers.values()]

    def _of_piece(self, feed: str, piece: DateRange, said: _Said, replay: bool = False) -> Iterator[pa.Table]:
        """One season's dates. Where games are late, the next in the chain is asked for the dates of these alone."""
        chain = self._chain(feed, piece.start)
        if not chain and feed != "schedule":
            said.notes["nobody delivers this feed: no provider of it is named, or its key is not set"] += 1
            return
        unavailable: list[str] = []
        for place, provider in enumerate(chain):
            try:
                rows = self._delivered(provider, feed, piece, said, replay)
            except SourceUnavailable as error:
                unavailable.append(f"{provider.name}: {error}")
                continue
            said.why += unavailable
            yield self._counted(feed, provider, rows, said)
            if feed in OF_GAMES:
                yield from self._of_late_games(feed, piece, rows, chain[place + 1 :], said)
            return
        raise SourceUnavailable(
            f"nobody delivers {feed} of {piece}: {'; '.join(unavailable) or 'NBA_PROVIDERS names no provider of it'}"
        )

    def _of_late_games(
        self, feed: str, piece: DateRange, rows: pa.Table, others: Sequence[Provider], said: _Said
    ) -> Iterator[pa.Table]:
        """Whole games only: two providers are never mixed inside one."""
        there = set(rows["game_id"].to_pylist())
        late = {game: day for game, day in self._played(piece).items() if game not in there}
        for provider in others:
            for day in sorted(set(late.values())):
                try:
                    told = self._delivered(provider, feed, DateRange(day, day), said)
                except SourceUnavailable as error:
                    said.why.append(f"{provider.name}: {error}")
                    break
                wanted = [game for game, date in late.items() if date == day]
                told = told.filter(pc.is_in(told["game_id"], pa.array(wanted, pa.string())))
                if found := set(told["game_id"].to_pylist()):
                    said.why.append(f"late: {', '.join(sorted(found)[:_LISTED])}")
                    yield self._counted(feed, provider, told, said)
                late = {game: date for game, date in late.items() if game not in found}
        if late:
            said.notes["games nobody has yet"] += len(late)

    def _delivered(
        self, provider: Provider, feed: str, dates: DateRange, said: _Said, replay: bool = False
    ) -> pa.Table:
        if self._client is None or replay:
            rows, nobody_asked = self._landed(provider, feed, dates, said)
            if nobody_asked and not rows.num_rows and feed not in OPTIONAL:
                raise SourceUnavailable(f"nothing of {feed} was landed for {dates} by then")
            return rows
        door = LiveDoor(self._landing, self._client, provider.manners, provider.canary(), self.before_tip)
        try:
            delivery = validate_feed(FEEDS[feed], *provider.fetch(feed, dates, door))
        except CreditsSpent:
            if dates.end >= self.today():
                raise
            said.notes["paid history that was not asked for: what is landed is all there is"] += 1
            return self._landed(provider, feed, dates, said)[0]
        said.notes += Counter(delivery.notes)
        return delivery.rows

    def _landed(self, provider: Provider, feed: str, dates: DateRange, said: _Said) -> tuple[pa.Table, bool]:
        """The rows, and whether none of the questions behind them was ever asked."""
        door = ReplayDoor(self._landing)
        delivery = validate_feed(FEEDS[feed], *provider.fetch(feed, dates, door))
        said.notes += Counter(delivery.notes)
        return delivery.rows, door.nobody_asked

    def _played(self, piece: DateRange) -> dict[str, dt.date]:
        """The games that have long ended, as the schedule in landing has them."""
        try:
            games = self._landed_schedule(piece)
        except SourceUnavailable:
            return {}
        return {
            game["game_id"]: game["game_date"]
            for game in games
            if game["status"] not in _NEVER_PLAYED
            and game["season_type"] != "all_star"
            and _begins(game) + LATE < self._now()
        }

    def _landed_schedule(self, dates: DateRange) -> list[Row]:
        parts = self._of_piece("schedule", dates, _Said(), replay=True)
        return [game for part in parts for game in part.to_pylist()]

    def _chain(self, feed: str, day: dt.date, asked: bool = True) -> list[Provider]:
        """Only who is named and has the key he needs; of what is landed, everybody."""
        over = season_of(day) < season_of(self.today())
        chain = self._chains[feed].history if over else self._chains[feed].daily
        named = [self._providers[name] for name in chain if name in self._providers]
        return [
            provider
            for provider in named
            if feed in provider.feeds and (not asked or self._client is None or self._client.has_key(provider.manners))
        ]

    def _pieces(self, dates: DateRange) -> list[DateRange]:
        """A request for all there is means the seasons this platform has dates for."""
        last = days_of(season_of(self.today())).end
        start, end = max(dates.start, FIRST), min(dates.end, last)
        return by_season(DateRange(start, end)) if start <= end else []

    def _counted(self, feed: str, provider: Provider, rows: pa.Table, said: _Said) -> pa.Table:
        said.by[f"rows from {provider.name}"] += rows.num_rows
        return _with_source(feed, rows, provider.name)

    def _credits_left(self) -> dict[str, Note]:
        if self._client is None:
            return {}
        return {
            f"credits left at {provider.name}": self._client.credits.left(provider.name, provider.manners.quota)
            for provider in self._providers.values()
            if provider.manners.quota and self._client.has_key(provider.manners)
        }

    def _now(self) -> dt.datetime:
        if self._client is not None:
            return self._client.now()
        return self._landing.known_by or dt.datetime.now(dt.UTC)


def _with_source(feed: str, rows: pa.Table, name: str) -> pa.Table:
    """Where a feed does not say itself who published a row, the provider did."""
    if "source" in FEEDS[feed].fields:
        return rows
    return rows.append_column("source", pa.array([name] * rows.num_rows, pa.string()))


def _begins(game: Row) -> dt.datetime:
    """Its tip-off, or the end of its day where nobody said."""
    if game["start_time_utc"] is not None:
        return game["start_time_utc"]
    return dt.datetime.combine(game["game_date"] + dt.timedelta(days=1), dt.time(), eastern.EASTERN)
