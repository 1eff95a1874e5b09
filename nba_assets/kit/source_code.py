"""The Python source that computes something, without prose: code versions are hashed from it.

A code version must change with whatever changes rows, and with nothing else. A module is too coarse: it also holds
docstrings, comments, column meanings and functions that compute something else.
"""

import ast
import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

OURS = ("models", "nba_assets", "nba_checks")
KIT = "nba_assets.kit"  # storage and plumbing; what it adds to a statement is in the compiled SQL
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def source_of(*functions: Callable[..., Any]) -> str:
    """Return every definition of ours that the functions reach, themselves included, without docstrings and comments.

    A value with a `stamp`, such as a feature contract, is represented by it: its source also holds meanings.
    """
    reached: dict[tuple[str, str], str] = {}
    waiting = [(function.__module__, function.__name__) for function in functions]
    given = {module for module, _ in waiting}
    while waiting:
        module, name = waiting.pop()
        if (module, name) in reached or not (module in given or _is_followed(module)):
            continue
        definitions = _definitions(module)
        if name in definitions.imported:
            waiting.append(definitions.imported[name])
        elif isinstance(stamp := getattr(getattr(importlib.import_module(module), name, None), "stamp", None), str):
            reached[module, name] = stamp
        elif name in definitions.nodes:
            nodes = definitions.nodes[name]
            reached[module, name] = "\n".join(ast.unparse(node) for node in nodes)
            waiting += [(module, used) for node in nodes for used in _names(node)]
    return "\n".join(f"# {module}.{name}\n{reached[module, name]}" for module, name in sorted(reached))


@dataclass(frozen=True)
class _Definitions:
    """The top-level names of a module: the statements that bind each, and where the imported ones come from."""

    nodes: Mapping[str, list[ast.stmt]] = field(default_factory=dict)
    imported: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@cache
def _definitions(module: str) -> _Definitions:
    file = importlib.import_module(module).__file__
    assert file is not None
    tree = _without_docstrings(ast.parse(Path(file).read_text(encoding="utf-8")))
    nodes: dict[str, list[ast.stmt]] = {}
    imported: dict[str, tuple[str, str]] = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            imported |= {alias.asname or alias.name: (node.module or "", alias.name) for alias in node.names}
        else:
            for name in _bound(node):
                nodes.setdefault(name, []).append(node)
    return _Definitions(nodes, imported)


def _is_followed(module: str) -> bool:
    return module.split(".")[0] in OURS and not f"{module}.".startswith(f"{KIT}.")


def _bound(node: ast.stmt) -> Iterator[str]:
    """Yield the names that a top-level statement defines."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
        return
    targets = getattr(node, "targets", None) or filter(None, [getattr(node, "target", None)])
    yield from (part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name))


def _names(node: ast.stmt) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return tree
