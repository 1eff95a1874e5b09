"""The commands by subject; `nba_platform.cli.main` puts them together.

Commands import the platform when they run: help answers at once, while Dagster takes a second to import.
"""
