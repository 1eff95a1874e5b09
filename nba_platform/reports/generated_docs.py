"""What is generated of the docs: the catalogue of tables, or by a word the model's inputs or the variables.

python -m nba_platform.reports.generated_docs > docs/tables.md
python -m nba_platform.reports.generated_docs features > docs/features.md
python -m nba_platform.reports.generated_docs variables    # rows of docs/environments.md and the README
"""

import sys
from collections.abc import Mapping

from models.features import BASE, EXTENDED, FeatureContract
from nba_assets.kit.table import Table
from nba_platform.config.settings import VARIABLES
from nba_platform.definitions import TABLES
from nba_platform.reports.layers import LAYERS

HEAD = """# Tables

What one row of each table is, what it owes and what each column means. Made from the contracts by
`python -m nba_platform.reports.generated_docs > docs/tables.md`; a test compares the two.
"""
FEATURES_HEAD = """# Features

What a model sees, in this order, for training and for serving. Made from `models/features.py` by
`python -m nba_platform.reports.generated_docs features > docs/features.md`; a test compares the two.
"""


def catalogue(tables: Mapping[str, Table]) -> str:
    """Every table with its grain and columns, layer by layer."""
    parts = [HEAD]
    for layer in LAYERS:
        parts += [_section(tables[name]) for name in sorted(tables) if tables[name].layer == layer]
    return "\n".join(parts)


def feature_page(*contracts: FeatureContract) -> str:
    """Every feature contract: its stamp, what NULL means in it, and every column."""
    return "\n".join([FEATURES_HEAD, *map(_contract, contracts)])


def _contract(contract: FeatureContract) -> str:
    optional = [name for name in contract.names if name not in contract.required]
    facts = (
        f"## {contract.name}\n\n{len(contract)} features, hash `{contract.hash}`: rows and models carry "
        f"`{contract.stamp}`, and a model of another hash is refused.\n\n"
        f"A value that is not known is NULL; nothing is filled in. {len(contract.required)} features are required: "
        f"without one of them a row's quality score is at most 69, without five at most 49. {len(optional)} are "
        f"optional: {', '.join(f'`{name}`' for name in optional)}.\n"
    )
    return f"{facts}\n{contract.markdown()}\n"


def _section(table: Table) -> str:
    contract = table.contract
    stored = f"by `{contract.partition}`" if contract.partition else "whole"
    reads = ", ".join(f"`{name}`" for name in table.reads) or "the source"
    grain = ", ".join(f"`{name}`" for name in contract.grain)
    facts = f"One row per {grain}; stored {stored}; owes {table.owed}; reads {reads}."
    return f"## {contract.key}\n{contract.description}\n\n{facts}\n\n{contract.markdown()}\n"


def variable_rows() -> str:
    """Every variable of the environment."""
    return "".join(f"{variable.row}\n" for variable in VARIABLES)


MADE = {
    "tables": lambda: catalogue(TABLES),
    "features": lambda: feature_page(BASE, EXTENDED),
    "variables": variable_rows,
}

if __name__ == "__main__":
    sys.stdout.write(MADE[(sys.argv[1:] or ["tables"])[0]]())
