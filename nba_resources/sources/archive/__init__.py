"""The archive of past seasons in Parquet or CSV files."""
