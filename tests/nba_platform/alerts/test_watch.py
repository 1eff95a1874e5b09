import datetime as dt
import json
import logging
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import dagster as dg
import duckdb
import pytest

from nba_assets.kit.calendar import BadSetting
from nba_platform.alerts.alert import Alert, Severity
from nba_platform.alerts.channels import LogChannel
from nba_platform.alerts.outbox import Outbox
from nba_platform.alerts.sensors import CONDITIONS, alert_sensors
from nba_platform.alerts.watch import AlertContext, CannotEvaluate, watch
from nba_platform.config.environments import automation_is_on
from nba_platform.definitions import TABLES
from nba_resources.warehouse.base import WarehouseBusy

NOON = dt.datetime(2024, 12, 4, 12, tzinfo=dt.UTC)
FACTS = AlertContext(cast(Any, None), TABLES, cast(Any, None), NOON.date(), NOON)
LOG = LogChannel(logging.getLogger("alerts"))
LOST = Alert("lost", Severity.WARNING, "Lost", "it is gone", "look for it")


def open_alerts(file: Path) -> list[Alert]:
    with closing(sqlite3.connect(file)) as con:
        return [Alert(**json.loads(document)) for (document,) in con.execute("SELECT alert FROM open")]


def always(*found: Alert):
    def condition(facts: AlertContext) -> list[Alert]:
        return list(found)

    return condition


def raising(error: Exception):
    def condition(facts: AlertContext) -> list[Alert]:
        raise error

    return condition


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "alerts.db")


def test_a_look_tells_what_is_new_and_then_keeps_quiet(outbox):
    assert watch(FACTS, [always(LOST)], outbox, [LOG]) == "1 messages"
    assert watch(FACTS, [always(LOST)], outbox, [LOG]) == "nothing new"


@pytest.mark.parametrize("error", [CannotEvaluate("too early"), WarehouseBusy("locked")])
def test_what_cannot_be_judged_is_not_over(outbox, error):
    """A locked warehouse is no recovery."""
    watch(FACTS, [always(LOST)], outbox, [LOG])
    seen = watch(FACTS, [raising(error)], outbox, [LOG])
    assert seen == f"nothing new; condition not evaluated: {error}"
    assert open_alerts(outbox.file) == [LOST]


def test_a_mistake_in_one_condition_still_lets_the_messages_of_others_leave(outbox, caplog):
    with pytest.raises(ZeroDivisionError):
        watch(FACTS, [always(LOST), raising(ZeroDivisionError())], outbox, [LOG])
    assert caplog.messages == [LOST.text]


def test_no_two_conditions_share_a_name():
    """Otherwise one would close the alerts of the other."""
    assert len({condition.__name__ for condition in CONDITIONS}) == len(CONDITIONS) == 6


@pytest.mark.parametrize(
    ("said", "status"), [("on", dg.DefaultSensorStatus.RUNNING), ("", dg.DefaultSensorStatus.STOPPED)]
)
def test_sensors_are_off_unless_automation_is_on(monkeypatch, said, status):
    monkeypatch.setenv("NBA_AUTOMATION", said)
    assert {sensor.default_status for sensor in alert_sensors(TABLES, [])} == {status}


def test_a_misspelt_switch_is_refused(monkeypatch):
    monkeypatch.setenv("NBA_AUTOMATION", "yes")
    with pytest.raises(BadSetting, match="must be on or off"):
        automation_is_on()


def test_the_sensor_looks_at_a_real_home_and_remembers(filled_home, monkeypatch):
    """Three evenings of a new season: all is well but for one table that somebody emptied."""
    monkeypatch.delenv("NBA_ALERT_WEBHOOK", raising=False)
    (_, periodic) = alert_sensors(TABLES, [])
    with dg.DagsterInstance.get() as instance:
        quiet = periodic(dg.build_sensor_context(instance=instance))
        assert quiet.skip_message.startswith("nothing new")
        contract = TABLES["player_boxscores"].contract
        empty_out(filled_home / "nba.duckdb", contract.key)
        assert periodic(dg.build_sensor_context(instance=instance)).skip_message.startswith("1 messages")
        assert periodic(dg.build_sensor_context(instance=instance)).skip_message.startswith("nothing new")
    (alert,) = open_alerts(filled_home / "alerts.db")
    assert alert.key == "stale_data/player_boxscores"


def empty_out(file: Path, key: str) -> None:
    with duckdb.connect(file) as con:
        con.execute(f"DELETE FROM {key}")
