"""Validation of delivered facts: types, formats and duplicates."""
