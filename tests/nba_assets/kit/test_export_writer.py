"""Writing of documents, with an export of one number per date."""

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
import pytest

from nba_assets.kit.export import BadDocument, Document, Edition, Frames, Permit, export, within
from nba_assets.kit.export_writer import ROOT, DocumentLost, StoredDocuments, WrittenDocument, publish
from nba_assets.kit.table import Table, table
from nba_resources.dates import DateRange
from nba_resources.objects.store import ObjectStore
from nba_resources.warehouse.contract import day, integer
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

FIRST, SECOND, THIRD = (dt.date(2024, 12, day) for day in (3, 4, 5))
MORNING = dt.datetime(2024, 12, 5, 14, tzinfo=dt.UTC)
YES, NO = Permit(True), Permit(False, ("the data are stale",))


@table(dataset="nba_test", grain=["game_date"], columns={"game_date": day(), "games": integer()})
def slates() -> ir.Table:
    """The number of games per date, stored by the tests."""


def counts(frames: Frames, edition: Edition) -> Iterator[Document]:
    rows = frames["slates"]
    for date in edition.dates:
        games = rows[rows["game_date"] == pd.Timestamp(date)]["games"].to_list()
        yield Document(f"counts/{date}.json", date, {"games": games}, "counts/latest.json")


@export(make_documents=counts, frames=("slates",), folder="counts", max_age=60, dated=True, guarded=True)
def counted(slates: ir.Table, dates: DateRange) -> dict[str, ir.Table]:
    """Games of each date."""
    return {"slates": within(slates, dates)}


class Shelf:
    """A warehouse with five, six and seven games on three dates, and an object store beside it."""

    tables: Mapping[str, Table] = {"slates": slates}

    def __init__(self, folder: Path) -> None:
        self.objects = ObjectStore(root=str(folder / "objects"))
        self.warehouse = DuckDBWarehouse(path=str(folder / "nba.duckdb"))
        self.store({FIRST: 5, SECOND: 6, THIRD: 7})

    def store(self, games: Mapping[dt.date, int]) -> None:
        made = {"code_version": "v", "computed_at": MORNING}
        rows = [{"game_date": date, "games": n, **made} for date, n in games.items()]
        staged = ibis.memtable(pa.Table.from_pylist(rows, schema=slates.contract.schema.to_pyarrow()))
        self.warehouse.replace(slates.contract, DateRange(min(games), max(games)), staged)

    def publish(
        self, first: dt.date, last: dt.date | None = None, hour: int = 14, permit: Permit = YES
    ) -> list[WrittenDocument]:
        dates = DateRange(first, last or first)
        edition = Edition(dates, THIRD, MORNING.replace(hour=hour), dict.fromkeys(dates, permit))
        return publish(counted, self.tables, self.warehouse, self.objects, edition)

    def read(self, name: str) -> dict:
        return json.loads(self.objects.read(f"{ROOT}counts/{name}.json"))


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


class Killed(BaseException):
    """The process is gone: nothing catches it."""


