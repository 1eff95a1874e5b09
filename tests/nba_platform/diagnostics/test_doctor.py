"""Output of `nba doctor`; its examinations are tested in `test_examinations.py`."""

import os
from collections.abc import Iterable

import pytest

from nba_platform.diagnostics import doctor
from nba_resources.findings import Finding, Level

from .installation import fill

SECRET = "hunter22hunter22"
pytestmark = pytest.mark.usefixtures("nothing_else_set")


def test_a_filled_home_is_well_and_says_so(home, nba):
    fill(home)
    said = nba("doctor", "--json")
    found = said.document()
    assert (said.code, found["healthy"]) == (0, True)
    assert {finding["level"] for finding in found["findings"]} == {"ok"}
    subjects = [finding["subject"] for finding in found["findings"]]
    assert subjects == [
        *("python", "libraries", "settings", "home", "clock", "time zone"),
        *("warehouse", "objects", "records", "source simulated", "automation", "alerts"),
    ]


def test_a_new_home_is_told_how_to_begin(home, nba):
    said = nba("doctor")
    assert said.code == 0
    assert "warn  warehouse         answers and holds nothing" in said.out
    assert "Run `nba demo`" in said.out
    assert said.out.endswith("11 ok, 1 warn, 0 fail\n")


def test_every_wrong_setting_has_its_line_and_a_secret_is_not_shown(nba, monkeypatch):
    monkeypatch.setenv("NBA_ENV", "production")
    monkeypatch.setenv("NBA_TODAY", "tomorrow")
    monkeypatch.setenv("NBA_ALERT_WEBHOOK", SECRET)
    monkeypatch.setenv("NBA_THE_ODDS_API_KEY", SECRET)
    monkeypatch.setenv("NBA_ARCHIVE_DRI", "x")
    said = nba("doctor")
    assert said.code == 1
    lines = said.out.splitlines()
    wrong = [line.split()[2] for line in lines if line.startswith("fail  settings")]
    assert wrong == ["NBA_TODAY", "NBA_ALERT_WEBHOOK", "NBA_OBJECTS", "NBA_BIGQUERY_PROJECT"]
    assert "NBA_THE_ODDS_API_KEY: set" in said.out
    assert SECRET not in said.out + said.err
    assert "warn  settings   NBA_ARCHIVE_DRI is set, and nothing reads it. Did you mean NBA_ARCHIVE_DIR?" in lines
    assert "not examined: warehouse, objects, records, source, automation" in said.out


def test_a_file_in_place_of_the_home_fails_and_the_rest_is_still_looked_at(home, nba, monkeypatch):
    (home / "file").write_text("")
    monkeypatch.setenv("NBA_HOME", str(home / "file"))
    said = nba("doctor", "--json")
    assert said.code == 1
    failed = {f["subject"]: f for f in said.document()["findings"] if f["level"] == "fail"}
    assert sorted(failed) == ["clock", "home", "objects", "records"]
    assert failed["home"]["remedy"] == "Set NBA_HOME to a writable folder."
    assert "cannot read or write files in" in failed["objects"]["found"]
    assert "set NBA_HOME to a writable folder" in failed["records"]["found"]


def test_an_examination_that_breaks_is_a_finding_and_not_a_crash(nba, monkeypatch):
    monkeypatch.setenv("NBA_THE_ODDS_API_KEY", SECRET)

    def broken() -> Iterable[Finding]:
        yield Finding(Level.OK, "source", "one provider answers")
        raise KeyError(os.environ["NBA_THE_ODDS_API_KEY"])

    monkeypatch.setattr(doctor, "CHOSEN_BY_SETTINGS", {"source": broken})
    said = nba("doctor", "--json")
    first, second = said.document()["findings"][-2:]
    assert (said.code, first["level"], second["level"]) == (1, "ok", "fail")
    assert second["found"] == "KeyError: '***'"


def test_a_finding_needs_a_remedy_exactly_if_it_is_not_ok():
    with pytest.raises(ValueError, match="needs no remedy"):
        Finding(Level.OK, "clock", "right", "Set it.")
    with pytest.raises(ValueError, match="needs a remedy"):
        Finding(Level.FAIL, "clock", "wrong")
