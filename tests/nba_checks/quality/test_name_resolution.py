"""Delivered names without a player are counted by source and date."""

import datetime as dt
from pathlib import Path

import dagster as dg

from nba_assets.raw.player_props import player_props
from nba_assets.reference.unresolved_names import unresolved_names
from nba_checks.quality.name_resolution import miss_rates, published_names_are_resolved
from nba_resources.dates import DateRange

from ...nba_platform.rows import filled
from ...shared import warehouse_at

NIGHT = dt.date(2024, 11, 6)
OFFER = {"source": "books", "bookmaker": "northside", "book_kind": "sportsbook", "game_date": NIGHT}
LOST = {"source": "books", "normalised": "bronnyjames", "game_date": NIGHT, "n_rows": 2, "reason": "unknown"}


def offers(names):
    rows = [{**OFFER, "player_name_raw": name, "line": line} for name, line in names]
    return filled(player_props.contract, rows)


def nobody(*names):
    return filled(unresolved_names.contract, [{**LOST, "raw_name": name} for name in names])


def test_a_name_counts_once_however_many_lines_it_has():
    published = offers([("Jayson Tatum", 26.5), ("Jayson Tatum", 27.5), ("Bronny James", 2.5), ("Al Horford", 8.5)])
    (found,) = miss_rates(published, nobody("Bronny James")).execute().to_dict("records")
    assert (found["names"], found["unresolved"], found["miss_rate"]) == (3, 1, 1 / 3)


def checked(tmp_path: Path, names: int, lost: int) -> dg.AssetCheckResult:
    warehouse = warehouse_at(tmp_path / "nba.duckdb")
    published = [(f"Player {number}", 10.5) for number in range(names)]
    warehouse.append(player_props.contract, DateRange(NIGHT, NIGHT), offers(published))
    warehouse.replace(
        unresolved_names.contract, DateRange(NIGHT, NIGHT), nobody(*(name for name, _ in published[:lost]))
    )
    context = dg.build_asset_check_context(resources={"warehouse": warehouse})
    return published_names_are_resolved(context)


def test_where_every_name_has_a_person_there_is_nothing_to_list(tmp_path: Path):
    """The orchestrator refuses a table without records or columns: a month without lines ended its backfill."""
    result = checked(tmp_path, names=3, lost=0)

    assert result.passed
    assert result.metadata["most_missed"].records == []


def test_before_any_name_was_published_nothing_is_wrong(tmp_path: Path):
    assert checked(tmp_path, names=0, lost=0).passed


def test_two_names_in_a_hundred_may_be_nobodys(tmp_path: Path):
    result = checked(tmp_path, names=100, lost=2)
    assert result.passed
    assert result.metadata["miss_rate"].value == 0.02


def test_more_than_that_warns_with_the_names_and_what_to_do(tmp_path: Path):
    result = checked(tmp_path, names=100, lost=3)
    assert not result.passed
    assert result.severity is dg.AssetCheckSeverity.WARN
    assert "3 of 100 delivered names (3.00%)" in result.description
    assert "aliases.py" in result.description
    names = {record.data["raw_name"] for record in result.metadata["most_missed"].records}
    assert names == {"Player 0", "Player 1", "Player 2"}
