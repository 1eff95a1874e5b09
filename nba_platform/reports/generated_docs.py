"""Generate documentation: the catalogue of tables, the features, or the rows of environment variables.

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
from nba_resources.warehouse.rejected_rows import REJECTED_ROWS

HEAD = """# Tables

Each table's row, its expected rows and the meaning of each column. Generated from the contracts with
`python -m nba_platform.reports.generated_docs > docs/tables.md`; a test compares the two.
"""
FEATURES_HEAD = """# Features

The inputs of a model, in this order, for training and for serving. Generated from `models/features.py` with
`python -m nba_platform.reports.generated_docs features > docs/features.md`; a test compares the two.
"""


def catalogue(tables: Mapping[str, Table]) -> str:
    """Return the page of all tables with their grain and columns, layer by layer."""
    parts = [HEAD]
    for layer in LAYERS:
        parts += [_section(tables[name]) for name in sorted(tables) if tables[name].layer == layer]
        parts += [_rejected_rows()] if layer == "raw" else []
    return "\n".join(parts)


def feature_page(*contracts: FeatureContract) -> str:
    """Return the page of feature contracts: stamp, meaning of NULL, and every column."""
    parts = [FEATURES_HEAD]
    for contract in contracts:
        optional = [f"`{name}`" for name in contract.names if name not in contract.required]
        parts.append(
            f"## {contract.name}\n\n{len(contract)} features, hash `{contract.hash}`: rows and models carry "
            f"`{contract.stamp}`, and a model of another hash is refused.\n\n"
            f"A value that is not known is NULL; nothing is filled in. {len(contract.required)} features are required: "
            f"without one of them a row's quality score is at most 69, without five at most 49. {len(optional)} are "
            f"optional: {', '.join(optional)}.\n\n{contract.markdown()}\n"
        )
    return "\n".join(parts)


def _rejected_rows() -> str:
    grain = ", ".join(f"`{name}`" for name in REJECTED_ROWS.grain)
    facts = f"Grain: {grain}; stored by `game_date`, by the load of each raw table; expected rows: none."
    return f"## {REJECTED_ROWS.key}\n{REJECTED_ROWS.description}\n\n{facts}\n\n{REJECTED_ROWS.markdown()}\n"


def _section(table: Table) -> str:
    contract = table.contract
    stored = f"by `{contract.partition}`" if contract.partition else "whole"
    reads = ", ".join(f"`{name}`" for name in table.reads) or "the source"
    grain = ", ".join(f"`{name}`" for name in contract.grain)
    facts = f"Grain: {grain}; stored {stored}; expected rows: {table.expected_rows}; reads {reads}."
    return f"## {contract.key}\n{contract.description}\n\n{facts}\n\n{contract.markdown()}\n"


PAGES = {
    "tables": lambda: catalogue(TABLES),
    "features": lambda: feature_page(BASE, EXTENDED),
    "variables": lambda: "".join(f"{variable.row}\n" for variable in VARIABLES),
}

if __name__ == "__main__":
    sys.stdout.write(PAGES[(sys.argv[1:] or ["tables"])[0]]())
