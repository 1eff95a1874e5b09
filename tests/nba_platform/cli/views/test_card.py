import datetime as dt
import json
from functools import partial
from pathlib import Path

import pytest

from models.system_ids import POINT_SYSTEMS, SystemId
from nba_checks.permission import Publish
from nba_platform.cli.render import to_json
from nba_platform.cli.views.card import Card, card_page, read_card, why_none
from nba_platform.errors import NothingToDo
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

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
    kept = DuckDBWarehouse(path=str(folder / "nba.duckdb"))
    return store(kept, schedule=games, players=people, seasons=seasons, player_prop_predictions=list(forecasts))


def of(warehouse: DuckDBWarehouse, publish: Publish = YES, **asked) -> Card:
    return read_card(warehouse, TONIGHT, lambda _: publish, partial(why_none, warehouse, TABLES, TONIGHT), **asked)


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
    kept = store(DuckDBWarehouse(path=str(tmp_path / "nba.duckdb")), schedule=games, seasons=seasons)

    with pytest.raises(NothingToDo, match=r"bootstrap.*left out by design"):
        read_card(kept, opening, lambda _: YES, partial(why_none, kept, TABLES, TONIGHT))
