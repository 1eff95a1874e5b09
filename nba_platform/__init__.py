"""The roof: puts assets, checks and resources together. Nobody imports it."""
