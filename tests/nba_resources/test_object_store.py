from pathlib import Path

import pytest

from nba_resources.object_store import ObjectMissing, ObjectStore


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return ObjectStore(root=str(tmp_path / "objects"))


def test_what_is_written_is_read_back(store: ObjectStore):
    store.write("models/2024-11/a.json", b"{}")
    assert store.read("models/2024-11/a.json") == b"{}"
    assert store.exists("models/2024-11/a.json")


def test_writing_again_replaces(store: ObjectStore):
    store.write("a", b"old and long")
    store.write("a", b"new")
    assert store.read("a") == b"new"


def test_a_missing_file_is_named_with_the_store(store: ObjectStore):
    assert not store.exists("models/gone.cbm")
    with pytest.raises(ObjectMissing, match=r"models/gone\.cbm is not in .*objects"):
        store.read("models/gone.cbm")


@pytest.mark.parametrize("path", ["../outside", "a/../../b", "/etc/passwd"])
def test_no_path_leads_out_of_the_store(store: ObjectStore, path: str):
    with pytest.raises(ValueError, match="leads out of the store"):
        store.write(path, b"")


def test_a_write_that_fails_leaves_the_old_file(store: ObjectStore, monkeypatch: pytest.MonkeyPatch):
    """Half a model looks like a model: the new one is moved into place only when it is whole."""
    store.write("model", b"sound")
    with pytest.raises(TypeError):
        store.write("model", "not bytes")  # type: ignore[arg-type]
    assert store.read("model") == b"sound"
    assert [path.name for path in Path(store.root).iterdir()] == ["model"]


def test_a_bucket_speaks_the_same(request: pytest.FixtureRequest):
    store = ObjectStore(root=f"memory://{request.node.name}")
    store.write("a/b", b"1")
    assert store.read("a/b") == b"1"
