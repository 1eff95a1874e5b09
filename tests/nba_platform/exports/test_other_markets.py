"""Documents hold every market beside points: rebounds with a line, assists without one."""

import datetime as dt
import json
from typing import Any

import pytest

from nba_resources.dates import DateRange

from .exported_site import TONIGHT, YESTERDAY, ExportedSite, forecast, night, of_player, pick
from .three_dates import fill, graded, morning, total

REBOUNDS, ASSISTS = "player_rebounds", "player_assists"
BLEND, RATES = "market_blend_v1", "rates_v1"
MATES = json.dumps(
    [
        {"reason": "usual", "amount": 6.8},
        {"reason": "team-mates tonight", "amount": 1.4, "player": "player3", "is_out": True},
        {"reason": "opponent", "amount": -0.3},
    ]
)
DRAWN = json.dumps([{"reason": "line", "amount": 7.5}, {"reason": "model", "amount": 0.4}])
ONLY = {"recommendation": "PASS", "pass_reason": "FORECAST_ONLY", "confidence_score": None}
UNLINED = {
    **{"recommendation": "NO_LINE", "pass_reason": None, "line": None, "edge": None},
    **dict.fromkeys(("over_probability", "push_probability", "confidence_score")),
}


def of_market(market: str, system: str, edition: str = "at_line") -> dict[str, Any]:
    return {"market": market, "system_id": system, "edition": edition}


def rebounds(player: int, date: dt.date = TONIGHT, value: float = 0.05, **told: Any) -> dict[str, Any]:
    """A pick of over 7.5 rebounds by the blend."""
    known = {"predicted_value": 7.9, "line": 7.5, "edge": 0.4, "over_probability": 0.55, "components": DRAWN}
    return pick(player, value, date, **{**of_market(REBOUNDS, BLEND), **known, "confidence_score": None, **told})


def rates(market: str, **told: Any) -> dict[str, Any]:
    return forecast(2, **{**of_market(market, RATES), "components": MATES, "predicted_value": 7.0, **ONLY, **told})


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> ExportedSite:
    site = ExportedSite.at(tmp_path_factory.mktemp("site"))
    fill(
        site,
        player_prop_predictions=[
            rebounds(2),
            rates(REBOUNDS, line=7.5, edge=-0.5),
            rates(REBOUNDS, edition="at_tip", predicted_value=9.0, line=7.5),
            rates(ASSISTS, **UNLINED),
        ],
        player_prop_lines=[
            of_player(2) | {"market": REBOUNDS, "line": 7.5, "best_over_price": -105, "n_books": 2, "books": "[]"}
        ],
        prediction_accuracy=[
            graded(2, 9, **{**of_market(REBOUNDS, BLEND), "predicted_value": 7.9, "line": 7.5, "grade": "WIN"})
            | {"absolute_error": 1.1, "signed_error": -1.1, "line_absolute_error": 1.5, "profit_units": 0.909}
        ],
        system_daily_performance=[
            total(**of_market(REBOUNDS, BLEND), n_rows=7),
            total(**of_market(REBOUNDS, RATES, "at_tip"), n_rows=8),
        ],
        ml_model_registry=[
            {"model_id": f"{market} {variant}", "system_id": RATES, "market": market, "variant": variant}
            | {"model_month": dt.date(2024, 12, 1), "status": "production", "validation_end": YESTERDAY}
            for market, variant in (("minutes", "at_tip"), (REBOUNDS, "at_line"))
        ],
    )
    site.publish(dates=DateRange(YESTERDAY, TONIGHT))
    return site


def luka(site: ExportedSite) -> dict[str, Any]:
    return site.read("predictions/today.json")["games"][0]["players"][1]


