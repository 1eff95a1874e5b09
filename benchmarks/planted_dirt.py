"""A copy of a part of the archive with planted faults, and what each of them must lead to.

`copy_archive` writes the sound files, which are also the mend, `plant` the same with faults, one game or row for each.
"""

import datetime as dt
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import duckdb

from nba_resources.dates import DateRange
from nba_resources.sources.archive.layout import LAYOUTS

UNDATED = dt.date(2021, 10, 19)  # the first partition
DATES = {  # the date column of each file; the schedule is copied whole, as seasons come from it
    **dict.fromkeys(("player_boxscores", "team_boxscores", "shots", "game_odds", "game_odds_open_close"), "game_date"),
    **dict.fromkeys(("player_points_props", "player_props"), "game_date"),
    "injury_reports": "report_date",
    "injury_statuses": "left(report_time, 10)::DATE",
}
LONG_NAME = "Bartholomew Q" * 23 + "x"  # 300 characters
CONTROL = "Jay\x07\x1b[31m Brown\x7fson"
MARKUP = "<img src=x onerror=alert(1)>"
YEAR = "INTERVAL 365 DAY"


@dataclass(frozen=True)
class Planted:
    """A planted fault and its expected consequence.

    `set_aside` counts the rows by feed that must lie in `rejected_rows`; each holds all values of `key`. `refused` is
    the derived table that must refuse the date. `stored` is a condition, with its table, of a row that must be stored.
    """

    kind: str
    date: dt.date
    key: tuple[str, ...] = ()
    set_aside: Mapping[str, int] = field(default_factory=dict)
    refused: str = ""
    stored: str = ""


@dataclass
class Chooser:
    """Picks games and rows that no other fault uses."""

    con: duckdb.DuckDBPyConnection
    games: list[tuple[str, dt.date]]
    chance: random.Random
    used: set[object] = field(default_factory=set)

    def game(self) -> tuple[str, dt.date]:
        """Return a finished game with players, starters, teams and shots."""
        return self.games.pop()

    def substitute(self, game: str) -> int:
        """Return a player of the game who did not start."""
        return self.chance.choice(
            self._rows(f"SELECT player_id FROM player_boxscores WHERE game_id = '{game}' AND NOT starter")
        )[0]

    def row(
        self, stem: str, names: Sequence[str], condition: str, filed: dt.date | None
    ) -> tuple[int, dt.date, list[str]]:
        """Return the number, the date and some values of a row; no other fault has them where it is filed."""
        date = DATES[stem]
        chosen = ", ".join(names)
        rows = self._rows(
            f"SELECT rowid, TRY_CAST({date} AS DATE) AS day, {chosen} FROM {stem} WHERE day IS NOT NULL AND {condition}"
        )
        while True:
            number, day, *values = self.chance.choice(rows)
            if (stem, filed or day, *values) not in self.used:
                self.used.add((stem, filed or day, *values))
                return number, day, values

    def _rows(self, query: str) -> list[tuple]:
        return sorted(self.con.execute(query).fetchall())


Fault = Callable[[Chooser], Planted]


def copy_archive(source: Path, target: Path, dates: DateRange) -> None:
    """Write the archive's files with the rows of the dates only."""
    with closing(_loaded(source, dates)) as con:
        _write(con, target)


def plant(source: Path, target: Path, dates: DateRange, seed: int, each: int = 1) -> list[Planted]:
    """Write the same files with every kind of fault planted `each` times."""
    with closing(_loaded(source, dates)) as con:
        games = con.execute(PLAYABLE).fetchall()
        chance = random.Random(seed)
        chance.shuffle(games)
        chooser = Chooser(con, games, chance)
        faults = [fault for stem, of_stem in FAULTS.items() if stem in _read_stems() for fault in of_stem]
        planted = [fault(chooser) for fault in faults for _ in range(each)]
        _write(con, target)
    return planted


PLAYABLE = """
SELECT game_id, any_value(game_date) FROM games
SEMI JOIN team_boxscores USING (game_id) SEMI JOIN shots USING (game_id)
JOIN (SELECT game_id, count(*) FILTER (starter) AS starters FROM player_boxscores GROUP BY 1) USING (game_id)
WHERE status = 'final' AND starters = 10 AND start_time_utc IS NOT NULL GROUP BY 1 ORDER BY 1
"""
SLATED = "(game_date::VARCHAR, home_team, away_team) IN (SELECT (game_date::VARCHAR, home_team, away_team) FROM games)"
ONCE = "(source, bookmaker, game_date, player_name, snapshot_utc, line)"
BEFORE_TIP = f"{SLATED} AND snapshot_utc < commence_time_utc"


