"""Old name of `nba_platform.orchestration.run_health`, for saved `dagster.yaml` files; goes with version 0.3."""

from nba_platform.orchestration.run_health import WatchedRunLauncher as WatchedRunLauncher
