import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

import ibis
import ibis.expr.types as ir
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nba_assets.kit.as_of import EVENT_DATE, RECENCY, History, as_of
from nba_resources.dates import DateRange

from .histories import (
    GAMES,
    TONIGHT,
    history,
    jan,
    logs,
    pairs,
    points,
    spine,
)


def test_only_games_strictly_before_the_date_are_known():
    """A predecessor's averages held the game being predicted; its 84 % were really 52 %."""
    played = logs((jan(8), 20), (jan(9), 21), (TONIGHT, 99), (jan(11), 98))
    assert points(as_of(history(played), spine(TONIGHT), ["player"])) == [20, 21]


def test_each_date_of_a_range_knows_only_what_came_before_itself():
    played = logs((jan(8), 20), (jan(9), 21), (jan(10), 22), (jan(11), 23))
    known = as_of(history(played, jan(9), jan(11)), spine(jan(9), jan(10), jan(11)), ["player"])
    assert pairs(known) == [(jan(9), 20), (jan(10), 20), (jan(10), 21), (jan(11), 20), (jan(11), 21), (jan(11), 22)]


def test_a_date_knows_the_same_whether_it_is_computed_alone_or_within_a_range():
    played = logs(*((jan(n), n) for n in range(1, 15)))
    alone = as_of(history(played), spine(TONIGHT), ["player"], last=3)
    within = as_of(history(played, jan(5), jan(14)), spine(*(jan(n) for n in range(5, 15))), ["player"], last=3)
    assert points(alone) == points(within.filter(within.game_date == TONIGHT)) == [7, 8, 9]


def test_the_last_n_are_dates_and_not_rows():
    """Three shots of one game are one game."""
    shots = logs((jan(6), 1), (jan(8), 2), (jan(8), 3), (jan(9), 4), (jan(9), 5))
    known = as_of(history(shots), spine(TONIGHT), ["player"], last=2)
    assert points(known) == [2, 3, 4, 5]
    assert sorted(known.execute()[RECENCY].tolist()) == [1, 1, 2, 2]


def test_the_last_n_are_counted_for_each_key():
    both = logs((jan(7), 1), (jan(8), 2)).union(logs((jan(4), 3), (jan(5), 4), (jan(9), 5), player="brown"))
    people = spine(TONIGHT).union(spine(TONIGHT, player="brown"))
    assert points(as_of(history(both), people, ["player"], last=2)) == [1, 2, 4, 5]


def test_a_window_of_days_holds_both_its_ends():
    played = logs((jan(2), 1), (jan(3), 2), (jan(9), 3), (TONIGHT, 99))
    assert points(as_of(history(played), spine(TONIGHT), ["player"], days=7)) == [2, 3]


def test_a_window_of_days_moves_with_each_date_of_a_range():
    played = logs(*((jan(n), n) for n in range(1, 12)))
    known = as_of(history(played, jan(5), jan(11)), spine(jan(5), jan(11)), ["player"], days=2)
    assert pairs(known) == [(jan(5), 3), (jan(5), 4), (jan(11), 9), (jan(11), 10)]


def test_a_new_season_starts_from_nothing():
    opener = dt.date(2025, 10, 21)
    before = logs((dt.date(2025, 4, 10), 30))
    played = before.union(logs((opener, 10), season="2025-26"))
    tonight = spine(dt.date(2025, 10, 23), season="2025-26")
    past = history(played, dt.date(2025, 10, 23))
    assert points(as_of(past, tonight, ["player"])) == [10]
    assert points(as_of(past, tonight, ["player"], days=365)) == [10]
    assert points(as_of(past, tonight, ["player"], across_seasons=True)) == [10, 30]


def test_across_seasons_the_row_keeps_its_own_season():
    played = logs((dt.date(2024, 4, 10), 30), season="2023-24")
    known = as_of(history(played), spine(TONIGHT), ["player"], across_seasons=True).execute()
    assert known["season"].tolist() == ["2023-24"]


def test_a_window_of_days_reaches_into_the_last_season_if_told_so():
    played = logs((dt.date(2024, 1, 9), 1), (dt.date(2024, 1, 11), 2), season="2023-24")
    assert points(as_of(history(played), spine(TONIGHT), ["player"], days=365, across_seasons=True)) == [2]


def test_keys_of_which_nothing_is_known_vanish():
    assert points(as_of(history(logs((TONIGHT, 99))), spine(TONIGHT), ["player"])) == []


