"""Old name of `nba_platform.dagster_compat.event_log`, for saved `dagster.yaml` files; goes with version 0.3."""

from nba_platform.dagster_compat.event_log import KeptOpenEventLog as KeptOpenEventLog
