import datetime as dt
import json

import pytest

from models.features import BASE
from models.inference.distribution import Band, ResidualSpread
from models.systems.base import SystemId
from nba_assets.predictions.month_models import MonthModels
from nba_platform.cli.render import to_json
from nba_platform.cli.views.player_quote import PlayerQuote, quote_page, quote_player
from nba_platform.errors import NothingToDo, UnknownPlayer
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from ....shared import warehouse_at
from ...printed import printed
from ...rows import TABLES, store

TONIGHT, BEFORE = dt.date(2024, 12, 4), dt.date(2024, 12, 1)
TRAINED = MonthModels({}, {system: ResidualSpread((Band(0.0, 6.5, 1_000),)) for system in SystemId}, {})
UNTRAINED = MonthModels({}, {}, {})
PEOPLE = {1: "Nikola Jokić", 2: "Nikola Jović", 3: "Jalen Williams", 4: "Jaylin Williams", 5: "Away Man"}
TEAMS = {1: "DEN", 2: "MIA", 3: "OKC", 4: "OKC", 5: "DEN"}
MIDDLE = {feature.name: (feature.low + feature.high) / 2 for feature in BASE}


def lookup(player: int) -> str:
    return PEOPLE[player].lower().replace(" ", "").replace("ć", "c")


def tonight(player: int, **told) -> dict:
    known = MIDDLE | {"points_avg_last_5": 26.0, "points_avg_last_10": 25.0, "points_avg_season": 24.0}
    known |= {"fatigue_score": 90.0, "home_away": 0.5, "back_to_back": 0, "has_vegas_line": 0, "playoff_game": 0}
    nothing = dict.fromkeys(name for name in MIDDLE if name.startswith(("vegas", "shot_zone", "usage", "pace_score")))
    row = {"quality_tier": "gold", "feature_quality_score": 95.0, "is_production_ready": True, "is_prop_eligible": True}
    return key(player) | known | nothing | row | told


def key(player: int) -> dict:
    who = {"player_lookup": lookup(player), "player_id": player, "game_date": TONIGHT, "game_id": "0022400001"}
    return who | {"team_abbr": TEAMS[player], "opponent_team_abbr": "MIA"}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    """Four men of tonight's rosters, one of whom nobody offers, and a fifth who is not on them."""
    boxes = [
        {"player_id": n, "player_name": name, "game_date": BEFORE, "game_id": "0022400000", "team_abbr": TEAMS[n]}
        for n, name in PEOPLE.items()
    ]
    people = [{"player_id": n, "player_lookup": lookup(n), "player_name": name} for n, name in PEOPLE.items()]
    rows = [
        tonight(1, vegas_points_line=25.5, vegas_opening_line=25.5, has_vegas_line=1),
        tonight(
            2, is_prop_eligible=False, is_production_ready=False, feature_quality_score=40.0, points_avg_season=None
        ),
        tonight(3),
        tonight(4),
    ]
    line = {"line": 25.5, "line_min": 25.5, "line_max": 25.5, "n_books": 1, "n_books_at_line": 1, "books": "[]"}
    return store(
        warehouse_at(tmp_path_factory.mktemp("tonight") / "nba.duckdb"),
        player_boxscores=boxes,
        players=people,
        ml_feature_store_v2=rows,
        prediction_evidence=[key(n) | {"similar_games": 0} for n in (1, 2, 3, 4)],
        player_prop_lines=[key(1) | line],
    )


def asked(warehouse: DuckDBWarehouse, name: str, *lines: float, models: MonthModels = TRAINED) -> PlayerQuote:
    return quote_player(warehouse, TABLES, lambda _: models, name, TONIGHT, lines)


def of(found: PlayerQuote, system: SystemId) -> dict:
    return next(told for told in to_json(found)["systems"] if told["system_id"] == system)


@pytest.mark.parametrize("name", ["Nikola Jokić", "nikola jokic", "N. Jokic", "Jokic Nikola", "NIKOLA JOKIC"])
def test_a_name_is_read_as_a_bookmakers_is(warehouse, name):
    assert asked(warehouse, name).player["player_lookup"] == "nikolajokic"


