"""Checks that nothing is missing: coverage, layers, freshness, forecasts, preflight."""
