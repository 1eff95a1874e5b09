"""One new status changes the rows of the two teams of its game, and no row of another game, in a simulated autumn."""

import datetime as dt
import shutil
from contextlib import closing
from dataclasses import dataclass, replace

import duckdb
import pandas as pd
import pytest

from models.forecast_keys import EVERY_PLAYER, Edition
from nba_assets.kit.assets import create_missing_tables
from nba_assets.kit.table_context import TableContext, arrow_rows, parts_of
from nba_checks.leakage.replay import upstream
from nba_resources.dates import DateRange
from nba_resources.objects.store import ObjectStore
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from ..autumn import NOW, TABLES, compute

DAY = dt.date(2024, 11, 12)
NIGHT = DateRange(DAY, DAY)
EDITIONS, STATUSES, PRESENCE = "game_editions", "player_statuses", "player_presence"
CONTEXT, FEATURES, FORECASTS = "upcoming_player_game_context", "ml_feature_store_v2", "player_prop_predictions"
AT_TIP = Edition.AT_TIP.value
STAMPS = ["code_version", "computed_at"]
ANNOUNCE = f"""
    INSERT INTO nba_raw.injury_reports BY NAME SELECT 'status_report' AS kind, game_date AS report_date,
        $at AS known_at, strftime($at, '%Y-%m-%dT%H:%M:%SZ') AS report_key, team_abbr, player_name AS player_name_raw,
        game_date, strftime(game_date, '%Y-%m-%d') AS game_key, 'status' AS event, 'out' AS status, 'late' AS source,
        TIMESTAMPTZ '{NOW}' AS ingested_at
    FROM nba_analytics.player_game_summary WHERE game_date = '{DAY}' AND player_id = $player"""


def reading(name: str) -> list[str]:
    """Return the tables of forecasts and presence that read a table at any distance, in their order."""
    order = dict.fromkeys([*upstream(TABLES, PRESENCE), *upstream(TABLES, FORECASTS)])
    found = [name]
    for one in order:
        found += [one] if {*TABLES[one].reads} & {*found} else []
    return [one for one in found[1:] if not TABLES[one].contract.post and not TABLES[one].contract.monthly]


def forecast(warehouse: DuckDBWarehouse) -> None:
    """Store the forecasts of the night; without models the trained systems abstain."""
    table = TABLES[FORECASTS]
    create_missing_tables(table, TABLES, NIGHT, warehouse)
    gathered = {one: warehouse.read(query) for one, query in table.queries(TABLES, NIGHT).items()}
    context = TableContext(table.contract, "now", warehouse, ObjectStore(root=warehouse.path + ".objects"), print)
    made = pd.concat([part.rows for part in parts_of(table.compute_frame(gathered, NIGHT, context))])
    made = made.assign(code_version="now", computed_at=pd.Timestamp(NOW))
    warehouse.replace(table.contract, NIGHT, arrow_rows(table.contract, made))


def run(warehouse: DuckDBWarehouse) -> dict[str, pd.DataFrame]:
    """Compute the night from its injury reports on, and return its rows by table."""
    names = reading("injury_reports")
    compute(warehouse, [name for name in names if name != FORECASTS], NIGHT)
    forecast(warehouse)
    return {name: of_the_night(warehouse, name) for name in names}


def of_the_night(warehouse: DuckDBWarehouse, name: str) -> pd.DataFrame:
    contract = TABLES[name].contract
    rows = contract.table()
    found = warehouse.read(rows.filter(rows[contract.partition] == DAY)).drop(columns=STAMPS, errors="ignore")
    return found.set_index(list(contract.grain)).sort_index()


