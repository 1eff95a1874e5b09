import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

import nba_assets
from nba_assets.kit.assets import asset_of
from nba_assets.kit.table import declared_tables
from nba_assets.raw.game_odds import game_odds
from nba_assets.raw.injury_reports import injury_reports
from nba_assets.raw.player_boxscores import player_boxscores
from nba_assets.raw.player_points_props import player_points_props
from nba_assets.raw.schedule import schedule
from nba_assets.raw.shots import shots
from nba_resources.dates import DateRange
from nba_resources.sources.base import Delivery, Source
from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.readings import arrow_schema
from nba_resources.warehouse.duckdb import DuckDBWarehouse
from nba_resources.warehouse.io_manager import WarehouseIOManager

TABLES = declared_tables(nba_assets)
MONDAY, TUESDAY, WEDNESDAY = (dt.date(2025, 1, n) for n in (13, 14, 15))
START, END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


def at(hour: int, minute: int = 0, on: int = 13) -> dt.datetime:
    return dt.datetime(2025, 1, on, hour, minute, tzinfo=dt.UTC)


TIPOFF = at(23)


def facts(feed: str, *rows: Mapping[str, Any]) -> pa.Table:
    blank = dict.fromkeys(FEEDS[feed].fields)
    return pa.Table.from_pylist([blank | dict(row) for row in rows], schema=arrow_schema(FEEDS[feed]))


def published(feed: str, *rows: Mapping[str, Any]) -> ir.Table:
    return ibis.memtable(facts(feed, *rows))


def a_game(game_id: str = "0022400561", game_date: dt.date = MONDAY, **changes: Any) -> dict[str, Any]:
    teams = {"home_team": "BOS", "away_team": "NYK", "home_team_id": 1610612738, "away_team_id": 1610612752}
    kind = {"season": "2024-25", "season_type": "regular", "status": "final", "start_time_utc": TIPOFF}
    return {"game_id": game_id, "game_date": game_date, "neutral_site": False} | teams | kind | changes


def slate(*games: Mapping[str, Any]) -> ir.Table:
    return published("schedule", *(games or (a_game(),)))


def rows_of(table: ir.Table) -> list[dict[str, Any]]:
    return table.to_pyarrow().to_pylist()


def test_a_game_is_coded_for_people_by_date_and_teams():
    (game,) = rows_of(schedule(slate(a_game(home_team="LAL", away_team="BOS"))))
    assert (game["game_code"], game["season_year"]) == ("20250113_BOS_LAL", 2024)


def a_shot(**changes: Any) -> dict[str, Any]:
    where = {"game_id": "0022400561", "game_date": MONDAY, "player_id": 1628369, "team_abbr": "BOS", "x": 1.0, "y": 2.0}
    what = {"period": 1, "seconds_left": 600, "made": True, "shot_value": 2, "distance_ft": 5, "action_type": "Layup"}
    return where | what | changes


@pytest.mark.parametrize(
    ("value", "feet", "zone"),
    [
        (3, 22, "three"),
        (2, 23, "mid_range"),
        (2, 8, "paint"),
        (2, 9, "mid_range"),
        (2, 0, "paint"),
        (3, 80, "three"),
    ],
)
def test_the_value_of_a_shot_decides_its_zone_before_the_distance_does(value: int, feet: int, zone: str):
    (shot,) = rows_of(shots(published("shots", a_shot(shot_value=value, distance_ft=feet)), slate()))
    assert shot["zone"] == zone


def test_shots_are_numbered_in_the_order_of_the_game():
    taken = [
        a_shot(period=2, seconds_left=700, action_type="fifth"),
        a_shot(seconds_left=10, action_type="fourth"),
        a_shot(seconds_left=700, action_type="first"),
        a_shot(seconds_left=500, player_id=2, action_type="second"),
        a_shot(seconds_left=500, player_id=3, action_type="third"),
        a_shot(game_id="0022400562", action_type="another game"),
    ]
    for order in (taken, taken[::-1]):
        found = rows_of(shots(published("shots", *order), slate(a_game(), a_game("0022400562"))))
        numbers = {shot["action_type"]: shot["shot_number"] for shot in found}
        assert numbers == {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "another game": 1}


