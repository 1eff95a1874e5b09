"""The object store in a bucket: headers, faults and permissions."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from google.cloud import storage

from nba_resources.objects.bucket import _client
from nba_resources.objects.store import ObjectStore, StoreUnavailable

from ..buckets import BUCKET, BadLine, bad_line


@pytest.mark.parametrize(
    ("path", "max_age", "content_type", "cache_control"),
    [
        ("today.json", 60, "application/json", "public, max-age=60"),
        ("landing/answer.gz", None, "application/gzip", "no-store"),
        ("a.png", 0, "image/png", "public, max-age=0"),
        ("m.cbm", None, "application/octet-stream", "no-store"),
    ],
)
def test_objects_have_a_content_type_and_a_cache_time(
    bucket: ObjectStore, path: str, max_age: int | None, content_type: str, cache_control: str
):
    """By default Google lets readers cache a public file for an hour."""
    bucket.write(path, b"{}", max_age)
    prefix = bucket.root.removeprefix(f"gs://{BUCKET}/")
    blob = storage.Client(project=None).bucket(BUCKET).get_blob(f"{prefix}/{path}")
    assert (blob.content_type, blob.cache_control) == (content_type, cache_control)


@pytest.fixture
def line(bucket: ObjectStore, emulator: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[BadLine]:
    """A proxy between the store and its bucket that injects faults."""
    with bad_line(emulator) as line:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", line.address)
        yield line


def impatient(bucket: ObjectStore) -> ObjectStore:
    return ObjectStore(root=bucket.root, patience_seconds=1.5, timeout_seconds=1)


FAULTS = [429, 500, 502, 503, 504, "cut on the way up", "response lost", "hang"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_temporary_fault_is_retried(bucket: ObjectStore, line: BadLine, fault: int | str):
    line.faults = [fault]
    bucket.write("model", b"new" * 1000)
    line.faults = [fault]
    assert bucket.read("model") == b"new" * 1000
    assert line.seen == ["POST", "POST", "GET", "GET"]


def test_a_response_that_was_cut_is_requested_again(bucket: ObjectStore, line: BadLine):
    bucket.write("model", b"whole" * 10_000)
    line.faults = ["cut on the way down"]
    assert bucket.read("model") == b"whole" * 10_000


@pytest.mark.parametrize("fault", [503, 429, "cut on the way up", "hang"])
def test_a_permanent_fault_is_reported_and_leaves_the_old_file(bucket: ObjectStore, line: BadLine, fault: int | str):
    bucket.write("model", b"sound")
    line.always = fault
    with pytest.raises(
        StoreUnavailable, match=r"gave no valid response within 1\.5 s \((\d+ [A-Z]|\w+(Error|Timeout))"
    ):
        impatient(bucket).write("model", b"new" * 1000)
    line.always = None
    assert bucket.read("model") == b"sound"
    assert bucket.paths() == ["model"]


def test_an_interrupted_upload_creates_no_file(bucket: ObjectStore, line: BadLine):
    """A large file is sent in pieces; here the connection fails after the first."""
    line.faults, line.always = [None], "cut on the way up"
    with pytest.raises(StoreUnavailable, match="nothing half-written is visible"):
        impatient(bucket).write("model", bytes(9_000_000))
    line.always = None
    assert not bucket.exists("model")
    assert bucket.paths() == []


def test_a_delete_whose_response_was_lost_succeeds(bucket: ObjectStore, line: BadLine):
    bucket.write("a", b"1")
    line.faults = ["response lost"]
    bucket.delete("a")
    assert not bucket.exists("a")


def test_denied_access_names_the_role_and_is_not_retried(bucket: ObjectStore, line: BadLine):
    line.always = 403
    with pytest.raises(
        StoreUnavailable, match=r"denied access \(403 Forbidden\).*roles/storage.objectAdmin on the bucket"
    ):
        bucket.write("a", b"")
    assert len(line.seen) == 1


def test_a_bucket_that_does_not_exist_is_not_a_missing_file(bucket: ObjectStore):
    """A mistyped bucket must not look like a file that is not written yet."""
    elsewhere = ObjectStore(root="gs://no-such-bucket/x", patience_seconds=1)
    for call in (
        lambda: elsewhere.exists("a"),
        lambda: elsewhere.read("a"),
        lambda: elsewhere.write("a", b""),
        elsewhere.paths,
    ):
        with pytest.raises(StoreUnavailable, match="there is no bucket no-such-bucket"):
            call()


def test_a_closed_port_is_reported(bucket: ObjectStore, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:9")
    with pytest.raises(StoreUnavailable, match=r"within 1\.5 s \(ConnectionError\)"):
        impatient(bucket).exists("a")


def test_missing_credentials_are_reported(bucket: ObjectStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    _client.cache_clear()
    monkeypatch.delenv("STORAGE_EMULATOR_HOST")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "gone.json"))
    with pytest.raises(StoreUnavailable, match="needs credentials and none were found"):
        bucket.exists("a")
