import datetime as dt
import json
from functools import partial
from pathlib import Path

import pytest

from models.forecast_keys import Edition
from models.system_ids import POINT_SYSTEMS, SystemId
from nba_checks.permission import Publish
from nba_platform.cli.render import to_json
from nba_platform.cli.views.card import Card, card_page, read_card, why_none
from nba_platform.cli.views.shown import Shown
from nba_platform.errors import NothingToDo
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from ....shared import warehouse_at
from ...printed import printed
from ...rows import TABLES, store

TONIGHT = dt.date(2024, 12, 4)
YES, NO = Publish(), Publish(("the data are stale", "nobody trained"))
VOICES = json.dumps(
    [
        {"system": SystemId.MOVING_AVERAGE, "prediction": 22.0, "weight": 0.5},
        {"system": SystemId.CATBOOST, "prediction": 23.0, "weight": 0.5},
    ]
)
GAMES = {"0022400001": ("BOS", "NYK", 0), "0022400002": ("LAL", "DEN", 2)}


def forecast(player: int, game: str = "0022400001", **told) -> dict:
    home, away, _ = GAMES[game]
    who = {"player_lookup": f"player{player}", "player_id": player, "game_id": game, "game_date": TONIGHT}
    said = {
        "system_id": SystemId.ENSEMBLE,
        "edition": "at_tip",
        "predicted_value": 22.5,
        "confidence_score": 70.0,
        "line": 20.5,
    }
    more = {"edge": 2.0, "over_probability": 0.61, "push_probability": 0.0, "components": VOICES, "missing_inputs": []}
    return (
        who
        | said
        | more
        | {"team_abbr": home, "opponent_team_abbr": away, "recommendation": "PASS", "pass_reason": "SMALL_EDGE"}
        | told
    )


def pick(player: int, value: float, game: str = "0022400001", **told) -> dict:
    money = {"recommendation": "OVER", "over_price": -110, "under_price": -120, "price_book": "b"}
    return forecast(player, game, expected_value=value, **money) | told


def slate(folder: Path, *forecasts: dict) -> DuckDBWarehouse:
    games = [
        {
            "game_id": game,
            "game_date": TONIGHT,
            "season": "2024-25",
            "season_year": 2024,
            "season_type": "regular",
            "status": "scheduled",
            "home_team": home,
            "away_team": away,
            "start_time_utc": dt.datetime(2024, 12, 5, hour, tzinfo=dt.UTC),
        }
        for game, (home, away, hour) in GAMES.items()
    ]
    people = [
        {
            "player_id": row["player_id"],
            "player_lookup": row["player_lookup"],
            "player_name": f"Player {row['player_id']}",
        }
        for row in {row["player_id"]: row for row in forecasts}.values()
    ]
    seasons = [{"season_year": 2024, "season": "2024-25", "start_date": dt.date(2024, 10, 22), "games": 1230}]
    kept = warehouse_at(folder / "nba.duckdb")
    return store(kept, schedule=games, players=people, seasons=seasons, player_prop_predictions=list(forecasts))


def of(warehouse: DuckDBWarehouse, publish: Publish = YES, **asked) -> Card:
    why = partial(why_none, warehouse, TABLES, TONIGHT)
    return read_card(warehouse, TONIGHT, lambda _: publish, why, Shown.of(**asked))


def shown(found: Card, most: int | None = None) -> list[str]:
    return printed(card_page(found, most)).splitlines()


def test_picks_come_first_by_their_value_and_then_game_by_game(tmp_path):
    found = of(
        slate(
            tmp_path,
            forecast(1, "0022400002"),
            forecast(2),
            pick(3, 0.05),
            pick(4, 0.20, "0022400002"),
        )
    )

    assert [row["player_lookup"] for row in found.rows] == ["player4", "player3", "player2", "player1"]
    assert found.head == "2024-12-04, ensemble_v1: 2 games, 4 players, 2 picks."


def test_a_row_tells_game_line_points_chance_price_value_bet_and_why(tmp_path):
    line = next(line for line in shown(of(slate(tmp_path, pick(3, 0.164)))) if "Player 3" in line)

    told = "NYK@BOS Player 3 20.5 22.5 61% -110 +0.16 OVER 2 of 2 systems over, 22.0 to 23.0"
    assert " ".join(line.split()) == told


