"""The kit for declaring tables and exports: calendar, history, declarations and their assets."""
