"""The live source: providers by priority. Of each game, the first provider that has it is used."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

import pyarrow as pa
import pyarrow.compute as pc

from nba_resources.dates import EASTERN, DateRange, by_season, days_of, eastern_date, season_of
from nba_resources.findings import Finding, Level
from nba_resources.rejected import RejectedRow
from nba_resources.sources.base import ALWAYS, BEFORE_TIP, BadInput, Delivery, Note, Source, SourceUnavailable
from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.http.client import Client
from nba_resources.sources.http.fetchers import LiveFetcher, ReplayFetcher
from nba_resources.sources.http.landing import Landing, received_at
from nba_resources.sources.provider_priority import ProviderPriority
from nba_resources.sources.providers.json_reader import Row
from nba_resources.sources.providers.provider import CreditsSpent, Provider, Request
from nba_resources.sources.validation.parsers import arrow_schema
from nba_resources.sources.validation.validate import validate_feed

GAME_FEEDS = frozenset({"player_boxscores", "team_boxscores", "shots"})
FIRST = dt.date(2021, 7, 1)  # no older season has a partition
OPTIONAL = frozenset({"rosters"})  # no other table needs them, so a replay works without
LATE = dt.timedelta(hours=5, minutes=30)  # after tip-off: a box score still missing is read from the next provider
_NEVER_PLAYED = ("postponed", "cancelled")
_LISTED = 10


@dataclass
class _Notes:
    """Facts about a delivery besides its rows: notes, rows by provider, reasons for using a fallback, rejected rows."""

    notes: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    fallbacks: list[str] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)

    def add(self, delivery: Delivery, provider: str) -> None:
        """Add the notes and the rejected rows of a provider's delivery."""
        self.notes += Counter(delivery.notes)
        self.rejected += [replace(one, source=one.source or provider) for one in delivery.rejected]


