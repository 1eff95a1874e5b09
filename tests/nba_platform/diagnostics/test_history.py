import datetime as dt
from dataclasses import replace

import pyarrow as pa
import pytest

from nba_resources.sources.base import SourceUnavailable
from nba_resources.sources.simulated import SimulatedSource


def test_without_a_table_the_latest_runs_are_told_the_newest_first(filled_home, nba):
    nba("backfill", "2024-10-23", "--select", "schedule", "--force", "--json")

    newest, *_, filling = nba("history", "--limit", "50", "--json").document()["entries"]

    assert (newest["tables"], newest["dates"], newest["state"]) == ("schedule", "2024-10-23", "stored")
    assert filling["dates"] == "2024-10-01...2024-10-24"
    assert filling["tables"].endswith("tables")
    assert {newest["started_by"], filling["started_by"]} == {"nba"}


def test_a_date_of_a_table_tells_rows_duration_and_code_of_each_run(filled_home, nba):
    made = nba("backfill", "2024-10-22", "2024-10-23", "--select", "team_boxscores", "--force", "--json").document()

    entry = nba("history", "team_boxscores", "2024-10-22", "--json").document()["entries"][0]

    games = next(
        table["rows"]
        for table in nba("coverage", "2024-10-22", "2024-10-22", "--json").document()["tables"]
        if table["table"] == "nba_raw.team_boxscores"
    )
    assert entry["run_id"] == made["runs"][0]["run_id"]
    assert (entry["tables"], entry["dates"], entry["state"]) == ("nba_raw.team_boxscores", "2024-10-22", "stored")
    assert entry["rows"] == games > 0
    assert entry["seconds"] >= 0
    assert len(entry["code_version"]) == 12


def test_a_run_over_other_dates_is_no_history_of_a_date(filled_home, nba):
    ran = nba("backfill", "2024-10-24", "--select", "schedule", "--force", "--json").document()["runs"][0]["run_id"]
    found = [entry["run_id"] for entry in nba("history", "schedule", "2024-10-22", "--json").document()["entries"]]

    assert found
    assert ran not in found


def test_a_run_shows_by_table_which_rows_it_changed_and_on_which_dates(home, nba, monkeypatch):
    """One player's plus-minus is corrected: only his row changes, on his date alone."""
    dates = ("2024-10-22", "2024-10-23", "--select", "schedule,team_boxscores,player_boxscores", "--json")
    first = nba("backfill", *dates).document()["runs"][0]["run_id"]
    fetch = SimulatedSource.fetch

    def corrected(self, feed, dates):
        delivery = fetch(self, feed, dates)
        if feed != "player_boxscores":
            return delivery
        rows = delivery.rows.to_pylist()
        found = next(row for row in rows if row["game_date"] == dt.date(2024, 10, 23) and row["minutes"])
        found["plus_minus"] += 1
        return replace(delivery, rows=pa.Table.from_pylist(rows, schema=delivery.rows.schema))

    monkeypatch.setattr(SimulatedSource, "fetch", corrected)
    document = nba("backfill", *dates, "--force").document()
    assert document["error"] is None
    again = document["runs"][0]["run_id"]

    filled = {table["table"]: table for table in nba("history", first, "--json").document()["tables"]}
    changed = {table["table"]: table for table in nba("history", again[:8], "--json").document()["tables"]}
    assert filled["nba_raw.player_boxscores"]["added"] > 0
    assert filled["nba_raw.player_boxscores"]["dates"] == ["2024-10-22", "2024-10-23"]
    assert changed["nba_raw.player_boxscores"] == {
        "table": "nba_raw.player_boxscores",
        "stored": 2,
        "added": 0,
        "removed": 0,
        "changed": 1,
        "dates": ["2024-10-23"],
    }
    assert changed["nba_raw.schedule"]["dates"] == []
    assert "nba_raw.player_boxscores" in nba("history", again).out


def test_a_failed_step_shows_its_sentence_and_what_comes_after_it_was_not_reached(home, nba, monkeypatch):
    def fetch(self, feed, dates):
        raise SourceUnavailable("the league does not answer: try again later")

    monkeypatch.setattr(SimulatedSource, "fetch", fetch)
    nba("backfill", "2024-10-22", "--select", "schedule,team_boxscores")

    failed, after = (
        nba("history", table, "--json").document()["entries"][0] for table in ("schedule", "team_boxscores")
    )

    assert failed["state"] == "failed"
    assert failed["error"] == "nba_raw.schedule: the league does not answer: try again later"
    assert failed["rows"] is None
    assert (after["state"], after["error"]) == ("not reached", failed["error"])
    assert failed["error"] in nba("history").out


def test_a_date_stored_without_rows_says_so(filled_home, nba):
    nba("backfill", "2024-10-20", "--select", "schedule", "--force")

    entry = nba("history", "schedule", "2024-10-20", "--json").document()["entries"][0]

    assert (entry["state"], entry["rows"]) == ("no rows", 0)


def test_no_more_than_the_limit_is_told(filled_home, nba):
    nba("backfill", "2024-10-22", "--select", "schedule", "--force")

    assert len(nba("history", "--limit", "1", "--json").document()["entries"]) == 1
    assert len(nba("history", "schedule", "--limit", "1", "--json").document()["entries"]) == 1


@pytest.mark.parametrize("words", [["history", "schedul"], ["history", "schedul", "2024-10-22"]])
def test_a_misspelt_table_has_no_history(words, home, nba):
    said = nba(*words)

    assert said.code == 1
    assert "did you mean schedule?" in said.err
