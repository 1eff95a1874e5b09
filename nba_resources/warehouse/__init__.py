"""Storage of tables: one contract for each table, one interface for every engine."""
