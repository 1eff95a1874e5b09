"""How much of what a row should rest on was there: the same four-column answer in every table that looks back."""

from collections.abc import Mapping
from typing import Any

import ibis
import ibis.expr.types as ir

from nba_resources.warehouse.contract import Column, flag, integer, number, texts

READY_FROM = 0.70

READINESS: Mapping[str, Column] = {
    "expected_count": integer("What should be there", 0),
    "actual_count": integer("What was there", 0),
    "completeness": number("Actual / expected; NULL when nothing was expected", 0, 1, null=True),
    "is_production_ready": flag("Complete enough, and so is everything it was made of"),
    "readiness_reasons": texts("What is lacking; empty when ready"),
}


def readiness(
    expected: ir.IntegerValue, actual: ir.IntegerValue, upstream: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The readiness block; `upstream` tells by name whether each row this one was made of is itself ready.

    Nothing expected is not ready either: an average of no games is no average.
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
