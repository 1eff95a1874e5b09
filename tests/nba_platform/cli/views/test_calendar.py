import datetime as dt

import pytest

from nba_assets.kit.calendar import State
from nba_checks.completeness.date_state import DateState
from nba_checks.framework.count_queries import counted_tables
from nba_platform.cli.render import to_json
from nba_platform.cli.views.calendar import calendar_page
from nba_platform.definitions import TABLES
from nba_platform.reports.layers import by_layer

from ...printed import printed

DAY, COUNTED = dt.date(2024, 12, 3), counted_tables(TABLES)


def state(table: str, what: State, day: dt.date = DAY) -> DateState:
    return DateState(TABLES[table].contract.key, day, what, 0, 0, 0)


@pytest.mark.parametrize(
    ("one", "other", "layer"),
    [
        (State.COMPLETE, State.MISSING, State.MISSING),
        (State.PARTIAL, State.MISSING, State.MISSING),
        (State.COMPLETE, State.PARTIAL, State.PARTIAL),
        (State.NOT_DUE, State.COMPLETE, State.NOT_DUE),
        (State.COMPLETE, State.BOOTSTRAP, State.COMPLETE),
        (State.NO_GAMES, State.NO_GAMES, State.NO_GAMES),
    ],
)
def test_a_layer_is_no_better_than_its_worst_table(one, other, layer):
    states = [state("player_daily_cache", one), state("player_composite_factors", other)]

    assert by_layer(states, COUNTED) == {"precompute": {DAY: layer}}
    assert by_layer(states[::-1], COUNTED) == {"precompute": {DAY: layer}}


def test_what_a_source_need_not_publish_does_not_lower_its_layer():
    states = [state("schedule", State.COMPLETE), state("game_odds", State.MISSING)]

    assert by_layer(states, COUNTED) == {"raw": {DAY: State.COMPLETE}}


def test_programs_are_told_layer_date_and_state():
    assert to_json({"raw": {DAY: State.NOT_DUE}}) == {"raw": {"2024-12-03": "not_due"}}


def test_a_summer_day_is_marked_as_a_day_without_games_and_not_left_blank():
    august = {dt.date(2024, 8, 1) + dt.timedelta(n): State.NO_GAMES for n in range(31)}

    assert printed(calendar_page({"raw": august}), 60).splitlines()[1] == f"2024-08 raw {'.' * 31}"


def test_a_month_is_a_line_for_each_layer_with_a_character_for_each_date():
    kinds = [State.NO_GAMES, State.BOOTSTRAP, State.COMPLETE, State.PARTIAL, State.MISSING, State.NOT_DUE]
    november = {dt.date(2024, 11, 28) + dt.timedelta(n): kind for n, kind in enumerate(kinds)}

    page = printed(calendar_page({"precompute": november, "raw": november}), 60)

    assert [line.rstrip() for line in page.splitlines()] == [
        "        day            .    1    .    2    .    3",
        "2024-11 raw                                   .b#",
        "        precompute                            .b#",
        "2024-12 raw        +!",
        "        precompute +!",
        "# complete  + partial  ! missing  b bootstrap  . no games  (blank) not due or no such date",
    ]
