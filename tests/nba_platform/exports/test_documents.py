"""Contents of each document for three dates: yesterday is over, tonight is not."""

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest

from nba_platform.definitions import EXPORTS
from nba_resources.dates import DateRange

from .exported_site import BOOSTED, BOSTON, DENVER, HOUSE, MORNING, NAMES, TOMORROW, TONIGHT, YESTERDAY, ExportedSite
from .three_dates import fill, others, state


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> ExportedSite:
    site = ExportedSite.at(tmp_path_factory.mktemp("site"))
    fill(site)
    site.publish(dates=DateRange(YESTERDAY, TOMORROW))
    return site


def test_a_range_writes_every_date_and_points_at_tonight_and_at_the_latest_results(site: ExportedSite):
    dates = [f"{date}.json" for date in (YESTERDAY, TONIGHT, TOMORROW)]
    written = set(site.all())
    assert {f"{kind}/{date}" for kind in ("predictions", "results", "best-bets") for date in dates} <= written
    assert site.bytes("predictions/today.json") == site.bytes("predictions/2024-12-04.json")
    assert site.bytes("results/latest.json") == site.bytes("results/2024-12-03.json")
    assert site.bytes("best-bets/latest.json") == site.bytes("best-bets/2024-12-04.json")


def test_what_matters_most_is_written_before_the_players():
    assert [*EXPORTS][:3] == ["best_bets", "predictions", "status"]
    assert [export.critical for export in EXPORTS.values()] == [True] * 3 + [False] * (len(EXPORTS) - 3)


def test_publishing_everything_again_changes_no_byte(site: ExportedSite):
    before = site.all()
    again = site.publish(dates=DateRange(YESTERDAY, TOMORROW), now=MORNING.replace(hour=20))
    assert not [file.path for file in again if file.changed]
    assert site.all() == before


def test_predictions_are_told_by_game_player_and_system(site: ExportedSite):
    boston, denver = site.read("predictions/today.json")["games"]
    assert (boston["away_team"], boston["home_team"]) == ("NYK", "BOS")
    assert boston["start_time_utc"] == "2024-12-05T00:00:00+00:00"
    assert [player["player_lookup"] for player in boston["players"]] == ["player3", "player2"]
    assert [player["player_lookup"] for player in denver["players"]] == ["player11"]
    luka = boston["players"][1]
    assert (luka["player_name"], luka["player_status"]) == ("Luka Dončić", "questionable")
    assert [said["system_id"] for said in luka["systems"]] == [BOOSTED, HOUSE]


def test_a_system_tells_chances_the_odds_they_make_fair_worth_and_reason(site: ExportedSite):
    """Six in ten: 40 wins 60, so over is fair at -150 and under at +150."""
    luka = site.read("predictions/today.json")["games"][0]["players"][1]
    wanted = {"predicted_value": 22.5, "line": 20.5, "edge": 2, "over_probability": 0.6, "push_probability": 0}
    wanted |= {"fair_over_price": -150, "fair_under_price": 150, "price": -110, "expected_value": 0.1}
    wanted |= {"recommendation": "OVER", "reason": "1 of 1 systems over, 23.0 to 23.0"}
    assert {name: luka["systems"][1][name] for name in wanted} == wanted
    assert luka["systems"][0]["reason"] == "edge +0.5 is under 1"
    assert luka["systems"][0]["price"] is None


def test_the_market_stands_beside_the_systems_and_is_null_where_nobody_offers_him(site: ExportedSite):
    script, luka = site.read("predictions/today.json")["games"][0]["players"]
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


def test_who_abstains_says_why_and_has_no_number(site: ExportedSite):
    (silent,) = site.read("predictions/today.json")["games"][1]["players"][0]["systems"]
    assert silent["reason"] == "no model of this month"
    assert [silent[name] for name in ("predicted_value", "fair_over_price", "expected_value")] == [None] * 3


def test_results_tell_each_night_and_every_systems_total_beside_the_line(site: ExportedSite):
    document = site.read("results/latest.json")
    assert [(one["system_id"], one["population"]) for one in document["systems"]] == [
        (BOOSTED, "with_line"),
        (HOUSE, "all"),
    ]
    house = document["systems"][1]
    assert (house["mae"], house["mae_shared"], house["line_mae_shared"], house["n_dnp"]) == (4.1234, 4.2, 4, 1)
    (game,) = document["games"]
    nights = {one["player_lookup"]: one for one in game["players"]}
    assert (nights["player2"]["actual_value"], nights["player2"]["line_absolute_error"]) == (20, 0.5)
    (said,) = nights["player2"]["systems"]
    assert (said["signed_error"], said["grade"], said["profit_units"], said["break_even"]) == (2.5, "LOSS", -1, 0.5238)
    assert (nights["player3"]["outcome_state"], nights["player3"]["actual_value"]) == ("DNP", None)


def test_a_game_that_is_not_over_has_no_results(site: ExportedSite):
    """Otherwise forecasts of it would be published too early."""
    assert site.read("results/2024-12-04.json")["games"] == []
    assert [one["game_date"] for one in site.read("players/player2.json")["house"]["forecasts"]] == ["2024-12-03"]


def test_performance_tells_a_week_a_month_and_the_season_beside_the_line(site: ExportedSite):
    """Errors of 1.5 and 2.5 yesterday, the line's 0.5 and 0.5; on 1 November 7.5 and the line's 9.5."""
    document = site.read("systems/performance.json")
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


