"""Inference: forecasts, their distribution, recommendations and explanations."""
