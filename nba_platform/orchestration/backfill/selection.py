"""What `--select` means: table names, with a `+` before or after for everything upstream or downstream."""

import difflib
import functools
import operator
from collections.abc import Collection, Mapping

import dagster as dg

from nba_assets.kit.assets import asset_key
from nba_assets.kit.table import Table
from nba_resources.errors import UserError


class UnknownTable(UserError, ValueError):
    """A name that no table has: says which names are near."""


def select(text: str | None, tables: Mapping[str, Table], reports: Collection[dg.AssetKey] = ()) -> dg.AssetSelection:
    """The selection a comma-separated list stands for; everything when nothing is said.

    Exports are never among them: what the world sees of a date is written by `nba publish`, never by a backfill.
    """
    exports = dg.AssetSelection.groups("exports")
    if text is None:
        return dg.AssetSelection.all() - exports
    parts = [part.strip() for part in text.split(",")]
    return functools.reduce(operator.or_, (_selected(part, tables, reports) for part in parts)) - exports


def _selected(part: str, tables: Mapping[str, Table], reports: Collection[dg.AssetKey]) -> dg.AssetSelection:
    named = {key.to_user_string(): key for key in reports}
    name = part.strip("+")
    key = named.get(name.replace(".", "/")) or asset_key(table_named(name, tables, named).contract)
    chosen = dg.AssetSelection.assets(key)
    with_upstream = chosen.upstream() if part.startswith("+") else chosen
    return with_upstream | chosen.downstream() if part.endswith("+") else with_upstream


def table_named(name: str, tables: Mapping[str, Table], others: Collection[str] = ()) -> Table:
    """By name, `dataset/name` or `dataset.name`: names are unique over all datasets. `others` may be meant instead."""
    written = {f"{table.contract.dataset}/{short}": table for short, table in tables.items()} | dict(tables)
    if found := written.get(name.replace(".", "/")):
        return found
    near = difflib.get_close_matches(name, others) or difflib.get_close_matches(name.split("/")[-1], tables, 3, 0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"tables are {', '.join(sorted([*tables, *others]))}."
    raise UnknownTable(f"there is no table {name!r}: {hint}")
