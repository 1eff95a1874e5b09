"""What each document says of three dates written by hand: yesterday is over, tonight is to come."""

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import nba_assets.exports.schemas as schemas
from nba_assets.exports.schemas import NoSchema, schema_of
from nba_platform.definitions import EXPORTS
from nba_resources.dates import DateRange

from .press import (
    BOOSTED,
    BOSTON,
    DENVER,
    HOUSE,
    MORNING,
    NAMES,
    TOMORROW,
    TONIGHT,
    YESTERDAY,
    Press,
    forecast,
    night,
    of_player,
    pick,
)

SCHEMAS = sorted(Path(schemas.__file__).parent.glob("*.json"))
LONG_AGO = dt.date(2024, 11, 1)


def graded(player: int, points: int | None, date: dt.date = YESTERDAY, **told: Any) -> dict[str, Any]:
    """A forecast of 22.5 against a line of 20.5 beside what he did."""
    known = {name: value for name, value in pick(player, 0.1, date).items() if name != "over_price"}
    if points is None:
        return known | {"outcome_state": "DNP", "is_pick": True, "grade": "VOID", "profit_units": 0.0} | told
    error = {
        "signed_error": 22.5 - points,
        "absolute_error": abs(22.5 - points),
        "line_absolute_error": abs(20.5 - points),
    }
    played = {"outcome_state": "PLAYED", "actual_points": points, "actual_minutes": 30.0, "within_3": True}
    verdict = {"grade": "WIN", "profit_units": 0.909} if points > 20.5 else {"grade": "LOSS", "profit_units": -1.0}
    money = {"is_pick": True, "price_used": -110, "break_even": 0.5238}
    return known | played | error | verdict | money | told


def total(**told: Any) -> dict[str, Any]:
    known = {"game_date": YESTERDAY, "system_id": HOUSE, "population": "all", "n_rows": 3, "n_played": 2, "n_dnp": 1}
    return known | {"mae": 4.1234, "line_mae_shared": 4.0, "mae_shared": 4.2, "n_shared_with_line": 2, "wins": 1} | told


def state(table: str, date: dt.date, what: str, reason: str | None = None) -> dict[str, Any]:
    known = {"table_name": f"nba_test.{table}", "game_date": date, "state": what, "reason": reason}
    return known | {"expected_count": 10, "actual_count": 7}


def morning(player: int, of: str = BOSTON, **told: Any) -> dict[str, Any]:
    return of_player(player, of=of) | {"is_home": True, "games_played_season": 20, "player_status": None} | told


def fill(press: Press) -> None:
    """Luka is offered and forecast by two systems, player 3 is called like a script, player 11 plays later."""
    doubt = {"player_status": "questionable"}
    silent = {"predicted_points": None, "abstain_reason": "NO_MODEL", "recommendation": "NO_LINE", "line": None}
    nothing = {
        "edge": None,
        "over_probability": None,
        "push_probability": None,
        "components": "[]",
        "pass_reason": None,
    }
    press.store(
        player_prop_predictions=[
            *(pick(n, 0.1, YESTERDAY) for n in (1, 2, 3)),
            pick(2, 0.1, **doubt),
            forecast(2, system_id=BOOSTED, recommendation="PASS", predicted_points=21.0, edge=0.5, **doubt),
            forecast(3, line=None, recommendation="NO_LINE", edge=None, over_probability=None, push_probability=None),
            forecast(11, of=DENVER, system_id=BOOSTED, **silent, **nothing),
        ],
        player_prop_lines=[
            of_player(2)
            | {"line": 20.5, "opening_line": 19.5, "over_prob_novig": 0.51234, "n_books": 3, "best_over_price": -110}
            | {"best_over_book": "a", "best_under_price": 120, "best_under_book": "b", "books": "[]"}
        ],
        player_game_summary=[
            night(1, 30, LONG_AGO),
            night(1, 21),
            night(2, 20, usage_rate=0.3),
            night(2, None, LONG_AGO),
            night(3, None),
        ],
        prediction_accuracy=[
            graded(1, 30, LONG_AGO),
            graded(1, 21),
            graded(2, 20),
            graded(3, None),
            pick(2, 0.1) | {"outcome_state": "PENDING", "is_pick": True, "grade": "PENDING", "price_used": -110},
        ],
        system_daily_performance=[
            total(),
            total(population="tier_8_15"),
            total(system_id=BOOSTED, population="with_line"),
        ],
        ml_feature_store_v2=[
            of_player(n, date) | {"early_season": False, "points_avg_season": 20.0}
            for n, date in ((1, LONG_AGO), (1, YESTERDAY), (2, YESTERDAY), (3, YESTERDAY))
        ],
        upcoming_player_game_context=[
            morning(2, days_rest=1, player_status="questionable", teammates_out=["player9"]),
            morning(3),
            morning(11, DENVER),
            {**morning(4), "game_date": LONG_AGO},
        ],
        player_daily_cache=[
            {"cache_date": TONIGHT, "player_lookup": "player2", "player_id": 2, "points_avg_last_5": 24.444}
        ],
        player_composite_factors=[of_player(2) | {"fatigue_score": 90.0, "missing_factors": ["usage"]}],
        ml_model_registry=[
            {"model_id": name, "system_id": BOOSTED, "model_month": month, "status": status}
            | {"validation_end": month - dt.timedelta(days=1), "mae_validation": 4.9}
            for name, month, status in (
                ("old", dt.date(2024, 11, 1), "production"),
                ("new", dt.date(2024, 12, 1), "production"),
                ("worse", dt.date(2024, 12, 1), "rejected"),
                ("to come", dt.date(2025, 1, 1), "production"),
            )
        ],
        pipeline_coverage=[
            state("form", LONG_AGO, "bootstrap"),
            state("form", YESTERDAY, "missing", "7 of 10 rows"),
            state("form", TONIGHT, "complete"),
            state("games", YESTERDAY, "complete"),
        ],
    )


