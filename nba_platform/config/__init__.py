"""Settings from the environment, and the warehouse, files and source they choose."""