def test_a_player_has_his_other_markets_with_a_line_each_with_prices_the_house_and_all_systems(site: ExportedSite):
    (found,) = luka(site)["markets"]
    assert (found["market"], found["label"], found["edition"]) == (REBOUNDS, "rebounds", "at_line")
    assert (found["prices"]["line"], found["prices"]["over_price"], found["prices"]["books"]) == (7.5, -105, 2)
    house = {"system_id": BLEND, "predicted_value": 7.9, "expected_value": 0.05}
    house |= {"recommendation": "OVER", "reason": "the market's line 7.5, model +0.4"}
    assert {name: found["house"][name] for name in house} == house
    assert [(said["system_id"], said["predicted_value"]) for said in found["systems"]] == [(RATES, 7), (BLEND, 7.9)]


def test_points_stay_at_tip_off_beside_other_markets(site: ExportedSite):
    player = luka(site)
    assert player["market"]["line"] == 20.5
    assert [(said["system_id"], said["line"]) for said in player["systems"]] == [
        ("catboost_v8", 20.5),
        ("ensemble_v1", 20.5),
    ]


def test_a_page_has_markets_without_a_line_too_by_the_rates_and_names_the_mate_who_is_out(site: ExportedSite):
    """Player 3 is called like a script, and his name is escaped in every document."""
    rebounds, assists = site.read("tonight/player/player2.json")["tonight"]["markets"]
    assert (rebounds["house"]["system_id"], rebounds["prices"]["line"]) == (BLEND, 7.5)
    assert (assists["house"]["system_id"], assists["prices"]) == (RATES, None)
    why = "usual 6.8, +1.4 {}: </script><script>alert(1)</script> out, opponent -0.3"
    assert assists["house"]["reason"] == assists["details"] == why.format("assists")
    assert rebounds["details"] == why.format("rebounds")


def test_a_blend_without_a_timed_price_leaves_the_house_to_the_rates(site: ExportedSite, tmp_path):
    other = ExportedSite.at(tmp_path)
    silent = {"predicted_value": None, "abstain_reason": "NO_MODEL", "recommendation": "PASS", "components": "[]"}
    other.store(
        player_prop_predictions=[
            rebounds(2, **silent, over_price=None, under_price=None, expected_value=None, edge=None),
            rates(REBOUNDS, line=7.5, edge=-0.5),
        ],
        upcoming_player_game_context=[morning(2)],
    )
    other.publish("tonight")
    (market,) = other.read("tonight/player/player2.json")["tonight"]["markets"]
    assert market["house"]["system_id"] == RATES
    assert market["house"]["reason"] == "a forecast only: it reads no price"


def test_totals_stand_by_market_and_edition_and_points_at_tip_off_first(site: ExportedSite):
    document = site.read("results/latest.json")
    assert (document["market"], document["edition"]) == ("player_points", "at_tip")
    blocks = [(block["market"], block["edition"], block["systems"][0]["n_rows"]) for block in document["markets"]]
    assert blocks == [(REBOUNDS, "at_line", 7), (REBOUNDS, "at_tip", 8)]
    assert [system["n_rows"] for system in document["systems"]] == [3, 3]


def test_a_players_result_has_the_houses_other_markets(site: ExportedSite):
    players = {one["player_lookup"]: one for one in site.read("results/latest.json")["games"][0]["players"]}
    (found,) = players["player2"]["markets"]
    assert (found["market"], found["system_id"], found["grade"], found["line"]) == (REBOUNDS, BLEND, "WIN", 7.5)
    assert players["player1"]["markets"] == []


def test_performance_is_by_market_and_says_what_may_be_said(site: ExportedSite):
    document = site.read("systems/performance.json")
    assert "Brier 0.2447 against 0.2455 on 22,390 rows" in document["notice"]
    for window in document["windows"]:
        assert {system["system_id"] for system in window["systems"]} == {"ensemble_v1"}
        (rebounds,) = window["markets"]
        (with_line,) = (one for one in rebounds["systems"] if one["population"] == "with_line")
        assert (rebounds["market"], rebounds["edition"]) == (REBOUNDS, "at_line")
        assert (with_line["n_played"], with_line["mae"], with_line["wins"]) == (1, 1.1, 1)


