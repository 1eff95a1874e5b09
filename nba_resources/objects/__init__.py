"""Stores of files: a folder, any fsspec address, or a bucket."""