class LiveSource(Source):
    """Reads providers through the landing. Without a client it sends no requests: a replay of what is landed."""

    name = "live"

    def __init__(
        self,
        providers: Sequence[Provider],
        landing: Landing,
        client: Client | None,
        priorities: Mapping[str, ProviderPriority],
        before_tip: tuple[dt.timedelta, ...] = BEFORE_TIP,
    ) -> None:
        self._providers = {provider.name: provider for provider in providers}
        self._landing, self._client, self._priorities, self.before_tip = landing, client, priorities, before_tip

    def fetch(self, feed: str, dates: DateRange) -> Delivery:
        """Return each season's rows from the first provider that has them; `source` names the provider of a row."""
        notes = _Notes()
        rows: list[pa.Table] = []
        start, end = max(dates.start, FIRST), min(dates.end, days_of(season_of(self.today())).end)
        for season in by_season(DateRange(start, end)) if start <= end else ():
            try:
                rows += self._season_rows(feed, season, notes)
            except SourceUnavailable:
                if dates != ALWAYS or season.end >= self.today():
                    raise
                notes.notes[f"no provider has {feed} of {season_of(season.start)}"] += 1
        empty = _with_source(feed, arrow_schema(FEEDS[feed]).empty_table(), self.name)
        result: dict[str, Note] = dict(notes.notes)
        if notes.fallbacks:
            result["why not from the first provider"] = "; ".join(dict.fromkeys(notes.fallbacks))
        facts = {**notes.rows, **self._credits_left()}
        return Delivery(pa.concat_tables([empty, *rows]), result, facts, tuple(notes.rejected))

    def today(self) -> dt.date:
        """Return the current date in US Eastern time, with or without games."""
        return eastern_date(self._now())

    def signature(self) -> str | None:
        """Return a text that changes with any provider's schedule; all other feeds are loaded by the clock."""
        season = season_of(self.today())
        providers = self._by_priority("schedule", self.today())
        paths = [path for provider in providers for path in self._landing.paths(provider.name, f"schedule/{season}/")]
        return f"{sha256(chr(10).join(paths).encode()).hexdigest()[:16]} {season}" if paths else None

    def fingerprints(self, feed: str) -> dict[dt.date, str]:
        """Hash the fixtures of each date: every load updates scores, but only the schedule shows a moved game."""
        if feed != "schedule":
            return {}
        fixtures: dict[dt.date, list[str]] = {}
        for game in self._landed_schedule(days_of(season_of(self.today()))):
            not_played = game["status"] if game["status"] in _NEVER_PLAYED else ""
            fixture = [game["game_id"], game["home_team"], game["away_team"], game["start_time_utc"], not_played]
            fixtures.setdefault(game["game_date"], []).append(str(fixture))
        return {day: sha256("".join(sorted(games)).encode()).hexdigest()[:16] for day, games in fixtures.items()}

    def rows_by_provider(self, feed: str, dates: DateRange) -> dict[str, pa.Table]:
        """Return the landed rows of each provider, the most trusted first; no request is sent, none is read alone."""
        rows: dict[str, list[pa.Table]] = {}
        for season in by_season(dates):
            providers = self._by_priority(feed, season.start, needs_key=False)
            for provider in providers if len(providers) > 1 else ():
                try:
                    table, _ = self._landed(provider, feed, season, _Notes())
                except (SourceUnavailable, BadInput):
                    continue  # the load of these rows reports the error
                if table.num_rows:
                    rows.setdefault(provider.name, []).append(table)
        return {name: pa.concat_tables(tables) for name, tables in rows.items()}

    def health(self) -> list[Finding]:
        """Examine each provider: reachable or not, key, credits, last response."""
        looks = 1 + len(self.before_tip)  # a game's lines are requested when first seen, and at these times
        return [_health(provider, self._landing, self._client, looks) for provider in self._providers.values()]

    def _season_rows(self, feed: str, dates: DateRange, notes: _Notes, replay: bool = False) -> Iterator[pa.Table]:
        """Yield the rows of one season's dates. Late games alone are read from the next providers."""
        providers = self._by_priority(feed, dates.start)
        if not providers and feed != "schedule":
            notes.notes["no provider of this feed is in NBA_PROVIDERS, or its key is not set"] += 1
            return
        errors: list[str] = []
        for place, provider in enumerate(providers):
            try:
                rows = self._provider_rows(provider, feed, dates, notes, replay)
            except SourceUnavailable as error:
                errors.append(f"{provider.name}: {error}")
                continue
            notes.fallbacks += errors
            yield self._counted(feed, provider, rows, notes)
            if feed in GAME_FEEDS:
                yield from self._late_games(feed, dates, rows, providers[place + 1 :], notes)
            return
        reasons = "; ".join(errors) or "NBA_PROVIDERS names no provider of it"
        raise SourceUnavailable(f"no provider delivers {feed} of {dates}: {reasons}")

    def _late_games(
        self, feed: str, dates: DateRange, rows: pa.Table, others: Sequence[Provider], notes: _Notes
    ) -> Iterator[pa.Table]:
        """Yield complete games that are missing: rows of one game are never from two providers."""
        delivered = set(rows["game_id"].to_pylist())
        late = {game: day for game, day in self._finished_games(dates).items() if game not in delivered}
        for provider in others:
            for day in sorted(set(late.values())):
                try:
                    table = self._provider_rows(provider, feed, DateRange(day, day), notes)
                except SourceUnavailable as error:
                    notes.fallbacks.append(f"{provider.name}: {error}")
                    break
                of_day = [game for game, date in late.items() if date == day]
                table = table.filter(pc.is_in(table["game_id"], pa.array(of_day, pa.string())))
                if found := set(table["game_id"].to_pylist()):
                    notes.fallbacks.append(f"late: {', '.join(sorted(found)[:_LISTED])}")
                    yield self._counted(feed, provider, table, notes)
                late = {game: date for game, date in late.items() if game not in found}
        if late:
            notes.notes["games no provider has yet"] += len(late)

    def _provider_rows(
        self, provider: Provider, feed: str, dates: DateRange, notes: _Notes, replay: bool = False
    ) -> pa.Table:
        if self._client is None or replay:
            rows, nothing_landed = self._landed(provider, feed, dates, notes)
            if nothing_landed and not rows.num_rows and feed not in OPTIONAL:
                raise SourceUnavailable(f"no {feed} of {dates} was landed by then")
            return rows
        fetcher = LiveFetcher(self._landing, self._client, provider.policy, provider.canary(), self.before_tip)
        try:
            delivery = validate_feed(FEEDS[feed], *provider.fetch(feed, dates, fetcher))
        except CreditsSpent:
            if dates.end >= self.today():
                raise
            notes.notes["paid history that was not requested: only landed rows are used"] += 1
            return self._landed(provider, feed, dates, notes)[0]
        notes.add(delivery, provider.name)
        return delivery.rows

    def _landed(self, provider: Provider, feed: str, dates: DateRange, notes: _Notes) -> tuple[pa.Table, bool]:
        """Return the landed rows, and whether none of the requests for them was ever landed."""
        fetcher = ReplayFetcher(self._landing)
        delivery = validate_feed(FEEDS[feed], *provider.fetch(feed, dates, fetcher))
        notes.add(delivery, provider.name)
        return delivery.rows, fetcher.nothing_landed

    def _finished_games(self, dates: DateRange) -> dict[str, dt.date]:
        """Return the games of the landed schedule that ended long enough ago."""
        try:
            games = self._landed_schedule(dates)
        except SourceUnavailable:
            return {}
        return {
            game["game_id"]: game["game_date"]
            for game in games
            if game["status"] not in _NEVER_PLAYED
            and game["season_type"] != "all_star"
            and _start(game) + LATE < self._now()
        }

    def _landed_schedule(self, dates: DateRange) -> list[Row]:
        tables = self._season_rows("schedule", dates, _Notes(), replay=True)
        return [game for table in tables for game in table.to_pylist()]

    def _by_priority(self, feed: str, day: dt.date, needs_key: bool = True) -> list[Provider]:
        """Return the enabled providers of a feed, best first; by default only those with a key."""
        past = season_of(day) < season_of(self.today())
        names = self._priorities[feed].history if past else self._priorities[feed].daily
        providers = [self._providers[name] for name in names if name in self._providers]
        if needs_key and self._client is not None:
            providers = [provider for provider in providers if self._client.has_key(provider.policy)]
        return [provider for provider in providers if feed in provider.feeds]

    def _counted(self, feed: str, provider: Provider, rows: pa.Table, notes: _Notes) -> pa.Table:
        notes.rows[f"rows from {provider.name}"] += rows.num_rows
        return _with_source(feed, rows, provider.name)

    def _credits_left(self) -> dict[str, Note]:
        if self._client is None:
            return {}
        return {
            f"credits left at {provider.name}": self._client.credits.left(provider.name, provider.policy.quota)
            for provider in self._providers.values()
            if provider.policy.quota and self._client.has_key(provider.policy)
        }

    def _now(self) -> dt.datetime:
        if self._client is not None:
            return self._client.now()
        return self._landing.known_by or dt.datetime.now(dt.UTC)


