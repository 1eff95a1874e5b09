"""Schedules, sensors, automation, backfills and the health of runs: when and how tables are computed."""
