"""The readiness columns: how much of a row's expected input was there."""

from collections.abc import Mapping
from typing import Any

import ibis
import ibis.expr.types as ir

from nba_resources.warehouse.contract import Column, flag, integer, number, texts

READY_FROM = 0.70

READINESS: Mapping[str, Column] = {
    "expected_count": integer("Number of expected inputs", 0),
    "actual_count": integer("Number of inputs found", 0),
    "completeness": number("Actual / expected; NULL when nothing was expected", 0, 1, null=True),
    "is_production_ready": flag("Complete enough, and all upstream rows are ready"),
    "readiness_reasons": texts("Reasons for not being ready; empty when ready"),
}


def readiness(
    expected: ir.IntegerValue, actual: ir.IntegerValue, upstream: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the readiness columns; `upstream` holds by name whether each upstream row is ready.

    A row with nothing expected is not ready: it would be an average of no games.
    """
    completeness = actual / expected.nullif(0)
    hundredths = ((completeness * 100).floor().cast("int64") + 100).cast("string").substr(1, 2)
    own = completeness.isnull().ifelse("own:nothing expected", "own:0." + hundredths)
    reasons: list[Any] = [((completeness >= READY_FROM).ifelse(True, False)).ifelse(None, own)]
    reasons += [
        ready.isnull().ifelse(f"upstream:{name} missing", ready.ifelse(None, f"upstream:{name}"))
        for name, ready in (upstream or {}).items()
    ]
    lacking = ibis.array(reasons).filter(lambda reason: reason.notnull())
    return {
        "expected_count": expected,
        "actual_count": actual,
        "completeness": completeness,
        "is_production_ready": lacking.length() == 0,
        "readiness_reasons": lacking,
    }
