"""Expressions and their SQL: compiled once, the dates rendered into it."""