def test_a_card_tells_form_market_and_the_house_of_everybody_on_the_slate(site: ExportedSite):
    document = site.read("tonight/all-players.json")
    cards = {card["player_lookup"]: card for card in document["players"]}
    assert [game["game_id"] for game in document["games"]] == [BOSTON, DENVER]
    assert [*cards] == ["player3", "player2", "player11"]
    luka = cards["player2"]
    assert (luka["points_avg_last_5"], luka["days_rest"], luka["market"]["line"]) == (24.44, 1, 20.5)
    assert (luka["house"]["recommendation"], luka["house"]["price"]) == ("OVER", -110)
    assert cards["player11"]["house"] is None


def test_behind_a_card_is_all_that_is_known_before_the_game(site: ExportedSite):
    page = site.read("tonight/player/player2.json")["tonight"]
    assert page["game"]["home_team"] == "BOS"
    assert (page["factors"]["fatigue_score"], page["factors"]["missing_factors"]) == (90, ["usage"])
    assert page["teammates_out"] == ["player9"]
    assert page["systems"][1]["details"] == "catboost 23.0"
    assert [(game["game_date"], game["points"]) for game in page["last_games"]] == [
        ("2024-12-03", 20),
        ("2024-11-01", 0),
    ]


def test_a_profile_has_averages_of_games_played_and_how_well_the_house_forecast_him(site: ExportedSite):
    """20 points in one game; the night he did not play is shown and not averaged."""
    profile = site.read("players/player2.json")
    assert profile["season"]["games_played"] == 1
    assert (profile["season"]["points_per_game"], profile["season"]["usage_rate"]) == (20, 0.3)
    assert [game["played"] for game in profile["last_games"]] == [True, False]
    house = profile["house"]
    assert (house["n_forecast"], house["mae"], house["grades"]["loss"]) == (1, 2.5, 1)


def test_the_index_names_everybody_on_a_roster_or_in_a_game_of_the_season(site: ExportedSite):
    index = {one["player_lookup"]: one for one in site.read("players/index.json")["players"]}
    assert {*index} == {"player1", "player2", "player3", "player4", "player11"}
    assert (index["player1"]["points_per_game"], index["player1"]["last_game_date"]) == (25.5, "2024-12-03")
    assert (index["player4"]["games_played"], index["player4"]["points_per_game"]) == (0, None)
    assert {f"players/{lookup}.json" for lookup in index} <= set(site.all())


def test_the_calendar_counts_games_to_come_too(site: ExportedSite):
    dates = site.read("schedule/game-counts.json")["dates"]
    assert [(one["game_date"], one["games"], one["final"]) for one in dates] == [
        ("2024-12-03", 2, 2),
        ("2024-12-04", 2, 0),
        ("2024-12-05", 2, 0),
    ]


def test_coverage_has_a_row_of_states_in_step_with_its_dates_and_what_is_lacking(site: ExportedSite):
    document = site.read("coverage.json")
    assert document["dates"] == ["2024-11-01", "2024-12-03", "2024-12-04"]
    assert {one["table_name"]: one["states"] for one in document["tables"]} == {
        "nba_test.form": ["bootstrap", "missing", "complete"],
        "nba_test.games": [None, "complete", None],
    }
    assert [(gap["table_name"], gap["reason"]) for gap in document["gaps"]] == [("nba_test.form", "7 of 10 rows")]


def test_a_summer_day_is_a_day_without_games_and_lacks_nothing(tmp_path: Path):
    site, august = ExportedSite.at(tmp_path), dt.date(2024, 8, 1)
    site.store(pipeline_coverage=[state("form", august, "no_games"), state("form", TONIGHT, "complete")])
    site.publish("coverage")
    document = site.read("coverage.json")
    assert document["dates"] == ["2024-08-01", "2024-12-04"]
    assert [one["states"] for one in document["tables"]] == [["no_games", "complete"]]
    assert document["gaps"] == []


def test_the_status_tells_tables_forecasts_results_and_the_age_of_the_models(site: ExportedSite):
    """The December model saw its last game on 30 November: four days before tonight."""
    document = site.read("status.json")
    assert document["recent_dates"] == ["2024-12-03", "2024-12-04"]
    form = next(table for table in document["tables"] if table["table_name"] == "nba_test.form")
    assert (form["recent_states"], form["complete_share"]) == (["missing", "complete"], 0.5)
    assert (document["forecasts_until"], document["results_until"]) == ("2024-12-04", "2024-12-03")
    assert [(model["model_id"], model["age_days"]) for model in document["models"]] == [("new", 4)]


def test_a_name_is_data_in_every_document(site: ExportedSite):
    assert site.read("players/player3.json")["player"]["player_name"] == NAMES[3]
    assert site.read("players/player1.json")["player"]["player_name"] == NAMES[1]
    assert not [path for path, content in site.all().items() if re.search(rb"[<>&]", content)]


def test_rows_of_another_market_or_edition_change_nothing_on_points(site: ExportedSite, tmp_path: Path):
    other = ExportedSite.at(tmp_path)
    fill(other, **others())
    other.publish(dates=DateRange(YESTERDAY, TOMORROW))
    assert set(other.all()) == set(site.all())
    of_points = [path for path in site.all() if not path.startswith("board/")]  # the board is about every market
    for path in of_points:
        assert _on_points(other.read(path)) == _on_points(site.read(path)), path


def _on_points(document: Any) -> Any:
    """Return a document without lists of other markets, and without models and blocks of others."""
    if isinstance(document, list):
        return [_on_points(part) for part in document if not _is_of_another(part)]
    if isinstance(document, dict):
        return {name: _on_points(part) for name, part in document.items() if name != "markets"}
    return document


def _is_of_another(part: Any) -> bool:
    """Return whether a part is a model, or a block of the record, of another market or edition."""
    if not isinstance(part, dict) or not part.keys() & {"model_id", "systems"}:
        return False
    known = (part.get("market", "player_points"), part.get("variant") or part.get("edition") or "at_tip")
    return "player_name" not in part and known != ("player_points", "at_tip")
