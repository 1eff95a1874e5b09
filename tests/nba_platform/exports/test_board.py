"""The board of two games: one player with lines in two markets, his absent team-mate, and a night that is refused."""

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
from traced_pages import ABSENT, NO_SOURCE, Traced, traced

from models.system_ids import SystemId
from nba_assets.exports.house_forecasts import house_of, reasons_of

from .exported_site import BOSTON, DENVER, TONIGHT, YESTERDAY, ExportedSite, forecast, night, of_player, pick
from .three_dates import LONG_AGO, morning

LAST_SPRING = dt.date(2024, 4, 10)
BOOKS = json.dumps(
    [
        {"book": "a", "kind": "sportsbook", "line": 20.5, "over_price": -110, "under_price": None, "known_at": None},
        {"book": "b", "kind": "pickem", "line": 21.0, "over_price": None, "under_price": 120, "known_at": None},
    ]
)
BOARD, LUKA, MATE = "board/tonight.json", "board/player/player2.json", "player9"


def line(player: int, market: str, value: float) -> dict[str, Any]:
    prices = {"best_over_price": -110, "best_over_book": "a", "best_under_price": 120, "best_under_book": "b"}
    about = {"line": value, "opening_line": value - 1, "over_prob_novig": 0.5, "n_books": 2, "books": BOOKS}
    return of_player(player) | {"market": market} | about | prices


def look(book: str, minutes: float | None, value: float) -> dict[str, Any]:
    key = "date_only" if minutes is None else f"{minutes}"
    where = {"bookmaker": book, "snapshot_key": key, "minutes_before_tip": minutes, "line": value}
    return of_player(2) | {"market": "player_points"} | where


def played(player: int, date: dt.date, points: int | None, reb: int | None = None, **told: Any) -> dict[str, Any]:
    of = {"game_id": f"002{date:%y%m%d}01", "game_date": date, "season": "2024-25" if date > LAST_SPRING else "2023-24"}
    return night(player, points) | of | {"reb": reb, "ast": 2} | told


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> ExportedSite:
    """Luka has played three games, two of them without player 9, who came to his team in November."""
    site = ExportedSite.at(tmp_path_factory.mktemp("board"))
    site.store(
        upcoming_player_game_context=[
            morning(2, teammates_out=[MATE], days_rest=1),
            morning(9, player_status="out"),
            morning(11, DENVER),
        ],
        player_prop_lines=[line(2, "player_points", 20.5), line(2, "player_points_rebounds", 27.5)],
        player_prop_predictions=[
            pick(2, 0.1455, edition="at_tip", predicted_sd=6.0),
            forecast(2, system_id=SystemId.CATBOOST.value, edition="at_tip", predicted_value=21.0, predicted_sd=6.0),
        ],
        player_game_summary=[
            played(2, LAST_SPRING, 31, 10),
            played(2, LONG_AGO, 18, None),
            played(2, YESTERDAY, 25, 8, minutes=36.0, starter=True),
            played(2, TONIGHT, 60, 60),
            played(9, LONG_AGO, 12, 4),
            played(9, dt.date(2024, 11, 20), 9, 3),
        ],
        prop_line_path=[look("b", None, 19.5), look("a", 30.0, 20.5), look("a", 90.0, 19.5)],
        player_market_form=[
            of_player(2) | {"base": base, "season_average": average, "allowed": allowed, "league_level": 110.0}
            for base, average, allowed in (("points", 21.5, 115.5), ("reb", 8.0, None))
        ],
        team_defense_zone_analysis=[
            {"analysis_date": TONIGHT, "team_abbr": "NYK", "paint_pct_allowed": 0.61, "paint_league_pct": 0.58}
        ],
    )
    site.publish("board")
    return site


@pytest.fixture
def own_board(board: ExportedSite, tmp_path: Path) -> ExportedSite:
    """A copy that a test may change."""
    shutil.copytree(Path(board.warehouse.path).parent, tmp_path, dirs_exist_ok=True)
    return ExportedSite.in_folder(tmp_path)


