"""A simulated autumn: every date is the same whether or not anything after it ever happened, for every table."""

import datetime as dt
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pandas as pd
import pytest

from nba_assets.kit.as_of import History, as_of
from nba_assets.kit.running import running
from nba_assets.precompute import player_market_form as form
from nba_assets.precompute import team_defense_zone_analysis as defences
from nba_checks.leakage.point_in_time import differences, point_in_time
from nba_checks.leakage.replay import EVIDENCE, pregame_history_tables, pregame_tables, replay_date
from nba_checks.leakage.replay_inputs import Future
from nba_resources.dates import DateRange
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse
from nba_resources.warehouse.sql.templates import RULES

from ..autumn import NOW, TABLES

NIGHTS = (dt.date(2024, 11, 12), dt.date(2024, 11, 27))


def test_every_table_of_the_morning_is_replayed() -> None:
    assert pregame_tables(TABLES)[-1] == EVIDENCE
    assert set(pregame_tables(TABLES)) == {
        *("upcoming_team_game_context", "upcoming_player_game_context", "player_prop_lines"),
        *("team_defense_zone_analysis", "player_shot_zone_analysis", "player_composite_factors"),
        *("player_daily_cache", "ml_feature_store_v2", EVIDENCE),
    }


@pytest.mark.parametrize(("night", "future"), [(NIGHTS[0], Future.DELETED), (NIGHTS[1], Future.CHANGED)])
def test_no_row_of_a_date_knows_what_happened_on_it_or_later(
    autumn: DuckDBWarehouse, night: dt.date, future: Future
) -> None:
    for name in pregame_tables(TABLES):
        contract = TABLES[name].contract
        rows = contract.table()
        assert len(autumn.read(rows.filter(rows[contract.partition] == night))), f"{name} has nothing to leak"
    assert differences(autumn, TABLES, night, future) == []


SUMMARIES = ("player_game_summary", "team_offense_game_summary")
DEFENCES, FORM = "team_defense_zone_analysis", "player_market_form"


def test_a_replay_leaves_out_a_date_that_was_refused(own_autumn: DuckDBWarehouse) -> None:
    """An impossible pace in one game refused its date in a backfill of 200, and then failed the whole run here."""
    refused = NIGHTS[0] - dt.timedelta(days=2)
    with closing(duckdb.connect(own_autumn.path)) as con:
        con.execute("UPDATE nba_raw.team_boxscores SET tov = 60, fga = 200 WHERE is_home AND game_date = ?", [refused])
        assert con.execute("SELECT count(*) FROM nba_raw.schedule WHERE game_date = ?", [refused]).fetchall() != [(0,)]
    summaries = TABLES["team_offense_game_summary"].contract.table()
    with replay_date(own_autumn, TABLES, NIGHTS[0], Future.KEPT, SUMMARIES[1]) as scratch:
        dates = {*pd.to_datetime(scratch.read(summaries.select("game_date").distinct()).game_date).dt.date}
    assert refused not in dates
    assert {refused - dt.timedelta(days=1), refused + dt.timedelta(days=1)} <= dates


def test_form_knows_nothing_of_its_date_or_later(own_autumn: DuckDBWarehouse) -> None:
    """The tables of the markets, which the evidence does not read."""
    store(own_autumn, "player_minutes_form")
    store(own_autumn, FORM)
    assert pregame_tables(TABLES, FORM) == ["player_minutes_form", FORM]
    assert differences(own_autumn, TABLES, NIGHTS[0], Future.DELETED, FORM) == []


def test_a_replay_knows_games_of_whole_careers(own_autumn: DuckDBWarehouse) -> None:
    """It once computed the games of three years only, and found half-lives that a fourth year had changed."""
    moved = "'2021' || substr(game_id, 5) AS game_id, game_date - 1105 AS game_date"
    seasons = ", '2021-22' AS season"
    with closing(duckdb.connect(own_autumn.path)) as con:
        for name in ("player_boxscores", "team_boxscores", "schedule", *SUMMARIES):
            key, columns = TABLES[name].contract.key, TABLES[name].contract.columns
            replaced = moved + (seasons if "season" in columns else "")
            con.execute(f"INSERT INTO {key} SELECT * REPLACE ({replaced}) FROM {key} WHERE game_date = '2024-11-05'")
    store(own_autumn, "player_minutes_form")
    store(own_autumn, FORM)
    assert differences(own_autumn, TABLES, NIGHTS[0], Future.CHANGED, FORM) == []


