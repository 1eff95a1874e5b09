"""Names of the metadata that a write adds to the record of what it stored."""

ROWS = "dagster/partition_row_count"
ROWS_OF_WHOLE = "dagster/row_count"
FINGERPRINT, SHIFTS = "fingerprint", "columns that shifted"
DIFFERENCES = ADDED, REMOVED, CHANGED = "rows added", "rows removed", "rows changed"