@pytest.fixture(scope="module")
def press(tmp_path_factory: pytest.TempPathFactory) -> Press:
    press = Press.at(tmp_path_factory.mktemp("press"))
    fill(press)
    press.publish(dates=DateRange(YESTERDAY, TOMORROW))
    return press


def test_a_range_writes_every_date_and_points_at_tonight_and_at_the_latest_results(press: Press):
    dates = [f"{date}.json" for date in (YESTERDAY, TONIGHT, TOMORROW)]
    written = set(press.all())
    assert {f"{kind}/{date}" for kind in ("predictions", "results", "best-bets") for date in dates} <= written
    assert press.bytes("predictions/today.json") == press.bytes("predictions/2024-12-04.json")
    assert press.bytes("results/latest.json") == press.bytes("results/2024-12-03.json")
    assert press.bytes("best-bets/latest.json") == press.bytes("best-bets/2024-12-04.json")


def test_what_matters_most_is_written_before_the_players():
    assert [*EXPORTS][:3] == ["best_bets", "predictions", "status"]
    assert [export.critical for export in EXPORTS.values()] == [True] * 3 + [False] * (len(EXPORTS) - 3)


def test_publishing_everything_again_changes_no_byte(press: Press):
    before = press.all()
    again = press.publish(dates=DateRange(YESTERDAY, TOMORROW), now=MORNING.replace(hour=20))
    assert not [file.path for file in again if file.changed]
    assert press.all() == before


def test_predictions_are_told_by_game_player_and_system(press: Press):
    boston, denver = press.read("predictions/today.json")["games"]
    assert (boston["away_team"], boston["home_team"], boston["start_time_utc"]) == (
        *("NYK", "BOS"),
        "2024-12-05T00:00:00+00:00",
    )
    assert [player["player_lookup"] for player in boston["players"]] == ["player3", "player2"]
    assert [player["player_lookup"] for player in denver["players"]] == ["player11"]
    luka = boston["players"][1]
    assert (luka["player_name"], luka["player_status"]) == ("Luka Dončić", "questionable")
    assert [said["system_id"] for said in luka["systems"]] == [BOOSTED, HOUSE]


def test_a_system_tells_chances_the_odds_they_make_fair_worth_and_reason(press: Press):
    """Six in ten: 40 wins 60, so over is fair at -150 and under at +150."""
    luka = press.read("predictions/today.json")["games"][0]["players"][1]
    wanted = {"predicted_points": 22.5, "line": 20.5, "edge": 2, "over_probability": 0.6, "push_probability": 0}
    wanted |= {"fair_over_price": -150, "fair_under_price": 150, "price": -110, "expected_value": 0.1}
    wanted |= {"recommendation": "OVER", "reason": "1 of 1 systems over, 23.0 to 23.0"}
    assert {name: luka["systems"][1][name] for name in wanted} == wanted
    assert luka["systems"][0]["reason"] == "edge +0.5 is under 1"
    assert luka["systems"][0]["price"] is None


def test_the_market_stands_beside_the_systems_and_is_null_where_nobody_offers_him(press: Press):
    script, luka = press.read("predictions/today.json")["games"][0]["players"]
    assert script["market"] is None
    wanted = {
        "line": 20.5,
        "opening_line": 19.5,
        "over_probability": 0.5123,
        "over_price": -110,
        "under_book": "b",
        "books": 3,
    }
    assert {name: luka["market"][name] for name in wanted} == wanted


def test_who_abstains_says_why_and_has_no_number(press: Press):
    (silent,) = press.read("predictions/today.json")["games"][1]["players"][0]["systems"]
    assert silent["reason"] == "no model of this month"
    assert [silent[name] for name in ("predicted_points", "fair_over_price", "expected_value")] == [None] * 3


