import datetime as dt
from pathlib import Path

import dagster as dg
import pytest

from nba_platform.definitions import TABLES
from nba_platform.orchestration.sensors import changed_partitions, facts_to_load
from nba_resources.objects.store import ObjectStore
from nba_resources.sources.base import BadInput, Delivery, Source
from nba_resources.sources.feeds import FEEDS

RANGE = "dagster/asset_partition_range"
SCHEDULE = dg.AssetKey(["nba_raw", "schedule"])
PARTITIONED = dg.DailyPartitionsDefinition("2024-11-01", end_date="2024-11-09")


class Files(Source):
    """A source with fingerprints only, which counts how often they were read."""

    name = "files"

    def __init__(self) -> None:
        self.version, self.taken = 1, 0
        self.facts: dict[str, dict[dt.date, str]] = {name: {} for name in FEEDS}
        self.change("schedule", "2024-11-01", "2024-11-02", "2024-11-03")

    def change(self, feed: str, *dates: str, fact: str = "first") -> None:
        self.version += 1
        self.facts[feed] |= {dt.date.fromisoformat(date): fact for date in dates}

    def signature(self) -> str:
        return str(self.version)

    def fingerprints(self, feed: str) -> dict[dt.date, str]:
        self.taken += 1
        return self.facts[feed]

    def fetch(self, feed: str, dates: object) -> Delivery:
        raise AssertionError("a look at fingerprints fetches no facts")


class Ticks:
    """Ticks of the sensor, each with the cursor of the one before."""

    def __init__(self, folder: Path, source: Source) -> None:
        self.source, self.objects = source, ObjectStore(root=str(folder))
        self.cursor: str | None = None

    def look(self) -> list[tuple[set[str], list[str]]] | str:
        """Return the requested tables and dates of each run, or the skip reason."""
        found = facts_to_load(self.cursor, self.source, self.objects, TABLES)
        if isinstance(found, dg.SkipReason):
            return found.skip_message or ""
        self.cursor = found.cursor
        if found.skip_reason:
            return found.skip_reason.skip_message or ""
        return [
            (
                {key.path[-1] for key in one.asset_selection},
                sorted({date for name, date in one.tags.items() if "partition" in name}),
            )
            for one in found.run_requests
        ]


@pytest.fixture
def source() -> Files:
    return Files()


@pytest.fixture
def sensor(tmp_path: Path, source: Files) -> Ticks:
    ticks = Ticks(tmp_path, source)
    assert "games from 2024-11-01 to 2024-11-03" in ticks.look()
    return ticks


def test_what_a_source_held_at_first_is_for_people_to_load(sensor: Ticks):
    """Five seasons must not start to load because someone opened the UI."""
    assert sensor.cursor


def test_files_that_are_as_they_were_are_not_read(sensor: Ticks, source: Files):
    taken = source.taken
    assert "have not changed" in sensor.look()
    assert source.taken == taken


def test_files_written_again_with_the_same_facts_request_nothing(sensor: Ticks, source: Files):
    source.version += 1
    assert "the same facts" in sensor.look()
    assert "have not changed" in sensor.look()


def test_a_corrected_date_is_loaded_in_the_tables_of_its_feed(sensor: Ticks, source: Files):
    source.change("player_boxscores", "2024-11-02", fact="corrected")
    assert sensor.look() == [({"player_boxscores"}, ["2024-11-02"])]
    assert "have not changed" in sensor.look()


def test_new_dates_that_follow_each_other_are_one_run(sensor: Ticks, source: Files):
    source.change("team_boxscores", "2024-11-05", "2024-11-06", "2024-11-07")
    assert sensor.look() == [({"team_boxscores"}, ["2024-11-05", "2024-11-07"])]


def test_a_new_game_renews_the_seasons_too(sensor: Ticks, source: Files):
    source.change("schedule", "2024-11-05")
    source.change("schedule", "2024-11-09")
    assert sensor.look() == [({"schedule", "seasons"}, ["2024-11-05"]), ({"schedule"}, ["2024-11-09"])]


def test_a_new_roster_renews_the_birth_dates_alone(sensor: Ticks, source: Files):
    source.change("rosters", "2024-09-20")
    assert sensor.look() == [({"birth_dates"}, [])]


def test_facts_that_are_gone_are_a_change(sensor: Ticks, source: Files):
    del source.facts["schedule"][dt.date(2024, 11, 2)]
    source.version += 1
    assert sensor.look() == [({"schedule", "seasons"}, ["2024-11-02"])]


def test_a_file_that_cannot_be_read_fails_the_look_and_is_looked_at_again(
    sensor: Ticks, source: Files, monkeypatch: pytest.MonkeyPatch
):
    def torn(feed: str) -> dict[dt.date, str]:
        raise BadInput("games.parquet: cannot be read")

    source.change("schedule", "2024-11-05")
    with monkeypatch.context() as broken:
        broken.setattr(source, "fingerprints", torn)
        with pytest.raises(BadInput, match="cannot be read"):
            sensor.look()
    assert sensor.look() == [({"schedule", "seasons"}, ["2024-11-05"])]


def test_fingerprints_of_another_engine_are_not_compared(sensor: Ticks, source: Files, monkeypatch):
    """A new version of the engine may hash differently: all dates would look changed."""
    source.change("schedule", "2024-11-01", fact="hashed otherwise")
    monkeypatch.setattr("duckdb.__version__", "99")
    assert "first tick with this source" in sensor.look()


def test_a_source_without_files_says_so(tmp_path: Path):
    class Unwatched(Files):
        signature = Source.signature

    assert "no files to watch" in Ticks(tmp_path, Unwatched()).look()


def test_news_from_before_the_first_partition_is_filed_under_it():
    before = {"injury_reports": {"2021-08-01": "a", "2024-08-01": "a"}, "schedule": {"2021-08-01": "a"}}
    assert changed_partitions(before, {}) == {
        "2021-10-19": {"injury_reports", "schedule"},
        "2024-08-01": {"injury_reports"},
    }
