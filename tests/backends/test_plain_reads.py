"""Plain SQL that commands send to either engine, and what it returns."""

import datetime as dt
from pathlib import Path

import pytest

from models.system_ids import SystemId
from models.training.cards import ModelStatus
from nba_checks.framework.count_queries import WarehouseQueries, counted_tables
from nba_checks.framework.counts import NotCompiled, StoredQueries, count_expected, count_stored
from nba_checks.permission import Evidence, Publish
from nba_platform.cli.views.card import read_card
from nba_platform.cli.views.models import StoredModels
from nba_platform.cli.views.shown import Shown
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse, WarehouseUnavailable
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse
from nba_resources.warehouse.reader import records
from nba_resources.warehouse.sql.statements import Query
from nba_resources.warehouse.sql.templates import TemplateFolder

from ..nba_platform.registry_rows import model
from ..nba_platform.rows import TABLES, store

NIGHT, BEFORE = dt.date(2024, 12, 10), dt.date(2024, 12, 9)
GAMES = [
    {"game_id": "1", "game_date": NIGHT, "status": "scheduled", "home_team": "BOS", "away_team": "NYK"},
    {"game_id": "0", "game_date": BEFORE, "status": "final", "home_team": "LAL", "away_team": "DEN"},
]
FORECAST = {"game_id": "1", "game_date": NIGHT, "recommendation": "OVER", "components": "[]", "over_price": -110}
FORECAST |= {"edition": "at_tip"}
FORECASTS = [
    {**FORECAST, "player_id": n, "player_lookup": f"p{n}", "system_id": system, "expected_value": n / 10, "line": 20.5}
    for n in (1, 2)
    for system in (SystemId.ENSEMBLE, SystemId.XGBOOST)
]


@pytest.fixture(scope="module")
def stored(shared_warehouse: Warehouse) -> Warehouse:
    features = [
        {"game_id": "1", "game_date": NIGHT, "player_lookup": f"p{n}", "is_prop_eligible": n < 3} for n in (1, 2, 3)
    ]
    return store(
        shared_warehouse,
        schedule=[game | {"season": "2024-25", "season_year": 2024, "season_type": "regular"} for game in GAMES],
        seasons=[{"season_year": 2024, "season": "2024-25", "start_date": dt.date(2024, 10, 22), "games": 1230}],
        players=[{"player_id": n, "player_lookup": f"p{n}", "player_name": f"Player {n}"} for n in (1, 2)],
        ml_feature_store_v2=features,
        player_prop_predictions=FORECASTS,
        player_game_summary=[{"game_id": "0", "game_date": BEFORE, "player_lookup": "p1", "player_id": 1}],
        ml_model_registry=[model("m", ModelStatus.PRODUCTION)],
    )


def test_rows_are_returned_as_python_values(stored: Warehouse):
    statement = "SELECT game_id, game_date, season_year, neutral_site FROM nba_raw.schedule ORDER BY game_id"
    (first, second) = records(stored, statement, ("game", "day", "year", "neutral"))
    assert (first["game"], first["day"], first["year"]) == ("0", BEFORE, 2024)
    assert (second["game"], second["day"], second["neutral"]) == ("1", NIGHT, first["neutral"])
    assert stored.stored(["nba_raw.schedule", "nba_raw.shots"]) == {"nba_raw.schedule"}
    with pytest.raises(WarehouseUnavailable):
        stored.results(["SELECT 1 FROM nba_raw.shots"])


def test_a_card_has_names_and_games_of_one_system_or_of_all(stored: Warehouse):
    card = read_card(stored, NIGHT, lambda _: Publish(), lambda _: "")
    shown = [(row["player_name"], row["game"], row["over_price"], row["price"]) for row in card.rows]
    assert shown == [("Player 2", "NYK@BOS", -110, -110), ("Player 1", "NYK@BOS", -110, -110)]
    assert len(read_card(stored, NIGHT, lambda _: Publish(), lambda _: "", Shown.of(all_systems=True)).rows) == 4


def test_models_are_listed_with_their_dates_and_times(stored: Warehouse):
    (card,) = StoredModels(stored).cards()
    assert (card.model_id, card.model_month) == ("m", dt.date(2024, 12, 1))


def test_evidence_of_a_decision_changes_with_the_rows_that_guards_count(stored: Warehouse):
    evidence = Evidence(lambda *_: [], stored, NIGHT)
    before = evidence.digest(NIGHT, ["check"], refused=False)
    assert evidence.digest(NIGHT, ["check"], refused=False) == before
    store(stored, player_prop_predictions=FORECASTS[1:])
    fewer = evidence.digest(NIGHT, ["check"], refused=False)
    store(stored, player_prop_predictions=FORECASTS)
    assert fewer != before
    assert evidence.digest(NIGHT, ["check"], refused=False) == before


def test_templates_that_were_stored_give_the_counts_of_the_warehouse(stored: Warehouse, tmp_path: Path):
    """What a command reads by templates is what a check counts in the warehouse."""
    dates, folder = DateRange(BEFORE, NIGHT), TemplateFolder(tmp_path / "compiled" / "code")
    dialect = "duckdb" if isinstance(stored, DuckDBWarehouse) else "bigquery"
    tables, by_templates = counted_tables(TABLES), StoredQueries(stored, folder, dialect)
    chosen = [table for table in tables.values() if table.by_date]
    rules = {table.expected_rows for table in chosen}
    with pytest.raises(NotCompiled):
        count_expected(by_templates, tables, dates, rules)

    compiled = WarehouseQueries(_Compiling(stored, folder, dialect), TABLES)
    expected = count_expected(compiled, tables, dates, rules)
    counts = count_stored(compiled, chosen, dates)

    assert [(of.games, of.final) for of in expected] == [(1, 1), (1, 0)]
    assert counts["nba_predictions.player_prop_predictions"][NIGHT].rows == 4
    assert count_expected(by_templates, tables, dates, rules) == expected
    assert count_stored(by_templates, chosen, dates) == counts


class _Compiling:
    """A warehouse that stores the template of each query that it reads."""

    def __init__(self, warehouse: Warehouse, folder: TemplateFolder, dialect: str) -> None:
        self._warehouse, self._folder, self._dialect = warehouse, folder, dialect
        self.stored = warehouse.stored

    def read(self, query: Query) -> object:
        query.template(self._dialect, self._folder)
        return self._warehouse.read(query)
