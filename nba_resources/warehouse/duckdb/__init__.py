"""A warehouse in one DuckDB file, and how processes share it."""
