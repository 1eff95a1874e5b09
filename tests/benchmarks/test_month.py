"""The checks of the month under faults find broken promises."""

import datetime as dt
import gzip
import json
from pathlib import Path

from simulated_month.faults import HOOK, KEY, OF_ANSWERS, faults_of_day
from simulated_month.invariants import Published, differences, of_messages, of_secrets, open_alerts
from simulated_month.league import FIRST, at

BEGINS = "[WARNING] Coverage is low\nWhat happened: ..."
WORSE = "[CRITICAL] Coverage is low\nWhat happened: ..."
ENDS = "[RECOVERED] Coverage is low\nIt is no longer found."


def test_a_seed_draws_the_same_faults_again_and_another_seed_others():
    moments = [at(FIRST, dt.time(hour)) for hour in (9, 18)]
    drawn = [[str(fault) for fault in faults_of_day(seed, FIRST, moments)] for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    kinds = {fault.kind for seed in range(200) for fault in faults_of_day(seed, FIRST, moments)}
    assert kinds == {*OF_ANSWERS}


def test_an_alert_told_twice_or_taken_back_twice_is_found():
    assert of_messages([BEGINS, WORSE, ENDS, BEGINS]) == []
    assert len(of_messages([BEGINS, BEGINS])) == 1
    assert len(of_messages([BEGINS, ENDS, ENDS])) == 1
    assert open_alerts([BEGINS, ENDS]) == set()
    assert open_alerts([BEGINS, ENDS, BEGINS]) == {"Coverage is low"}


def test_a_lost_row_a_changed_one_and_one_stored_twice_are_found():
    calm = {"schedule": [("a", 1), ("b", 2)]}
    assert differences(calm, {"schedule": [("b", 2), ("a", 1)]}) == []
    for rows, said in (
        ([("a", 1)], "1 lost, 0 more"),
        ([("a", 1), ("b", 3)], "1 lost, 1 more"),
        ([("a", 1), ("b", 2), ("b", 2)], "0 lost, 1 more"),
    ):
        (found,) = differences(calm, {"schedule": rows})
        assert said in found.what


def test_a_key_in_a_compressed_response_and_an_address_in_a_log_are_found(tmp_path: Path):
    (tmp_path / "response.gz").write_bytes(gzip.compress(f"?apiKey={KEY}".encode()))
    (tmp_path / "processes.log").write_text(f"POST http://localhost{HOOK} 200")
    assert {found.what for found in of_secrets(tmp_path)} == {
        "the key is in response.gz",
        "the address is in processes.log",
    }


def test_a_pick_that_is_dropped_and_one_that_is_rewritten_are_found(tmp_path: Path):
    def publish(*lines: float) -> list[str]:
        picks = [
            {"market": "player_points", "player_lookup": f"player{n}", "line": line, "before_tip_off": True}
            | {"recommendation": "OVER", "price": -110, "prediction_id": str(n)}
            | {"told_at": "2024-12-02T20:00:00Z", "start_time_utc": "2024-12-03T00:00:00Z"}
            for n, line in enumerate(lines)
        ]
        (folder / "2024-12-02.json").write_text(json.dumps({"picks": picks}))
        return [found.invariant for found in published.check(tmp_path, at(FIRST, dt.time(18)))]

    folder, published = tmp_path / "exports" / "v1" / "best-bets", Published()
    folder.mkdir(parents=True)
    assert publish(20.5, 10.5) == []
    assert publish(20.5, 10.5, 5.5) == []
    assert publish(20.5, 11.5, 5.5) == ["no pick dropped or rewritten"]
    assert publish(20.5, 10.5) == ["no pick dropped or rewritten"]
