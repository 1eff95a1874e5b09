import datetime as dt
import json
from pathlib import Path

import pytest

from models.evaluation.compare import Population
from models.evaluation.graded_predictions import GroupBy
from models.evaluation.scores import Rate
from models.evaluation.subject import Subject
from models.forecast_keys import Edition
from nba_platform.cli.render import to_json
from nba_platform.cli.views.evaluation import evaluation_page
from nba_platform.errors import NothingToDo
from nba_platform.reports.evaluation import evaluate
from nba_resources.dates import DateRange
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from ....shared import warehouse_at
from ...grades import LAST, WINTER, Grades
from ...printed import printed
from ...rows import TABLES

OURS, SEASON, LINE, RATES = "ensemble_v1", "season_average_v1", "market_line", "rates_v1"


@pytest.fixture
def warehouse(tmp_path: Path) -> DuckDBWarehouse:
    return warehouse_at(tmp_path / "nba.duckdb")


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    """The winter below, kept once for every test that only looks."""
    return winter().store(warehouse_at(tmp_path_factory.mktemp("stored") / "nba.duckdb"))


@pytest.fixture
def grades() -> Grades:
    return winter()


def winter() -> Grades:
    """Two nights with a line of 21.5 and one without; on one a pick lost."""
    known = Grades()
    for player in (1, 2):
        known.night(player, 21.5)
        known.forecast(player, LINE, 21.5, line=21.5, edge=0.0)
        known.forecast(player, SEASON, 18.0, line=21.5, edge=-3.5)
    known.night(3, season=9.0)
    known.forecast(3, SEASON, 9.0, actual=10)
    known.forecast(3, OURS, 12.0, actual=10)
    known.forecast(1, OURS, 22.0, line=21.5, edge=0.5, over_probability=0.6, push_probability=0.0)
    lost = {
        "recommendation": "OVER",
        "grade": "LOSS",
        "price_used": -110,
        "break_even": 110 / 210,
        "profit_units": -1.0,
    }
    known.forecast(2, OURS, 24.0, line=21.5, edge=2.5, over_probability=0.7, push_probability=0.0, **lost)
    return known


def test_stored_grades_are_compared_on_the_same_rows(stored):
    found = evaluate(stored, TABLES, WINTER)

    everyone, with_line = found.comparisons
    assert (everyone.population, everyone.shared) == (Population.EVERYONE, 3)
    assert everyone.errors[OURS].mae == pytest.approx((2 + 4 + 2) / 3)
    assert everyone.errors[SEASON].mae == pytest.approx((2 + 2 + 1) / 3)
    assert (with_line.shared, with_line.errors[LINE].mae, with_line.errors[OURS].mae) == (2, 1.5, 3)


def test_chances_come_from_the_forecasts_and_prices_from_the_lines(stored):
    """Both stayed under 21.5: the market had said 0.52 over, we 0.6 and 0.7."""
    with_line = evaluate(stored, TABLES, WINTER).comparisons[1]

    assert with_line.chances["no_vig_price"].brier == pytest.approx(0.52**2)
    assert with_line.chances[OURS].brier == pytest.approx((0.6**2 + 0.7**2) / 2)


def test_a_price_of_another_line_than_the_forecasts_is_no_price_of_it(warehouse, grades):
    """The stored line moved after the forecast: its no-vig chance is about another question."""
    for row in grades.rows["player_prop_lines"]:
        row["line"] = 22.5 if row["player_id"] == 1 else row["line"]

    with_line = evaluate(grades.store(warehouse), TABLES, WINTER).comparisons[1]

    assert (with_line.shared, with_line.chance_rows) == (2, 1)


def test_a_player_whose_features_are_gone_is_no_seasoned_player_but_still_has_his_line(warehouse, grades):
    """Features of the date were computed anew with another universe: what is unknown must not stop the evaluation."""
    grades.rows["ml_feature_store_v2"] = [row for row in grades.rows["ml_feature_store_v2"] if row["player_id"] != 1]

    everyone, with_line = evaluate(grades.store(warehouse), TABLES, WINTER).comparisons

    assert (everyone.player_games, with_line.shared) == (2, 2)


def test_picks_are_counted_with_their_money(stored):
    (record,) = evaluate(stored, TABLES, WINTER).records

    assert (record.system, record.picks, record.hit, record.roi) == (OURS, 1, Rate(0, 1), -1.0)


def test_only_the_dates_asked_for_are_read(warehouse, grades):
    grades.night(1, game_date=LAST)
    grades.forecast(1, OURS, 20.0, game_date=LAST)
    grades.store(warehouse)

    assert len(evaluate(warehouse, TABLES, DateRange(LAST, LAST)).graded.player_games) == 1
    assert len(evaluate(warehouse, TABLES, WINTER).graded.player_games) == 4


REBOUNDS = "player_rebounds"


def two_editions(grades: Grades) -> Grades:
    """Rebounds of player 1, who took 8: 9 by the line's time, 8.5 at tip-off, 6 by the season; and a line of 7.5."""
    grades.line(1, 7.5, market=REBOUNDS, over_prob_novig=0.55)
    stored = {"market": REBOUNDS, "actual": 8, "line": 7.5}
    grades.forecast(1, RATES, 9.0, edition=Edition.AT_LINE, over_probability=0.7, push_probability=0.0, **stored)
    grades.forecast(1, RATES, 8.5, edition=Edition.AT_TIP, over_probability=0.6, push_probability=0.0, **stored)
    grades.forecast(1, SEASON, 6.0, edition=Edition.AT_LINE, **stored)
    grades.forecast(1, LINE, 7.5, edition=Edition.AT_LINE, **stored)
    return grades


