"""Detection of changes in an archive: a signature of its files, and fingerprints of its dates."""

import datetime as dt
from pathlib import Path

import pytest

from nba_resources.dates import DateRange
from nba_resources.sources.archive.source import ArchiveSource
from nba_resources.sources.base import BadInput, Delivery, Source
from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.validation.validate import validate_feed

from .archives import MON, TUE, WED

HEAD = "game_id,game_date,status,home_pts"
GAMES = ["1,2025-01-13,final,101", "2,2025-01-14,final,102", "3,2025-01-14,final,103"]


@pytest.fixture
def archive(tmp_path: Path) -> ArchiveSource:
    write(tmp_path, *GAMES)
    return ArchiveSource(str(tmp_path))


def write(folder: Path, *games: str, head: str = HEAD) -> None:
    (folder / "games.csv").write_text("\n".join([head, *games]) + "\n")


def test_the_signature_of_unchanged_files_stays(archive: ArchiveSource):
    assert archive.signature() == archive.signature()


def test_a_new_or_rewritten_file_changes_the_signature(archive: ArchiveSource, tmp_path: Path):
    first = archive.signature()
    (tmp_path / "shots.csv").write_text("game_id,game_date\n")
    second = archive.signature()
    write(tmp_path, *GAMES, "4,2025-01-15,final,104")
    assert len({first, second, archive.signature()}) == 3


def test_files_that_hold_no_facts_change_nothing(archive: ArchiveSource, tmp_path: Path):
    before = archive.signature()
    (tmp_path / "README.md").write_text("about")
    assert archive.signature() == before


def test_every_date_has_a_fingerprint_and_only_changed_ones_change(archive: ArchiveSource, tmp_path: Path):
    before = archive.fingerprints("schedule")
    write(tmp_path, GAMES[0], GAMES[1], GAMES[2].replace("103", "113"), "4,2025-01-15,final,104")
    after = archive.fingerprints("schedule")
    assert set(before) == {MON, TUE}
    assert set(after) == {MON, TUE, WED}
    assert before[MON] == after[MON]
    assert before[TUE] != after[TUE]


def test_the_order_of_rows_and_columns_does_not_matter(archive: ArchiveSource, tmp_path: Path):
    before = archive.fingerprints("schedule")
    turned = [",".join(reversed(game.split(","))) for game in reversed(GAMES)]
    write(tmp_path, *turned, head=",".join(reversed(HEAD.split(","))))
    assert archive.fingerprints("schedule") == before


def test_a_repeated_row_is_a_change(archive: ArchiveSource, tmp_path: Path):
    """Two equal rows must not cancel each other out."""
    before = archive.fingerprints("schedule")
    write(tmp_path, *GAMES, GAMES[0], GAMES[0])
    assert archive.fingerprints("schedule")[MON] != before[MON]


def test_a_row_whose_date_became_unreadable_changes_its_date(archive: ArchiveSource, tmp_path: Path):
    before = archive.fingerprints("schedule")
    write(tmp_path, GAMES[0], GAMES[1], GAMES[2].replace("2025-01-14", "soon"))
    after = archive.fingerprints("schedule")
    assert set(after) == {MON, TUE, dt.date.min}
    assert after[TUE] != before[TUE]


def test_a_feed_without_a_file_has_no_dates(archive: ArchiveSource):
    assert archive.fingerprints("shots") == {}


def test_a_file_without_dates_is_refused(archive: ArchiveSource, tmp_path: Path):
    write(tmp_path, "1,final", head="game_id,status")
    with pytest.raises(BadInput, match="game_date"):
        archive.fingerprints("schedule")


def test_a_source_without_fingerprints_cannot_be_watched():
    class Other(Source):
        name = "other"

        def fetch(self, feed: str, dates: DateRange) -> Delivery:
            return validate_feed(FEEDS[feed])

    assert Other().signature() is None
    with pytest.raises(NotImplementedError, match="the other source cannot be watched"):
        Other().fingerprints("schedule")
