import datetime as dt
import functools
from dataclasses import replace
from typing import Any

import ibis
import pytest
from partitions_read import Reading, readings

import nba_assets
from nba_assets.kit.calendar import season_floor
from nba_assets.kit.table import declared_tables
from nba_resources.dates import DateRange

TABLES = declared_tables(nba_assets)
TONIGHT = DateRange(dt.date(2025, 3, 14), dt.date(2025, 3, 14))
JANUARY, MARCH = dt.date(2025, 1, 1), dt.date(2025, 3, 1)
LOOK_BACK = {  # three years against an opponent
    "ml_feature_store_v2": dt.date(2022, 3, 14),
    "prediction_evidence": dt.date(2022, 3, 14),
}
CAREER = "averages with a half-life run over all earlier games"
READ_WHOLE = {
    **{
        ("player_minutes_form", name): CAREER
        for name in ("schedule", "player_game_summary", "team_offense_game_summary")
    },
    ("player_market_form", "player_game_summary"): CAREER,
    ("player_presence", "player_game_summary"): CAREER,
    ("player_presence", "player_statuses"): "statuses count as they came true in all earlier months",
    ("player_prop_lines", "player_boxscores"): "a name is a person's in any season",
    ("prop_line_path", "player_boxscores"): "a name is a person's in any season",
    ("upcoming_player_game_context", "player_boxscores"): "a name is a person's in any season",
    ("player_statuses", "player_boxscores"): "a name is a person's in any season",
    ("unresolved_names", "player_boxscores"): "a name is a person's in any season",
    ("players", "player_boxscores"): "everybody who ever played",
}
DAILY = [name for name, table in TABLES.items() if table.feed is None and not table.contract.monthly]


@functools.cache
def read_tonight(name: str) -> list[Reading]:
    return readings(TABLES[name], TABLES, TONIGHT)


@pytest.mark.parametrize("name", DAILY)
def test_a_day_reads_constant_dates_of_its_season_or_its_look_back(name: str):
    """BigQuery skips a partition only if a constant rules it out: a bound that is computed reads five seasons."""
    for reading in read_tonight(name):
        asked = (name, reading.contract.name)
        if reading.contract.partition is None or asked in READ_WHOLE:
            continue
        earliest = LOOK_BACK.get(name, season_floor(TONIGHT.start))
        assert reading.start is not None, asked
        assert reading.end is not None, asked
        assert reading.start >= earliest, asked
        assert reading.end <= TONIGHT.end, asked


def test_exceptions_are_no_longer_listed_than_they_are_needed():
    found = {
        (name, reading.contract.name)
        for name in DAILY
        for reading in read_tonight(name)
        if reading.contract.partition and reading.start is None
    }
    assert found == READ_WHOLE.keys()


BOUNDS = {
    "everything": (lambda t: t, (None, None)),
    "between": (lambda t: t.filter(t.game_date.between(JANUARY, MARCH)), (JANUARY, MARCH)),
    "a computed bound": (lambda t: t.filter(t.game_date >= t.game_date.max()), (None, None)),
    "renamed": (lambda t: t.mutate(day=t.game_date).filter(lambda r: r.day >= JANUARY), (JANUARY, None)),
    "moved": (
        lambda t: t.mutate(day=t.game_date - ibis.interval(days=1)).filter(lambda r: r.day >= JANUARY),
        (None, None),
    ),
    "both of a union": (lambda t: t.union(t).filter(lambda r: r.game_date <= MARCH), (None, MARCH)),
    "one of a union": (lambda t: t.filter(t.game_date <= MARCH).union(t), (None, None)),
    "limit": (lambda t: t.limit(5).filter(lambda r: r.game_date <= MARCH), (None, None)),
    "either or": (lambda t: t.filter((t.game_date <= MARCH) | (t.season == "2024-25")), (None, None)),
    "a window over all dates": (
        lambda t: t.mutate(n=ibis.row_number().over(order_by="game_id")).filter(lambda r: r.game_date <= MARCH),
        (None, None),
    ),
    "a group": (
        lambda t: t.group_by("game_date").aggregate(n=t.count()).filter(lambda r: r.game_date == MARCH),
        (MARCH, MARCH),
    ),
    "one side of a join": (
        lambda t: t.join(t.view().select("game_id", day="game_date"), "game_id").filter(lambda r: r.day <= MARCH),
        (None, None),
    ),
}


@pytest.mark.parametrize(("change", "expected"), BOUNDS.values(), ids=BOUNDS)
def test_only_constants_that_reach_the_stored_table_bound_it(change: Any, expected: tuple[dt.date | None, ...]):
    schedule = TABLES["schedule"]
    plain = replace(schedule, function=lambda: change(schedule.contract.table()), feed=None)
    (reading,) = readings(plain, TABLES, TONIGHT)
    assert (reading.start, reading.end) == expected
