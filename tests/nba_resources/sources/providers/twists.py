"""Small faults for documents: a field under another name, or with another value."""

from collections.abc import Callable
from typing import Any


def rename(path: str, to: str) -> Callable[[Any], Any]:
    """Gives a field another name."""

    def how(document: Any) -> Any:
        part, name = _parent(document, path)
        part[to] = part.pop(name)
        return document

    return how


def put(path: str, value: Any) -> Callable[[Any], Any]:
    """Gives a field another value."""

    def how(document: Any) -> Any:
        part, name = _parent(document, path)
        part[name] = value
        return document

    return how


def _parent(document: Any, path: str) -> tuple[Any, str]:
    *parents, name = path.split(".")
    for parent in parents:
        document = document[int(parent)] if isinstance(document, list) else document[parent]
    return document, name
