"""Changes of one field of a document: another name, another value."""

from collections.abc import Callable
from typing import Any


def rename(path: str, to: str) -> Callable[[Any], Any]:
    def change(document: Any) -> Any:
        part, name = _parent(document, path)
        part[to] = part.pop(name)
        return document

    return change


def put(path: str, value: Any) -> Callable[[Any], Any]:
    def change(document: Any) -> Any:
        part, name = _parent(document, path)
        part[name] = value
        return document

    return change


def _parent(document: Any, path: str) -> tuple[Any, str]:
    *parents, name = path.split(".")
    for parent in parents:
        document = document[int(parent)] if isinstance(document, list) else document[parent]
    return document, name