def test_a_row_has_the_line_its_best_prices_the_forecast_and_the_last_games(board: ExportedSite):
    """80 % of a normal curve of deviation 6 around 22.02 lie between 14.3 and 29.7: it exceeds 20.5 with 0.6."""
    boston, denver = board.read(BOARD)["games"]
    (luka,) = boston["players"]
    points, sums = luka["rows"]
    assert (luka["player_name"], denver["players"]) == ("Luka Dončić", [])
    assert points["line"]["over_price"] == -110
    assert points["line"]["under_book"] == "b"
    told = points["forecast"]
    assert [told[name] for name in ("predicted_value", "low", "high", "over_probability")] == [22.5, 14, 30, 0.6]
    assert [told[name] for name in ("recommendation", "price", "expected_value")] == ["OVER", -110, 0.1455]
    assert points["last"] == [25, 18, 31], "the latest first, and nothing of tonight"
    assert (sums["forecast"], sums["last"]) == (None, [33, None, 41])


def test_who_is_out_or_in_doubt_is_named_with_the_game(board: ExportedSite):
    boston, denver = board.read(BOARD)["games"]
    assert [(one["player_lookup"], one["player_status"]) for one in boston["doubts"]] == [(MATE, "out")]
    assert denver["doubts"] == []


def test_a_page_tells_games_with_and_without_an_absent_mate_since_he_came(board: ExportedSite):
    page = board.read(LUKA)["page"]
    assert [mate["player_lookup"] for mate in page["mates"]] == [MATE]
    beside = {game["game_date"]: game["beside"] for game in page["games"]}
    assert beside == {str(YESTERDAY): [False], str(LONG_AGO): [True], str(LAST_SPRING): [None]}
    assert (page["games"][0]["minutes"], page["games"][0]["starter"]) == (36, True)


def test_a_page_has_every_market_with_its_books_its_path_and_what_the_opponent_allows(board: ExportedSite):
    page = board.read(LUKA)["page"]
    assert len(page["markets"]) == 12
    points = page["markets"][0]
    assert [one["system_id"] for one in points["systems"]] == ["catboost_v8", "ensemble_v1"]
    assert [offer["line"] for offer in points["offers"]] == [20.5, 21]
    path = [(one["bookmaker"], one["minutes_before_tip"]) for one in points["path"]]
    assert path == [("a", 90), ("a", 30), ("b", None)]
    assert [points[name] for name in ("season_average", "allowed", "league_level")] == [21.5, 115.5, 110]
    both = next(one for one in page["markets"] if one["market"] == "player_points_rebounds")
    assert [both[name] for name in ("season_average", "allowed", "ladder")] == [29.5, None, None]
    assert page["defence"]["zones"][0] == {
        "zone": "paint",
        "allowed_pct": 0.61,
        "league_pct": 0.58,
        "attempts_per_game": None,
    }


def test_the_ladder_repeats_the_stored_chance_at_the_stored_line(board: ExportedSite):
    ladder = board.read(LUKA)["page"]["markets"][0]["ladder"]
    assert ladder["system_id"] == "ensemble_v1"
    assert ladder["above_probability"][20 - ladder["first"]] == 0.6


def test_a_refused_date_has_no_row_and_no_page(own_board: ExportedSite):
    own_board.publish("board", refused=[TONIGHT])
    assert own_board.read(BOARD)["games"] == []
    assert [own_board.read(LUKA)[name] for name in ("player_lookup", "page")] == ["player2", None]
    assert own_board.read(LUKA)["publish"] == {"allowed": False, "reasons": ["the data are stale"]}


def test_the_page_of_a_player_who_is_not_on_the_slate_any_more_becomes_empty(own_board: ExportedSite):
    own_board.store(upcoming_player_game_context=[morning(11, DENVER)])
    own_board.publish("board")
    assert own_board.read(LUKA)["page"] is None
    assert own_board.read("board/player/player11.json")["page"]["game"]["game_id"] == DENVER != BOSTON


