"""Evaluation of stored forecasts: comparisons, scores, betting records, charts."""
