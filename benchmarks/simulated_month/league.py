"""The league of a month as its providers show it at any time: what happens is drawn from a seed.

Fifteen clubs of the simulated league, so that a day has two or three games. Lines move until the last minute, box
scores are corrected up to three days later, games are moved or postponed, and two players are traded at noon.
"""

import bisect
import datetime as dt
import functools
import operator
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pyarrow.compute as pc
from werkzeug import Request

from nba_resources.dates import EASTERN, DateRange
from nba_resources.sources.simulated import SimulatedSource
from tests.nba_platform.live.game_day import Board
from tests.nba_resources.sources.fakes.league import League, Row, iso
from tests.nba_resources.sources.fakes.nba_com import FakeNbaCom
from tests.nba_resources.sources.fakes.report import FakeReports

OPENING = dt.date(2024, 10, 22)
FIRST = dt.date(2024, 12, 2)  # most clubs have played ten games among themselves, so that players may be bet on
CLUBS = frozenset(
    ["ATL", "BOS", "BKN", "CHA", "CHI", "CLE", "DET", "IND", "MIA", "MIL", "NYK", "ORL", "PHI", "TOR", "WAS"]
)
MARKETS = ("player_points", "player_assists")
BOOKS = ("northside", "harborline")
OURS = {"market": MARKETS, "bookmaker": BOOKS} | dict.fromkeys(
    ("home_team", "away_team", "team_abbr", "opponent_team_abbr"), sorted(CLUBS)
)
GAME_LASTS = dt.timedelta(hours=2, minutes=30)
FIRST_LINES, NOON = dt.time(8, 30), dt.time(12)
ASSUMED = dt.time(19)  # the tip-off of a game that has none yet
REPORT_HOURS = (8, 11, 16, 18)  # a report of another hour is not published: reading a PDF takes long
CORRECTED, MOVED, POSTPONED, TRADED, MOVES = 0.25, 0.06, 0.03, 0.1, 0.3  # chances: of a game, of a day, of a line


def at(day: dt.date, time: dt.time) -> dt.datetime:
    """Return a time of a day in New York."""
    return dt.datetime.combine(day, time, EASTERN).astimezone(dt.UTC)


class SmallLeague(League):
    """The games among some clubs, with lines of two books in two markets."""

    def rows(self, feed: str, dates: DateRange | None = None) -> list[Row]:
        """Return the rows of a feed that are about these games."""
        rows = SimulatedSource(today=self.today).fetch(feed, dates or self.dates).rows
        ours = [pc.field(name).isin(values) for name, values in OURS.items() if name in rows.column_names]
        return rows.filter(functools.reduce(operator.and_, ours)).to_pylist() if ours else rows.to_pylist()


@dataclass(frozen=True)
class Happening:
    """Something that changes the league from a moment on."""

    kind: str
    since: dt.datetime
    game_id: str = ""
    day: dt.date | None = None  # the new date of a moved game; None if it has none
    player: int = 0
    players: dict[int, tuple[int, str]] = field(default_factory=dict)  # of a trade: who plays in whose place

    def __str__(self) -> str:
        about = self.game_id or " and ".join(name for _, name in self.players.values())
        return f"{self.since.astimezone(EASTERN):%m-%d %H:%M} {self.kind} {about} {self.day or ''}".rstrip()