def test_equal_shots_are_all_kept():
    """Three missed tip-ins within one second are three shots."""
    tips = [a_shot(made=False, action_type="Tip")] * 3
    found = rows_of(shots(published("shots", *tips), slate()))
    assert sorted(shot["shot_number"] for shot in found) == [1, 2, 3]


def test_a_shot_without_coordinates_has_its_place_in_the_order():
    found = rows_of(shots(published("shots", a_shot(x=3.0), a_shot(x=None)), slate()))
    assert {shot["x"]: shot["shot_number"] for shot in found} == {None: 1, 3.0: 2}


def odds(**changes: Any) -> dict[str, Any]:
    what = {"bookmaker": "fanduel", "snapshot_kind": "snapshot", "snapshot_utc": at(20), "game_date": MONDAY}
    spread = {"spread_home": -4.5, "spread_home_price": -112, "spread_away_price": -108}
    totals = {"total": 221.5, "over_price": -105, "under_price": -115, "ml_home": -190, "ml_away": 160}
    return {"home_team": "BOS", "away_team": "NYK"} | what | spread | totals | changes


def test_odds_are_taken_as_they_are_where_the_sides_agree():
    (found,) = rows_of(game_odds(published("game_odds", odds()), slate()))
    assert found["game_id"] == "0022400561"
    assert {name: found[name] for name in ("spread_home", "spread_home_price", "spread_away_price")} == {
        "spread_home": -4.5,
        "spread_home_price": -112,
        "spread_away_price": -108,
    }
    assert (found["ml_home"], found["ml_away"], found["over_price"], found["under_price"]) == (-190, 160, -105, -115)


def test_where_the_source_has_the_teams_reversed_sides_prices_and_sign_are_turned():
    (found,) = rows_of(game_odds(published("game_odds", odds(home_team="NYK", away_team="BOS")), slate()))
    assert (found["spread_home"], found["spread_home_price"], found["spread_away_price"]) == (4.5, -108, -112)
    assert (found["ml_home"], found["ml_away"]) == (160, -190)
    assert (found["total"], found["over_price"], found["under_price"]) == (221.5, -105, -115)


def test_odds_know_how_long_before_tipoff_they_were_seen():
    seen = [
        odds(snapshot_utc=at(22, 30)),
        odds(snapshot_utc=at(1, on=14)),
        odds(snapshot_utc=None, snapshot_kind="open"),
    ]
    found = {
        row["snapshot_key"]: row["minutes_before_tip"]
        for row in rows_of(game_odds(published("game_odds", *seen), slate()))
    }
    assert found == {"2025-01-13T22:30:00Z": 30.0, "2025-01-14T01:00:00Z": -120.0, "open": None}


def test_odds_of_no_scheduled_game_are_left_out_and_listed():
    lost = [odds(home_team="LAL"), odds(home_team="LAL", bookmaker="betmgm"), odds(game_date=TUESDAY)]
    table = published("game_odds", odds(), *lost)
    assert len(rows_of(game_odds(table, slate()))) == 1
    assert game_odds.left_out is not None
    listed = game_odds.left_out(table, slate())
    assert [tuple(row.values()) for row in rows_of(listed)] == [(MONDAY, "NYK", "LAL", 2), (TUESDAY, "NYK", "BOS", 1)]


def a_line(**changes: Any) -> dict[str, Any]:
    who = {"source": "us_books", "bookmaker": "fanduel", "player_name_raw": "Jayson Tatum", "game_date": MONDAY}
    what = {"line": 27.5, "home_team": "BOS", "away_team": "NYK", "over_price": -110, "under_price": -114}
    return who | what | {"snapshot_utc": at(20)} | changes