def store(warehouse: DuckDBWarehouse, name: str) -> None:
    night = DateRange(NIGHTS[0], NIGHTS[0])
    (query,) = TABLES[name].queries(TABLES, night).values()
    stamped = replace(query, stamps={"code_version": "now", "computed_at": NOW})
    (stored,) = warehouse.replace(TABLES[name].contract, night, stamped).values()
    assert stored.rows > 0


NEXT_DAY = {
    f"day after {name}": lambda dates, rule=rule: rule(dates) + dt.timedelta(days=1)
    for name, rule in RULES.items()
    if name != "start-1"  # the day after it is the start
}


def compiled_anew(warehouse: DuckDBWarehouse, name: str, folder: Path) -> DuckDBWarehouse:
    """Return the warehouse with templates of its own, where that of one table is missing, so that it is compiled."""
    templates = shutil.copytree(warehouse.templates, folder / "compiled")
    (templates / "duckdb" / f"{TABLES[name].contract.key}.json").unlink(missing_ok=True)
    return replace(warehouse, templates=str(templates))


def inclusive(read: Callable[..., ir.Table]) -> Callable[..., ir.Table]:
    """The leak that sank a predecessor: a window up to and including the date."""

    def leaking(history: History, spine: ir.Table, *how: Any, **others: Any) -> ir.Table:
        tomorrow = dt.timedelta(days=1)
        later = spine.mutate(game_date=spine.game_date + ibis.interval(days=1))
        shifted = DateRange(history.dates.start + tomorrow, history.dates.end + tomorrow)
        known = read(replace(history, dates=shifted), later, *how, **others)
        return known.mutate(game_date=known.game_date - ibis.interval(days=1))

    return leaking


@pytest.mark.parametrize(
    ("name", "module", "read", "expected"),
    [
        (DEFENCES, defences, as_of, f"{DEFENCES}.shot_games_in_sample on 12 rows"),  # the twelve teams that played
        (FORM, form, running, f"{FORM}.half_life_4 on "),
    ],
    ids=[DEFENCES, FORM],
)
def test_a_window_that_holds_the_night_itself_is_found_and_named(
    own_autumn: DuckDBWarehouse,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    name: str,
    module: ModuleType,
    read: Callable[..., ir.Table],
    expected: str,
) -> None:
    night = DateRange(NIGHTS[0], NIGHTS[0])
    if name == FORM:
        store(own_autumn, "player_minutes_form")
    monkeypatch.setattr(module, read.__name__, inclusive(read))
    for rule, day in NEXT_DAY.items():
        monkeypatch.setitem(RULES, rule, day)
    leaking = compiled_anew(own_autumn, name, tmp_path)
    store(leaking, name)
    (result,) = point_in_time(leaking, TABLES, night, night.end, name).values()
    assert not result.passed
    assert result.message.startswith("LEAK: facts of 2024-11-12 or later")
    assert expected in result.message


def test_a_replay_takes_earlier_mornings_as_they_are_stored(autumn: DuckDBWarehouse) -> None:
    """Similar games are described by their own mornings: without these rows a replay would find none."""
    night = NIGHTS[0]
    with replay_date(autumn, TABLES, night, Future.CHANGED) as scratch:
        for name in pregame_tables(TABLES):
            contract = TABLES[name].contract
            rows = contract.table()
            before = rows.filter(rows[contract.partition] < night).order_by(*contract.grain)
            kept, stored = scratch.read(before), autumn.read(before)
            if name in pregame_history_tables(TABLES):
                pd.testing.assert_frame_equal(kept, stored)
                assert len(kept) > 0
            else:
                assert kept.empty, name


def test_rows_out_of_date_are_told_from_a_leak(own_autumn: DuckDBWarehouse) -> None:
    night, contract = DateRange(NIGHTS[1], NIGHTS[1]), TABLES[DEFENCES].contract
    rows = contract.table()
    old = own_autumn.read(rows.filter(rows.analysis_date == NIGHTS[1])).assign(points_allowed_per_game=99.0)
    own_autumn.replace(contract, night, ibis.memtable(old, schema=contract.schema))
    (result,) = point_in_time(own_autumn, TABLES, night, night.end, DEFENCES).values()
    assert not result.passed
    assert result.message.startswith("the rows of 2024-11-27 are not what today's raw rows and code give")
    assert f"{DEFENCES}.points_allowed_per_game on 30 rows" in result.message
    assert "nba backfill 2024-11-27" in result.message