def _with_source(feed: str, rows: pa.Table, name: str) -> pa.Table:
    """Add the column `source` unless the feed has its own."""
    if "source" in FEEDS[feed].fields:
        return rows
    return rows.append_column("source", pa.array([name] * rows.num_rows, pa.string()))


def _start(game: Row) -> dt.datetime:
    """Return the tip-off, or the end of the day if it is unknown."""
    if game["start_time_utc"] is not None:
        return game["start_time_utc"]
    return dt.datetime.combine(game["game_date"] + dt.timedelta(days=1), dt.time(), EASTERN)


def _health(provider: Provider, landing: Landing, client: Client | None, looks: int) -> Finding:
    """Examine a provider, which is asked `looks` times for a game's lines; without a client, send nothing."""
    subject, policy = f"provider {provider.name}", provider.policy
    last = _last_response(provider, landing, client)
    if client is None:
        return Finding(Level.OK, subject, f"not requested in a replay; {last}")
    if not client.has_key(policy):
        remedy = f"Set {policy.key_variable}, or leave {provider.name} out of NBA_PROVIDERS."
        return Finding(Level.WARN, subject, f"not requested: its key is not set; {last}", remedy)
    canary = provider.canary()
    error = _error(canary, LiveFetcher(landing, client, policy, canary)) if canary else None
    result = error or ("answers" if canary else "not requested")
    key = "key set" if policy.key_variable else "no key needed"
    found = "; ".join([result, key, *_budget(provider, client, looks), _last_response(provider, landing, client)])
    remedy = provider.if_refused or "Correct the error, or wait: meanwhile the next provider by priority is used."
    return Finding(Level.FAIL, subject, found, remedy) if error else Finding(Level.OK, subject, found)


def _budget(provider: Provider, client: Client, looks: int) -> list[str]:
    """Return the credits of a paid plan that are left, and those that a game's lines cost."""
    if (quota := provider.policy.quota) is None:
        return []
    price = [f"lines of a game cost {looks * quota.per_look:g}"] if quota.per_look else []
    return [f"{client.credits.left(provider.name, quota):g} credits left", *price]


def _error(canary: Request, fetcher: LiveFetcher) -> str | None:
    try:
        return None if fetcher.get(canary) is not None else "answers that a document which always exists does not"
    except (SourceUnavailable, BadInput) as error:
        return str(error)


def _last_response(provider: Provider, landing: Landing, client: Client | None) -> str:
    times = [received_at(path) for path in landing.paths(provider.name)]
    recorded = client.state.last_response_of(provider.name) if client else None
    latest = max([*times, recorded] if recorded else times, default=None)
    return f"last response {latest:%Y-%m-%d %H:%M} UTC" if latest else "no response so far"