def test_results_tell_each_night_and_every_systems_total_beside_the_line(press: Press):
    document = press.read("results/latest.json")
    assert [(one["system_id"], one["population"]) for one in document["systems"]] == [
        (BOOSTED, "with_line"),
        (HOUSE, "all"),
    ]
    house = document["systems"][1]
    assert (house["mae"], house["mae_shared"], house["line_mae_shared"], house["n_dnp"]) == (4.1234, 4.2, 4, 1)
    (game,) = document["games"]
    nights = {one["player_lookup"]: one for one in game["players"]}
    assert (nights["player2"]["actual_points"], nights["player2"]["line_absolute_error"]) == (20, 0.5)
    (said,) = nights["player2"]["systems"]
    assert (said["signed_error"], said["grade"], said["profit_units"], said["break_even"]) == (2.5, "LOSS", -1, 0.5238)
    assert (nights["player3"]["outcome_state"], nights["player3"]["actual_points"]) == ("DNP", None)


def test_a_game_that_is_not_over_has_no_results(press: Press):
    """What is forecast of it would be told before it may be."""
    assert press.read("results/2024-12-04.json")["games"] == []
    assert [one["game_date"] for one in press.read("players/player2.json")["house"]["forecasts"]] == ["2024-12-03"]


def test_performance_tells_a_week_a_month_and_the_season_beside_the_line(press: Press):
    """Errors of 1.5 and 2.5 yesterday, the line's 0.5 and 0.5; on 1 November 7.5 and the line's 9.5."""
    document = press.read("systems/performance.json")
    assert document["results_until"] == "2024-12-03"
    week, month, season = document["windows"]
    assert [window["start_date"] for window in document["windows"]] == ["2024-11-28", "2024-11-05", "2024-07-01"]
    found = {
        window["window"]: {one["population"]: one for one in window["systems"]}["with_line"]
        for window in (week, month, season)
    }
    assert [(one["mae"], one["line_mae_shared"], one["n_played"]) for one in found.values()] == [
        (2, 0.5, 2),
        (2, 0.5, 2),
        (3.8333, 3.5, 3),
    ]
    last = found["season"]
    assert [last[name] for name in ("wins", "losses", "voids", "pending")] == [2, 1, 1, 1]
    assert (last["hit_rate"], last["profit_units"], last["staked_units"], last["roi"]) == (0.6667, 0.82, 3, 0.2727)


def test_a_card_tells_form_market_and_the_house_of_everybody_on_the_slate(press: Press):
    document = press.read("tonight/all-players.json")
    cards = {card["player_lookup"]: card for card in document["players"]}
    assert [game["game_id"] for game in document["games"]] == [BOSTON, DENVER]
    assert [*cards] == ["player3", "player2", "player11"]
    luka = cards["player2"]
    assert (luka["points_avg_last_5"], luka["days_rest"], luka["market"]["line"]) == (24.44, 1, 20.5)
    assert (luka["house"]["recommendation"], luka["house"]["price"]) == ("OVER", -110)
    assert cards["player11"]["house"] is None


def test_behind_a_card_is_all_that_is_known_before_the_game(press: Press):
    page = press.read("tonight/player/player2.json")["tonight"]
    assert page["game"]["home_team"] == "BOS"
    assert (page["factors"]["fatigue_score"], page["factors"]["missing_factors"]) == (90, ["usage"])
    assert page["teammates_out"] == ["player9"]
    assert page["systems"][1]["details"] == "catboost 23.0"
    assert [(game["game_date"], game["points"]) for game in page["last_games"]] == [
        ("2024-12-03", 20),
        ("2024-11-01", 0),
    ]


def test_a_profile_has_averages_of_games_played_and_how_well_the_house_forecast_him(press: Press):
    """20 points in one game; the night he did not play is shown and not averaged."""
    profile = press.read("players/player2.json")
    assert profile["season"]["games_played"] == 1
    assert (profile["season"]["points_per_game"], profile["season"]["usage_rate"]) == (20, 0.3)
    assert [game["played"] for game in profile["last_games"]] == [True, False]
    house = profile["house"]
    assert (house["n_forecast"], house["mae"], house["grades"]["loss"]) == (1, 2.5, 1)


def test_the_index_names_everybody_on_a_roster_or_in_a_game_of_the_season(press: Press):
    index = {one["player_lookup"]: one for one in press.read("players/index.json")["players"]}
    assert {*index} == {"player1", "player2", "player3", "player4", "player11"}
    assert (index["player1"]["points_per_game"], index["player1"]["last_game_date"]) == (25.5, "2024-12-03")
    assert (index["player4"]["games_played"], index["player4"]["points_per_game"]) == (0, None)
    assert {f"players/{lookup}.json" for lookup in index} <= set(press.all())


