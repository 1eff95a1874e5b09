"""The catalogue of tables in the docs, made from the contracts: `python -m nba_platform.catalogue > docs/tables.md`."""

import sys
from collections.abc import Mapping

from nba_assets.kit.table import Table
from nba_platform.definitions import TABLES

LAYERS = ("reference", "raw", "analytics")
HEAD = """# Tables

What one row of each table is, what it owes and what each column means. Made from the contracts by
`python -m nba_platform.catalogue > docs/tables.md`; a test compares the two.
"""


def catalogue(tables: Mapping[str, Table]) -> str:
    """Every table with its grain and columns, layer by layer."""
    parts = [HEAD]
    for layer in LAYERS:
        parts += [_section(tables[name]) for name in sorted(tables) if tables[name].layer == layer]
    return "\n".join(parts)


def _section(table: Table) -> str:
    contract = table.contract
    stored = f"by `{contract.partition}`" if contract.partition else "whole"
    reads = ", ".join(f"`{name}`" for name in table.reads) or "the source"
    grain = ", ".join(f"`{name}`" for name in contract.grain)
    facts = f"One row per {grain}; stored {stored}; owes {table.owed}; reads {reads}."
    return f"## {contract.key}\n{contract.description}\n\n{facts}\n\n{contract.markdown()}\n"


if __name__ == "__main__":
    sys.stdout.write(catalogue(TABLES))
