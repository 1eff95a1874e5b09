"""The object store in a folder, in memory and in a bucket."""

from pathlib import Path

import pytest
from fsspec.implementations.local import LocalFileSystem

from nba_resources.objects.store import ObjectMissing, ObjectStore, StoreUnavailable


@pytest.fixture(params=["folder", "memory", pytest.param("bucket", marks=pytest.mark.emulator)])
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
    """Above eight megabytes the client sends a file in pieces."""
    content = bytes(range(256)) * 36_864
    store.write("model.cbm", content)
    assert store.read("model.cbm") == content


def test_paths_may_contain_characters_that_urls_may_not(store: ObjectStore):
    names = ["Luka Dončić/50% & more?.json", "a#b/c+d::e"]
    for name in names:
        store.write(name, name.encode())
    assert [store.read(name).decode() for name in names] == names
    assert store.paths() == sorted(names)


def test_paths_are_listed_by_prefix_and_sorted(store: ObjectStore):
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


def test_a_file_may_be_deleted_by_two_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The second found the file, could not delete it, and once reported it as missing."""
    isfile = LocalFileSystem.isfile

    def delete_after_check(files: LocalFileSystem, path: str) -> bool:
        exists = isfile(files, path)
        Path(path).unlink(missing_ok=True)
        return exists

    store = ObjectStore(root=str(tmp_path))
    store.write("a", b"1")
    with monkeypatch.context() as patched:
        patched.setattr(LocalFileSystem, "isfile", delete_after_check)
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
    """Half a model looks like a model, so a file is moved into place only when it is complete."""
    store = ObjectStore(root=str(tmp_path))
    store.write("model", b"sound")
    with pytest.raises(TypeError):
        store.write("model", "not bytes")
    assert store.read("model") == b"sound"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_an_unfinished_write_is_not_listed(tmp_path: Path):
    (tmp_path / ".model.0f").write_bytes(b"half")
    assert ObjectStore(root=str(tmp_path)).paths() == []


def test_a_file_in_place_of_the_folder_is_reported(tmp_path: Path):
    (tmp_path / "objects").write_bytes(b"")
    with pytest.raises(
        StoreUnavailable, match=r"cannot read or write files in .*objects \((Not a directory|File exists)\)"
    ):
        ObjectStore(root=str(tmp_path / "objects")).write("a", b"")
