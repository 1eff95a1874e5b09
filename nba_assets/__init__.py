"""Every table, one module each, by layer; `kit` is how a table is written."""