def test_a_profile_has_the_houses_record_by_market(site: ExportedSite):
    profile = site.read("players/player2.json")
    (rebounds,) = profile["markets"]
    wanted = {"market": REBOUNDS, "edition": "at_line", "system_id": BLEND, "n_forecast": 1, "mae": 1.1}
    assert {name: rebounds[name] for name in wanted} == wanted
    assert (profile["house"]["n_forecast"], profile["house"]["mae"]) == (1, 2.5)


def test_models_in_use_are_named_by_market_and_variant(site: ExportedSite):
    found = [(model["market"], model["variant"]) for model in site.read("status.json")["models"]]
    assert found == [("player_points", "at_tip"), ("minutes", "at_tip"), (REBOUNDS, "at_line")]


def test_picks_of_every_market_stand_side_by_side_and_a_player_may_have_one_in_each(site: ExportedSite):
    picks = site.read("best-bets/latest.json")["picks"]
    told = [(one["player_id"], one["market"], one["label"], one["edition"], one["system_id"]) for one in picks]
    assert told == [
        (2, "player_points", "points", "at_tip", "ensemble_v1"),
        (2, REBOUNDS, "rebounds", "at_line", BLEND),
    ]
    assert len({one["prediction_id"] for one in picks}) == 2


def test_picks_are_graded_in_their_market_and_records_are_not_summed(tmp_path):
    """27 points lose under 30.5 and 9 rebounds win over 7.5: a pick of each, told in the morning."""
    site = ExportedSite.at(tmp_path)
    morning_before = dt.datetime(2024, 12, 3, 14, tzinfo=dt.UTC)
    points = pick(2, 0.1, YESTERDAY, line=30.5)
    site.store(player_prop_predictions=[points, rebounds(2, YESTERDAY)])
    site.publish("best_bets", now=morning_before, today=YESTERDAY)
    site.store(player_game_summary=[night(2, 27, reb=9)])
    site.publish("best_bets", dates=DateRange(YESTERDAY, YESTERDAY))
    document = site.read("best-bets/2024-12-03.json")
    assert [(one["market"], one["actual_value"], one["grade"]) for one in document["picks"]] == [
        ("player_points", 27, "LOSS"),
        (REBOUNDS, 9, "WIN"),
    ]
    (of_rebounds,) = document["markets"]
    assert (document["record"]["picks"], document["record"]["grades"]["loss"]) == (1, 1)
    assert (of_rebounds["market"], of_rebounds["picks"], of_rebounds["grades"]["win"]) == (REBOUNDS, 1, 1)


def test_picks_of_another_market_take_no_place_of_points(tmp_path):
    site = ExportedSite.at(tmp_path)
    picks = [pick(n, n / 100) for n in range(1, 18)]
    site.store(player_prop_predictions=[*picks, *(rebounds(n, value=0.9) for n in range(1, 18))])
    site.publish("best_bets")
    told = site.read("best-bets/latest.json")["picks"]
    assert [one["player_id"] for one in told if one["market"] == "player_points"] == [*range(17, 2, -1)]
    assert sum(one["market"] == REBOUNDS for one in told) == 15


def test_a_pick_told_when_there_was_one_market_is_one_of_points(tmp_path):
    site = ExportedSite.at(tmp_path)
    site.store(player_prop_predictions=[pick(2, 0.1)])
    site.publish("best_bets")
    path, old = "exports/v1/best-bets/2024-12-04.json", site.read("best-bets/2024-12-04.json")
    for name in ("market", "label", "system_id", "edition"):
        del old["picks"][0][name]
    site.objects.write(path, json.dumps(old).encode())
    site.store(player_prop_predictions=[pick(2, 0.1), rebounds(2)])
    site.publish("best_bets")
    told = site.read("best-bets/2024-12-04.json")["picks"]
    assert [(one["market"], one["state"]) for one in told] == [("player_points", "stands"), (REBOUNDS, "stands")]
