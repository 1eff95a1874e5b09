"""Backfills: which partitions are missing or stale, in which runs they are computed, and how these resume."""
