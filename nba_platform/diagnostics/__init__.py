"""Checks of an installation and of a planned backfill, and the history of runs."""
