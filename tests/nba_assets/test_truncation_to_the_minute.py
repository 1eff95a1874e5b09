"""Facts published at the cut of an edition or later change no row of it, in a simulated autumn."""

import datetime as dt
import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from models.forecast_keys import Edition
from nba_checks.leakage.point_in_time import differences, rows_that_differ
from nba_checks.leakage.replay import pregame_tables
from nba_checks.leakage.replay_inputs import Future
from nba_resources.dates import DateRange
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from ..autumn import NOW, TABLES, compute

NIGHT = dt.date(2024, 11, 12)
PRESENCE = "player_presence"
COMPUTED = ("game_editions", "player_statuses", PRESENCE)
AT_THE_CUT = f"""
    CREATE TABLE cuts AS SELECT game_id, game_date, team_abbr, cut_at FROM nba_analytics.game_editions
        JOIN (SELECT game_id, unnest([home_team, away_team]) AS team_abbr FROM nba_raw.schedule) USING (game_id)
        WHERE game_date = '{NIGHT}' AND edition = $edition;
    DELETE FROM nba_raw.injury_reports AS told USING cuts
        WHERE told.game_date = cuts.game_date AND told.team_abbr = cuts.team_abbr AND known_at >= cut_at;
    INSERT INTO nba_raw.injury_reports BY NAME SELECT DISTINCT 'status_report' AS kind, game_date AS report_date,
        cut_at AS known_at, strftime(cut_at, '%Y-%m-%dT%H:%M:%SZ') AS report_key, team_abbr, game_date,
        strftime(game_date, '%Y-%m-%d') AS game_key, player_name AS player_name_raw, 'status' AS event,
        if(player_id % 2 = 0, 'out', 'available') AS status, 'planted' AS source, TIMESTAMPTZ '{NOW}' AS ingested_at
        FROM cuts JOIN (SELECT DISTINCT team_abbr, player_id, player_name FROM nba_raw.player_boxscores
        WHERE game_date < '{NIGHT}') USING (team_abbr);
    UPDATE nba_raw.game_odds AS odds SET spread_home = 30, total = 290 FROM cuts
        WHERE odds.game_id = cuts.game_id AND snapshot_utc >= cut_at"""


@pytest.fixture(scope="module")
def with_presence(autumn_with_statuses: DuckDBWarehouse, tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    """The autumn with presence of one night, and statuses of all nights before."""
    folder = tmp_path_factory.mktemp("presence")
    warehouse = replace(autumn_with_statuses, path=str(shutil.copy(autumn_with_statuses.path, folder / "nba.duckdb")))
    compute(warehouse, COMPUTED[2:], DateRange(NIGHT, NIGHT))
    return warehouse


@pytest.fixture
def own(with_presence: DuckDBWarehouse, tmp_path: Path) -> DuckDBWarehouse:
    """A copy that a test may change."""
    return replace(with_presence, path=str(shutil.copy(with_presence.path, tmp_path / "nba.duckdb")))


def of_the_night(warehouse: DuckDBWarehouse, name: str, edition: str) -> pd.DataFrame:
    contract = TABLES[name].contract
    rows = contract.table()
    return warehouse.read(rows.filter(rows.game_date == NIGHT, rows.edition == str(edition)).order_by(*contract.grain))


@pytest.mark.parametrize("edition", Edition)
def test_what_is_published_at_the_cut_or_later_changes_no_row_of_the_edition(
    own: DuckDBWarehouse, edition: str
) -> None:
    before = {(name, of): of_the_night(own, name, of) for name in COMPUTED for of in Edition}
    with closing(duckdb.connect(own.path)) as con:
        con.execute("SET TimeZone = 'UTC'")
        for statement in AT_THE_CUT.split(";"):
            con.execute(statement, {"edition": str(edition)} if "$edition" in statement else {})
        assert con.execute("SELECT count(*) FROM nba_raw.injury_reports WHERE source = 'planted'").fetchone() > (50,)
    compute(own, COMPUTED, DateRange(NIGHT, NIGHT))
    for name in COMPUTED:
        assert len(before[name, edition]), f"{name} has nothing to leak"
        same, same_at_tip = (
            not [*rows_that_differ(TABLES[name].contract, before[name, of], of_the_night(own, name, of))]
            for of in (edition, Edition.AT_TIP)
        )
        assert same, name
        assert same_at_tip == (edition == Edition.AT_TIP), (
            f"{name}: a fact between line and tip-off must change its rows at tip"
        )


def test_presence_knows_nothing_of_its_games_or_later(with_presence: DuckDBWarehouse) -> None:
    assert {*COMPUTED} <= {*pregame_tables(TABLES, PRESENCE)}
    assert len(of_the_night(with_presence, PRESENCE, Edition.AT_LINE)) > 50
    assert differences(with_presence, TABLES, NIGHT, Future.DELETED, PRESENCE) == []
