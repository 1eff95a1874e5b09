"""Every private name of Dagster that is used, one module for each reason. It imports nothing else of ours."""
