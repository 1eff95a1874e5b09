"""Rows around three dates, written by hand: yesterday is over, tonight and tomorrow are not."""

import datetime as dt
from typing import Any

from .exported_site import (
    BOOSTED,
    BOSTON,
    DENVER,
    HOUSE,
    TOMORROW,
    TONIGHT,
    YESTERDAY,
    ExportedSite,
    forecast,
    night,
    of_player,
    pick,
)

LONG_AGO = dt.date(2024, 11, 1)
BOTH = (BOOSTED, HOUSE)


def graded(player: int, points: int | None, date: dt.date = YESTERDAY, **told: Any) -> dict[str, Any]:
    """A graded forecast of 22.5 against a line of 20.5."""
    known = {name: value for name, value in pick(player, 0.1, date).items() if name != "over_price"}
    if points is None:
        return known | {"outcome_state": "DNP", "is_pick": True, "grade": "VOID", "profit_units": 0.0} | told
    error = {
        "signed_error": 22.5 - points,
        "absolute_error": abs(22.5 - points),
        "line_absolute_error": abs(20.5 - points),
    }
    played = {"outcome_state": "PLAYED", "actual_value": points, "actual_minutes": 30.0, "within_3": True}
    verdict = {"grade": "WIN", "profit_units": 0.909} if points > 20.5 else {"grade": "LOSS", "profit_units": -1.0}
    money = {"is_pick": True, "price_used": -110, "break_even": 0.5238}
    return known | played | error | verdict | money | told


def total(**told: Any) -> dict[str, Any]:
    known = {
        "game_date": YESTERDAY,
        "system_id": HOUSE,
        "edition": "at_tip",
        "population": "all",
        "n_rows": 3,
        "n_played": 2,
        "n_dnp": 1,
    }
    return known | {"mae": 4.1234, "line_mae_shared": 4.0, "mae_shared": 4.2, "n_shared_with_line": 2, "wins": 1} | told


def state(table: str, date: dt.date, what: str, reason: str | None = None) -> dict[str, Any]:
    known = {"table_name": f"nba_test.{table}", "game_date": date, "state": what, "reason": reason}
    return known | {"expected_count": 10, "actual_count": 7}


def morning(player: int, of: str = BOSTON, **told: Any) -> dict[str, Any]:
    return of_player(player, of=of) | {"is_home": True, "games_played_season": 20, "player_status": None} | told


def fill(site: ExportedSite, **more: list[dict[str, Any]]) -> None:
    """Store the rows, with more of some tables.

    Luka has a line and two forecasts, player 3 has a script as his name, player 11 plays later.
    """
    doubt = {"player_status": "questionable"}
    silent = {"predicted_value": None, "abstain_reason": "NO_MODEL", "recommendation": "NO_LINE", "line": None}
    nothing = {
        "edge": None,
        "over_probability": None,
        "push_probability": None,
        "components": "[]",
        "pass_reason": None,
    }
    rows: dict[str, list[dict[str, Any]]] = dict(
        player_prop_predictions=[
            *(pick(n, 0.1, YESTERDAY) for n in (1, 2, 3)),
            pick(2, 0.1, **doubt),
            forecast(2, system_id=BOOSTED, recommendation="PASS", predicted_value=21.0, edge=0.5, **doubt),
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
            {"model_id": name, "system_id": BOOSTED, "variant": "at_tip", "model_month": month, "status": status}
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
    site.store(**{name: [*of_table, *more.get(name, [])] for name, of_table in rows.items()})


def others() -> dict[str, list[dict[str, Any]]]:
    """Return rows of another market, another edition, and both, by systems that have rows on points at the tip-off."""
    places = [("player_rebounds", "at_tip"), ("player_rebounds", "at_line"), ("player_points", "at_line")]
    keys = [{"market": market, "edition": edition, "system_id": id} for market, edition in places for id in BOTH]
    return {
        "player_prop_predictions": [
            pick(player, 0.9, date, **key, predicted_value=9.5, line=7.5, prediction_id=f"{date} {player} {key}")
            for key in keys
            for date in (YESTERDAY, TONIGHT, TOMORROW)
            for player in (2, 4)
        ],
        "prediction_accuracy": [graded(player, 30, **key, predicted_value=9.5) for key in keys for player in (2, 4)],
        "system_daily_performance": [total(**key, population=name) for key in keys for name in ("all", "with_line")],
        "ml_model_registry": [
            {
                "model_id": f"other {n}",
                "system_id": key["system_id"],
                "market": key["market"],
                "variant": key["edition"],
            }
            | {"model_month": dt.date(2024, 12, 1), "status": "production", "validation_end": YESTERDAY}
            for n, key in enumerate(keys)
        ],
        "player_prop_lines": [of_player(2) | {"market": "player_rebounds", "line": 7.5, "n_books": 3, "books": "[]"}],
    }
