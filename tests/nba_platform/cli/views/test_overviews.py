"""Overviews of stored grades: each market and edition on rows of its own."""

import json
from pathlib import Path

import pytest

from models.evaluation.graded_predictions import Overview
from models.evaluation.subject import POINTS_AT_TIP, Subject
from models.forecast_keys import Edition
from nba_platform.cli.render import to_json
from nba_platform.cli.views.overviews import overview_page
from nba_platform.errors import NothingToDo
from nba_platform.reports.overviews import read_overview
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from ....shared import warehouse_at
from ...grades import WINTER, Grades
from ...printed import printed
from ...rows import TABLES

RATES, BLEND, ENSEMBLE = "rates_v1", "market_blend_v1", "ensemble_v1"
PLAIN, SEASON, LINE = "plain_average_v1", "season_average_v1", "market_line"
REBOUNDS, THREES = "player_rebounds", "player_threes"
AT_LINE = Edition.AT_LINE


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    """One player with points and rebounds on one date: each market and edition is off by something else."""
    grades = Grades()
    grades.night(1, 21.5)
    grades.line(1, 7.5, market=REBOUNDS, over_prob_novig=0.55)
    grades.forecast(1, ENSEMBLE, 25.0, line=21.5)
    grades.forecast(1, RATES, 23.0, line=21.5)
    grades.forecast(1, RATES, 24.0, edition=AT_LINE, line=21.5)
    grades.forecast(1, PLAIN, 18.0, edition=AT_LINE, line=21.5)
    chance = {"over_probability": 0.7, "push_probability": 0.0}
    reb = {"market": REBOUNDS, "actual": 8, "line": 7.5}
    grades.forecast(1, RATES, 9.0, edition=AT_LINE, **reb, **chance)
    grades.forecast(1, RATES, 8.5, **reb, **chance)
    pick = {"recommendation": "OVER", "grade": "WIN", "price_used": 100, "break_even": 0.5, "profit_units": 1.0}
    close = {"close_state": "closing", "close_age_minutes": 12.0, "closing_value": 0.03}
    grades.forecast(1, BLEND, 8.0, edition=AT_LINE, **reb, **chance, **pick, **close)
    for system, rebounds in {PLAIN: 6.0, SEASON: 5.0, LINE: 7.5}.items():
        grades.forecast(1, system, rebounds, edition=AT_LINE, **reb)
    return grades.store(warehouse_at(tmp_path_factory.mktemp("graded") / "nba.duckdb"))


def shown(warehouse: DuckDBWarehouse, by: Overview, subject: Subject = POINTS_AT_TIP) -> list[str]:
    page = printed(overview_page(read_overview(warehouse, TABLES, WINTER, subject, by)))
    return [" ".join(line.split()) for line in page.splitlines()]


def test_by_market_each_market_has_its_own_rows_and_units(warehouse):
    """Points at tip: 3 and 5 off, the plain average 2. Rebounds at tip: 0.5 off, the plain average 2."""
    lines = shown(warehouse, Overview.MARKET)

    assert "pts rates_v1 1 3.000 2.000 1.500 +1.000 - - - -" in lines
    assert "pts ensemble_v1 1 5.000 2.000 2.500 +3.000 - - - -" in lines
    assert "reb rates_v1 1 0.500 2.000 0.250 -1.500 1 0.500 0.500 +0.000" in lines
    assert "reb rates_v1 1 0.0900 0.2025 -0.1125 0.300" in lines
    assert any(line.startswith("- No forecast of a main system is graded at_tip in: assists,") for line in lines)
    assert any(line.startswith("- rebounds at_tip, rates_v1: 75.0% closer than the plain average") for line in lines)


def test_by_market_at_the_line_the_picks_stand_beside_their_close(warehouse):
    lines = shown(warehouse, Overview.MARKET, Subject(edition=AT_LINE))

    assert "reb market_blend_v1 1 0.000 2.000 0.000 -2.000 1 0.000 0.500 -0.500" in lines
    assert "reb market_blend_v1 1 1 100.0% [20.7%, 100.0%] 50.0% +100.0% 1 +0.030 100.0% of 1" in lines


def test_by_edition_a_market_at_tip_stands_beside_itself_at_the_line(warehouse):
    lines = shown(warehouse, Overview.EDITION, Subject(REBOUNDS))

    assert "rates_v1 1 1.000 0.500 -0.500 1 0.0900 0.0900 +0.0000" in lines
    told = "- rebounds, rates_v1: errors at_tip against at_line are not shown to differ: -0.500 rebounds on 1 identical"
    assert any(line.startswith(told) for line in lines)


def test_by_age_picks_are_valued_at_their_close(warehouse):
    lines = shown(warehouse, Overview.AGE, Subject(REBOUNDS, AT_LINE))

    assert "market_blend_v1 closing all 1 0 12 1 +0.030 100.0% of 1 0 -" in lines
    assert "market_blend_v1 closing OVER 1 0 12 1 +0.030 100.0% of 1 0 -" in lines


@pytest.mark.parametrize(
    ("by", "shared"),
    [
        (Overview.MARKET, {"edition": "at_line"}),
        (Overview.EDITION, {"market": REBOUNDS}),
        (Overview.AGE, {"market": REBOUNDS, "edition": "at_line"}),
    ],
)
def test_programs_get_the_rows_and_only_what_all_of_them_share(warehouse, by, shared):
    found = read_overview(warehouse, TABLES, WINTER, Subject(REBOUNDS, AT_LINE), by)

    told = json.loads(json.dumps(to_json(found), allow_nan=False))

    assert {name: told[name] for name in ("market", "edition") if name in told} == shared
    assert len(told["rows"]) == len(found.rows) > 0
    assert (told["start"], told["by"]) == ("2024-12-01", by.value)


@pytest.mark.parametrize("by", Overview)
def test_nothing_to_show_is_said(tmp_path: Path, by):
    warehouse = Grades().store(warehouse_at(tmp_path / "nba.duckdb"))

    with pytest.raises(NothingToDo, match=r"nothing is graded in|nothing to show by"):
        read_overview(warehouse, TABLES, WINTER, Subject(THREES), by)


@pytest.mark.parametrize("by", Overview)
def test_tables_fit_120_columns(warehouse, by):
    page = printed(overview_page(read_overview(warehouse, TABLES, WINTER, Subject(REBOUNDS, AT_LINE), by)), width=400)

    tables, _, _ = page.partition("\n\n- ")
    assert all(len(line.rstrip()) <= 120 for line in tables.splitlines())
