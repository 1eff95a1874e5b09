"""A warehouse on BigQuery, for production.

BigQuery computes and stores SQL tables itself; rows made in Python are loaded by load jobs. A write stages the rows,
validates them, and moves them in one transaction.
"""

import datetime as dt
import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import ibis
import pandas as pd
import pyarrow as pa
from dagster_gcp import BigQueryResource
from google.api_core.exceptions import BadRequest, Forbidden, GoogleAPICallError, NotFound, RetryError
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import GoogleAuthError
from google.cloud import bigquery
from pydantic import PrivateAttr

from nba_resources.dates import DateRange
from nba_resources.warehouse import contract_checks as checks
from nba_resources.warehouse.base import NOWHERE, RUN, Rejected, Warehouse, WarehouseUnavailable
from nba_resources.warehouse.bigquery import sql as sql
from nba_resources.warehouse.bigquery.jobs import Jobs
from nba_resources.warehouse.changes import Written, written
from nba_resources.warehouse.contract import Contract, ContractBroken
from nba_resources.warehouse.packed_rows import PackedRows
from nba_resources.warehouse.sql.statements import InMemory, Rows, Statement, compile_sql
from nba_resources.warehouse.sql.templates import TemplateFolder

DIALECT = "bigquery"
_NOT_IN_A_LABEL = re.compile(r"[^a-z0-9_-]")
_LABEL_LENGTH = 63
_QUOTA = {"quotaExceeded", "billingTierLimitExceeded", "rateLimitExceeded"}
_TOO_MANY_BYTES = "bytesBilledLimitExceeded"