class Truth:
    """All that happens in the month, and the league as it was known at a moment."""

    def __init__(self, seed: int, days: int, now: Callable[[], dt.datetime]) -> None:
        self.now, self.days = now, [FIRST + dt.timedelta(days=n) for n in range(days)]
        last = self.days[-1] + dt.timedelta(days=3)
        self.league = SmallLeague(last + dt.timedelta(days=1), DateRange(OPENING, last))
        self.chance = random.Random(f"league {seed}")
        self.games = {game["game_id"]: game for game in self.league.schedule if game["game_date"] >= OPENING}
        self.taken = {
            (game[side], game["game_date"]) for game in self.games.values() for side in ("home_team", "away_team")
        }
        self.happenings = [one for day in self.days for one in self._of(day)]
        starts = {begins + after for begins in self._starts() for after in (dt.timedelta(), GAME_LASTS)}
        self.changes = sorted(starts | {one.since for one in self.happenings})

    def _starts(self) -> set[dt.datetime]:
        """Return when games may begin, also on the days to which they may be moved."""
        tips = {game["start_time_utc"] or at(game["game_date"], ASSUMED) for game in self.games.values()}
        return {tip + dt.timedelta(days=n) for tip in tips for n in (0, 1, 2)}

    @property
    def version(self) -> int:
        """A number that changes whenever something in the league does."""
        return bisect.bisect_right(self.changes, self.now())

    @property
    def changed_at(self) -> dt.datetime:
        """The time of the last change, when files were made anew."""
        return self.changes[max(self.version - 1, 0)]

    def _of(self, day: dt.date) -> list[Happening]:
        """Draw what happens to the games of a day."""
        found = []
        games = [game for game in self.league.played if game["game_date"] == day and game["start_time_utc"]]
        for game in games:
            fate, noon = self.chance.random(), at(day, NOON)
            if fate < POSTPONED:
                found.append(Happening("postponed", noon, game["game_id"]))
            elif fate < POSTPONED + MOVED:
                if later := self._free_day(game, self.chance.randint(1, 2)):
                    found.append(Happening("moved", noon, game["game_id"], later))
            elif self.chance.random() < CORRECTED:
                corrected = at(day + dt.timedelta(days=self.chance.randint(1, 3)), dt.time(5))
                star = max(self.league.players[game["game_id"]], key=lambda row: row["pts"])["player_id"]
                found.append(Happening("corrected", corrected, game["game_id"], player=star))
        if games and self.chance.random() < TRADED:
            one, other = (self._somebody(club) for club in self.chance.sample(sorted(CLUBS), 2))
            if one and other:
                places = {one[0]: other, other[0]: one}
                found.append(Happening("traded", at(day, NOON), players=places))
        return found

    def _free_day(self, game: Row, days: int) -> dt.date | None:
        """Return the day to which a game is moved, or the one beside it; no club plays twice a day."""
        for n in (days, 3 - days):
            later = game["game_date"] + dt.timedelta(days=n)
            places = {(game[side], later) for side in ("home_team", "away_team")}
            if not places & self.taken:
                self.taken |= places
                return later
        return None

    def _somebody(self, club: str) -> tuple[int, str] | None:
        rows = [row for rows in self.league.players.values() for row in rows if row["team_abbr"] == club]
        row = self.chance.choice(rows) if rows else None
        return row and (row["player_id"], row["player_name"])

    def known(self, kind: str, moment: dt.datetime | None = None) -> list[Happening]:
        """Return what of a kind has happened by now."""
        return [one for one in self.happenings if one.kind == kind and one.since <= (moment or self.now())]

    def schedule(self) -> list[Row]:
        """Return every game with its date and status as of now."""
        moved = {one.game_id: one.day for kind in ("moved", "postponed") for one in self.known(kind)}
        teams = self.teams
        return [self._as_of_now(game, moved, teams) for game in self.games.values()]

    def _as_of_now(self, game: Row, moved: dict[str, dt.date | None], teams: dict[str, list[Row]]) -> Row:
        tip = game["start_time_utc"]
        day = moved.get(game["game_id"])
        if day and tip:
            tip += day - game["game_date"]
        begins = tip or at(game["game_date"], ASSUMED)
        called_off = game["game_id"] in moved and day is None
        over = not called_off and begins + GAME_LASTS <= self.now()
        known: Row = {"start_time_utc": tip, "game_date": day or game["game_date"]}
        if called_off:
            return game | {"status": "scheduled", "home_pts": None, "away_pts": None, "called_off": True}
        if not over:
            live = begins <= self.now()
            return game | known | {"status": "live" if live else "scheduled", "home_pts": None, "away_pts": None}
        points = {row["team_abbr"]: row["pts"] for row in teams[game["game_id"]]}
        return game | known | {f"{side}_pts": points[game[f"{side}_team"]] for side in ("home", "away")}

    @property
    def players(self) -> dict[str, list[Row]]:
        """The players' box scores, as corrected by now and with traded players in each other's place."""
        return {game: [self._player(row) for row in rows] for game, rows in self.league.players.items()}

    def _player(self, row: Row) -> Row:
        for trade in self.known("traded"):
            if row["player_id"] in trade.players and row["game_date"] >= trade.since.astimezone(EASTERN).date():
                number, name = trade.players[row["player_id"]]
                row = row | {"player_id": number, "player_name": name}
        return _corrected(row) if "pts" in row and self._is_corrected(row) else row

    def _is_corrected(self, row: Row) -> bool:
        return any(one.game_id == row["game_id"] and one.player == row["player_id"] for one in self.known("corrected"))

    @property
    def teams(self) -> dict[str, list[Row]]:
        """The teams' box scores, as corrected by now."""
        stars = {(one.game_id, one.player) for one in self.known("corrected")}
        of = {
            (row["game_id"], row["team_abbr"])
            for rows in self.league.players.values()
            for row in rows
            if (row["game_id"], row["player_id"]) in stars
        }
        return {game: [_team_corrected(row, of) for row in rows] for game, rows in self.league.teams.items()}

    def shots(self, game_id: str) -> list[Row]:
        """Return the shots of a game, with traded players in each other's place."""
        about = {"game_id": game_id, "game_date": self.games[game_id]["game_date"], "player_name": ""}
        return [self._player(shot | about) for shot in self.league.shots.get(game_id, [])]


def _corrected(row: Row) -> Row:
    return row | {name: row[name] + by for name, by in (("pts", 2), ("fgm", 1), ("fga", 1))}


def _team_corrected(row: Row, of: set[tuple[str, str]]) -> Row:
    """Correct the team of the player, and the other team's view of it."""
    if (row["game_id"], row["team_abbr"]) in of:
        row = _corrected(row) | {"plus_minus": row["plus_minus"] + 2}
    if (row["game_id"], row["opponent_team_abbr"]) in of:
        row = row | {"opp_pts": row["opp_pts"] + 2, "plus_minus": row["plus_minus"] - 2}
    return row


