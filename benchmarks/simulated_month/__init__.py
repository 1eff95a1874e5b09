"""A month of the platform under faults, played by `benchmarks/month.py`: clock, league, faults, days, invariants."""
