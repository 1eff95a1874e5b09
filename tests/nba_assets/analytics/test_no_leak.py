"""Facts of a date or later change nothing that was known that morning, in either direction of time."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

import duckdb
import pytest

from nba_assets.kit.table import Table
from nba_resources.dates import DateRange
from nba_resources.warehouse.sql.statements import Statement

from ...few_markets import FewMarkets
from ...shared import TEMPLATES
from .league import TABLES, Row, day, moment, statement

PLAYED = DateRange(dt.date(2024, 10, 1), dt.date(2024, 12, 5))
NIGHTS = ("2024-11-27", "2024-11-29")
RAW = (
    *("schedule", "team_boxscores", "player_boxscores", "shots"),
    *("player_props", "game_odds", "injury_reports"),
)
SUMMARIES = ("players", "player_game_summary", "team_offense_game_summary")
CONTEXTS = ("upcoming_team_game_context", "player_prop_lines", "prop_line_path", "upcoming_player_game_context")
Change = Mapping[str, str]

LATER = "game_date >= $night"
TOO_LATE = "(game_date > $night OR (game_date = $night AND minutes_before_tip <= 0))"
UNHEARD = (
    "(CASE WHEN known_at IS NULL THEN report_date >= $night ELSE known_at >= $last_tip OR report_date > $night END)"
)
UNTOLD: Change = {
    **{
        name: f"SELECT * FROM truth.{name} WHERE NOT {LATER}"
        for name in ("player_boxscores", "team_boxscores", "shots")
    },
    **{name: f"SELECT * FROM truth.{name} WHERE ({TOO_LATE}) IS NOT TRUE" for name in ("player_props", "game_odds")},
    "injury_reports": f"SELECT * FROM truth.injury_reports WHERE NOT {UNHEARD}",
    "schedule": f"""SELECT * REPLACE (
        if({LATER}, 'scheduled', status) AS status, if({LATER}, NULL, home_pts) AS home_pts,
        if({LATER}, NULL, away_pts) AS away_pts) FROM truth.schedule""",
}
TOLD_OTHERWISE: Change = {
    "player_boxscores": f"""SELECT * REPLACE (
        if({LATER}, opponent_team_abbr, team_abbr) AS team_abbr,
        if({LATER}, 'Somebody Else', player_name) AS player_name,
        if({LATER}, pts + 30, pts) AS pts, if({LATER}, 5, minutes) AS minutes) FROM truth.player_boxscores""",
    "team_boxscores": f"""SELECT * REPLACE (
        if({LATER}, opp_pts, pts) AS pts, if({LATER}, pts, opp_pts) AS opp_pts, if({LATER}, 120, fga) AS fga)
        FROM truth.team_boxscores""",
    "shots": f"SELECT * REPLACE (if({LATER}, 'three', zone) AS zone) FROM truth.shots",
    "player_props": f"SELECT * REPLACE (if({TOO_LATE}, 60.5, line) AS line) FROM truth.player_props",
    "game_odds": f"""SELECT * REPLACE (
        if({TOO_LATE}, 30, spread_home) AS spread_home, if({TOO_LATE}, 290, total) AS total) FROM truth.game_odds""",
    "injury_reports": f"""SELECT * FROM truth.injury_reports WHERE NOT {UNHEARD}
        UNION ALL BY NAME SELECT DISTINCT 'il_transaction' AS kind, CAST($night AS DATE) AS report_date,
            strftime(CAST($night AS DATE), '%Y-%m-%d') AS report_key, 'none' AS game_key, team_abbr,
            player_name AS player_name_raw, 'placed' AS event FROM truth.player_boxscores WHERE NOT {LATER}
        UNION ALL BY NAME SELECT DISTINCT 'status_report' AS kind, CAST($night AS DATE) AS report_date,
            $last_tip AS known_at, strftime($last_tip, '%Y-%m-%dT%H:%M:%SZ') AS report_key, team_abbr,
            CAST($night AS DATE) AS game_date, strftime(CAST($night AS DATE), '%Y-%m-%d') AS game_key,
            player_name AS player_name_raw, 'status' AS event, 'out' AS status
            FROM truth.player_boxscores WHERE NOT {LATER}""",
    "schedule": f"""SELECT * REPLACE (
        if({LATER}, away_pts, home_pts) AS home_pts, if({LATER}, home_pts, away_pts) AS away_pts,
        if(game_date > $night, 'postponed', status) AS status) FROM truth.schedule""",
}


class Simulation:
    """A simulated autumn, whose facts can be taken back or changed from a date on."""

    def __init__(self) -> None:
        self.engine, source = duckdb.connect(), FewMarkets(today=PLAYED.end)
        self.engine.execute("SET TimeZone = 'UTC'")
        for schema in ("truth", "nba_raw", "nba_reference", "nba_analytics"):
            self.engine.execute(f"CREATE SCHEMA {schema}")
        for name in RAW:
            self.engine.register(f"delivered_{name}", source.fetch(name, PLAYED).rows)
            self._create("truth", name, _raw(TABLES[name]))
            self._create("nba_raw", name, f"SELECT * FROM truth.{name}")
        self.engine.register("delivered_rosters", source.fetch("rosters", PLAYED).rows)
        self._create("nba_reference", "birth_dates", _raw(TABLES["birth_dates"]))

    def contexts(self, nights: DateRange, change: Change | None = None) -> dict[str, list[Row]]:
        """Return all morning tables, computed again from the changed facts."""
        tips = self.engine.execute(
            "SELECT max(start_time_utc) FROM truth.schedule WHERE game_date = $1", [nights.start]
        )
        given = {"night": nights.start, "last_tip": (tips.fetchone() or ())[0]}
        for name in RAW:
            told = change[name] if change else f"SELECT * FROM truth.{name}"
            self._create("nba_raw", name, told, {key: value for key, value in given.items() if f"${key}" in told})
        for name in SUMMARIES:
            self._create(TABLES[name].contract.dataset, name, statement(name, PLAYED))
        for name in CONTEXTS:
            self._create("nba_analytics", name, statement(name, nights))
        return {name: self._rows(name) for name in CONTEXTS}

    def _rows(self, name: str) -> list[Row]:
        grain = ", ".join(TABLES[name].contract.grain)
        return self.engine.execute(f"SELECT * FROM nba_analytics.{name} ORDER BY {grain}").to_arrow_table().to_pylist()

    def _create(self, schema: str, name: str, query: str, given: Mapping[str, object] | None = None) -> None:
        self.engine.execute(f"CREATE OR REPLACE TABLE {schema}.{name} AS {query}", given or None)


def _raw(table: Table) -> str:
    (query,) = table.queries(TABLES, PLAYED).values()
    query = replace(query, stamps={"ingested_at": moment("2030-01-01"), "source": "simulated"})
    return Statement.of(query, "duckdb", TEMPLATES).cast(table.contract, "duckdb").sql


@pytest.fixture(scope="module")
def known() -> Callable[[str, str | None], dict[str, list[Row]]]:
    """Return the tables of a night, from the facts unchanged or with one of the two changes."""
    simulation = Simulation()
    changes: Mapping[str, Change] = {"untold": UNTOLD, "told otherwise": TOLD_OTHERWISE}

    @cache
    def known(night: str, change: str | None) -> dict[str, list[Row]]:
        nights = DateRange(*map(day, night.split(" to "))) if " to " in night else DateRange(day(night), day(night))
        return simulation.contexts(nights, changes[change] if change else None)

    return known


def assert_same_rows(found: list[Row], expected: list[Row]) -> None:
    assert len(found) == len(expected)
    for row, other in zip(found, expected, strict=True):
        near = {name: pytest.approx(value, abs=1e-9) for name, value in other.items() if isinstance(value, float)}
        assert row == other | near


@pytest.mark.parametrize("night", NIGHTS)
@pytest.mark.parametrize("change", ["untold", "told otherwise"])
@pytest.mark.parametrize("table", CONTEXTS)
def test_nothing_dated_on_the_night_or_later_changes_what_was_known_before_it(
    known: Callable[[str, str | None], dict[str, list[Row]]], table: str, change: str, night: str
) -> None:
    """A predecessor's averages held the game being predicted; an 84 % hit rate was really 52 %."""
    assert_same_rows(known(night, change)[table], known(night, None)[table])


@pytest.mark.parametrize("table", CONTEXTS)
def test_a_range_of_dates_gives_each_date_what_it_gets_alone(
    known: Callable[[str, str | None], dict[str, list[Row]]], table: str
) -> None:
    together = known(f"{NIGHTS[0]} to {NIGHTS[-1]}", None)[table]
    for night in NIGHTS:
        alone = known(night, None)[table]
        assert_same_rows([row for row in together if row["game_date"] == day(night)], alone)


def test_the_simulated_nights_show_what_could_leak(
    known: Callable[[str, str | None], dict[str, list[Row]]],
) -> None:
    """A comparison of empty columns would prove nothing."""
    stars = 0
    for night in NIGHTS:
        teams, lines, path, players = (known(night, None)[name] for name in CONTEXTS)
        assert any(row["spread"] is not None for row in teams)
        assert lines
        assert len(path) > len(lines)
        assert {"out", "available"} <= {row["player_status"] for row in players}
        assert any(row["teammates_out"] for row in players)
        stars += sum(bool(row["star_teammates_out"]) for row in players)
    assert stars
