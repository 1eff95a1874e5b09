"""The frame of checks: one result for each date, expected and stored counts, results read from the log."""
