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


def _ordered(rows: pd.DataFrame, order: list[str]) -> pd.DataFrame:
    by = [*order, *(name for name in rows.columns if name not in order)]
    return rows.sort_values(by, kind="stable", na_position="first").reset_index(drop=True)
