"""Games counted through the layers: an evening is judged by what can be served, not by rows."""

import datetime as dt

import pytest

from nba_checks.layers import Evening, layers_of_the_date, layers_of_the_last_seven_days
from nba_resources.dates import DateRange

NIGHT = dt.date(2024, 12, 10)


@pytest.fixture(autouse=True)
def evenings(monkeypatch: pytest.MonkeyPatch) -> dict[dt.date, Evening]:
    counted: dict[dt.date, Evening] = {}
    monkeypatch.setattr("nba_checks.layers._evenings", lambda warehouse, tables, dates: counted)
    return counted


def of_the_date(evenings: dict[dt.date, Evening], evening: Evening):
    evenings[NIGHT] = evening
    return layers_of_the_date(None, {}, DateRange(NIGHT, NIGHT), NIGHT)[NIGHT]


def test_nine_games_in_ten_are_enough_for_layer_3_and_eight_for_layer_4(evenings):
    assert of_the_date(evenings, Evening(10, 9, 8)).passed
    assert of_the_date(evenings, Evening(10, 8, 8)).message.startswith("L3 GAP: 8 of 10 games")
    assert of_the_date(evenings, Evening(10, 9, 7)).message.startswith("L4 GAP: 7 of 10 games")


def test_a_gap_says_what_to_run(evenings):
    assert of_the_date(evenings, Evening(10, 10, 0)).message.endswith(
        "run `nba backfill 2024-12-10 --select upcoming_player_game_context+`"
    )


def test_bootstrap_and_dates_without_games_are_told_apart_and_pass(evenings):
    assert of_the_date(evenings, Evening(10, 10, 0, bootstrap=True)).message == "bootstrap: not judged"
    assert of_the_date(evenings, Evening()).message == "no finished game"


def test_the_week_reaches_back_six_days_and_leaves_bootstrap_out(evenings):
    """Of the ten games in [12-04, 12-10] eight are served; the empty evening of 12-03 and bootstrap do not count."""
    evenings[NIGHT] = Evening(5, 5, 3)
    evenings[NIGHT - dt.timedelta(days=6)] = Evening(5, 5, 5)
    evenings[NIGHT - dt.timedelta(days=7)] = Evening(9, 9, 0)
    evenings[NIGHT - dt.timedelta(days=3)] = Evening(9, 9, 0, bootstrap=True)

    week = layers_of_the_last_seven_days(None, {}, DateRange(NIGHT, NIGHT), NIGHT)[NIGHT]

    assert (week.passed, week.metadata) == (True, {"games": 10, "layer_4_games": 8})


def test_a_week_that_falls_below_alerts_with_the_range_to_run(evenings):
    evenings[NIGHT] = Evening(10, 10, 7)

    week = layers_of_the_last_seven_days(None, {}, DateRange(NIGHT, NIGHT), NIGHT)[NIGHT]

    assert not week.passed
    assert week.message.startswith("7 of 10 games of the last 7 days")
    assert "nba backfill 2024-12-04 2024-12-10" in week.message
