"""Old name of `nba_platform.dagster_compat.postgres_storage`, for saved `dagster.yaml` files; goes with version 0.3."""

from nba_platform.dagster_compat.postgres_storage import PostgresRecords as PostgresRecords
