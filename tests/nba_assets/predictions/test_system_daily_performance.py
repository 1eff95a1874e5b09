"""A day's figures, by hand and recounted row by row."""

import math
import random
from collections import Counter
from collections.abc import Callable
from statistics import mean
from typing import Any

import pytest

from models.forecast_keys import FORECAST_KEYS
from models.markets import POINTS
from nba_assets.predictions.system_daily_performance import POPULATIONS

from ..analytics.league import League, Row
from ..upstream import TONIGHT
from .forecasts import MARKET, RULES, evening, forecast, known_player, look

BEFORE = "2024-12-08"
OTHER = "zone_matchup_v1"
IN: dict[str, Callable[[Row, Row], bool]] = {
    "all": lambda grade, known: not known["early_season"],
    "with_line": lambda grade, known: grade["line"] is not None,
    "tier_0_8": lambda grade, known: not known["early_season"] and known["points_avg_season"] < 8,
    "tier_8_15": lambda grade, known: not known["early_season"] and 8 <= known["points_avg_season"] < 15,
    "tier_15_22": lambda grade, known: not known["early_season"] and 15 <= known["points_avg_season"] < 22,
    "tier_22_up": lambda grade, known: not known["early_season"] and known["points_avg_season"] >= 22,
}


def performance(league: League, start: str = TONIGHT, end: str | None = None) -> list[Row]:
    league.compute("prediction_accuracy", start, end)
    return league.compute("system_daily_performance", start, end)


def of(rows: list[Row], population: str = "with_line", system: str = RULES) -> Row:
    key = (population, POINTS, system, "at_tip")
    (row,) = (row for row in rows if (row["population"], row["market"], row["system_id"], row["edition"]) == key)
    return row


def four_players(league: League) -> list[Row]:
    """OVER 22.5 won with 25, OVER lost with 20, UNDER won with 10, and one scratched; all at -115, P(over) as edges."""
    game = evening(league)
    forecasts = [(24.6, 25, 0.6), (24.0, 20, 0.6), (20.0, 10, 0.3), (25.0, None, 0.7)]
    for player, (points, scored, chance) in enumerate(forecasts, start=1):
        forecast(league, game, points, player, over_probability=chance, push_probability=0.0)
        known_player(league, game, player)
        league.line(game, "BOS", player, minutes=30 if scored else 0, points=scored or 0)
    return performance(league)


def test_hits_errors_and_money_of_four_players(league: League):
    row = of(four_players(league))
    assert [row[name] for name in ("n_rows", "n_played", "n_dnp", "n_over", "n_under", "n_picks")] == [4, 3, 1, 3, 1, 4]
    assert [row[name] for name in ("wins", "losses", "pushes", "voids", "pending", "ungradeable")] == [2, 1, 0, 1, 0, 0]
    assert (row["mae"], row["bias"]) == (pytest.approx((0.4 + 4 + 10) / 3), pytest.approx((-0.4 + 4 + 10) / 3))
    assert (row["within_3_rate"], row["within_5_rate"]) == (pytest.approx(1 / 3), pytest.approx(2 / 3))
    assert row["line_mae_shared"] == pytest.approx((2.5 + 2.5 + 12.5) / 3)
    assert (row["hit_rate"], row["over_hit_rate"], row["under_hit_rate"]) == (pytest.approx(2 / 3), 0.5, 1.0)
    assert row["hit_rate_low"] == pytest.approx(0.2077, abs=5e-5)
    assert row["hit_rate_high"] == pytest.approx(0.9385, abs=5e-5)
    assert (row["profit_units"], row["staked_units"]) == (pytest.approx(200 / 115 - 1), 3.0)
    assert row["roi"] == pytest.approx((200 / 115 - 1) / 3)
    assert row["mean_break_even"] == pytest.approx(115 / 215)


def test_chances_are_judged_where_he_played(league: League):
    """0.6 and it came, 0.6 and it did not, 0.3 and it did not; the scratched one has no outcome."""
    row = of(four_players(league))
    assert row["brier"] == pytest.approx((0.16 + 0.36 + 0.09) / 3)
    assert row["log_loss"] == pytest.approx(-(math.log(0.6) + math.log(0.4) + math.log(0.7)) / 3)


def test_a_push_is_no_test_of_a_chance_and_its_share_belongs_to_neither_side(league: League):
    """Line 24: over 0.45, push 0.10, so 0.5 of what is no push. One player scores 24, the other 30."""
    game = evening(league)
    for player, scored in ((1, 24), (2, 30)):
        forecast(league, game, 24.6, player, line=24.0, over_probability=0.45, push_probability=0.10)
        league.line(game, "BOS", player, points=scored)
    row = of(performance(league))
    assert (row["pushes"], row["brier"], row["log_loss"]) == (1, pytest.approx(0.25), pytest.approx(math.log(2)))


