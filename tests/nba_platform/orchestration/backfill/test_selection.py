import dagster as dg
import ibis.expr.types as ir
import pytest

from nba_assets.kit.assets import asset_of
from nba_assets.kit.table import ExpectedRows, table
from nba_platform.orchestration.backfill.selection import UnknownTable, select
from nba_resources.warehouse.contract import day, text


def declare(function):
    columns = {"game_id": text(), "game_date": day()}
    return table(dataset="nba_raw", grain=["game_id"], expected_rows=ExpectedRows.GAMES, columns=columns)(function)


@declare
def games(schedule: ir.Table) -> ir.Table:
    """Everything, as an anchor."""
    return schedule


@declare
def schedule() -> ir.Table:
    """The start of a chain of three."""
    return games.contract.table().select("game_id", "game_date")


@declare
def standings(games: ir.Table) -> ir.Table:
    """The end of it."""
    return games


TABLES = {one.contract.name: one for one in (schedule, games, standings)}


@pytest.fixture(scope="module")
def graph():
    return dg.Definitions([asset_of(one, TABLES) for one in TABLES.values()], resources={"tables": dg.mem_io_manager})


def names(selection: dg.AssetSelection, definitions: dg.Definitions) -> set[str]:
    return {key.path[-1] for key in selection.resolve(definitions.resolve_asset_graph())}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, {"schedule", "games", "standings"}),
        ("games", {"games"}),
        ("nba_raw/games", {"games"}),
        ("nba_raw.games", {"games"}),
        ("schedule, standings", {"schedule", "standings"}),
        ("+games", {"schedule", "games"}),
        ("games+", {"games", "standings"}),
        ("+games+", {"schedule", "games", "standings"}),
    ],
)
def test_a_selection_means_what_it_says(text, expected, graph):
    assert names(select(text, TABLES), graph) == expected


def test_a_misspelt_table_is_refused_with_its_near_matches():
    with pytest.raises(UnknownTable, match=r"no table 'standing': did you mean standings"):
        select("standing", TABLES)


def test_a_name_near_nothing_lists_what_there_is():
    with pytest.raises(UnknownTable, match="tables are games, schedule, standings"):
        select("weather", TABLES)


def test_an_empty_part_is_refused_rather_than_read_as_everything():
    with pytest.raises(UnknownTable):
        select("games,", TABLES)


def test_a_report_is_picked_like_a_table(graph):
    """Reports are assets, too, and `--select` knew only tables."""
    picture = dg.AssetKey(["reports", "standings_picture"])

    @dg.asset(key=picture, deps=[dg.AssetKey(["nba_raw", "standings"])])
    def drawn() -> None: ...

    with_report = dg.Definitions.merge(graph, dg.Definitions([drawn]))

    assert names(select("reports/standings_picture", TABLES, [picture]), with_report) == {"standings_picture"}
    assert names(select("+reports.standings_picture", TABLES, [picture]), with_report) == {*TABLES, "standings_picture"}
    with pytest.raises(UnknownTable, match="did you mean reports/standings_picture"):
        select("reports/standing_pictures", TABLES, [picture])