def test_the_chances_are_those_of_the_systems_own_spread(warehouse):
    """Season average 24.0 and a deviation of 6.5: 24 is pushed within half a point, 0.0613."""
    found = of(asked(warehouse, "Nikola Jokic", 24.0), SystemId.SEASON_AVERAGE)

    (quote,) = found["quotes"]
    assert found["predicted_value"] == 24.0
    assert found["predicted_sd"] == 6.5
    assert quote["push_probability"] == pytest.approx(0.0613, abs=1e-4)
    assert quote["over_probability"] == quote["under_probability"] == pytest.approx((1 - 0.0613) / 2, abs=1e-4)
    assert abs(quote["fair_over_price"]) == 100


def test_without_a_line_the_markets_is_asked(warehouse):
    assert asked(warehouse, "Nikola Jokic").lines == (25.5,)
    assert asked(warehouse, "Jalen Williams").lines == ()


def test_a_player_nobody_offers_is_computed_and_says_that_nothing_is_stored_of_him(warehouse):
    found = asked(warehouse, "Nikola Jovic", 7.5)

    assert any("stored nowhere" in note for note in found.notes)
    assert any("Nobody offers a line" in note for note in found.notes)


def test_a_row_that_is_not_ready_says_so_and_each_system_says_why_it_is_silent(warehouse):
    found = asked(warehouse, "Nikola Jovic", 7.5)

    assert any("not ready (quality 40 of 100)" in note for note in found.notes)
    assert of(found, SystemId.SEASON_AVERAGE)["reason"] == "says nothing: a required input is not known"
    assert of(found, SystemId.SIMILARITY)["reason"] == "says nothing: fewer than five similar games"
    assert of(found, SystemId.SEASON_AVERAGE)["quotes"][0]["over_probability"] is None


def test_a_month_without_models_has_forecasts_but_no_chances_and_says_what_to_run(warehouse):
    found = asked(warehouse, "Nikola Jokic", 25.5, models=UNTRAINED)

    assert of(found, SystemId.SEASON_AVERAGE)["predicted_value"] == 24.0
    assert of(found, SystemId.CATBOOST)["reason"] == "says nothing: no model of this month"
    assert any("nba train 2024-12" in note for note in found.notes)


def test_a_surname_that_one_player_has_is_enough(warehouse):
    assert asked(warehouse, "Jokic").player["player_lookup"] == "nikolajokic"


def test_half_a_surname_is_no_name_and_the_closest_come_first(warehouse):
    with pytest.raises(UnknownPlayer, match=r"'Joki' is nobody we know on 2024-12-04: .* are Nikola Jokić \(DEN\), N"):
        asked(warehouse, "Joki")


def test_an_initial_of_two_people_is_refused_with_both(warehouse):
    with pytest.raises(UnknownPlayer, match=r"more than one player.*Ja\w+ Williams \(OKC\), Ja\w+ Williams \(OKC\)"):
        asked(warehouse, "J. Williams")


def test_somebody_who_is_on_no_roster_tonight_is_told_so(warehouse):
    with pytest.raises(UnknownPlayer, match=r"'Away Man' \(awayman\) is on no roster of 2024-12-04"):
        asked(warehouse, "Away Man")


def test_a_date_without_features_says_what_to_run(warehouse):
    with pytest.raises(NothingToDo, match=r"no features are stored for 2024-12-05.*nba backfill 2024-12-05"):
        quote_player(warehouse, TABLES, lambda _: TRAINED, "Nikola Jokic", dt.date(2024, 12, 5))


def test_people_see_a_table_for_each_line_within_a_hundred_and_twenty_columns(warehouse):
    lines = printed(quote_page(asked(warehouse, "Nikola Jokic", 24.0, 30.5))).splitlines()

    assert lines[0] == "Nikola Jokić, DEN against MIA, 2024-12-04"
    assert [line.split()[1] for line in lines if line.startswith("line ")] == ["24", "30.5"]
    assert max(map(len, lines)) <= 120


def test_programs_get_one_document_without_a_number_that_is_none(warehouse):
    told = json.dumps(to_json(asked(warehouse, "Nikola Jovic", 7.5)), allow_nan=False)

    assert json.loads(told)["player_name"] == "Nikola Jović"
