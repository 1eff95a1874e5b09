"""The record of the season: by month, by tier, at the close, and by the chances told, beside the market."""

import datetime as dt
from typing import Any

import pytest

from .exported_site import BOOSTED, HOUSE, YESTERDAY, ExportedSite, of_player, pick
from .three_dates import fill, graded

SOME_DAYS_AGO = dt.date(2024, 12, 1)


def line(player: int, date: dt.date, chance: float | None) -> dict[str, Any]:
    return of_player(player, date) | {"line": 20.5, "over_prob_novig": chance, "n_books": 2, "books": "[]"}


def closed(state: str, value: float | None = None) -> dict[str, Any]:
    return {"close_state": state, "closing_value": value}


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> ExportedSite:
    """Beside the three dates: on 1 December 30, 10 and 21 points were reached at a chance told of 60 %."""
    site = ExportedSite.at(tmp_path_factory.mktemp("record"))
    fill(
        site,
        player_prop_predictions=[pick(n, 0.1, SOME_DAYS_AGO) for n in (5, 6, 7)],
        prediction_accuracy=[
            graded(5, 30, SOME_DAYS_AGO, **closed("closing", 0.0512)),
            graded(6, 10, SOME_DAYS_AGO, **closed("closing", -0.02)),
            graded(7, 21, SOME_DAYS_AGO, **closed("late", 0.5)),
            graded(9, 25, SOME_DAYS_AGO, system_id=BOOSTED, **closed("closing"), carried_value=-0.0313),
            graded(8, 25, SOME_DAYS_AGO, system_id=BOOSTED, **closed("unknown")),
        ],
        player_prop_lines=[
            *(line(n, YESTERDAY, chance) for n, chance in ((1, 0.52), (2, 0.47), (3, 0.51))),
            *(line(n, SOME_DAYS_AGO, chance) for n, chance in ((5, 0.53), (6, None), (7, 1.0))),
        ],
    )
    site.publish("performance")
    return site


def house(site: ExportedSite) -> dict[str, Any]:
    (block,) = (one for one in site.read("systems/record.json")["blocks"] if one["edition"] == "at_tip")
    assert (block["market"], block["label"]) == ("player_points", "points")
    return next(one for one in block["systems"] if one["system_id"] == HOUSE)


def test_months_stand_beside_the_line_and_break_even(record: ExportedSite):
    """In December errors of 1.5, 2.5, 7.5, 12.5 and 1.5, and the line's 0.5, 0.5, 9.5, 10.5 and 0.5."""
    told = {one["month"]: one for one in house(record)["months"]}
    found = {
        month: (one["n_shared_with_line"], one["mae_shared"], one["line_mae_shared"]) for month, one in told.items()
    }
    assert found == {"2024-11": (1, 7.5, 9.5), "2024-12": (5, 5.1, 4.3)}
    december = told["2024-12"]
    assert (december["wins"], december["losses"], december["hit_rate"]) == (3, 2, 0.6)
    assert december["hit_rate_low"] == 0.2307, "Wilson's interval of 3 of 5"
    assert december["mean_break_even"] == 0.5238


def test_only_a_timely_close_is_a_closing_value(record: ExportedSite):
    december = house(record)["months"][-1]
    assert [december[name] for name in ("n_closing_value", "closing_value", "beat_close_rate")] == [2, 0.0156, 0.5]
    season = record.read("systems/performance.json")["windows"][-1]
    (total,) = (one for one in season["systems"] if one["system_id"] == HOUSE and one["population"] == "with_line")
    closes = ("n_closing", "n_late_close", "n_unknown_close", "n_closing_value", "closing_value")
    assert [total[name] for name in closes] == [2, 1, 0, 2, 0.0156]
    (boosted,) = (one for one in season["systems"] if one["system_id"] == BOOSTED and one["population"] == "with_line")
    assert [boosted[name] for name in closes] == [1, 0, 1, 0, None]
    assert (boosted["n_carried_value"], boosted["carried_closing_value"]) == (1, -0.0313)


def test_tiers_are_of_players_whose_average_is_known(record: ExportedSite):
    """Players 1 and 2 have 20 points a game in three games; nothing is known of the others."""
    (tier,) = house(record)["tiers"]
    assert (tier["population"], tier["n_shared_with_line"], tier["mae_shared"]) == ("tier_15_22", 3, 3.8333)


def test_chances_are_counted_with_the_markets_on_the_same_results(record: ExportedSite):
    """Player 3 did not play, and player 6 has no price of both sides: neither counts for either voice."""
    told = house(record)
    assert told["calibration"] == [{"mean_probability": 0.6, "n": 4, "n_over": 3}]
    assert told["market_calibration"] == [
        {"mean_probability": 0.47, "n": 1, "n_over": 0},
        {"mean_probability": 0.525, "n": 2, "n_over": 2},
        {"mean_probability": 1, "n": 1, "n_over": 1},
    ], "a certain chance belongs to the highest twentieth"
