"""Checks that rows make sense: box scores add up, features vary, names have a player, providers agree."""