def kinds_of(board: ExportedSite, document: dict[str, Any]) -> list[Traced]:
    with duckdb.connect(board.warehouse.path, read_only=True) as connection:
        return [*traced(connection, document)]


def test_every_number_of_a_page_is_the_one_of_its_table(board: ExportedSite):
    """Seven tables and the chances computed from them, by queries and distributions of their own."""
    kinds = kinds_of(board, board.read(LUKA))
    assert [kind for kind in kinds if kind.differing] == []
    assert {kind.source.rpartition(".")[0].partition(".")[2] for kind in kinds if "." in kind.source} == {
        *("upcoming_player_game_context", "player_game_summary", "player_prop_lines", "prop_line_path"),
        *("player_prop_predictions", "player_market_form", "team_defense_zone_analysis"),
    }
    assert sum(kind.found for kind in kinds if kind.kind == "markets[]/ladder/above_probability[]") > 20


def test_a_number_that_is_not_as_stored_has_no_source_or_is_left_out_is_found(board: ExportedSite):
    document = board.read(LUKA)
    page = document["page"]
    page["games"][0]["points"] += 1
    page["markets"][0]["line"]["limit"] = 500
    page["markets"][0]["ladder"]["above_probability"][3] += 0.001
    del page["days_rest"]
    wrong = {kind.kind: (kind.source, len(kind.differing)) for kind in kinds_of(board, document) if kind.differing}
    assert wrong.pop("markets[]/ladder/above_probability[]")[1] == 1
    assert wrong == {
        "games[]/points": ("nba_analytics.player_game_summary.points", 1),
        "markets[]/line/limit": (NO_SOURCE, 1),
        "days_rest": (ABSENT, 1),
    }


def row(system: SystemId, edition: str, value: float | None) -> dict[str, Any]:
    return {"system_id": system.value, "edition": edition, "predicted_value": value}


def test_the_rates_speak_where_the_house_of_a_market_makes_no_forecast():
    rates, silent = row(SystemId.RATES, "at_line", 7.0), row(SystemId.MARKET_BLEND, "at_line", None)
    blend = row(SystemId.MARKET_BLEND, "at_line", 7.4)
    assert house_of("player_rebounds", [rates, silent]) is rates
    assert house_of("player_rebounds", [rates]) is rates
    assert house_of("player_rebounds", [rates, blend]) is blend
    assert house_of("player_rebounds", [silent]) is silent
    assert house_of("player_rebounds", []) is None


@pytest.mark.parametrize(
    ("components", "told"),
    [
        ([{"system": "catboost_v8", "prediction": 23.0, "weight": 1.0}], ("catboost", 23.0, False)),
        ([{"term": "form", "points": 21.0}], ("recent form", 21.0, False)),
        ([{"term": "back_to_back", "points": -0.8}], ("back-to-back", -0.8, True)),
        ([{"feature": "line", "value": 20.5, "points": 0.0}], ("the market's line", 20.5, False)),
        ([{"feature": "pace_score", "value": 1.0, "points": 0.3}], ("pace score", 0.3, True)),
        ([{"reason": "usual", "amount": 22.0}], ("usual", 22.0, False)),
        ([{"reason": "team-mates tonight", "amount": 1.4}], ("team-mates tonight", 1.4, True)),
    ],
    ids=["ensemble", "level of a rule", "term of a rule", "level of a tree", "feature of a tree", "usual", "reason"],
)
def test_the_parts_of_every_kind_of_forecast_are_levels_or_moves(components: list, told: tuple):
    (part,) = reasons_of(json.dumps(components))
    assert (part["label"], part["amount"], part["moves"]) == told


def test_the_reason_of_an_absent_mate_names_him():
    part = {"reason": "team-mates tonight", "amount": 1.4, "player": MATE}
    assert reasons_of(json.dumps([part]))[0]["player"] == MATE
