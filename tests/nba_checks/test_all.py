"""The list of checks, their tables and which of them block change only on purpose."""

import pytest

import nba_assets
from nba_assets.kit.partitions import DAILY
from nba_assets.kit.table import declared_tables
from nba_checks.all import COVERED, all_checks
from nba_checks.completeness.coverage import is_checked_by_date
from nba_checks.leakage.grade_alarms import ALARMS

TABLES = declared_tables(nba_assets)


@pytest.fixture(scope="module")
def specs() -> dict:
    return {spec.key: spec for check in all_checks(TABLES) for spec in check.check_specs}


def test_every_dated_table_from_phase_3_on_shows_its_coverage_by_date(specs: dict):
    covered = {key.asset_key.path[1] for key, spec in specs.items() if key.name == "coverage"}
    dated = {table.contract.name for table in TABLES.values() if table.layer in COVERED and is_checked_by_date(table)}

    assert covered == dated
    assert "ml_model_registry" not in covered
    assert {spec.partitions_def for key, spec in specs.items() if key.name == "coverage"} == {DAILY}


def test_what_contradicts_itself_blocks_and_what_is_absent_warns(specs: dict):
    by_name = {key.name: spec.blocking for key, spec in specs.items()}

    assert by_name["team_rows_agree_with_the_schedule"]
    assert by_name["players_add_up_to_their_team"]
    assert all(by_name[alarm.name] for alarm in ALARMS)
    quiet = ("coverage", "layers_of_the_date", "layers_of_the_last_seven_days", "freshness", "prediction_coverage")
    assert not any(by_name[name] for name in quiet)


def test_every_check_says_what_it_asks(specs: dict):
    assert all(spec.description for spec in specs.values())
