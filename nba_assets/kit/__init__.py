"""How to write a table: the declaration, the calendar and the only doors to other tables."""
