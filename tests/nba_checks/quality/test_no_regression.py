"""A recomputed date is compared with what stood there before, and with what changed in its inputs."""

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from nba_assets.kit.assets import asset_key
from nba_assets.kit.partitions import DAILY
from nba_checks.framework.by_date import DateResult
from nba_checks.quality.no_regression import no_regression
from nba_platform.dagster_compat.data_versions import Versions
from nba_platform.dagster_compat.event_log import KeptOpenEventLog
from nba_platform.definitions import TABLES as DECLARED
from nba_resources.dates import DateRange
from nba_resources.warehouse.changes import EMPTY
from nba_resources.warehouse.metadata import FINGERPRINT

NAMES = ("schedule", "player_boxscores", "player_game_summary", "pipeline_coverage")
TABLES = {name: DECLARED[name] for name in NAMES}
DATES = [f"2024-12-{day:02}" for day in range(1, 6)]
THIRD = "2024-12-03"
LOWER_MEAN = [{"column": "points", "what": "mean", "before": 12.0, "after": 6.0}]


class Log:
    """Writes of tables as their events tell of them."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance, self.number = instance, 0

    def write(self, name: str, date: str, **metadata: Any) -> None:
        """Store a date with other rows than before; metadata has `_` for a space."""
        self._store({name: metadata}, date)

    def fill(self) -> None:
        complete = {"pipeline_coverage": {"complete": 20}}
        self._store({name: {"rows_added": 100, **complete.get(name, {})} for name in NAMES}, THIRD)

    def _store(self, written: Mapping[str, Mapping[str, Any]], date: str) -> None:
        """Store a date of some tables in one run, one after the other, with these metadata."""
        keys = [asset_key(TABLES[name].contract) for name in written]

        def asset_with(place: int, metadata: Mapping[str, Any]) -> dg.AssetsDefinition:
            self.number += 1
            values = {key.replace("_", " "): value for key, value in metadata.items()}
            values = {"dagster/partition_row_count": values.pop("rows", 100), FINGERPRINT: f"{self.number}"} | values

            @dg.asset(key=keys[place], deps=keys[:place], partitions_def=DAILY)
            def table(context: dg.AssetExecutionContext) -> None:
                context.add_asset_metadata(values, partition_key=date)

            return table

        tables = [asset_with(place, metadata) for place, metadata in enumerate(written.values())]
        dg.materialize(tables, instance=self.instance, partition_key=date)

    def results(self) -> dict[str, DateResult]:
        dates = DateRange(dt.date.fromisoformat(DATES[0]), dt.date.fromisoformat(DATES[-1]))
        found = no_regression(None, TABLES, dates, dates.end, self.instance)
        return {str(date): result for date, result in found.items()}

    def message(self) -> str:
        """The message of the third; all other dates must pass."""
        results = self.results()
        assert all(result.passed for date, result in results.items() if date != THIRD)
        assert results.keys() == {*DATES}
        return "" if results[THIRD].passed else results[THIRD].message


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    storage = {"module": KeptOpenEventLog.__module__, "class": KeptOpenEventLog.__name__, "config": {}}
    with dg.instance_for_test(overrides={"event_log_storage": storage}, temp_dir=str(tmp_path)) as instance:
        Versions(FINGERPRINT, EMPTY).use()
        log = Log(instance)
        log.fill()
        yield log


def test_dates_stored_for_the_first_time_have_nothing_to_be_compared_with(log: Log):
    assert log.message() == ""


def test_lost_rows_are_named_with_their_table(log: Log):
    log.write("player_game_summary", THIRD, rows=84, rows_removed=16)
    assert log.message().startswith("player_game_summary: 16 of 100 rows lost")


def test_a_column_that_shifted_is_named(log: Log):
    log.write("player_game_summary", THIRD, rows_changed=90, columns_that_shifted=LOWER_MEAN)
    assert "player_game_summary: mean of points 12 -> 6" in log.message()


def test_a_change_without_loss_is_no_regression(log: Log):
    log.write("player_game_summary", THIRD, rows=101, rows_added=1, rows_changed=30)
    assert log.message() == ""


def test_what_its_input_lost_as_well_is_expected(log: Log):
    log.write("player_boxscores", THIRD, rows=84, rows_removed=16)
    log.write("player_game_summary", THIRD, rows=84, rows_removed=16)
    assert log.message() == ""


def test_an_input_that_changed_by_less_does_not_explain_it(log: Log):
    log.write("player_boxscores", THIRD, rows_changed=1)
    log.write("player_game_summary", THIRD, rows=84, rows_removed=16)
    assert "16 of 100 rows lost" in log.message()


def test_an_input_that_changed_on_an_earlier_date_explains_it_and_on_a_later_one_does_not(log: Log):
    for date, expected in ((DATES[0], ""), (DATES[4], "16 of 84 rows lost")):
        log.write("player_boxscores", date, rows=50, rows_added=50)
        log.write("player_boxscores", date, rows=10, rows_removed=40)
        log.write("player_game_summary", THIRD, rows=84, rows_removed=16)
        if date == DATES[4]:
            log.write("player_game_summary", THIRD, rows=68, rows_removed=16)
        assert expected in log.message()
        assert bool(log.message()) is bool(expected)


def test_a_game_delivered_late_explains_what_it_changed_on_a_later_date_with_fewer_games(log: Log):
    """It is 24 of 76 rows of the day before, and its players are all whose days of rest changed: 9 of 24."""
    log.write("player_boxscores", DATES[1], rows=76, rows_added=24)
    log.write("player_boxscores", THIRD, rows=24, rows_removed=76)
    log.write("player_game_summary", THIRD, rows=24, rows_removed=76)
    log.write("player_game_summary", THIRD, rows=24, rows_changed=1)
    log.write("player_boxscores", DATES[1], rows=100, rows_added=24)
    log.write("player_game_summary", THIRD, rows=24, rows_changed=9, columns_that_shifted=LOWER_MEAN)
    assert log.message() == ""
    log.write("player_boxscores", DATES[1], rows=100, rows_changed=8)
    log.write("player_game_summary", THIRD, rows=24, rows_changed=9, columns_that_shifted=LOWER_MEAN)
    assert "mean of points 12 -> 6" in log.message()


def test_an_input_that_changed_before_the_rows_were_stored_last_explains_nothing(log: Log):
    log.write("player_boxscores", THIRD, rows=84, rows_removed=16)
    log.write("player_game_summary", THIRD, rows_changed=1)
    log.write("player_game_summary", THIRD, rows=84, rows_removed=16)
    assert "16 of 100 rows lost" in log.message()


def test_a_date_mended_since_is_no_longer_named(log: Log):
    log.write("player_game_summary", THIRD, rows=84, rows_removed=16)
    log.write("player_game_summary", THIRD, rows=100, rows_added=16)
    assert log.message() == ""


def test_fewer_complete_tables_are_named_unless_the_schedule_changed(log: Log):
    log.write("pipeline_coverage", THIRD, complete=19, partial=1)
    assert log.message().startswith("19 tables are complete, before 20")
    log.write("schedule", THIRD, rows_added=1)
    log.write("pipeline_coverage", THIRD, complete=18, partial=2)
    assert log.message() == ""