def lines(*found: Mapping[str, Any]) -> list[dict[str, Any]]:
    return rows_of(player_points_props(published("player_points_props", *found), slate()))


def test_a_lines_tipoff_is_the_sources_own_else_that_of_the_schedule():
    own, scheduled, turned, unknown = (
        lines(a_line(**changes))[0]["start_time_utc"]
        for changes in (
            {"start_time_utc": at(22)},
            {},
            {"home_team": "NYK", "away_team": "BOS"},
            {"home_team": None, "away_team": None},
        )
    )
    assert (own, scheduled, turned, unknown) == (at(22), TIPOFF, TIPOFF, None)


@pytest.mark.parametrize(
    ("seen", "key", "minutes"),
    [
        (at(20), "2025-01-13T20:00:00Z", 180.0),
        (at(23, 12), "2025-01-13T23:12:00Z", -12.0),
        (at(22, 59), "2025-01-13T22:59:00Z", 1.0),
        (None, "date_only", None),
    ],
)
def test_a_line_seen_in_play_has_negative_minutes(seen: dt.datetime | None, key: str, minutes: float | None):
    (found,) = lines(a_line(snapshot_utc=seen))
    assert (found["snapshot_key"], found["minutes_before_tip"]) == (key, minutes)


def test_a_line_without_a_scheduled_game_is_kept_as_published():
    (found,) = lines(a_line(home_team="LAL"))
    assert (found["home_team"], found["minutes_before_tip"]) == ("LAL", None)


def test_a_book_is_a_sportsbook_once_it_shows_both_sides_on_the_date():
    found = lines(
        a_line(),
        a_line(line=30.5, under_price=None),
        a_line(bookmaker="one_sided", under_price=None),
        a_line(source="line_only", bookmaker="unknown", over_price=None, under_price=None),
        a_line(source="pickem_2024", bookmaker="prizepicks"),
    )
    kinds = {(row["bookmaker"], row["line"]): row["book_kind"] for row in found}
    assert kinds == {
        ("fanduel", 27.5): "sportsbook",
        ("fanduel", 30.5): "sportsbook",
        ("one_sided", 27.5): "unknown",
        ("unknown", 27.5): "unknown",
        ("prizepicks", 27.5): "pickem",
    }


def an_injury(**changes: Any) -> dict[str, Any]:
    who = {"team_abbr": "BOS", "player_name_raw": "Kristaps Porzingis", "report_date": MONDAY}
    return who | {"kind": "il_transaction", "event": "placed"} | changes


def filed(**changes: Any) -> tuple[dt.date, str]:
    (found,) = rows_of(injury_reports(published("injury_reports", an_injury(**changes))))
    return found["report_date"], found["report_key"]


def test_news_of_the_summer_is_filed_in_october_under_its_own_date():
    assert filed(report_date=dt.date(2024, 7, 3)) == (dt.date(2024, 10, 1), "2024-07-03")
    assert filed(report_date=MONDAY) == (MONDAY, "2025-01-13")


def test_timed_news_is_keyed_by_its_time():
    assert filed(known_at=at(22, 15)) == (MONDAY, "2025-01-13T22:15:00Z")


def a_box(game_id: str = "0022400561", **changes: Any) -> dict[str, Any]:
    who = {"player_id": 1628369, "player_name": "Jayson Tatum", "team_abbr": "BOS", "opponent_team_abbr": "NYK"}
    return who | {"game_id": game_id, "game_date": MONDAY, "is_home": True, "minutes": 34.0, "pts": 27} | changes


def test_the_schedule_and_not_the_source_says_when_a_game_was_played():
    late = published("player_boxscores", a_box(game_date=TUESDAY))
    (found,) = rows_of(player_boxscores(late, slate()))
    assert found["game_date"] == MONDAY


