"""Rows of two sources side by side, whatever order they came in."""

from collections.abc import Mapping

import pandas as pd

from nba_resources.sources.feeds import FEEDS


def assert_same_rows(
    found: pd.DataFrame, expected: pd.DataFrame, feed: str, lacks: tuple[str, ...] = (), told: Mapping[str, object] = {}
) -> None:
    """Every field agrees, but for those the provider `lacks`, which are NULL, and those it has `told` by its own."""
    assert len(expected), "nothing to compare"
    for name in lacks:
        assert found[name].isna().all(), name
    for name, value in told.items():
        assert (found[name] == value).all(), name
    left_out = [*lacks, *told]
    order = [name for name in FEEDS[feed].key or FEEDS[feed].fields if name not in left_out]
    one, other = (_ordered(rows.drop(columns=left_out), order) for rows in (found, expected))
    pd.testing.assert_frame_equal(one, other, check_exact=False, rtol=0, atol=1e-9, check_dtype=False)


def _ordered(rows: pd.DataFrame, order: list[str]) -> pd.DataFrame:
    by = [*order, *(name for name in rows.columns if name not in order)]
    return rows.sort_values(by, kind="stable", na_position="first").reset_index(drop=True)
