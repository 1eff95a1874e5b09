"""Jobs on BigQuery that happen once, whatever the network does.

A request may be lost after BigQuery took it. So every job carries an id of ours: sent again, the first one is found. A
job that ended in an error of BigQuery's own left nothing behind, and is begun again under another id.
"""

import io
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from google.api_core.exceptions import Conflict, GoogleAPICallError
from google.api_core.retry import Retry, if_exception_type
from google.auth.exceptions import TransportError
from google.cloud import bigquery
from google.cloud.bigquery.table import RowIterator
from requests import ConnectionError as CutConnection
from requests import Timeout
from requests.exceptions import ChunkedEncodingError, SSLError

from nba_resources.warehouse.bigquery.sql import schema_of

_PASSING_CODES = (429, 500, 502, 503, 504)
_PASSING_REASONS = ("backendError", "internalError", "rateLimitExceeded", "jobBackendError", "jobRateLimitExceeded")
_BESIDE_ANOTHER_WRITER = ("aborted due to concurrent update", "Transaction conflict", "Conflict on tuple")
_LOST = (ConnectionError, CutConnection, Timeout, ChunkedEncodingError, TransportError)

Parameter = bigquery.ScalarQueryParameter | bigquery.ArrayQueryParameter
Job = bigquery.QueryJob | bigquery.LoadJob


class _Unfinished(Exception):
    """The job has not ended yet."""


class JobFailed(RuntimeError):
    """A job ended in an error that is not the statement's fault."""


@dataclass
class Jobs:
    """One client, the labels of its jobs, how long to try, and what was spent."""

    client: bigquery.Client
    labels: Mapping[str, str]
    patience_seconds: float
    answer_seconds: float
    max_bytes_billed: int
    spent: dict[str, int] = field(default_factory=lambda: {"bytes billed": 0, "slot milliseconds": 0})

    def query(self, statement: str, parameters: Sequence[Parameter] = ()) -> RowIterator:
        """The rows of a statement, or of a script's last one."""
        return self._query(statement, parameters).result(retry=self.retry, job_retry=None)

    def change(self, statement: str, parameters: Sequence[Parameter] = ()) -> int:
        """How many rows a statement changed."""
        return int(self._query(statement, parameters).num_dml_affected_rows or 0)

    def load(self, rows: pa.Table, columns: ibis.Schema, into: str) -> None:
        """One load job with explicit types into a table that does not exist yet: never row by row."""
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

    def foreseen(self, statement: str) -> int:
        """The bytes a query would read, which costs nothing to ask."""
        config = bigquery.QueryJobConfig(dry_run=True, use_query_cache=False, labels=dict(self.labels))
        job = self.client.query(statement, job_config=config, retry=self.retry, job_retry=None)
        return int(job.total_bytes_processed or 0)

    @property
    def retry(self) -> Retry:
        """For requests that may be sent twice: until they are answered, or patience ends."""
        return self._patient(_passes)

    def _query(self, statement: str, parameters: Sequence[Parameter]) -> Any:
        config = bigquery.QueryJobConfig(query_parameters=parameters, labels=dict(self.labels))
        if self.max_bytes_billed:
            config.maximum_bytes_billed = self.max_bytes_billed

        def begin(job_id: str) -> bigquery.QueryJob:
            return self.client.query(
                statement,
                job_config=config,
                job_id=job_id,
                retry=self.retry,
                job_retry=None,
                timeout=self.answer_seconds,
            )

        job: Any = self._run(begin)
        self.spent["bytes billed"] += job.total_bytes_billed or 0
        self.spent["slot milliseconds"] += job.slot_millis or 0
        return job

    def _run(self, begin: Callable[[str], Job]) -> Job:
        return self._patient(if_exception_type(JobFailed))(self._once)(begin)

    def _once(self, begin: Callable[[str], Job]) -> Job:
        """One id, one effect: sent again after a lost answer, BigQuery refuses the id and the first job is ours."""
        job_id = f"nba_{uuid.uuid4().hex}"
        try:
            job: Any = self._begun(begin, job_id)
            self._wait_for(job)
        except GoogleAPICallError as error:
            if _is_beside_another_writer(str(error)):
                raise JobFailed(str(error)) from error
            raise
        failure = job.error_result or {}
        if failure.get("reason") in _PASSING_REASONS or _is_beside_another_writer(str(failure.get("message"))):
            raise JobFailed(f"{failure.get('message')} ({failure.get('reason')})")
        return job

    def _begun(self, begin: Callable[[str], Job], job_id: str) -> Any:
        try:
            return begin(job_id)
        except Conflict as taken:
            if job_id not in str(taken):
                raise
            return self.client.get_job(job_id, retry=self.retry, timeout=self.answer_seconds)

    def _wait_for(self, job: Job) -> None:
        def look() -> None:
            if not job.done(retry=self.retry, timeout=self.answer_seconds):
                raise _Unfinished

        Retry(predicate=if_exception_type(_Unfinished), initial=0.2, maximum=5, timeout=None)(look)()

    def _patient(self, predicate: Callable[[Exception], bool]) -> Retry:
        return Retry(predicate=predicate, initial=0.1, maximum=20, timeout=self.patience_seconds)


def _passes(error: Exception) -> bool:
    """Whether the same request may succeed in a moment."""
    if isinstance(error, GoogleAPICallError):
        reasons = {told.get("reason") for told in error.errors or [] if isinstance(told, Mapping)}
        return error.code in _PASSING_CODES or bool(reasons.intersection(_PASSING_REASONS))
    return isinstance(error, _LOST) and not isinstance(error, SSLError)


def _is_beside_another_writer(message: str) -> bool:
    return any(sign in message for sign in _BESIDE_ANOTHER_WRITER)