def _read_stems() -> set[str]:
    return {layout.stem for layouts in LAYOUTS.values() for layout in layouts}


def _loaded(source: Path, dates: DateRange) -> duckdb.DuckDBPyConnection:
    """Return a connection with a table for each file. Dates of odds are text, so that one can be unreadable."""
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    con.execute(f"CREATE TABLE games AS FROM '{source / 'games.parquet'}'")
    for stem, date in DATES.items():
        file = source / f"{stem}.parquet"
        if file.exists():
            con.execute(f"CREATE TABLE {stem} AS FROM '{file}' WHERE {date} BETWEEN '{dates.start}' AND '{dates.end}'")
    con.execute("ALTER TABLE game_odds ALTER game_date TYPE VARCHAR")
    return con


def _write(con: duckdb.DuckDBPyConnection, target: Path) -> None:
    """Write each file beside its old one, then put it in its place: a reader never sees half a file."""
    target.mkdir(parents=True, exist_ok=True)
    for (stem,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall():
        new = target / f"{stem}.new"
        con.execute(f"COPY {stem} TO '{new}' (FORMAT parquet)")
        new.replace(target / f"{stem}.parquet")


def _game(kind: str, change: str, *feeds: str, stored: str = "", refused: str = "") -> Fault:
    """Change a game, or the line of one player in it: the rows of the whole game are set aside in these feeds."""

    def fault(chooser: Chooser) -> Planted:
        game, day = chooser.game()
        names = {"game": game, "player": chooser.substitute(game)}
        chooser.con.execute(change.format(**names))
        count = "SELECT count(*) FROM {} WHERE game_id = '{}'"
        rows = {feed: chooser.con.execute(count.format(feed, game)).fetchall()[0][0] for feed in feeds}
        return Planted(kind, day, (game,), rows, refused, stored.format(**names))

    return fault


def _row(
    stem: str,
    names: Sequence[str],
    condition: str,
    kind: str,
    change: str,
    *values: str,
    stored: str = "",
    copies: bool = False,
    date: dt.date | None = None,
) -> Fault:
    """Change one row of a feed whose rows are set aside one by one.

    In `rejected_rows` it must hold `values` beside those of `names` that are not changed. With `copies` the changed row
    is added. With `stored` it is stored, not set aside; names in braces are filled in.
    """
    feed = next((name for name, layouts in LAYOUTS.items() if stem in {layout.stem for layout in layouts}), "")

    def fault(chooser: Chooser) -> Planted:
        number, day, found = chooser.row(stem, names, condition, date)
        chooser.con.execute(
            f"INSERT INTO {stem} SELECT * REPLACE ({change}) FROM {stem} WHERE rowid = {number}"
            if copies
            else f"UPDATE {stem} SET {change} WHERE rowid = {number}"
        )
        if stored:
            quoted = {name: str(value).replace("'", "''") for name, value in zip(names, found, strict=True)}
            return Planted(kind, day, stored=stored.format(day=day, **quoted))
        kept = [str(value) for name, value in zip(names, found, strict=True) if not change.startswith(f"{name} = ")]
        return Planted(kind, date or day, (*kept, *values), {feed: 1 + copies})

    return fault


_odds = partial(_row, "game_odds", ("bookmaker",), f"{BEFORE_TIP} AND spread_home IS NOT NULL")
_line = partial(
    *(_row, "player_points_props", ("player_name", "bookmaker")),
    f"{BEFORE_TIP} AND over_price < 0 AND {ONCE} IN (SELECT {ONCE} FROM player_points_props GROUP BY ALL "
    "HAVING count(*) = 1)",
)


def _news(stem: str, kind: str, change: str, *values: str, stored: str = "") -> Fault:
    return _row(stem, ("player_name", "team"), "TRUE", kind, change, *values, stored=stored)


_BOX = "UPDATE player_boxscores SET {} WHERE {}"
_PLAYER = "game_id = '{game}' AND player_id = {player}"
_HOME_TEAM = "UPDATE team_boxscores SET {} WHERE game_id = '{{game}}' AND is_home"
_ODDS_STORED = "nba_raw.game_odds WHERE game_date = '{day}' AND bookmaker = '{bookmaker}' AND "

FAULTS: Mapping[str, Sequence[Fault]] = {  # by the file they are planted in
    "games": (
        _game(
            "a game's start a year off",
            f"UPDATE games SET start_time_utc = start_time_utc + {YEAR} WHERE game_id = '{{game}}'",
            stored="nba_raw.schedule WHERE game_id = '{game}' AND start_time_utc IS NULL",
        ),
    ),
    "player_boxscores": (
        *(
            _game(kind, _BOX.format(change, _PLAYER), "player_boxscores")
            for kind, change in {
                "impossible minutes": "minutes = 95",
                "minutes that are NaN": "minutes = 'NaN'",
                "a player's points that do not add up": "ftm = ftm + 1",
                "players' rebounds that differ from the team's": "reb = reb + 2, dreb = dreb + 2",
                "six starters": "starter = TRUE",
                "a player on a third team": "team = (SELECT min(team) FROM team_boxscores WHERE team NOT IN "
                "(SELECT team FROM team_boxscores WHERE game_id = '{game}'))",
            }.items()
        ),
        _game(
            "a box score line twice, with another value",
            "INSERT INTO player_boxscores SELECT * REPLACE (tov + 1 AS tov) FROM player_boxscores WHERE " + _PLAYER,
            "player_boxscores",
        ),
        _game(
            "markup in a name of a box score",
            _BOX.format(f"player_name = '{MARKUP}'", _PLAYER),
            stored=f"nba_raw.player_boxscores WHERE {_PLAYER} AND player_name = '{MARKUP}'",
        ),
    ),
    "team_boxscores": (
        _game("a team's points that do not add up", _HOME_TEAM.format("ftm = ftm + 1"), "team_boxscores"),
        _game(  # no rule about box scores forbids it
            *("an impossible pace", _HOME_TEAM.format("tov = 60, fta = 90, oreb = 0")),
            refused="team_offense_game_summary",
        ),
    ),
    "shots": (
        _game(
            "a shot beyond the hall",
            "UPDATE shots SET distance_ft = 120 WHERE rowid = (SELECT min(rowid) FROM shots WHERE game_id = '{game}')",
            "shots",
        ),
    ),
    "game_odds": (
        _odds("an impossible total", "total = 111.5", "111.5"),
        _odds("an impossible spread", "spread_home = 75.5", "75.5"),
        _odds("odds with a start a year off", f"commence_time_utc = commence_time_utc + {YEAR}"),
        _odds("odds twice, with another value", "spread_home + 1 AS spread_home", copies=True),
        _odds("odds of an unknown team", "home_team = 'XYZ'", "XYZ"),
        _odds("an unreadable date", "game_date = 'yesterday'", "yesterday", date=UNDATED),
        _odds("a total that is NaN", "total = 'NaN'", stored=_ODDS_STORED + "total IS NULL"),
        _odds(
            *("a price out of range", "spread_home_price = 50000"),
            stored=_ODDS_STORED + "spread_home_price IS NULL AND spread_home IS NOT NULL",
        ),
    ),
    "player_points_props": (
        _line("an impossible line", "line = 250.5", "250.5"),
        _line("a line that is NaN", "line = 'NaN'"),
        _line("a line twice, with another price", "-over_price AS over_price", copies=True),
        _line("a line with a start a year off", f"commence_time_utc = commence_time_utc - {YEAR}"),
        _line("a name of 300 characters", f"player_name = '{LONG_NAME}'", LONG_NAME),
        _line("a name with control characters", f"player_name = '{CONTROL}'", CONTROL),
    ),
    "injury_reports": (
        _news("injury_reports", "news of a new kind", "event = 'vanished'", "vanished"),
        _news(
            *("injury_reports", "markup in a name of the news", f"player_name = '{MARKUP}'"),
            stored=f"nba_raw.injury_reports WHERE report_date = '{{day}}' AND player_name_raw = '{MARKUP}'",
        ),
    ),
    "injury_statuses": (_news("injury_statuses", "a status of an unknown word", "status = 'perhaps'", "perhaps"),),
}