def test_a_chance_of_one_that_fails_is_bad_and_not_infinitely_so(league: League):
    game = evening(league)
    forecast(league, game, over_probability=1.0, push_probability=0.0)
    league.line(game, "BOS", 1, points=20)
    row = of(performance(league))
    assert (row["brier"], row["log_loss"]) == (1.0, pytest.approx(-math.log(1e-6)))


def test_a_void_bet_was_never_placed_and_an_unpriced_one_earns_nothing(league: League):
    game = evening(league)
    forecast(league, game, player=1)
    forecast(league, game, player=2, over_price=None)
    league.line(game, "BOS", 2, points=25)
    row = of(performance(league))
    assert (row["wins"], row["voids"], row["staked_units"], row["roi"]) == (1, 1, 0.0, None)


def test_only_timely_closes_are_in_the_headline(league: League):
    """OVER 22.5 at -115. Two timely values, 0.60 x 100/115 - 0.40 and 0.50 x 100/115 - 0.50; a line that moved away."""
    game = evening(league)
    closes = {1: (10, 0.60, 22.5), 2: (5, 0.50, 22.5), 3: (5, 0.50, 24.5), 4: (45, 0.90, 22.5), 5: None}
    for player, close in closes.items():
        forecast(league, game, player=player, price_book="draftkings")
        league.line(game, "BOS", player, points=25)
        for minutes, over, line in ((600, 0.5, 22.5), close) if close else ():
            look(league, game, "fanduel", minutes, over, line, player)
    forecast(league, game, player=6, recommendation="PASS")
    row = of(performance(league))
    assert (row["n_picks"], row["n_closing"], row["n_late_close"], row["n_unknown_close"]) == (5, 3, 1, 1)
    assert (row["n_closing_value"], row["beat_close_rate"]) == (2, 0.5)
    assert row["closing_value_mean"] == pytest.approx(1.1 * 100 / 115 / 2 - 0.45)


def test_every_system_and_population_has_a_row_on_a_date_with_forecasts_and_none_on_others(league: League):
    evening(league, BEFORE)
    forecast(league, evening(league))
    rows = performance(league, BEFORE, TONIGHT)
    names = ("market", "system_id", "edition", "population")
    keys = {(str(row["game_date"]), *(row[name] for name in names)) for row in rows}
    assert keys == {(TONIGHT, *key, population) for key in FORECAST_KEYS for population in POPULATIONS}
    silent = of(rows, system=OTHER)
    assert {silent[name] for name in silent if name.startswith("n_")} == {0}
    assert (silent["staked_units"], silent["mae"], silent["hit_rate"], silent["profit_units"]) == (
        0.0,
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("average", "tier"),
    [(7.99, "tier_0_8"), (8.0, "tier_8_15"), (15.0, "tier_15_22"), (21.9, "tier_15_22"), (22.0, "tier_22_up")],
)
def test_tiers_begin_at_their_lower_end(league: League, average: float, tier: str):
    game = evening(league)
    forecast(league, game)
    known_player(league, game, average=average)
    found = {row["population"] for row in performance(league) if row["n_rows"]}
    assert found == {"all", "with_line", tier}


@pytest.mark.parametrize("stored", [True, False])
def test_newcomers_count_only_among_players_with_lines(league: League, stored: bool):
    """A player without stored features is in no such population."""
    game = evening(league)
    forecast(league, game)
    if stored:
        known_player(league, game, early_season=True)
    assert {row["population"] for row in performance(league) if row["n_rows"]} == {"with_line"}


@pytest.fixture
def crowd(league: League) -> tuple[list[Row], dict[Any, Row], list[Row]]:
    """Two dates and three games each, 24 players and 3 systems: final, live and postponed, all kinds of rows."""
    draw = random.Random(7)
    for date in (BEFORE, TONIGHT):
        games = [evening(league, date), evening(league, date, status="live"), evening(league, date, status="postponed")]
        for player in range(1, 25):
            game = games[0 if player <= 18 else 1 + player % 2]
            known_player(league, game, player, draw.choice((5.0, 8.0, 14.0, 17.0, 25.0)), early_season=player % 7 == 0)
            league.line(game, "BOS", player, minutes=draw.choice((0, 30)), points=draw.choice((0, 12, 20, 23)))
            for system in (RULES, OTHER, MARKET):
                line = draw.choice((None, 20.0, 20.5))
                points = draw.choice((None, 10.0, 18.25, 23.0, 30.0))
                chances = {"over_probability": line and 0.55, "push_probability": line and 0.05}
                price = draw.choice((None, -115, 130))
                forecast(league, game, points, player, system, line=line, over_price=price, **chances)
            for minutes in draw.sample((600, 40, 10), draw.choice((0, 1, 2))):
                look(league, game, "fanduel", minutes, draw.choice((None, 0.4, 0.6)), 20.5, player)
    chances = {(row["game_date"], row["player_lookup"], row["system_id"]): row for row in chances_of(league)}
    rows = performance(league, BEFORE, TONIGHT)
    return league.facts["prediction_accuracy"], chances, rows


