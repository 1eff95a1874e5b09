"""The roof: puts assets, checks and resources together. Nobody imports it."""

import gc

# New objects until the next collection: Python's 700 are a fraction of one event of Dagster, and to look for garbage
# among modules that are being imported took a quarter of their time
gc.set_threshold(50_000)
