"""BigQuery jobs that run exactly once, even when requests or responses are lost.

A request may be lost after BigQuery accepted it. So we choose the id of every job: BigQuery refuses a repeated id, and
the first job is used. A job that failed inside BigQuery left nothing behind, so it is started again under a new id.
"""

import io
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from google.api_core.exceptions import Conflict, GoogleAPICallError, RetryError
from google.api_core.retry import Retry, if_exception_type
from google.auth.exceptions import TransportError
from google.cloud import bigquery
from google.cloud.bigquery.table import RowIterator
from requests import ConnectionError as CutConnection
from requests import Timeout
from requests.exceptions import ChunkedEncodingError, SSLError

from nba_resources.warehouse.bigquery.sql import STAGING, Parameter, schema_of

_TEMPORARY_CODES = (429, 500, 502, 503, 504)
_TEMPORARY_REASONS = ("backendError", "internalError", "rateLimitExceeded", "jobBackendError", "jobRateLimitExceeded")
_CONCURRENT_WRITE = ("aborted due to concurrent update", "Transaction conflict", "Conflict on tuple")
_CONNECTION_ERRORS = (ConnectionError, CutConnection, Timeout, ChunkedEncodingError, TransportError)

Job = bigquery.QueryJob | bigquery.LoadJob


class JobFailed(RuntimeError):
    """A job failed for a temporary reason that is not in the statement."""


@dataclass
class Jobs:
    """Runs the jobs of one read or write; `spent` adds up their cost."""

    client: bigquery.Client
    labels: Mapping[str, str]
    patience_seconds: float
    answer_seconds: float
    max_bytes_billed: int
    spent: dict[str, int] = field(default_factory=lambda: {"bytes billed": 0, "slot milliseconds": 0})
    temporary_tables: list[str] = field(default_factory=list)

    def temporary_table(self, stem: str) -> str:
        """Return a unique name in the staging dataset; the table is dropped after the read or write."""
        self.temporary_tables.append(f"{stem}_{uuid.uuid4().hex}")
        return self.temporary_tables[-1]

    def drop_temporary_tables(self) -> None:
        """Drop them all; one that cannot be dropped expires by itself."""
        for name in self.temporary_tables:
            with suppress(GoogleAPICallError, RetryError):
                table = f"{self.client.project}.{STAGING}.{name}"
                self.client.delete_table(table, not_found_ok=True, retry=self.retry)

    def query(self, statement: str, parameters: Sequence[Parameter] = ()) -> RowIterator:
        """Return the rows of a statement, or of the last statement of a script."""
        return self._query(statement, parameters).result(retry=self.retry, job_retry=None)

    def change(self, statement: str, parameters: Sequence[Parameter] = ()) -> int:
        """Run a statement and return how many rows it changed."""
        return int(self._query(statement, parameters).num_dml_affected_rows or 0)

    def load(self, rows: pa.Table, columns: ibis.Schema, into: str) -> None:
        """Create a table from the rows with one load job and explicit types."""
        config = bigquery.LoadJobConfig(
            schema=schema_of(columns),
            source_format=bigquery.SourceFormat.PARQUET,
            write_disposition=bigquery.WriteDisposition.WRITE_EMPTY,
            labels=dict(self.labels),
        )
        config.parquet_options = bigquery.ParquetOptions()
        config.parquet_options.enable_list_inference = True
        file = io.BytesIO()
        pq.write_table(rows, file)

        def send(job_id: str) -> bigquery.LoadJob:
            return self.client.load_table_from_file(
                file, into, rewind=True, job_id=job_id, job_config=config, num_retries=0, timeout=self.answer_seconds
            )

        self._run(self.retry(send))

    def estimate_bytes(self, statement: str) -> int:
        """Return the bytes a query would read; this dry run is free."""
        config = bigquery.QueryJobConfig(dry_run=True, use_query_cache=False, labels=dict(self.labels))
        job = self.client.query(statement, job_config=config, retry=self.retry, job_retry=None)
        return int(job.total_bytes_processed or 0)

    @property
    def retry(self) -> Retry:
        """Retry policy of requests that may be sent twice."""
        return self._retry_while(_is_temporary)

    def _query(self, statement: str, parameters: Sequence[Parameter]) -> Any:
        config = bigquery.QueryJobConfig(query_parameters=parameters, labels=dict(self.labels))
        if self.max_bytes_billed:
            config.maximum_bytes_billed = self.max_bytes_billed

        def start(job_id: str) -> bigquery.QueryJob:
            return self.client.query(
                statement,
                job_config=config,
                job_id=job_id,
                retry=self.retry,
                job_retry=None,
                timeout=self.answer_seconds,
            )

        job: Any = self._run(start)
        self.spent["bytes billed"] += job.total_bytes_billed or 0
        self.spent["slot milliseconds"] += job.slot_millis or 0
        return job

    def _run(self, start: Callable[[str], Job]) -> Job:
        return self._retry_while(if_exception_type(JobFailed))(self._run_once)(start)

    def _run_once(self, start: Callable[[str], Job]) -> Job:
        job_id = f"nba_{uuid.uuid4().hex}"
        try:
            try:
                job: Any = start(job_id)
            except Conflict as conflict:
                if job_id not in str(conflict):
                    raise
                job = self.client.get_job(job_id, retry=self.retry, timeout=self.answer_seconds)
            pause = 0.2
            while not job.done(retry=self.retry, timeout=self.answer_seconds):
                time.sleep(pause)
                pause = min(2 * pause, 5)
        except GoogleAPICallError as error:
            if _is_concurrent_write(str(error)):
                raise JobFailed(str(error)) from error
            raise
        failure = job.error_result or {}
        if failure.get("reason") in _TEMPORARY_REASONS or _is_concurrent_write(str(failure.get("message"))):
            raise JobFailed(f"{failure.get('message')} ({failure.get('reason')})")
        return job

    def _retry_while(self, predicate: Callable[[Exception], bool]) -> Retry:
        return Retry(predicate=predicate, initial=0.1, maximum=20, timeout=self.patience_seconds)


def _is_temporary(error: Exception) -> bool:
    if isinstance(error, GoogleAPICallError):
        reasons = {detail.get("reason") for detail in error.errors or [] if isinstance(detail, Mapping)}
        return error.code in _TEMPORARY_CODES or bool(reasons.intersection(_TEMPORARY_REASONS))
    return isinstance(error, _CONNECTION_ERRORS) and not isinstance(error, SSLError)


def _is_concurrent_write(message: str) -> bool:
    return any(text in message for text in _CONCURRENT_WRITE)
