"""A run launcher that can report that the process of a run is gone.

Dagster 1.13.27 reads the health of a run from the launcher, and the default one cannot check it: a killed run stays "in
progress" for ever, and with one run at a time nothing else starts. The answer costs one look at `/proc` for each run
that is in progress, every 30 s.
"""

from collections.abc import Callable

import dagster as dg
from dagster._core.launcher.base import CheckRunHealthResult
from dagster._core.launcher.base import WorkerStatus as WorkerStatus


class HealthCheckedRunLauncher(dg.DefaultRunLauncher):
    """The default launcher with a health check: `failure_cause` returns why a run cannot be in progress any more."""

    failure_cause: Callable[[dg.DagsterInstance, dg.RunRecord], str | None]

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Make the daemon call `check_run_worker_health` for every run in progress."""
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Report a run as failed if `failure_cause` finds a reason."""
        record = self._instance.get_run_record_by_id(run.run_id)
        cause = self.failure_cause(self._instance, record) if record else None
        return CheckRunHealthResult(WorkerStatus.FAILED, cause) if cause else CheckRunHealthResult(WorkerStatus.RUNNING)
