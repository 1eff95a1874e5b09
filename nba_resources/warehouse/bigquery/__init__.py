"""The BigQuery warehouse: statements, jobs and the client."""