@pytest.mark.parametrize(("edition", "error", "brier"), [(Edition.AT_LINE, 1.0, 0.09), (Edition.AT_TIP, 0.5, 0.16)])
def test_markets_and_editions_of_one_player_are_not_mixed_and_references_stand_beside_both(
    warehouse, grades, edition, error, brier
):
    """Points of the same player and date are stored, too: once this was refused as graded twice."""
    stored = two_editions(grades)

    found = evaluate(stored.store(warehouse), TABLES, WINTER, subject=Subject(REBOUNDS, edition))

    assert found.graded.systems == (LINE, RATES, SEASON)
    everyone, with_line = found.comparisons
    assert {name: errors.mae for name, errors in everyone.errors.items()} == {RATES: error, SEASON: 2.0}
    assert with_line.errors[LINE].mae == 0.5
    assert with_line.chances[RATES].brier == pytest.approx(brier)
    assert with_line.chances["no_vig_price"].brier == pytest.approx(0.45**2)
    assert evaluate(warehouse, TABLES, WINTER).graded.systems == (OURS, LINE, SEASON)


def test_a_market_that_is_not_graded_is_named(stored):
    with pytest.raises(NothingToDo, match="has no row of rebounds at_line on these dates"):
        evaluate(stored, TABLES, WINTER, subject=Subject(REBOUNDS, Edition.AT_LINE))


def test_the_tables_are_read_in_one_statement(stored, monkeypatch):
    asked = []
    read = DuckDBWarehouse.read
    monkeypatch.setattr(DuckDBWarehouse, "read", lambda self, rows: asked.append(rows) or read(self, rows))

    found = evaluate(stored, TABLES, WINTER, GroupBy.MONTH)
    to_json(found)
    found.png()

    assert len(asked) == 1


def test_nothing_graded_is_said_with_what_to_do(stored):
    with pytest.raises(NothingToDo, match=r"nothing is graded in 2025-01-15: .* Run `nba backfill 2025-01-15"):
        evaluate(stored, TABLES, DateRange(dt.date(2025, 1, 15), dt.date(2025, 1, 15)))


def test_grades_that_all_wait_for_their_games_compare_nothing_and_say_so(warehouse):
    waiting = Grades()
    waiting.night(1)
    waiting.forecast(1, OURS, 20.0, actual=None, outcome_state="PENDING")

    found = evaluate(waiting.store(warehouse), TABLES, WINTER)

    assert found.verdicts[0] == (
        "points at_tip, everyone with ten games: 0 of 1 player-games compared, left out: 1 not final. Not compared, as "
        f"they predicted too few of them: {OURS}."
    )


@pytest.mark.parametrize("by", GroupBy)
def test_programs_get_one_json_document(stored, by):
    told = json.loads(json.dumps(to_json(evaluate(stored, TABLES, WINTER, by)), allow_nan=False))

    assert (told["market"], told["edition"], told["unit"]) == ("player_points", "at_tip", "points")
    assert (told["start"], told["end"], told["by"], told["nights"]) == ("2024-12-01", "2025-01-31", by.value, 3)
    assert told["systems"] == [OURS, LINE, SEASON]
    assert told["verdicts"][-2].startswith("Result, points at_tip: no system is shown")


@pytest.mark.parametrize("by", GroupBy)
def test_tables_fit_120_columns_and_the_verdicts_follow(stored, by):
    tables, _, sentences = printed(evaluation_page(evaluate(stored, TABLES, WINTER, by))).rpartition("\n\n- ")

    prose = ("player-games compared, left out", "points at_tip, ", "players with a line")
    assert all(len(line.rstrip()) <= 120 for line in tables.splitlines() if not line.startswith(prose))
    assert "Limits: of 0 rates" in sentences or "Limits: of 0 rates" in tables
    assert OURS in tables


def test_people_see_errors_money_and_edges(stored):
    shown = [" ".join(line.split()) for line in printed(evaluation_page(evaluate(stored, TABLES, WINTER))).splitlines()]

    assert f"{OURS} 100.0% 2.67 +2.67 +1.50 66.7% 100.0% +1.00" in shown  # one game has no interval
    assert f"{LINE} 100.0% 1.50 +1.50 +0.00 100.0% 100.0% -0.50 -" in shown
    assert f"{OURS} 1 0 1 0 0 0 0 0.0% of 1 -" in shown
    assert f"{OURS} 1 0.0% [0.0%, 79.3%] 52.4% 1 -100.0% 0 fewer than 500 picks" in shown
    assert f"{OURS} 2-4 1 0.0% [0.0%, 79.3%] 52.4% 1 -100.0% 0 fewer than 500 picks" in shown


def test_by_month_the_months_stand_across(warehouse, grades):
    grades.night(4, game_date=LAST)
    grades.forecast(4, OURS, 23.0, game_date=LAST)
    grades.forecast(4, SEASON, 21.0, game_date=LAST)

    shown = [
        " ".join(line.split())
        for line in printed(
            evaluation_page(evaluate(grades.store(warehouse), TABLES, WINTER, GroupBy.MONTH))
        ).splitlines()
    ]

    assert "system 2024-12 2025-01" in shown
    assert "nights compared 3 1" in shown
    assert f"{OURS} 2.67 3.00" in shown
    assert f"{OURS} 0.0% of 1" in shown


def test_the_picture_is_a_png(stored):
    assert evaluate(stored, TABLES, WINTER).png().startswith(b"\x89PNG")
