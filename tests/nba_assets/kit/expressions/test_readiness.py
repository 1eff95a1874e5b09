from typing import Any

import ibis
import pytest

from nba_assets.kit.expressions.readiness import READINESS, readiness


def ready(expected: int, actual: int, **upstream: bool | None) -> dict[str, Any]:
    counts = {"expected": "int64", "actual": "int64"} | dict.fromkeys(upstream, "boolean")
    rows = ibis.memtable([{"expected": expected, "actual": actual, **upstream}], schema=ibis.schema(counts))
    block = readiness(rows.expected, rows.actual, {name: rows[name] for name in upstream})
    assert set(block) == set(READINESS)
    found = rows.select(**block).execute().iloc[0].to_dict()
    return found | {"readiness_reasons": list(found["readiness_reasons"])}


@pytest.mark.parametrize(
    ("expected", "actual", "share", "reasons"),
    [
        (10, 10, 1.0, []),
        (10, 7, 0.7, []),
        (20, 14, 0.7, []),
        (10, 6, 0.6, ["own:0.60"]),
        (15, 10, 10 / 15, ["own:0.66"]),
        (22, 1, 1 / 22, ["own:0.04"]),
        (10, 0, 0.0, ["own:0.00"]),
    ],
)
def test_seven_tenths_of_what_should_be_there_are_enough(expected: int, actual: int, share: float, reasons: list[str]):
    found = ready(expected, actual)
    assert found["completeness"] == pytest.approx(share, abs=1e-12)
    assert found["is_production_ready"] == (not reasons)
    assert found["readiness_reasons"] == reasons


def test_where_nothing_is_expected_nothing_is_ready():
    found = ready(0, 0)
    assert found["completeness"] is None or found["completeness"] != found["completeness"]
    assert not found["is_production_ready"]
    assert found["readiness_reasons"] == ["own:nothing expected"]


def test_every_upstream_row_that_is_not_ready_is_named_and_an_absent_one_told_apart():
    found = ready(10, 10, context=True, zones=False, cache=None)
    assert not found["is_production_ready"]
    assert found["readiness_reasons"] == ["upstream:zones", "upstream:cache missing"]


def test_own_and_upstream_reasons_are_told_together():
    assert ready(10, 5, zones=False)["readiness_reasons"] == ["own:0.50", "upstream:zones"]


def test_the_share_told_is_never_more_than_there_was_nor_a_hundredth_less():
    pairs = [{"expected": expected, "actual": actual} for expected in range(1, 34) for actual in range(expected)]
    rows = ibis.memtable(pairs)
    found = rows.mutate(**readiness(rows.expected, rows.actual, {})).execute().to_dict("records")
    assert len(found) == 33 * 34 / 2
    for row in found:
        for reason in row["readiness_reasons"]:
            assert reason == f"own:0.{100 * row['actual'] // row['expected']:02}"
