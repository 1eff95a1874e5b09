"""Puts documents where readers find them: dated ones first, each read back, then the names that point at the newest.

Whatever ends a publication early, every file is whole, and what is pointed at is what was there before. A document
whose content has not changed is not written again, and keeps the moment it was generated at.
"""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from nba_assets.kit.canonical_json import written
from nba_assets.kit.export import SCHEMA_VERSION, Document, Edition, Export
from nba_assets.kit.table import Table
from nba_resources.objects.store import ObjectMissing, ObjectStore
from nba_resources.warehouse.base import Warehouse

ROOT = "exports/v1/"
AT_ONCE = 8  # files on their way: a bucket answers after a tenth of a second, and there are hundreds of players


class DocumentLost(RuntimeError):
    """A document that is not what was written, or can no longer be read: says which, and what to do."""


@dataclass(frozen=True)
class Filed:
    """One file as it is kept now, and whether this publication changed it."""

    path: str
    game_date: str
    size: int
    changed: bool


class Earlier(Mapping[str, Any]):
    """The documents of an export that are kept already, read when they are asked for."""

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
                f"{ROOT}{path} is no JSON: restore it, as what was published once is kept there. Nothing was written."
            ) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def publish(
    export: Export, tables: Mapping[str, Table], warehouse: Warehouse, objects: ObjectStore, edition: Edition
) -> list[Filed]:
    """Make and file the documents of an export: one read for each of its frames, whatever the dates."""
    edition = replace(edition, before=Earlier(objects, export.folder))
    held = warehouse.stored_keys(tables[name].contract for name in export.reads)
    rows = export.gathers(tables, held, edition)
    documents = export.documents({name: warehouse.read(asked) for name, asked in rows.items()}, edition)
    with ThreadPoolExecutor(AT_ONCE) as together:
        filed = [*together.map(lambda document: _file(document.path, document, export, objects, edition), documents)]
    newest = {document.pointer: document for document in sorted(documents, key=lambda one: one.game_date)}
    for pointer, document in newest.items():
        if pointer is not None and not _points_further(pointer, document, objects):
            filed.append(_file(pointer, document, export, objects, edition))
    return filed


def _file(path: str, document: Document, export: Export, objects: ObjectStore, edition: Edition) -> Filed:
    made = {
        "generated_at": edition.now,
        "game_date": document.game_date,
        "schema_version": SCHEMA_VERSION,
        "code_version": export.code_version,
        "publish": _permit(document, edition),
        **document.content,
    }
    place, content = ROOT + path, written(made)
    kept = _kept(objects, place)
    changed = kept is None or written({**made, "generated_at": _told(kept, "generated_at")}) != kept
    if changed:
        objects.write(place, content, max_age=export.max_age)
        if objects.read(place) != content:
            raise DocumentLost(f"{place} was read back with other content than was written: publish again.")
    return Filed(path, document.game_date.isoformat(), len(content), changed)


def _permit(document: Document, edition: Edition) -> dict[str, Any]:
    permit = edition.permits[document.game_date]
    return {"allowed": permit.allowed, "reasons": list(permit.reasons)}


def _kept(objects: ObjectStore, place: str) -> bytes | None:
    try:
        return objects.read(place)
    except ObjectMissing:
        return None


def _points_further(pointer: str, document: Document, objects: ObjectStore) -> bool:
    """Whether the name stands for a later date already: publishing the past again does not turn back the present."""
    stands_for = _told(_kept(objects, ROOT + pointer), "game_date")
    return stands_for is not None and stands_for > document.game_date.isoformat()


def _told(kept: bytes | None, name: str) -> str | None:
    """What a kept document says of itself; one that cannot be read says nothing, and is written anew."""
    try:
        told = json.loads(kept or b"{}").get(name)
    except (ValueError, AttributeError):
        return None
    return told if isinstance(told, str) else None