def chances_of(league: League) -> list[Row]:
    known = {(row["game_date"], row["player_lookup"]): row for row in league.facts["ml_feature_store_v2"]}
    return [
        row | known[row["game_date"], row["player_lookup"]] | {"system_id": row["system_id"]}
        for row in league.facts["player_prop_predictions"]
    ]


def test_recounting_every_row_gives_the_same_counts_and_means(crowd):
    grades, chances, rows = crowd
    for row in rows:
        mine = [
            grade
            for grade in grades
            if all(grade[name] == row[name] for name in ("game_date", "market", "system_id", "edition"))
            and IN[row["population"]](grade, chances[grade["game_date"], grade["player_lookup"], grade["system_id"]])
        ]
        outcomes, recommendations = (
            Counter(grade["outcome_state"] for grade in mine),
            Counter(grade["recommendation"] for grade in mine),
        )
        graded = Counter(grade["grade"] for grade in mine)
        errors = [grade["absolute_error"] for grade in mine if grade["absolute_error"] is not None]
        shared = [grade for grade in mine if None not in (grade["absolute_error"], grade["line_absolute_error"])]
        profits = [grade["profit_units"] for grade in mine if grade["profit_units"] is not None]
        assert row["n_rows"] == len(mine)
        assert (row["n_dnp"], row["n_pending_rows"]) == (outcomes["DNP"], outcomes["PENDING"])
        assert (row["n_pass"], row["n_no_line"]) == (recommendations["PASS"], recommendations["NO_LINE"])
        assert (row["wins"], row["losses"], row["pushes"]) == (graded["WIN"], graded["LOSS"], graded["PUSH"])
        assert row["n_shared_with_line"] == len(shared)
        assert row["mae"] == (pytest.approx(mean(errors)) if errors else None)
        of_line = [grade["line_absolute_error"] for grade in shared]
        assert row["line_mae_shared"] == (pytest.approx(mean(of_line)) if shared else None)
        assert row["profit_units"] == (pytest.approx(sum(profits)) if profits else None)
        values = [grade["closing_value"] for grade in mine if grade["close_state"] == "closing"]
        values = [value for value in values if value is not None]
        assert row["n_closing_value"] == len(values)
        assert row["closing_value_mean"] == (pytest.approx(mean(values)) if values else None)
        assert row["beat_close_rate"] == (pytest.approx(mean(value > 0 for value in values)) if values else None)


def test_totals_add_up(crowd):
    rows = crowd[2]
    assert sum(row["n_picks"] for row in rows) > 50
    closes = ("n_closing", "n_late_close", "n_unknown_close")
    assert all(sum(row[name] for row in rows) for name in ("wins", "losses", "pushes", "voids", "pending", *closes))
    for row in rows:
        graded = ("wins", "losses", "pushes", "voids", "pending", "ungradeable")
        assert sum(row[name] for name in graded) == row["n_picks"] == row["n_over"] + row["n_under"]
        assert sum(row[name] for name in closes) == row["n_picks"]
        assert row["n_closing_value"] <= row["n_closing"]
        assert row["n_picks"] + row["n_pass"] + row["n_no_line"] == row["n_rows"]
        outcomes = ("n_played", "n_dnp", "n_pending_rows", "n_ungradeable_rows")
        assert sum(row[name] for name in outcomes) == row["n_predicted"] + row["n_abstained"] == row["n_rows"]


def test_the_tiers_divide_all(crowd):
    rows = crowd[2]
    for row in rows:
        if row["population"] == "all":
            names = ("game_date", "market", "system_id", "edition")
            same = [other for other in rows if all(other[name] == row[name] for name in names)]
            tiers = [r for r in same if r["population"].startswith("tier")]
            assert sum(tier["n_rows"] for tier in tiers) == row["n_rows"]
            assert sum(tier["wins"] for tier in tiers) == row["wins"]
