"""Reference tables: players, seasons, birth dates and unresolved names."""
