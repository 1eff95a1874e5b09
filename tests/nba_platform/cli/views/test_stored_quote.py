import datetime as dt
import json

import pytest

from models.system_ids import SystemId
from nba_platform.cli.render import to_json
from nba_platform.cli.views.stored_quote import StoredQuote, stored_quote, stored_quote_page
from nba_platform.errors import NothingToDo
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from ....shared import warehouse_at
from ...printed import printed
from ...rows import TABLES, store

TONIGHT = dt.date(2024, 12, 4)
REBOUNDS = "player_rebounds"
WHO = {"player_lookup": "nikolajokic", "player_id": 1, "game_date": TONIGHT, "game_id": "0022400001"}
WHO |= {"team_abbr": "DEN", "opponent_team_abbr": "MIA"}
USUAL = json.dumps([{"reason": "usual", "amount": 12.0}, {"reason": "minutes", "amount": 0.5}])

GEOMETRIC = {"predicted_value": 2.0, "line": 1.5, "over_probability": 4 / 9, "predicted_sd": 6**0.5}


def forecast(system: SystemId, edition: str = "at_line", **told) -> dict:
    key = WHO | {"market": REBOUNDS, "system_id": system, "edition": edition, "predicted_value": 12.5, "line": 11.5}
    chances = {"predicted_sd": 4.0, "over_probability": 0.6, "push_probability": 0.0, "edge": 1.0}
    return key | chances | {"recommendation": "PASS", "pass_reason": "FORECAST_ONLY", "components": USUAL} | told


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    silent = {"predicted_value": None, "abstain_reason": "THIN_HISTORY", "components": "[]"}
    silent |= dict.fromkeys(("over_probability", "push_probability", "predicted_sd", "edge"))
    return store(
        warehouse_at(tmp_path_factory.mktemp("stored") / "nba.duckdb"),
        players=[{"player_id": 1, "player_lookup": "nikolajokic", "player_name": "Nikola Jokić"}],
        player_boxscores=[WHO | {"player_name": "Nikola Jokić", "game_date": dt.date(2024, 12, 1)}],
        ml_feature_store_v2=[WHO],
        player_prop_predictions=[
            forecast(SystemId.RATES, "at_tip", predicted_value=13.0),
            forecast(SystemId.MARKET_BLEND, **silent),
            forecast(SystemId.RATES),
            forecast(SystemId.RATES, market="player_points", predicted_value=27.0),
            forecast(SystemId.RATES, market="player_assists", **GEOMETRIC),
        ],
    )


def asked(warehouse: DuckDBWarehouse, market: str = REBOUNDS) -> StoredQuote:
    return stored_quote(warehouse, TABLES, "jokic", TONIGHT, market)


def test_stored_forecasts_of_a_market_are_shown_at_their_line_with_chances_and_fair_odds(warehouse):
    """Six in ten: over is fair at -150, under at +150."""
    told = to_json(asked(warehouse))

    systems = [(row["system_id"], row["edition"], row["predicted_value"]) for row in told["systems"]]
    assert systems == [("rates_v1", "at_line", 12.5), ("market_blend_v1", "at_line", None), ("rates_v1", "at_tip", 13)]
    first = told["systems"][0]
    assert (first["line"], first["under_probability"]) == (11.5, pytest.approx(0.4))
    assert (first["fair_over_price"], first["fair_under_price"]) == (-150, 150)
    assert (first["reason"], told["market"]) == ("usual 12.0, minutes +0.5", REBOUNDS)
    assert told["systems"][1]["reason"] == "says nothing: fewer than five similar games"


def test_people_are_told_plainly_that_it_is_stored(warehouse):
    lines = printed(stored_quote_page(asked(warehouse))).splitlines()

    assert lines[0] == "Nikola Jokić, DEN against MIA, 2024-12-04: rebounds"
    assert lines[1].startswith("These forecasts are stored.")
    assert "rates_v1 at_line 12.5 4.0 11.5 60% 0% 40% -150 +150 usual 12.0, minutes +0.5" in [
        " ".join(line.split()) for line in lines
    ]
    assert max(map(len, lines)) <= 120


def test_at_other_lines_chances_follow_from_the_stored_one(warehouse):
    """A geometric distribution of mean 2 exceeds n with (2/3)^(n+1): 4/9 at 1.5, 8/27 at 2.5, and 8/27 - 16/81 is 3."""
    told = to_json(stored_quote(warehouse, TABLES, "jokic", TONIGHT, "player_assists", [1.5, 2.5, 3.0]))

    found = {row["line"]: (row["over_probability"], row["push_probability"]) for row in told["systems"]}
    assert found[1.5] == pytest.approx((4 / 9, 0))
    assert found[2.5] == pytest.approx((8 / 27, 0), abs=1e-6)
    assert found[3.0] == pytest.approx((16 / 81, 8 / 81), abs=1e-6)
    assert [row["edge"] for row in told["systems"]] == [1.0, -0.5, -1.0]


def test_at_other_lines_a_forecast_is_no_pick_and_has_no_price(warehouse):
    told = to_json(stored_quote(warehouse, TABLES, "jokic", TONIGHT, REBOUNDS, [9.5]))

    assert {row["system_id"] for row in told["systems"]} == {"rates_v1"}
    assert all(row["price"] is None and row["recommendation"] == "PASS" for row in told["systems"])


def test_a_market_without_a_forecast_of_him_says_what_to_run(warehouse):
    with pytest.raises(NothingToDo, match=r"no forecast of the blocks of Nikola Jokić is stored.*nba backfill 2024-12"):
        asked(warehouse, "player_blocks")
