"""Tables that a test declares to be stored and counted; nobody computes them."""

from collections.abc import Mapping
from typing import Any

import ibis.expr.types as ir

from nba_assets.kit.table import Table, table
from nba_resources.warehouse.contract import Column


def declared(name: str, dataset: str, grain: list[str], columns: Mapping[str, Column], **kept: Any) -> Table:
    def rows() -> ir.Table:
        raise AssertionError(f"{name} is only stored and counted, never computed")

    rows.__name__ = name
    return table(dataset=dataset, grain=grain, columns=columns, **kept)(rows)
