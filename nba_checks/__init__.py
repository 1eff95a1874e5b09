"""Checks of the stored tables: complete against the schedule, free of leaks, consistent, fit to publish."""
