from collections.abc import Iterator
from pathlib import Path

import pytest
from fsspec.implementations.local import LocalFileSystem
from google.cloud import storage

from nba_resources.object_store import ObjectMissing, ObjectStore, StoreUnavailable

from .buckets import BUCKET, BadLine, bad_line, running


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    with running() as address:
        yield address


@pytest.fixture
def bucket(emulator: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> ObjectStore:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", emulator)
    return ObjectStore(root=f"gs://{BUCKET}/{request.node.name}/deep", patience_seconds=20, timeout_seconds=2)


@pytest.fixture(params=["folder", "memory", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "bucket":
        bucket: ObjectStore = request.getfixturevalue("bucket")
        return bucket
    roots = {"folder": str(tmp_path / "objects"), "memory": f"memory://{request.node.name}"}
    return ObjectStore(root=roots[request.param])


def test_what_is_written_is_read_back(store: ObjectStore):
    store.write("models/2024-11/a.json", b"{}")
    assert store.read("models/2024-11/a.json") == b"{}"
    assert store.exists("models/2024-11/a.json")
    assert not store.exists("models/2024-11"), "a folder is no file"


def test_writing_again_replaces(store: ObjectStore):
    store.write("a", b"old and long")
    store.write("a", b"new")
    assert store.read("a") == b"new"


def test_a_file_may_be_empty(store: ObjectStore):
    store.write("a", b"")
    assert store.read("a") == b""
    assert store.exists("a")


def test_nine_megabytes_come_back_byte_for_byte(store: ObjectStore):
    """Past eight the client sends pieces."""
    content = bytes(range(256)) * 36_864
    store.write("model.cbm", content)
    assert store.read("model.cbm") == content


def test_names_may_hold_what_an_address_may_not(store: ObjectStore):
    names = ["Luka Dončić/50% & more?.json", "a#b/c+d::e"]
    for name in names:
        store.write(name, name.encode())
    assert [store.read(name).decode() for name in names] == names
    assert store.paths() == sorted(names)


def test_paths_are_listed_sorted_by_how_they_begin(store: ObjectStore):
    for path in ("v1/b/2.json", "v1/b/10.json", "v1/a.json", "v2/a.json", "v10/a.json"):
        store.write(path, b"")
    assert store.paths("v1/") == ["v1/a.json", "v1/b/10.json", "v1/b/2.json"]
    assert store.paths("v1/b/1") == ["v1/b/10.json"]
    assert store.paths("v1") == ["v1/a.json", "v1/b/10.json", "v1/b/2.json", "v10/a.json"]
    assert len(store.paths()) == 5
    assert store.paths("nothing/here") == []


def test_nothing_is_listed_before_the_first_write(store: ObjectStore):
    assert store.paths() == []


def test_a_deleted_file_is_gone_and_may_be_deleted_again(store: ObjectStore):
    store.write("a", b"1")
    store.delete("a")
    store.delete("a")
    assert not store.exists("a")
    assert store.paths() == []


def test_a_file_that_two_delete_at_once_is_gone_for_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The second found it and then could not remove it, which was told as a file that is missing."""
    looked = LocalFileSystem.isfile

    def looks_too_early(files: LocalFileSystem, path: str) -> bool:
        found = looked(files, path)
        Path(path).unlink(missing_ok=True)
        return found

    store = ObjectStore(root=str(tmp_path))
    store.write("a", b"1")
    with monkeypatch.context() as patched:
        patched.setattr(LocalFileSystem, "isfile", looks_too_early)
        store.delete("a")
    assert not store.exists("a")


def test_a_missing_file_is_named_with_the_store(store: ObjectStore):
    assert not store.exists("models/gone.cbm")
    with pytest.raises(ObjectMissing, match=r"models/gone\.cbm is not in .*test_a_missing"):
        store.read("models/gone.cbm")


@pytest.mark.parametrize(
    "path", ["../outside", "a/../../b", "/etc/passwd", "", "a//b", ".hidden", "a/.b", "a\\..\\b", "a\nb"]
)
def test_no_path_leads_out_of_the_store(store: ObjectStore, path: str):
    with pytest.raises(ValueError, match="leads out of the store"):
        store.write(path, b"")


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path):
    """Half a model looks like a model: the new one is moved into place only when it is whole."""
    store = ObjectStore(root=str(tmp_path))
    store.write("model", b"sound")
    with pytest.raises(TypeError):
        store.write("model", "not bytes")
    assert store.read("model") == b"sound"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_write_under_way_is_not_listed(tmp_path: Path):
    (tmp_path / ".model.0f").write_bytes(b"half")
    assert ObjectStore(root=str(tmp_path)).paths() == []


def test_a_file_in_place_of_the_folder_is_told(tmp_path: Path):
    (tmp_path / "objects").write_bytes(b"")
    with pytest.raises(StoreUnavailable, match=r"files cannot be kept in .*objects \((Not a directory|File exists)\)"):
        ObjectStore(root=str(tmp_path / "objects")).write("a", b"")


@pytest.mark.parametrize(
    ("path", "max_age", "content_type", "cache_control"),
    [
        ("today.json", 60, "application/json", "public, max-age=60"),
        ("landing/answer.gz", None, "application/gzip", "no-store"),
        ("a.png", 0, "image/png", "public, max-age=0"),
        ("m.cbm", None, "application/octet-stream", "no-store"),
    ],
)
def test_a_bucket_says_what_a_file_is_and_how_long_it_may_be_kept(
    bucket: ObjectStore, path: str, max_age: int | None, content_type: str, cache_control: str
):
    """Without a word of ours Google lets every reader keep a public file for an hour."""
    bucket.write(path, b"{}", max_age)
    prefix = bucket.root.removeprefix(f"gs://{BUCKET}/")
    found = storage.Client(project=None).bucket(BUCKET).get_blob(f"{prefix}/{path}")
    assert (found.content_type, found.cache_control) == (content_type, cache_control)


@pytest.fixture
def line(bucket: ObjectStore, emulator: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[BadLine]:
    """Between the store and its bucket."""
    with bad_line(emulator) as line:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", line.address)
        yield line


def impatient(bucket: ObjectStore) -> ObjectStore:
    return ObjectStore(root=bucket.root, patience_seconds=1.5, timeout_seconds=1)


FAULTS = [429, 500, 502, 503, 504, "cut on the way up", "answer lost", "hang"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_passes_is_not_noticed(bucket: ObjectStore, line: BadLine, fault: int | str):
    line.faults = [fault]
    bucket.write("model", b"new" * 1000)
    line.faults = [fault]
    assert bucket.read("model") == b"new" * 1000
    assert line.seen == ["POST", "POST", "GET", "GET"]


def test_an_answer_cut_on_its_way_down_is_asked_for_again(bucket: ObjectStore, line: BadLine):
    bucket.write("model", b"whole" * 10_000)
    line.faults = ["cut on the way down"]
    assert bucket.read("model") == b"whole" * 10_000


@pytest.mark.parametrize("fault", [503, 429, "cut on the way up", "hang"])
def test_a_fault_that_stays_is_told_and_leaves_the_old_file(bucket: ObjectStore, line: BadLine, fault: int | str):
    bucket.write("model", b"sound")
    line.always = fault
    with pytest.raises(
        StoreUnavailable, match=r"did not answer as it should within 1\.5 s \((\d+ [A-Z]|\w+(Error|Timeout))"
    ):
        impatient(bucket).write("model", b"new" * 1000)
    line.always = None
    assert bucket.read("model") == b"sound"
    assert bucket.paths() == ["model"]


def test_pieces_that_stop_coming_show_no_file(bucket: ObjectStore, line: BadLine):
    """A large file is sent in a session: it begins, and then the line is down."""
    line.faults, line.always = [None], "cut on the way up"
    with pytest.raises(StoreUnavailable, match="nothing half-written is visible"):
        impatient(bucket).write("model", bytes(9_000_000))
    line.always = None
    assert not bucket.exists("model")
    assert bucket.paths() == []


def test_what_was_deleted_by_an_attempt_whose_answer_was_lost_is_deleted(bucket: ObjectStore, line: BadLine):
    bucket.write("a", b"1")
    line.faults = ["answer lost"]
    bucket.delete("a")
    assert not bucket.exists("a")


def test_a_refusal_names_the_role_that_is_wanted_and_is_not_repeated(bucket: ObjectStore, line: BadLine):
    line.always = 403
    with pytest.raises(
        StoreUnavailable, match=r"refused us \(403 Forbidden\).*roles/storage.objectAdmin on the bucket"
    ):
        bucket.write("a", b"")
    assert len(line.seen) == 1


def test_a_bucket_that_does_not_exist_is_not_a_missing_file(bucket: ObjectStore):
    """A pointer that is "not published yet" and a mistyped bucket would read alike."""
    elsewhere = ObjectStore(root="gs://no-such-bucket/x", patience_seconds=1)
    for asked in (
        lambda: elsewhere.exists("a"),
        lambda: elsewhere.read("a"),
        lambda: elsewhere.write("a", b""),
        elsewhere.paths,
    ):
        with pytest.raises(StoreUnavailable, match="there is no bucket no-such-bucket"):
            asked()


def test_a_closed_port_is_told(bucket: ObjectStore, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:9")
    with pytest.raises(StoreUnavailable, match=r"within 1\.5 s \(ConnectionError\)"):
        impatient(bucket).exists("a")


def test_no_credentials_are_told(bucket: ObjectStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    from nba_resources.objects.bucket import _client

    _client.cache_clear()
    monkeypatch.delenv("STORAGE_EMULATOR_HOST")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "gone.json"))
    with pytest.raises(StoreUnavailable, match="wants credentials and none were found"):
        bucket.exists("a")