class NbaCom(FakeNbaCom):
    """NBA.com's files as of now."""

    def __init__(self, truth: Truth) -> None:
        super().__init__(truth)  # type: ignore[arg-type]
        self.truth, self.version = truth, -1

    def answer(self, path: str, request: Request) -> Any:
        """Answer from the league as it is known now."""
        if self.version != self.truth.version:
            self.version, self.league = self.truth.version, Seen(self.truth)  # type: ignore[assignment]
        seen: Any = self.league
        asked = re.search(r"\d{10}", path)
        seen.shots = {asked[0]: self.truth.shots(asked[0])} if asked and "playbyplay" in path else {}
        document = super().answer(path, request)
        if document:
            document["meta"]["time"] = iso(self.truth.changed_at)
        if "schedule" in path:
            for game in (game for date in document["leagueSchedule"]["gameDates"] for game in date["games"]):
                if game["gameId"] in seen.called_off:
                    game["gameStatusText"] = "PPD"
        return document


class Seen:
    """The league as `FakeNbaCom` reads it; games that are not final have no box score."""

    def __init__(self, truth: Truth) -> None:
        self.schedule = self.played = truth.schedule()
        self.called_off = {game["game_id"] for game in self.schedule if game.get("called_off")}
        self.players, self.teams = truth.players, truth.teams
        self.shots: dict[str, list[Row]] = {}


class Odds(Board):
    """The bookmakers' lines: posted in the morning, moved until the last minute, and wild during the game."""

    def __init__(self, truth: Truth, feed: str) -> None:
        super().__init__(truth.league, truth.now, feed)
        self.truth, drawn = truth, self.at
        self.at = {}
        chance, first = random.Random(f"lines {truth.chance.random()}"), {}
        for pair, moment in sorted(drawn):
            for row in drawn[pair, moment]:
                first.setdefault((pair, row["game_date"]), {}).setdefault(_offer(row), row)
        for (pair, day), rows in first.items():
            self._post(pair, day, [*rows.values()], chance)

    def _post(self, pair: Any, day: dt.date, rows: list[Row], chance: random.Random) -> None:
        tip = rows[0]["start_time_utc"]
        self.at[pair, at(day, FIRST_LINES)] = rows
        minutes = sorted((chance.randint(1, 60), chance.randint(60, 400), chance.randint(-90, -5)), reverse=True)
        for before in minutes:
            jump = 6 if before < 0 else 1
            rows = [self._moved(row, jump, chance) for row in rows]
            self.at[pair, tip - dt.timedelta(minutes=before)] = rows

    def _moved(self, row: Row, jump: float, chance: random.Random) -> Row:
        if "line" in row and chance.random() < MOVES:
            return row | {"line": max(0.5, row["line"] + chance.choice((-jump, jump)))}
        return row

    def posted(self) -> dict[tuple[str, str, str, float], dt.datetime]:
        """Return when each line was first posted; a traded player's also under the other's name."""
        names = {name: [name] for rows in self.at.values() for row in rows for name in [row["player_name_raw"]]}
        for trade in (one for one in self.truth.happenings if one.kind == "traded"):
            (_, one), (_, other) = trade.players.values()
            names[one], names[other] = [*names.get(one, [one]), other], [*names.get(other, [other]), one]
        first: dict[tuple[str, str, str, float], dt.datetime] = {}
        for (_, moment), rows in sorted(self.at.items(), key=lambda item: item[0][1]):
            for row in rows:
                for name in names[row["player_name_raw"]]:
                    first.setdefault((row["bookmaker"], row["market"], name, row["line"]), moment)
        return first

    def answer(self, path: str, request: Request) -> Any:
        """Leave out games that were moved or called off."""
        gone = {one.game_id for kind in ("moved", "postponed") for one in self.truth.known(kind)}
        every = self.events
        self.events = [event for event in every if event["game_id"] not in gone]
        try:
            return super().answer(path, request)
        finally:
            self.events = every

    def _books(self, game: Row, now: dt.datetime, request: Request) -> list[Row]:
        """Name a traded player in the other's place from noon on."""
        books = super()._books(game, now, request)
        names = {
            name_of: name
            for trade in self.truth.known("traded", now)
            for (_, name_of), (_, name) in [tuple(trade.players.values()), tuple(trade.players.values())[::-1]]
        }
        for book in books:
            for market in book["markets"]:
                for outcome in market["outcomes"]:
                    if "description" in outcome:
                        outcome["description"] = names.get(outcome["description"], outcome["description"])
        return books


def _offer(row: Row) -> tuple[Any, ...]:
    return row["bookmaker"], row.get("market"), row.get("player_name_raw")


class Reports(FakeReports):
    """The injury reports of a few hours of each day."""

    def answer(self, path: str, request: Request) -> Any:
        """Answer from the hours at which one is published."""
        published = dt.datetime.strptime(path[-19:-4], "%Y-%m-%d_%I%p").replace(tzinfo=EASTERN)
        known = published.date() in self.games and published.date() >= FIRST and published.hour in REPORT_HOURS
        return super().answer(path, request) if known else None
