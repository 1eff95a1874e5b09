"""Dates that are found in a list, for the UI: the stock calendar works out whether each of them exists.

That takes 3 s for a table over five seasons, and is asked of every table of a run each time the graph is shown.
"""

from collections.abc import Set
from functools import lru_cache

import dagster as dg


class KnownDates(dg.TimeWindowPartitionsDefinition):
    """The same partitions under the same name; those that exist once exist for good, so the list may be kept."""

    def filter_valid_partition_keys(self, partition_keys: set[str]) -> Set[str]:
        """Only what is not in the list is worked out: a day that has come since, or none."""
        known = _listed(self) & partition_keys
        return known | super().filter_valid_partition_keys(partition_keys - known)


def known_dates(partitions: dg.PartitionsDefinition | None) -> dg.PartitionsDefinition | None:
    """Partitions by time, found in a list; any others as they are."""
    if not isinstance(partitions, dg.TimeWindowPartitionsDefinition):
        return partitions
    return KnownDates(
        start=partitions.start_ts,
        end=partitions.end_ts,
        fmt=partitions.fmt,
        timezone=partitions.timezone,
        end_offset=partitions.end_offset,
        cron_schedule=partitions.cron_schedule,
        exclusions=partitions.exclusions,
    )


@lru_cache(maxsize=8)
def _listed(partitions: KnownDates) -> frozenset[str]:
    return frozenset(partitions.get_partition_keys())
