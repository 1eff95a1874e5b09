"""The Python source that computes something, without prose: code versions are hashed from it.

A code version must change with whatever changes rows, and with nothing else. A module is too coarse: it also holds
docstrings, comments, column meanings and functions that compute something else.
"""

import ast
import importlib
from collections.abc import Callable, Iterator, Mapping
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
        followed = module.split(".")[0] in OURS and not f"{module}.".startswith(f"{KIT}.")
        if (module, name) in reached or not (module in given or followed):
            continue
        definitions, imported = _definitions(module)
        if name in imported:
            waiting.append(imported[name])
        elif isinstance(stamp := getattr(getattr(importlib.import_module(module), name, None), "stamp", None), str):
            reached[module, name] = stamp
        elif nodes := definitions.get(name):
            reached[module, name] = "\n".join(ast.unparse(node) for node in nodes)
            parts = (part for node in nodes for part in ast.walk(node))
            waiting += {(module, part.id) for part in parts if isinstance(part, ast.Name)}
    return "\n".join(f"# {module}.{name}\n{reached[module, name]}" for module, name in sorted(reached))


@cache
def _definitions(module: str) -> tuple[Mapping[str, list[ast.stmt]], Mapping[str, tuple[str, str]]]:
    """Return the statements that bind each top-level name of a module, and where its imported names come from."""
    file = importlib.import_module(module).__file__
    assert file is not None
    tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    nodes: dict[str, list[ast.stmt]] = {}
    imported: dict[str, tuple[str, str]] = {}
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom):
            imported |= {alias.asname or alias.name: (statement.module or "", alias.name) for alias in statement.names}
        else:
            for name in _bound(statement):
                nodes.setdefault(name, []).append(statement)
    return nodes, imported


def _bound(node: ast.stmt) -> Iterator[str]:
    """Yield the names that a top-level statement defines."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
        return
    targets = getattr(node, "targets", None) or filter(None, [getattr(node, "target", None)])
    yield from (part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name))