def test_forecasts_of_another_market_or_edition_are_not_on_the_card_of_points(tmp_path):
    others = [forecast(3, market="player_rebounds", predicted_value=9.5), forecast(3, edition="at_line"), pick(4, 0.1)]
    warehouse = slate(tmp_path, *others)

    assert [row["player_lookup"] for row in of(warehouse).rows] == ["player4"]
    assert [row["player_lookup"] for row in of(warehouse, all_systems=True).rows] == ["player4"]


MATE = json.dumps(
    [
        {"reason": "usual", "amount": 6.8},
        {"reason": "team-mates tonight", "amount": 1.4, "player": "player4", "is_out": True},
    ]
)
DRAWN = json.dumps([{"reason": "line", "amount": 7.5}, {"reason": "model", "amount": 0.4}])


def rebounds(player: int, system: SystemId, **told) -> dict:
    key = {"market": "player_rebounds", "edition": "at_line", "system_id": system, "components": MATE}
    return forecast(player, **key | {"line": 7.5, "predicted_value": 7.0, "pass_reason": "FORECAST_ONLY"} | told)


@pytest.fixture
def of_rebounds(tmp_path) -> DuckDBWarehouse:
    """A pick by the blend; a player without a line; one on whom the blend says nothing; and the rates at tip-off."""
    unlined = {"line": None, "recommendation": "NO_LINE", "pass_reason": None, "over_probability": None, "edge": None}
    silent = {"predicted_value": None, "abstain_reason": "THIN_HISTORY", "components": "[]"}
    return slate(
        tmp_path,
        pick(1, 0.05, **{**rebounds(1, SystemId.MARKET_BLEND), "recommendation": "OVER", "pass_reason": None})
        | {"predicted_value": 7.9, "components": DRAWN},
        rebounds(1, SystemId.RATES),
        rebounds(2, SystemId.RATES, **unlined),
        rebounds(3, SystemId.MARKET_BLEND, **silent),
        rebounds(3, SystemId.RATES),
        rebounds(4, SystemId.RATES) | {"edition": "at_tip", "predicted_value": 9.0},
        pick(5, 0.3),
    )


def test_a_card_of_another_market_is_the_houses_and_the_rates_where_the_blend_says_nothing(of_rebounds):
    found = of(of_rebounds, market="player_rebounds")

    told = [(row["player_lookup"], row["system_id"]) for row in found.rows]
    assert told == [("player1", "market_blend_v1"), ("player2", "rates_v1"), ("player3", "rates_v1")]
    assert found.head == "2024-12-04, rebounds at_line, market_blend_v1 or rates_v1: 1 games, 3 players, 1 picks."
    lines = [" ".join(line.split()) for line in shown(found)]
    assert "game player line rebounds P(over) price value bet why" in lines
    assert "NYK@BOS Player 1 7.5 7.9 61% -110 +0.05 OVER the market's line 7.5, model +0.4" in lines
    assert "NYK@BOS Player 2 7.0 usual 6.8, +1.4 rebounds: Player 4 out" in lines


def test_an_edition_and_a_system_of_a_market_may_be_named(of_rebounds):
    at_tip = of(of_rebounds, market="player_rebounds", edition=Edition.AT_TIP)
    assert [(row["player_lookup"], row["predicted_value"]) for row in at_tip.rows] == [("player4", 9.0)]

    rates = of(of_rebounds, market="player_rebounds", system=SystemId.RATES)
    assert [row["player_lookup"] for row in rates.rows] == ["player1", "player2", "player3"]


def test_a_system_of_one_edition_is_shown_in_that_edition():
    """The blend reads prices, so on points too it has no forecast at tip-off."""
    assert Shown.of(system=SystemId.MARKET_BLEND).edition == Edition.AT_LINE
    assert Shown.of(system=SystemId.RATES).edition == Edition.AT_TIP
    assert Shown.of("player_rebounds", system=SystemId.RATES).edition == Edition.AT_LINE


def test_all_systems_of_a_market_stand_side_by_side(of_rebounds):
    lines = [" ".join(line.split()) for line in shown(of(of_rebounds, market="player_rebounds", all_systems=True))]

    assert "game player line rates blend" in lines
    assert "NYK@BOS Player 1 7.5 7.0 7.9o" in lines


def test_a_market_that_nothing_is_stored_of_is_named(of_rebounds):
    with pytest.raises(NothingToDo, match=r"of blocks at_line, by market_blend_v1 or rates_v1 are stored for 2024-12"):
        of(of_rebounds, market="player_blocks")


def test_a_sum_is_headed_by_its_short_name():
    assert [Shown.of(name).unit for name in ("player_points_rebounds_assists", "player_threes")] == ["pra", "threes"]


