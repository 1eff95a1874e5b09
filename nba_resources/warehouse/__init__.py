"""Where tables are kept: one contract for each, one interface over every engine."""
