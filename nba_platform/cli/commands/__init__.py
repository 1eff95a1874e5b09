"""The commands, by what they are about; `nba_platform.cli.main` puts them together.

Imports of the platform are inside the commands: help must answer at once, and the engine takes a second to wake up.
"""
