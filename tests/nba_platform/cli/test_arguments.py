import datetime as dt

import pytest

from models.evaluation.graded_predictions import GroupBy, Overview
from models.forecast_keys import Edition, Variant
from models.inference.forecast import NoSuchLine
from models.systems.base import SystemId
from nba_platform.cli.arguments import (
    by_named,
    edition_named,
    lines_named,
    market_named,
    model_market_named,
    month_named,
    months_named,
    system_named,
    variant_named,
)
from nba_platform.errors import NothingToDo


def months(*texts: str) -> list[str]:
    return [f"{month:%Y-%m}" for month in months_named(texts)]


def test_a_month_may_be_typed_with_or_without_a_day():
    assert month_named("2024-11") == month_named("2024-11-17") == dt.date(2024, 11, 1)


def test_months_and_ranges_of_months_are_put_in_order_each_once():
    assert months("2025-01", "2024-11..2025-01") == ["2024-11", "2024-12", "2025-01"]


def test_a_range_over_a_summer_leaves_the_summer_out():
    assert months("2024-06..2024-10") == ["2024-06", "2024-10"]


@pytest.mark.parametrize("text", ["2024-07", "1999-01", "2025-02..2024-11"])
def test_a_month_that_cannot_be_trained_is_refused_with_those_that_can(text):
    with pytest.raises(NothingToDo, match=r"holds no month.*from 2021-10 to"):
        months(text)


@pytest.mark.parametrize("text", ["November", "2024-13", "2024", "2024-11..soon", ""])
def test_what_is_no_month_is_refused_with_how_to_write_one(text):
    with pytest.raises(NothingToDo, match="is no month: write a month like 2024-11"):
        months(text)


def test_lines_are_multiples_of_a_half_each_once():
    assert lines_named(["25.5", "30", "25.5"]) == (25.5, 30.0)


@pytest.mark.parametrize("text", ["0", "-5", "1e9", "abc", "nan", "inf", "-inf", "22.3", "70.5", ""])
def test_what_nobody_would_offer_is_refused_in_one_line(text):
    with pytest.raises(
        NoSuchLine, match=r"is no line: expected a multiple of 0.5 from 0.5 to 70, such as 22.5"
    ) as said:
        lines_named([text])
    assert "\n" not in str(said.value)


def test_a_misspelt_system_is_refused_with_the_nearest():
    assert system_named("catboost_v8") is SystemId.CATBOOST
    with pytest.raises(NothingToDo, match="did you mean catboost_v8 or catboost_v9"):
        system_named("catboost_8")
    with pytest.raises(NothingToDo, match="systems are moving_average_baseline_v1, "):
        system_named("?")


def test_an_evaluation_is_grouped_in_four_ways_and_has_three_overviews():
    assert (by_named("month"), by_named("market")) == (GroupBy.MONTH, Overview.MARKET)
    choices = "system, month, tier, edge, market, edition or age"
    with pytest.raises(NothingToDo, match=rf"^unknown --by value 'week'; choose {choices}\.$"):
        by_named("week")


def test_a_market_is_named_by_its_key_or_its_short_name_and_an_unknown_one_is_refused_with_the_list():
    assert market_named("reb") == market_named("player_rebounds") == market_named("rebounds") == "player_rebounds"
    with pytest.raises(NothingToDo, match=r"no market 'dunks'; choose one of pts \(player_points\), reb "):
        market_named("dunks")


def test_models_are_of_a_market_or_of_minutes_and_have_three_variants():
    assert (model_market_named("minutes"), model_market_named("stl")) == ("minutes", "player_steals")
    assert variant_named("no_report") is Variant.NO_REPORT
    with pytest.raises(NothingToDo, match="no variant 'late'; choose at_line, at_tip or no_report"):
        variant_named("late")


def test_an_edition_is_named_as_it_is_stored():
    assert edition_named("at_line") is Edition.AT_LINE
    with pytest.raises(NothingToDo, match="no edition 'close'; choose at_line or at_tip"):
        edition_named("close")