def changed(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `after` that are new or differ in any value, and those of `before` that are gone."""
    then, now = (rows.round(9).astype(str) for rows in (before, after))
    differ = (now != then.reindex(now.index)).any(axis=1)
    return pd.concat([after[differ], before[~before.index.isin(after.index)]]).reset_index()


@dataclass(frozen=True)
class Night:
    """The rows before and after a player of the first game is out a minute before its tip-off."""

    game: str
    player: pd.Series
    before: dict[str, pd.DataFrame]
    after: dict[str, pd.DataFrame]

    def news(self, name: str) -> pd.DataFrame:
        return changed(self.before[name], self.after[name])

    def of_the_game(self, name: str) -> pd.DataFrame:
        rows = self.after[name].reset_index()
        return rows[rows.game_id == self.game]


@pytest.fixture(scope="module")
def night(autumn_with_statuses: DuckDBWarehouse, tmp_path_factory: pytest.TempPathFactory) -> Night:
    """The player is the one expected to play most of those on no report."""
    path = shutil.copy(autumn_with_statuses.path, tmp_path_factory.mktemp("night") / "nba.duckdb")
    own = replace(autumn_with_statuses, path=str(path))
    before = run(own)
    game = before[EDITIONS].xs(AT_TIP, level="edition").reset_index().sort_values("game_id").iloc[0]
    there = before[PRESENCE].xs(AT_TIP, level="edition").reset_index()
    there = there[(there.game_id == game.game_id) & there.status.isna()]
    player = there.sort_values("expected_minutes").iloc[-1]
    at = (game.cut_at - pd.Timedelta(minutes=1)).to_pydatetime()
    with closing(duckdb.connect(own.path)) as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute(ANNOUNCE, {"at": at, "player": int(player.player_id)})
    return Night(game.game_id, player, before, run(own))


def test_a_status_changes_no_row_of_another_game(night: Night) -> None:
    assert {EDITIONS, STATUSES, PRESENCE, CONTEXT, FEATURES, FORECASTS} <= {*night.before}
    for name in night.before:
        news, rows = night.news(name), night.before[name].reset_index()
        assert len(rows) > 10, name
        if "game_id" in rows:
            assert set(news.game_id) == {night.game}, name
            assert rows.game_id.nunique() > 3, f"{name} has no other game that could change"
        else:
            assert news.empty, f"{name} is about earlier games"


def test_a_status_is_news_for_every_player_of_both_teams_at_tip_and_for_nobody_at_the_line(night: Night) -> None:
    (edition,) = night.news(EDITIONS).itertuples()
    (status,) = night.news(STATUSES).itertuples()
    assert edition.edition == AT_TIP
    assert (status.player_id, status.edition, status.status) == (night.player.player_id, AT_TIP, "out")
    both = {night.player.team_abbr, night.player.opponent_team_abbr}
    presence = night.news(PRESENCE)
    assert len(presence) == len(night.of_the_game(PRESENCE)) / 2 > 15
    assert set(presence.edition) == {AT_TIP}
    assert set(presence.team_abbr) == both
    assert set(presence.known_until) == {edition.known_until}


def test_a_status_makes_both_teams_be_forecast_again_and_the_absent_player_no_more(night: Night) -> None:
    """At tip-off: forecasts that are bet at the price of hours before know nothing of it."""
    news, left = night.news(FORECASTS), night.of_the_game(FORECASTS)
    at_tip, absent = left[left.edition == AT_TIP], news.player_lookup == night.player.player_lookup
    assert set(news.edition) == {AT_TIP}
    assert absent.sum() == sum(key.edition == AT_TIP for key in EVERY_PLAYER), "all of his rows are gone"
    assert not (at_tip.player_lookup == night.player.player_lookup).any()
    assert (left.player_lookup == night.player.player_lookup).any()
    assert len(news[~absent]) == len(at_tip) > 100
    until = night.of_the_game(EDITIONS).set_index("edition").known_until
    assert set(news[~absent].known_until) == {until[AT_TIP]}


def test_an_absence_raises_the_usage_of_team_mates_and_of_nobody_else(night: Night) -> None:
    news = night.news(CONTEXT).set_index("player_lookup")
    assert news.player_status[night.player.player_lookup] == "out"
    assert set(news.team_abbr) == {night.player.team_abbr}
    usage = night.before[CONTEXT].reset_index().set_index("player_lookup").projected_usage_rate
    mates = news.drop(index=night.player.player_lookup).dropna(subset="projected_usage_rate")
    more = mates.projected_usage_rate - usage[mates.index]
    assert (more > 0).sum() > 5
    assert (more >= 0).all(), "who is at the ceiling stays there"