class BigQueryWarehouse(dg.ConfigurableResource, Warehouse):
    """Tables in a project, one dataset for each layer; `endpoint` is empty for the real service."""

    project: str
    templates: str = ""
    location: str = "US"
    endpoint: str = ""
    max_bytes_billed: int = 0
    patience_seconds: float = 300.0
    answer_seconds: float = 120.0
    _last: threading.local = PrivateAttr(default_factory=threading.local)

    def replace(
        self,
        contract: Contract,
        dates: DateRange | None,
        rows: Rows,
        rejected: Rejected | None = None,
        where: Mapping[str, str] = NOWHERE,
    ) -> Written:
        """Replace all dates in one transaction: a half-written range looks like data, which is worse than a gap."""
        statement = self._statement(rows)
        with self._jobs(statement.reads, contract, dates) as jobs:
            staged = self._stage(jobs, contract, dates, statement, rejected)
            kept = None
            if (units := checks.kept_units(contract, rejected)) is not None:
                kept = self._load_frame(jobs, units)
            try:
                found = jobs.query(sql.replace(contract, staged, dates, kept, where))
            except BadRequest as error:
                if sql.STORED_ELSEWHERE in str(error):
                    elsewhere = jobs.query(sql.stored_elsewhere(contract, staged, dates))
                    checks.check_stored_keys(contract, _tuples(elsewhere))
                raise
            return written(contract, sql.ENGINE, _tuples(found))

    def append(self, contract: Contract, dates: DateRange, rows: Rows, rejected: Rejected | None = None) -> Written:
        """Add rows with new keys; stored rows keep their facts, since a line offered in the past cannot change."""
        statement = self._statement(rows)
        with self._jobs(statement.reads, contract, dates) as jobs:
            staged = self._stage(jobs, contract, dates, statement, rejected)
            return written(contract, sql.ENGINE, _tuples(jobs.query(sql.append(contract, staged, dates))))

    def update(self, contract: Contract, keys: Mapping[str, object], values: Mapping[str, object]) -> int:
        """Validate a staged copy first, so that values which break the contract change nothing."""
        checks.check_columns_exist(contract, (*keys, *values))
        parameters = sql.make_parameters(contract, "key", keys) + sql.make_parameters(contract, "new", values)
        with self._jobs([contract.key], contract) as jobs:
            staged = jobs.temporary_table(contract.name)
            jobs.query(sql.stage(contract, staged, sql.changed(contract, keys, values)), parameters)
            schema = ibis.schema(contract.staged_types(contract.schema))
            checks.check_rows(contract, schema, None, self._run_query(jobs, staged))
            return jobs.change(sql.update(contract, keys, values), parameters)

    def read(self, rows: Rows) -> pd.DataFrame:
        """Convert the result with DuckDB, so that both warehouses return the same pandas types."""
        statement = self._statement(rows)
        with self._jobs(statement.reads) as jobs, duckdb.connect() as con:
            result = jobs.query(self._sql(jobs, statement)).to_arrow(create_bqstorage_client=not self.endpoint)
            con.execute("SET TimeZone = 'UTC'")
            schema = statement.schema
            return con.from_arrow(result.rename_columns(schema.names).cast(schema.to_pyarrow())).df()

    def results(self, statements: Sequence[str]) -> list[list[tuple[Any, ...]]]:
        """Run each statement as a job; tables without a project are those of the client's."""
        with self._jobs() as jobs:
            return [_tuples(jobs.query(statement)) for statement in statements]

    def stored(self, keys: Iterable[str]) -> set[str]:
        """List each dataset once."""
        keys, stored = {*keys}, set()
        with self._jobs() as jobs:
            for dataset in sorted({key.partition(".")[0] for key in keys}):
                try:
                    tables = [*jobs.client.list_tables(f"{self.project}.{dataset}", retry=jobs.retry)]
                except NotFound:
                    continue
                stored |= {f"{dataset}.{table.table_id}" for table in tables}
        return keys & stored

    def cost(self) -> Mapping[str, int]:
        """Return the cost of the last write of this thread: estimated by a dry run, then billed."""
        return getattr(self._last, "spent", {})

    @contextmanager
    def client(self) -> Iterator[bigquery.Client]:
        """Yield a client of the project; an emulator gets no credentials."""
        if self.endpoint:
            options, anonymous = {"api_endpoint": self.endpoint}, AnonymousCredentials()
            yield bigquery.Client(self.project, anonymous, location=self.location, client_options=options)
        else:
            with BigQueryResource(project=self.project, location=self.location).get_client() as client:
                yield client

    @contextmanager
    def _jobs(
        self, reads: Iterable[str] = (), contract: Contract | None = None, dates: DateRange | None = None
    ) -> Iterator[Jobs]:
        """Yield a client for jobs labelled with what they write; drop their temporary tables at the end."""
        labels = {"table": contract.key if contract else "", "run": RUN.get()}
        labels |= {"start": f"{dates.start}", "end": f"{dates.end}"} if dates else {}
        labels = {name: _NOT_IN_A_LABEL.sub("-", value.lower())[:_LABEL_LENGTH] for name, value in labels.items()}
        labels = {name: value for name, value in labels.items() if value}
        with _explained_errors(self.project, reads), self.client() as client, closing(client):
            jobs = Jobs(client, labels, self.patience_seconds, self.answer_seconds, self.max_bytes_billed)
            if contract:
                self._last.spent = jobs.spent
            try:
                yield jobs
            finally:
                jobs.drop_temporary_tables()

    def _stage(
        self, jobs: Jobs, contract: Contract, dates: DateRange | None, rows: Statement, rejected: Rejected | None
    ) -> str:
        """Write the sound rows to a staging table and return its name."""
        statement = rows.cast(contract, DIALECT)
        self._create(jobs, contract)
        for frame in statement.frames.values():
            _check_null_lists(contract, _unpacked(frame))
        select = self._sql(jobs, statement)
        jobs.spent["bytes foreseen"] = jobs.estimate_bytes(select)
        name = jobs.temporary_table(contract.name)
        others = [column for column in statement.schema if column not in contract.columns]
        try:
            jobs.query(sql.stage(contract, name, select, others))
        except BadRequest as error:
            for column in contract.columns:
                if sql.null_list(contract, column) in str(error):
                    raise ContractBroken(sql.null_list(contract, column)) from None
            raise
        run_query = self._run_query(jobs, name)
        if checks.check_rows(contract, statement.schema, dates, run_query, may_set_aside=rejected is not None):
            return name
        assert rejected is not None
        judged = checks.judged(contract, ibis.table(statement.schema, name=name, database=sql.STAGING))
        checks.collect(contract, judged, run_query, rejected)
        sound = jobs.temporary_table(contract.name)
        jobs.query(sql.stage(contract, sound, compile_sql(checks.sound(contract, judged), DIALECT)))
        return sound

    def _statement(self, rows: Rows) -> Statement:
        return Statement.of(rows, DIALECT, TemplateFolder(Path(self.templates)) if self.templates else None)

    def _run_query(self, jobs: Jobs, staged: str) -> checks.RunQuery:
        tables = {checks.STAGED: staged}
        return lambda rows: _tuples(jobs.query(sql.with_staging_tables(self._statement(rows).sql, tables)))

    def _sql(self, jobs: Jobs, statement: Statement) -> str:
        """Return the SQL over temporary tables, into which the tables in memory are loaded."""
        tables = {name: self._load_frame(jobs, _unpacked(frame)) for name, frame in statement.frames.items()}
        return sql.with_staging_tables(statement.sql, tables)

    def _load_frame(self, jobs: Jobs, frame: pa.Table) -> str:
        """Load an in-memory frame into a temporary table and return its name."""
        self._create_dataset(jobs, sql.STAGING)
        name = jobs.temporary_table("frame")
        jobs.load(frame, ibis.Schema.from_pyarrow(frame.schema), f"{self.project}.{sql.STAGING}.{name}")
        return name

    def _create(self, jobs: Jobs, contract: Contract) -> None:
        try:
            stored = jobs.client.get_table(f"{self.project}.{contract.key}", retry=jobs.retry)
        except NotFound:
            self._create_dataset(jobs, sql.STAGING)
            self._create_dataset(jobs, contract.dataset)
            jobs.client.create_table(sql.table_of(contract, self.project), exists_ok=True, retry=jobs.retry)
        else:
            checks.check_stored_columns(contract, [column.name for column in stored.schema])

    def _create_dataset(self, jobs: Jobs, name: str) -> None:
        dataset = bigquery.Dataset(f"{self.project}.{name}")
        dataset.location = self.location
        if name == sql.STAGING:
            dataset.default_table_expiration_ms = sql.STAGED_FOR // dt.timedelta(milliseconds=1)
        jobs.client.create_dataset(dataset, exists_ok=True, retry=jobs.retry)