def test_an_under_is_shown_at_the_price_of_under(tmp_path):
    line = next(line for line in shown(of(slate(tmp_path, pick(3, 0.1, recommendation="UNDER")))) if "UNDER" in line)

    assert "-120" in line
    assert "-110" not in line


def test_what_is_no_bet_says_what_speaks_against_it(tmp_path):
    silent = forecast(2, predicted_value=None, abstain_reason="TOO_FEW_SYSTEMS", components="[]", edge=None)
    lines = shown(of(slate(tmp_path, forecast(1, edge=0.4), silent)))

    assert any("edge +0.4 is under 1.5" in line for line in lines)
    assert any("fewer than two systems predicted" in line for line in lines)


def test_without_a_line_there_is_a_forecast_but_no_bet(tmp_path):
    nobody = forecast(1, line=None, edge=None, over_probability=None, push_probability=None, recommendation="NO_LINE")
    line = next(line for line in shown(of(slate(tmp_path, nobody))) if "Player 1" in line)

    assert " ".join(line.split()) == "NYK@BOS Player 1 22.5 2 systems, 22.0 to 23.0"


def test_the_card_says_whether_it_may_be_published_and_why_not(tmp_path):
    kept = slate(tmp_path, pick(1, 0.1))

    assert "May be published: yes." in shown(of(kept))
    assert "May be published: no, because the data are stale; nobody trained." in shown(of(kept, NO))


def test_many_reasons_are_counted(tmp_path):
    many = Publish(tuple(f"reason {n}" for n in range(9)))

    assert of(slate(tmp_path, pick(1, 0.1)), many).permission.endswith(
        "reason 3; and 5 more reasons (--json names them)."
    )


def test_programs_get_every_row_with_its_whole_reason_and_null_for_what_is_not_known(tmp_path):
    told = json.loads(json.dumps(to_json(of(slate(tmp_path, pick(1, 0.1, player_status=None)), NO))))

    (row,) = told["predictions"]
    assert told["publish"] == {"allowed": False, "reasons": ["the data are stale", "nobody trained"]}
    assert (row["game"], row["game_date"], row["reason"]) == ("NYK@BOS", "2024-12-04", "averages 22.0, catboost 23.0")
    assert row["player_status"] is None


def test_a_long_card_is_cut_where_only_its_top_is_wanted(tmp_path):
    lines = shown(of(slate(tmp_path, *(pick(n, n / 100) for n in range(1, 6)))), most=2)

    assert sum("Player" in line for line in lines) == 2
    assert "... and 3 more: nba predictions 2024-12-04" in lines


def test_all_systems_stand_side_by_side_and_fit_a_hundred_and_twenty_columns(tmp_path):
    rows = [forecast(1, system_id=system) for system in POINT_SYSTEMS]
    rows += [forecast(1, system_id=SystemId.RATES, pass_reason="FORECAST_ONLY")]
    rows[0] |= {"recommendation": "OVER", "predicted_value": 25.25}
    rows[1] |= {"predicted_value": None, "abstain_reason": "NO_ZONE_DATA", "components": "[]"}
    lines = shown(of(slate(tmp_path, *rows), all_systems=True))

    line = next(line for line in lines if "Player 1" in line)
    assert line.split()[:6] == ["NYK@BOS", "Player", "1", "20.5", "25.2o", "-"]
    assert max(len(line) for line in lines) <= 120


def test_a_date_without_forecasts_says_what_to_run(tmp_path):
    kept = slate(tmp_path, pick(1, 0.1))

    with pytest.raises(NothingToDo, match=r"no forecasts are stored for 2024-12-05.*nba backfill 2024-12-05"):
        read_card(kept, dt.date(2024, 12, 5), lambda _: YES, partial(why_none, kept, TABLES, TONIGHT))


def test_a_date_of_the_first_two_weeks_says_that_it_has_none(tmp_path):
    opening = dt.date(2024, 10, 24)
    games = [{"game_id": "0022400009", "game_date": opening, "season": "2024-25", "season_year": 2024}]
    games[0] |= {"season_type": "regular", "status": "scheduled", "home_team": "BOS", "away_team": "NYK"}
    seasons = [{"season_year": 2024, "season": "2024-25", "start_date": dt.date(2024, 10, 22), "games": 1230}]
    kept = store(warehouse_at(tmp_path / "nba.duckdb"), schedule=games, seasons=seasons)

    with pytest.raises(NothingToDo, match=r"bootstrap.*left out by design"):
        read_card(kept, opening, lambda _: YES, partial(why_none, kept, TABLES, TONIGHT))