def test_the_calendar_counts_games_to_come_too(press: Press):
    dates = press.read("schedule/game-counts.json")["dates"]
    assert [(one["game_date"], one["games"], one["final"]) for one in dates] == [
        ("2024-12-03", 2, 2),
        ("2024-12-04", 2, 0),
        ("2024-12-05", 2, 0),
    ]


def test_coverage_has_a_row_of_states_in_step_with_its_dates_and_what_is_lacking(press: Press):
    document = press.read("coverage.json")
    assert document["dates"] == ["2024-11-01", "2024-12-03", "2024-12-04"]
    assert {one["table_name"]: one["states"] for one in document["tables"]} == {
        "nba_test.form": ["bootstrap", "missing", "complete"],
        "nba_test.games": [None, "complete", None],
    }
    assert [(gap["table_name"], gap["reason"]) for gap in document["gaps"]] == [("nba_test.form", "7 of 10 rows")]


def test_the_status_tells_tables_forecasts_results_and_the_age_of_the_models(press: Press):
    """The December model saw its last game on 30 November: four days before tonight."""
    document = press.read("status.json")
    assert document["recent_dates"] == ["2024-12-03", "2024-12-04"]
    form = next(table for table in document["tables"] if table["table_name"] == "nba_test.form")
    assert (form["recent_states"], form["complete_share"]) == (["missing", "complete"], 0.5)
    assert (document["forecasts_until"], document["results_until"]) == ("2024-12-04", "2024-12-03")
    assert [(model["model_id"], model["age_days"]) for model in document["models"]] == [("new", 4)]


def test_a_name_is_data_in_every_document(press: Press):
    assert press.read("players/player3.json")["player"]["player_name"] == NAMES[3]
    assert press.read("players/player1.json")["player"]["player_name"] == NAMES[1]
    assert not [path for path, content in press.all().items() if re.search(rb"[<>&]", content)]


def test_an_evening_that_is_refused_tells_no_forecast_anywhere(tmp_path: Path):
    """Not in the file of the evening, nor in results, profiles or a page that was written before it was refused."""
    press = Press.at(tmp_path)
    fill(press)
    press.publish("predictions", "tonight")
    press.publish(refused=[TONIGHT])
    for path in ("predictions/today.json", "tonight/all-players.json", "status.json", "players/player2.json"):
        assert press.read(path)["publish"] == {"allowed": False, "reasons": ["the data are stale"]}
    assert press.read("predictions/today.json")["games"] == []
    assert press.read("tonight/all-players.json")["players"] == []
    assert press.read("tonight/player/player2.json")["tonight"] is None
    of_tonight = [document for document in map(json.loads, press.all().values()) if _tells(document, TONIGHT)]
    assert of_tonight == []


def test_the_page_of_who_played_yesterday_says_tonight_that_he_does_not(tmp_path: Path):
    press = Press.at(tmp_path)
    press.store(upcoming_player_game_context=[morning(2)])
    press.publish("tonight")
    press.store(upcoming_player_game_context=[morning(3)])
    press.publish("tonight")
    assert press.read("tonight/player/player2.json")["tonight"] is None
    assert press.read("tonight/player/player3.json")["tonight"]["player_id"] == 3


def test_a_warehouse_that_holds_a_schedule_and_nothing_else_has_empty_documents(tmp_path: Path):
    press = Press.at(tmp_path)
    press.publish(refused=[TONIGHT])
    assert press.read("predictions/today.json")["games"] == []
    assert press.read("players/index.json")["players"] == []
    assert "results/latest.json" not in press.all()


def test_a_date_of_the_past_is_not_tonight(tmp_path: Path):
    press = Press.at(tmp_path)
    press.publish("predictions", dates=DateRange(YESTERDAY, YESTERDAY))
    assert [*press.all()] == ["predictions/2024-12-03.json"]


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.stem)
def test_a_schema_is_one_allows_nothing_else_and_describes_everything(path: Path):
    schema = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    for part in _parts(schema):
        if part.get("properties"):
            assert part["additionalProperties"] is False
            assert set(part["required"]) == set(part["properties"])
        assert part["description"]


def test_a_document_without_a_schema_is_noticed():
    with pytest.raises(NoSchema, match=r"gossip\.json has no schema"):
        schema_of("gossip.json")


def _parts(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    for part in [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]:
        yield from _parts(part)


def _tells(document: Any, date: dt.date) -> bool:
    """Whether a forecast of the date is anywhere in it."""
    if isinstance(document, list):
        return any(_tells(one, date) for one in document)
    if not isinstance(document, dict):
        return False
    told = document.get("predicted_points") is not None
    of_tonight = document.get("game_date", str(date)) == str(date)
    return (told and of_tonight) or any(_tells(one, date) for one in document.values() if of_tonight)
