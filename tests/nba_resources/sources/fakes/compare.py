"""Compare the rows of two sources in any order."""

from collections.abc import Mapping

import pandas as pd

from nba_resources.sources.feeds import FEEDS


def assert_same_rows(
    rows: pd.DataFrame, expected: pd.DataFrame, feed: str, lacks: tuple[str, ...] = (), own: Mapping[str, object] = {}
) -> None:
    """Every field agrees, except those the provider `lacks`, which are NULL, and those with a value of its `own`."""
    assert len(expected), "nothing to compare"
    for name in lacks:
        assert rows[name].isna().all(), name
    for name, value in own.items():
        assert (rows[name] == value).all(), name
    left_out = [*lacks, *own]
    order = [name for name in FEEDS[feed].key or FEEDS[feed].fields if name not in left_out]
    one, other = (_ordered(table.drop(columns=left_out), order) for table in (rows, expected))
    pd.testing.assert_frame_equal(one, other, check_exact=False, rtol=0, atol=1e-9, check_dtype=False)


def assert_same_shots(rows: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Every field of the bulk releases' shots agrees; distances are worked out from rounded places, and may be off."""
    distance = ((expected.x.pow(2) + (expected.y - 5.25).pow(2)).pow(0.5) + 1e-6).astype(int)
    assert (distance - expected.distance_ft).abs().max() <= 1
    assert_same_rows(rows, expected.assign(distance_ft=distance), "shots", ("zone_basic",))


def _ordered(rows: pd.DataFrame, order: list[str]) -> pd.DataFrame:
    by = [*order, *(name for name in rows.columns if name not in order)]
    return rows.sort_values(by, kind="stable", na_position="first").reset_index(drop=True)
