"""Writes documents to the object store: first those with a date, each read back, then the pointers to the newest.

An interrupted publication leaves every file whole and every pointer as it was. A document whose content has not changed
is not written again and keeps its `generated_at`.
"""

import json
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from itertools import chain
from typing import Any

from nba_assets.kit.canonical_json import encode
from nba_assets.kit.export import SCHEMA_VERSION, Document, Edition, Export
from nba_assets.kit.table import Tables
from nba_resources.errors import UserError
from nba_resources.objects.store import ObjectMissing, ObjectStore
from nba_resources.warehouse.base import Warehouse

ROOT = "exports/v1/"
_TIME = re.compile(rb'\{"generated_at":"[^"]*",')
PARALLEL_WRITES = 8  # a bucket answers after a tenth of a second, and there are hundreds of players


class DocumentLost(UserError, RuntimeError):
    """A document that differs from what was written, or cannot be read any more."""


@dataclass(frozen=True)
class WrittenDocument:
    """One stored file, and whether this publication changed it."""

    path: str
    game_date: str
    size: int
    changed: bool


class StoredDocuments(Mapping[str, Any]):
    """The stored documents of an export by path, read on access."""

    def __init__(self, objects: ObjectStore, folder: str) -> None:
        self._objects = objects
        self._paths = [path.removeprefix(ROOT) for path in objects.paths(f"{ROOT}{folder}/")]

    def __getitem__(self, path: str) -> Any:
        if path not in self._paths:
            raise KeyError(path)
        try:
            return json.loads(self._objects.read(ROOT + path))
        except ValueError:
            raise DocumentLost(
                f"{ROOT}{path} is not valid JSON: restore it, as it holds what was published. Nothing was written."
            ) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def publish(
    export: Export, tables: Tables, warehouse: Warehouse, objects: ObjectStore, edition: Edition
) -> list[WrittenDocument]:
    """Make and write the documents of an export, with one read for each of its frames, whatever the dates."""
    edition = replace(edition, stored=StoredDocuments(objects, export.folder))
    with warehouse.session():
        stored_tables = warehouse.stored_keys(tables[name].contract for name in export.reads)
        queries = export.queries(tables, stored_tables, edition)
        frames = {name: warehouse.read(rows) for name, rows in queries.items()}
    made = [(document, _without_time(document, export, edition)) for document in export.documents(frames, edition)]

    def write(path: str, document: Document, undated: bytes) -> WrittenDocument:
        return _write(path, document, undated, export, objects, edition)

    def write_all(part: list[tuple[Document, bytes]]) -> list[WrittenDocument]:
        return [write(document.path, document, undated) for document, undated in part]

    with ThreadPoolExecutor(PARALLEL_WRITES) as pool:  # to hand over each document alone takes longer than to read it
        parts = pool.map(write_all, (made[first::PARALLEL_WRITES] for first in range(PARALLEL_WRITES)))
        written = [*chain.from_iterable(parts)]
    newest = {one[0].pointer: one for one in sorted(made, key=lambda one: one[0].game_date)}
    for pointer, one in newest.items():
        if pointer is not None:
            stored_date = _text_field(_read(objects, ROOT + pointer), "game_date") or ""
            if stored_date <= one[0].game_date.isoformat():  # an older date must not move the pointer back
                written.append(write(pointer, *one))
    return written


def _without_time(document: Document, export: Export, edition: Edition) -> bytes:
    """Encode a document with its envelope, but for the time it was made."""
    return encode(
        {
            "game_date": document.game_date,
            "schema_version": SCHEMA_VERSION,
            "code_version": export.code_version,
            "publish": asdict(edition.permits[document.game_date]),
            **document.content,
        }
    )


def _write(
    path: str, document: Document, undated: bytes, export: Export, objects: ObjectStore, edition: Edition
) -> WrittenDocument:
    place = ROOT + path
    content, stored = _generated(edition.now, undated), _read(objects, place)
    changed = stored is None or not _is_same(stored, undated)
    if changed:
        objects.write(place, content, max_age=export.max_age)
        if objects.read(place) != content:
            raise DocumentLost(f"{place} was read back with other content than was written: publish again.")
    return WrittenDocument(path, document.game_date.isoformat(), len(content), changed)


def _generated(at: Any, document: bytes) -> bytes:
    """Return an encoded document with the time it was made as its first field."""
    return encode({"generated_at": at}).rstrip(b"}\n") + b"," + document.removeprefix(b"{")


def _is_same(stored: bytes, undated: bytes) -> bool:
    """Return whether a stored document differs in the time it was made at most."""
    time = _TIME.match(stored)
    return time is not None and stored[time.end() :] == undated.removeprefix(b"{")


def _read(objects: ObjectStore, place: str) -> bytes | None:
    try:
        return objects.read(place)
    except ObjectMissing:
        return None


def _text_field(stored: bytes | None, name: str) -> str | None:
    """Return a text field of a stored document; None if it is unreadable, so that it is written again."""
    try:
        value = json.loads(stored or b"{}").get(name)
    except (ValueError, AttributeError):
        return None
    return value if isinstance(value, str) else None