def dies_before(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every write works until the one of this name."""
    write = ObjectStore.write

    def killed(self: ObjectStore, path: str, content: bytes, max_age: int | None = None) -> None:
        if path.endswith(name):
            raise Killed
        write(self, path, content, max_age)

    monkeypatch.setattr(ObjectStore, "write", killed)


def test_a_document_tells_when_it_was_made_of_which_date_by_which_code_and_whether_it_may_be_published(shelf: Shelf):
    shelf.publish(THIRD)
    assert shelf.read("2024-12-05") == {
        "generated_at": "2024-12-05T14:00:00+00:00",
        "game_date": "2024-12-05",
        "schema_version": 3,
        "code_version": counted.code_version,
        "publish": {"allowed": True, "reasons": []},
        "games": [7],
    }


def test_a_range_of_dates_has_a_document_each_and_the_newest_is_pointed_at(shelf: Shelf):
    filed = shelf.publish(FIRST, THIRD)
    names = [f"counts/{name}.json" for name in (FIRST, SECOND, THIRD, "latest")]
    assert [file.path for file in filed] == names
    assert [shelf.read(str(date))["games"] for date in (FIRST, SECOND, THIRD)] == [[5], [6], [7]]
    assert shelf.read("latest") == shelf.read("2024-12-05")


def test_publishing_the_same_again_changes_no_byte_and_says_so(shelf: Shelf):
    shelf.publish(FIRST, THIRD)
    before = {path: shelf.objects.read(path) for path in shelf.objects.paths(ROOT)}
    again = shelf.publish(FIRST, THIRD, hour=20)
    assert not any(file.changed for file in again)
    assert {path: shelf.objects.read(path) for path in shelf.objects.paths(ROOT)} == before


def test_only_what_changed_is_written_again_with_its_new_moment(shelf: Shelf):
    shelf.publish(FIRST, THIRD)
    shelf.store({SECOND: 9})
    again = shelf.publish(FIRST, THIRD, hour=20)
    assert [file.path for file in again if file.changed] == ["counts/2024-12-04.json"]
    assert shelf.read("2024-12-04")["generated_at"] == "2024-12-05T20:00:00+00:00"
    assert shelf.read("2024-12-03")["generated_at"] == "2024-12-05T14:00:00+00:00"


def test_publishing_an_older_date_leaves_the_newest_where_it_is(shelf: Shelf):
    shelf.publish(THIRD)
    shelf.publish(FIRST)
    assert shelf.read("latest")["game_date"] == "2024-12-05"


@pytest.mark.parametrize("name", ["2024-12-05.json", "latest.json"])
def test_a_publication_killed_on_its_way_leaves_what_is_pointed_at_whole(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, name: str
):
    """A reader of `latest` sees yesterday's until today's is there and sound, never half of it."""
    shelf.publish(SECOND)
    with monkeypatch.context() as patched:
        dies_before(name, patched)
        with pytest.raises(Killed):
            shelf.publish(THIRD)
    assert shelf.read("latest") == shelf.read("2024-12-04")
    shelf.publish(THIRD, hour=20)
    assert shelf.read("latest")["game_date"] == "2024-12-05"


def test_a_document_that_is_read_back_differently_is_never_pointed_at(shelf: Shelf, monkeypatch: pytest.MonkeyPatch):
    shelf.publish(SECOND)
    write = ObjectStore.write

    def cut(self: ObjectStore, path: str, content: bytes, max_age: int | None = None) -> None:
        write(self, path, content[:-9])

    with monkeypatch.context() as patched:
        patched.setattr(ObjectStore, "write", cut)
        with pytest.raises(DocumentLost, match=r"2024-12-05\.json was read back"):
            shelf.publish(THIRD)
    assert shelf.read("latest")["game_date"] == "2024-12-04"


@pytest.mark.parametrize("kept", [b"", b"{", b"[]", b'{"generated_at": 7, "game_date": null}', b"\xff"])
def test_a_kept_document_that_cannot_be_read_is_written_anew(shelf: Shelf, kept: bytes):
    for name in ("2024-12-05", "latest"):
        shelf.objects.write(f"{ROOT}counts/{name}.json", kept)
    shelf.publish(THIRD)
    assert shelf.read("latest") == shelf.read("2024-12-05")


def test_a_date_that_may_not_be_published_has_a_document_that_says_why_and_nothing_else(shelf: Shelf):
    shelf.publish(THIRD)
    shelf.publish(THIRD, permit=NO)
    latest = shelf.read("latest")
    assert (latest["publish"], latest["games"]) == ({"allowed": False, "reasons": ["the data are stale"]}, [])


def test_a_table_that_was_never_stored_has_no_rows(shelf: Shelf):
    with duckdb.connect(shelf.warehouse.path) as engine:
        engine.execute("DROP TABLE nba_test.slates")
    shelf.publish(THIRD)
    assert shelf.read("2024-12-05")["games"] == []


@pytest.mark.parametrize(
    "path", ["../secret.json", "/etc/x.json", "Players/x.json", "players/.json", "players/a b.json"]
)
def test_a_name_from_outside_leads_nowhere(path: str):
    with pytest.raises(BadDocument, match="names no document"):
        Document(path, THIRD, {})


def test_a_document_cannot_speak_for_its_envelope():
    with pytest.raises(BadDocument, match=r"uses names of its envelope: \['publish'\]"):
        Document("counts/x.json", THIRD, {"publish": {"allowed": True}})


def test_what_an_export_wrote_before_is_read_when_it_asks_and_must_be_readable(shelf: Shelf):
    shelf.publish(THIRD)
    shelf.objects.write(f"{ROOT}counts/2024-12-03.json", b"{")
    stored = StoredDocuments(shelf.objects, "counts")
    assert [*stored] == ["counts/2024-12-03.json", "counts/2024-12-05.json", "counts/latest.json"]
    assert stored["counts/2024-12-05.json"]["games"] == [7]
    with pytest.raises(DocumentLost, match="restore it"):
        stored["counts/2024-12-03.json"]
    with pytest.raises(KeyError):
        stored["counts/2024-12-04.json"]