class TinySource(Source):
    """Facts written in the test, corrected as the test goes on."""

    name = "tiny"

    def __init__(self, **feeds: list[dict[str, Any]]) -> None:
        self.feeds = feeds

    def fetch(self, feed: str, dates: DateRange) -> Delivery:
        rows = facts(feed, *self.feeds.get(feed, []))
        on = rows[FEEDS[feed].date]
        within = pc.and_(pc.greater_equal(on, pa.scalar(dates.start)), pc.less_equal(on, pa.scalar(dates.end)))
        return Delivery(rows.filter(within))


class Platform:
    """The raw tables on a warehouse of their own."""

    def __init__(self, folder: Path, source: Source) -> None:
        self.warehouse = DuckDBWarehouse(path=str(folder / "nba.duckdb"))
        self.instance = dg.DagsterInstance.ephemeral()
        self.resources = {"source": source, "warehouse": self.warehouse, "tables": WarehouseIOManager(self.warehouse)}

    def load(self, name: str, start: dt.date, end: dt.date | None = None) -> dict[str, dict[str, Any]]:
        """Materialise a table and return the metadata of each date."""
        asked = {START: start.isoformat(), END: (end or start).isoformat()}
        made = asset_of(TABLES[name], TABLES)
        ended = dg.materialize([made], resources=self.resources, instance=self.instance, tags=asked)
        told = (event.materialization for event in ended.get_asset_materialization_events())
        return {str(one.partition): {name: value.value for name, value in one.metadata.items()} for one in told}

    def stored(self, name: str, *columns: str) -> list[tuple[Any, ...]]:
        found = self.warehouse.read(TABLES[name].contract.table().select(*columns))
        plain = (
            [value.date() if isinstance(value, pd.Timestamp) else value for value in row] for row in found.to_numpy()
        )
        return sorted(map(tuple, plain))


def test_box_scores_of_unscheduled_games_are_left_out_counted_and_listed(tmp_path: Path):
    boxes = [a_box(), a_box("0022499999"), a_box("0022499999", player_id=2, player_name="Jaylen Brown")]
    platform = Platform(tmp_path, TinySource(schedule=[a_game()], player_boxscores=boxes))
    platform.load("schedule", MONDAY)
    told = platform.load("player_boxscores", MONDAY)["2025-01-13"]
    assert platform.stored("player_boxscores", "game_id", "pts", "source") == [("0022400561", 27, "tiny")]
    assert told["dagster/partition_row_count"] == 1
    assert told["load 2025-01-13"] == {
        "rows without a scheduled game": 2,
        "without a scheduled game": ["0022499999 2025-01-13 2"],
    }


def test_a_box_score_corrected_two_days_later_takes_the_place_of_the_first(tmp_path: Path):
    source = TinySource(schedule=[a_game()], player_boxscores=[a_box(), a_box(player_id=2)])
    platform = Platform(tmp_path, source)
    platform.load("schedule", MONDAY)
    platform.load("player_boxscores", MONDAY)
    source.feeds["player_boxscores"] = [a_box(pts=29)]
    platform.load("player_boxscores", MONDAY)
    assert platform.stored("player_boxscores", "player_id", "pts") == [(1628369, 29)]


def test_a_game_moved_to_another_date_leaves_its_old_one(tmp_path: Path):
    source = TinySource(schedule=[a_game(status="scheduled"), a_game("0022400562", status="scheduled")])
    platform = Platform(tmp_path, source)
    platform.load("schedule", MONDAY, WEDNESDAY)
    source.feeds["schedule"][0] = a_game(game_date=WEDNESDAY)
    told = platform.load("schedule", WEDNESDAY)
    assert told["2025-01-15"]["dagster/partition_row_count"] == 1
    assert platform.stored("schedule", "game_id", "game_date") == [("0022400561", WEDNESDAY), ("0022400562", MONDAY)]


