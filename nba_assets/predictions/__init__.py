"""Phase 5: features, models, forecasts and their grades."""
