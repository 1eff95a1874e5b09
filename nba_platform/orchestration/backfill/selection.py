"""Parse `--select`: table names, with a `+` before or after for everything upstream or downstream."""

import difflib
import functools
import operator
from collections.abc import Collection, Mapping

import dagster as dg

from nba_assets.kit.assets import asset_key
from nba_assets.kit.table import Table
from nba_resources.errors import UserError


class UnknownTable(UserError, ValueError):
    """A name that no table has; the message lists similar names."""


def select(text: str | None, tables: Mapping[str, Table], reports: Collection[dg.AssetKey] = ()) -> dg.AssetSelection:
    """Return the assets of a comma-separated list, or all assets without one.

    Exports are always left out: `nba publish` writes them, a backfill does not.
    """
    exports = dg.AssetSelection.groups("exports")
    if text is None:
        return dg.AssetSelection.all() - exports
    parts = [part.strip() for part in text.split(",")]
    return functools.reduce(operator.or_, (_selected(part, tables, reports) for part in parts)) - exports


def _selected(part: str, tables: Mapping[str, Table], reports: Collection[dg.AssetKey]) -> dg.AssetSelection:
    report_keys = {key.to_user_string(): key for key in reports}
    name = part.strip("+")
    key = report_keys.get(name.replace(".", "/")) or asset_key(table_named(name, tables, report_keys).contract)
    selection = dg.AssetSelection.assets(key)
    with_upstream = selection.upstream() if part.startswith("+") else selection
    return with_upstream | selection.downstream() if part.endswith("+") else with_upstream


def table_named(name: str, tables: Mapping[str, Table], others: Collection[str] = ()) -> Table:
    """Return a table by name, `dataset/name` or `dataset.name`; the error suggests names of tables and `others`."""
    by_name = {f"{table.contract.dataset}/{short}": table for short, table in tables.items()} | dict(tables)
    if table := by_name.get(name.replace(".", "/")):
        return table
    close = difflib.get_close_matches(name, others) or difflib.get_close_matches(name.split("/")[-1], tables, 3, 0.5)
    hint = f"did you mean {' or '.join(close)}?" if close else f"tables are {', '.join(sorted([*tables, *others]))}."
    raise UnknownTable(f"there is no table {name!r}: {hint}")