def test_lines_are_added_to_and_never_rewritten(tmp_path: Path):
    source = TinySource(schedule=[a_game()], player_points_props=[a_line()])
    platform = Platform(tmp_path, source)
    platform.load("schedule", MONDAY)
    platform.load("player_points_props", MONDAY)
    source.feeds["player_points_props"] = [a_line(over_price=150), a_line(snapshot_utc=at(21), over_price=-125)]
    told = platform.load("player_points_props", MONDAY)
    assert told["2025-01-13"]["dagster/partition_row_count"] == 2
    assert platform.stored("player_points_props", "snapshot_key", "over_price") == [
        ("2025-01-13T20:00:00Z", -110),
        ("2025-01-13T21:00:00Z", -125),
    ]


def test_news_of_the_summer_waits_for_the_first_of_october(tmp_path: Path):
    july, october = dt.date(2024, 7, 3), dt.date(2024, 10, 1)
    news = [an_injury(report_date=july), an_injury(report_date=october), an_injury(report_date=dt.date(2024, 6, 30))]
    platform = Platform(tmp_path, TinySource(injury_reports=news))
    platform.load("injury_reports", october, dt.date(2024, 10, 2))
    wanted = [("2024-07-03", october), ("2024-10-01", october)]
    assert platform.stored("injury_reports", "report_key", "report_date") == wanted
    platform.load("injury_reports", dt.date(2024, 6, 30), october)
    assert platform.stored("injury_reports", "report_key", "report_date") == [
        ("2024-06-30", dt.date(2024, 6, 30)),
        *wanted,
    ]


def test_of_birth_dates_the_newest_roster_decides_and_disagreement_is_told(tmp_path: Path):
    """Of one who is listed without a date the older roster still knows it; of one never dated nobody does."""
    autumns = {year: dt.date(year, 10, 1) for year in (2022, 2023, 2024)}
    born = {1: (1986, 1986, 1986), 2: (2000, 2001, None), 3: (None, None, None), 4: (1999, 1998, 1999)}
    rosters = [
        {"player_id": player, "listed_on": listed, "birth_date": year and dt.date(year, 6, 3)}
        for player, years in born.items()
        for listed, year in zip(autumns.values(), years, strict=True)
    ]
    platform = Platform(tmp_path, TinySource(rosters=rosters))
    (told,) = platform.load("birth_dates", MONDAY).values()
    assert platform.stored("birth_dates", "player_id", "birth_date", "listed_on", "source") == [
        (1, dt.date(1986, 6, 3), autumns[2024], "tiny"),
        (2, dt.date(2001, 6, 3), autumns[2023], "tiny"),
        (4, dt.date(1999, 6, 3), autumns[2024], "tiny"),
    ]
    assert told["load whole"] == {"disagreements": 2, "disagree": ["2 2", "4 2"]}


def test_without_rosters_no_birth_date_is_known_and_nothing_is_told(tmp_path: Path):
    platform = Platform(tmp_path, TinySource())
    (told,) = platform.load("birth_dates", MONDAY).values()
    assert platform.stored("birth_dates", "player_id") == []
    assert "load whole" not in told


def test_seasons_are_whole_whichever_dates_are_loaded(tmp_path: Path):
    games = [
        a_game("0012400001", dt.date(2024, 10, 4), season_type="preseason"),
        a_game("0022400001", dt.date(2024, 10, 22)),
        a_game("0022401230", dt.date(2025, 4, 13), status="scheduled"),
        a_game("0022401231", dt.date(2025, 4, 20), status="cancelled"),
        a_game("0042400401", dt.date(2025, 6, 22), season_type="playoffs", status="scheduled"),
    ]
    platform = Platform(tmp_path, TinySource(schedule=games))
    made = asset_of(TABLES["seasons"], TABLES)
    dg.materialize([made], resources=platform.resources, instance=platform.instance)
    assert platform.stored("seasons", "season_year", "start_date", "regular_end_date", "end_date", "games") == [
        (2024, dt.date(2024, 10, 22), dt.date(2025, 4, 13), dt.date(2025, 6, 22), 3)
    ]
