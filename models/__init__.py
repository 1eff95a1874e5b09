"""Prediction systems, their training and their evaluation, as plain Python on frames without Dagster."""