@pytest.mark.parametrize("window", [{}, {"last": 5}, {"days": 7}])
def test_an_empty_history_kept_counts_a_true_zero(window: Mapping[str, int]):
    people = spine(TONIGHT).union(spine(TONIGHT, player="brown"))
    known = as_of(history(logs((jan(8), 20), (jan(9), 21))), people, ["player"], keep_empty=True, **window)
    counted = known.group_by("player").aggregate(games=known[EVENT_DATE].count(), pts=known.pts.sum()).execute()
    found = {row.player: (row.games, row.pts) for row in counted.itertuples()}
    assert found["tatum"] == (2, 41)
    assert found["brown"][0] == 0
    assert found["brown"][1] is None  # no games scored no points: not 0


def test_the_row_says_when_it_happened_and_the_spine_for_which_date_it_is_read():
    known = as_of(history(logs((jan(8), 20))), spine(TONIGHT), ["player"]).execute()
    assert known["event_date"].dt.date.tolist() == [jan(8)]
    assert known["game_date"].dt.date.tolist() == [TONIGHT]


def test_a_key_repeated_in_the_spine_is_asked_once():
    assert points(as_of(history(logs((jan(8), 20))), spine(TONIGHT).union(spine(TONIGHT)), ["player"])) == [20]


def test_a_spine_may_name_its_date_otherwise():
    mornings = spine(TONIGHT).rename(analysis_date="game_date")
    known = as_of(history(logs((jan(8), 20), (TONIGHT, 99))), mornings, ["player"], date="analysis_date")
    assert points(known) == [20]


@pytest.mark.parametrize(
    "window",
    [{}, {"last": 3}, {"days": 3}, {"last": 3, "across_seasons": True}, {"days": 3, "keep_empty": True}],
    ids=str,
)
def test_a_planted_row_of_the_date_changes_nothing(window: Mapping[str, Any]):
    before = logs((jan(7), 1), (jan(8), 2), (jan(9), 3))
    planted = before.union(logs((TONIGHT, 99), (jan(11), 98)))
    clean, salted = (as_of(history(rows), spine(TONIGHT), ["player"], **window) for rows in (before, planted))
    assert points(clean) == points(salted) == [1, 2, 3]


@settings(max_examples=40, deadline=None)
@given(
    games=st.lists(st.tuples(st.integers(1, 20), st.sampled_from("ab"), st.integers(0, 40)), max_size=25),
    keys=st.sets(st.tuples(st.integers(1, 20), st.sampled_from("ab")), min_size=1, max_size=6),
    n=st.integers(1, 4),
)
def test_the_last_n_are_those_a_person_would_count(
    games: list[tuple[int, str, int]], keys: set[tuple[int, str]], n: int
):
    played = [logs((jan(on), pts), player=player) for on, player, pts in games]
    mornings = ibis.union(*[spine(jan(on), player=player) for on, player in keys], spine())
    past = history(ibis.union(*played, logs()), jan(min(on for on, _ in keys)), jan(max(on for on, _ in keys)))
    known = as_of(past, mornings, ["player"], last=n).execute()

    expected = []
    for on, player in keys:
        earlier = sorted({day for day, who, _ in games if who == player and day < on}, reverse=True)[:n]
        expected += [(on, player, day, pts) for day, who, pts in games if who == player and day in earlier]
    found = [(row.game_date.day, row.player, row.event_date.day, row.pts) for row in known.itertuples()]
    assert sorted(found) == sorted(expected)


def as_of_games(**window: Any) -> ir.Table:
    past = History.of(GAMES, DateRange(TONIGHT, TONIGHT))
    tonight = ibis.table({"game_date": "date", "season": "string", "player": "string"}, name="slate")
    return as_of(past, tonight, ["player"], **window)


@pytest.mark.parametrize(
    ("window", "since"), [({}, "2024-07-01"), ({"last": 10}, "2024-07-01"), ({"days": 7}, "2025-01-03")], ids=str
)
@pytest.mark.parametrize("dialect", ["duckdb", "bigquery"])
def test_a_single_date_reads_only_the_partitions_it_may_know(window: Mapping[str, int], since: str, dialect: str):
    sql = re.sub(r"\s+", " ", str(ibis.to_sql(as_of_games(**window), dialect=dialect)))
    dates = re.sub(
        r"(MAKE_)?DATE\((\d+), (\d+), (\d+)\)", lambda m: "{}-{:02}-{:02}".format(*map(int, m.groups()[1:])), sql
    )
    assert "< 2025-01-10" in dates
    assert f">= {since}" in dates