def _unpacked(frame: InMemory) -> pa.Table:
    return frame.table() if isinstance(frame, PackedRows) else frame


def _check_null_lists(contract: Contract, rows: pa.Table) -> None:
    """Refuse NULL in a list column that must not be NULL: once loaded, BigQuery shows it as an empty list."""
    for name, column in contract.columns.items():
        if column.dtype.is_array() and not column.null and name in rows.column_names and rows[name].null_count:
            raise ContractBroken(sql.null_list(contract, name))


def _tuples(rows: Iterable[bigquery.Row]) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in rows]


@contextmanager
def _explained_errors(project: str, reads: Iterable[str]) -> Iterator[None]:
    """Raise `WarehouseUnavailable` for errors outside our code: quota, permission, a missing project, no response."""
    try:
        yield
    except NotFound as error:
        if not reads or "not found: project" in error.message.lower():
            raise WarehouseUnavailable(
                f"BigQuery found no such project, dataset or table: {_line(error)} Check the project {project} and its "
                f"location."
            ) from None
        raise checks.missing_table(_line(error), reads) from None
    except Forbidden as error:
        if quota := _reasons(error) & _QUOTA:
            message = f"BigQuery's quota is used up ({', '.join(sorted(quota))}): {_line(error)} Wait, or request more."
        else:
            message = (
                f"BigQuery denied access: {_line(error)} The account needs the roles bigquery.dataEditor and "
                f"bigquery.jobUser in {project}; BigQuery reports a table that does not exist in the same way."
            )
        raise WarehouseUnavailable(message) from None
    except BadRequest as error:
        if _TOO_MANY_BYTES not in _reasons(error):
            raise
        raise WarehouseUnavailable(
            f"BigQuery would read more than one statement may: {_line(error)} Request fewer dates, or raise "
            f"NBA_BIGQUERY_MAX_GB."
        ) from None
    except RetryError as error:
        raise WarehouseUnavailable(
            f"BigQuery did not complete the request, retries included: {_line(error.cause or error)} "
            f"Nothing half-written is left: run again later."
        ) from None
    except GoogleAuthError as error:
        raise WarehouseUnavailable(
            f"BigQuery cannot be reached without valid credentials ({_line(error)}): set "
            f"GOOGLE_APPLICATION_CREDENTIALS or run `gcloud auth application-default login`."
        ) from None


def _reasons(error: GoogleAPICallError) -> set[str]:
    return {str(detail.get("reason")) for detail in error.errors or []}


def _line(error: BaseException) -> str:
    text = error.message if isinstance(error, GoogleAPICallError) else str(error)
    return " ".join(text.split())
