"""A warehouse on BigQuery: what production keeps its tables in.

Rows stay where they are: a table that is pure SQL is computed and stored by BigQuery, and what was made in Python goes
in by load jobs. A write stages, validates and then moves the rows in one transaction.
"""

import datetime as dt
import re
import threading
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from typing import Any

import dagster as dg
import duckdb
import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
from dagster_gcp import BigQueryResource
from google.api_core.exceptions import BadRequest, GoogleAPICallError, NotFound, RetryError
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from pydantic import PrivateAttr

from nba_resources.dates import DateRange
from nba_resources.warehouse.base import RUN, Warehouse
from nba_resources.warehouse.bigquery import sql as sql
from nba_resources.warehouse.bigquery.errors import teaching
from nba_resources.warehouse.bigquery.jobs import Jobs
from nba_resources.warehouse.contract import Contract, ContractBroken
from nba_resources.warehouse.contract_checks import (
    refuse_broken,
    refuse_other_columns,
    refuse_stored_elsewhere,
    refuse_unknown_columns,
)

_NOT_IN_A_LABEL = re.compile(r"[^a-z0-9_-]")
_LABEL_LENGTH = 63


class BigQueryService(BigQueryResource):
    """The client of a project, at Google's address unless an emulator's is given."""

    endpoint: str = ""

    @contextmanager
    def get_client(self) -> Iterator[bigquery.Client]:
        """An emulator is never shown a credential."""
        if not self.endpoint:
            with super().get_client() as client:
                yield client
            return
        yield bigquery.Client(
            project=self.project,
            location=self.location,
            credentials=AnonymousCredentials(),
            client_options={"api_endpoint": self.endpoint},
        )


class BigQueryWarehouse(dg.ConfigurableResource, Warehouse):
    """Tables in a project, one dataset for each layer; `endpoint` is empty for the real service."""

    project: str
    location: str = "US"
    endpoint: str = ""
    max_bytes_billed: int = 0
    patience_seconds: float = 300.0
    answer_seconds: float = 120.0
    _last: threading.local = PrivateAttr(default_factory=threading.local)

    def replace(self, contract: Contract, dates: DateRange | None, rows: ir.Table) -> dict[dt.date, int]:
        """All dates or none: a half-written range looks like data, which is worse than a gap."""
        with self._jobs(contract, dates) as jobs, teaching(self.project, rows), self._tidy(jobs) as put_aside:
            staged = self._stage(jobs, contract, dates, rows, put_aside)
            try:
                held = jobs.query(sql.replace(contract, staged, dates))
            except BadRequest as refused:
                if sql.STORED_ELSEWHERE not in str(refused):
                    raise
                refuse_stored_elsewhere(contract, _tuples(jobs.query(sql.stored_elsewhere(contract, staged, dates))))
                raise
            return _rows_by_date(contract, dates, held)

    def append(self, contract: Contract, dates: DateRange, rows: ir.Table) -> dict[dt.date, int]:
        """A key already stored keeps its first values: what a bookmaker showed then cannot change now."""
        with self._jobs(contract, dates) as jobs, teaching(self.project, rows), self._tidy(jobs) as put_aside:
            staged = self._stage(jobs, contract, dates, rows, put_aside)
            return _rows_by_date(contract, dates, jobs.query(sql.append(contract, staged, dates)))

    def update(self, contract: Contract, keys: Mapping[str, object], values: Mapping[str, object]) -> int:
        """Staged and validated like any write: a status the contract does not know changes nothing."""
        refuse_unknown_columns(contract, (*keys, *values))
        asked = sql.parameters(contract, "key", keys) + sql.parameters(contract, "new", values)
        table = contract.table()
        with self._jobs(contract, None) as jobs, teaching(self.project, table), self._tidy(jobs) as put_aside:
            staged = _fresh_name(contract.name, put_aside)
            jobs.query(sql.stage(contract, staged, sql.changed(contract, keys, values), _tomorrow()), asked)
            _validate(jobs, contract, staged, None)
            return jobs.change(sql.update(contract, keys, values), asked)

    def read(self, rows: ir.Table) -> pd.DataFrame:
        """Through DuckDB, so that NULL, dates and moments come in the same pandas types from either warehouse."""
        with self._jobs(None, None) as jobs, teaching(self.project, rows), self._tidy(jobs) as put_aside:
            answer = jobs.query(self._sql(jobs, rows, put_aside))
            found = answer.to_arrow(create_bqstorage_client=not self.endpoint)
            return _frame(found.rename_columns(rows.schema().names).cast(rows.schema().to_pyarrow()))

    def holds(self, contract: Contract) -> bool:
        """Whether the table exists in its dataset."""
        with self._jobs(None, None) as jobs, teaching(self.project, contract.table()):
            return self._stored(jobs, contract) is not None

    def stored_keys(self, contracts: Iterable[Contract]) -> set[str]:
        """Asked of each dataset once."""
        wanted = {contract.key: contract for contract in contracts}
        stored: set[str] = set()
        with self._jobs(None, None) as jobs:
            for dataset in sorted({contract.dataset for contract in wanted.values()}):
                name = f"{self.project}.{dataset}"
                with teaching(self.project):
                    try:
                        listed = [*jobs.client.list_tables(name, retry=jobs.retry)]
                    except NotFound:
                        continue
                stored |= {f"{dataset}.{table.table_id}" for table in listed}
        return wanted.keys() & stored

    def cost(self) -> Mapping[str, int]:
        """What the last write of this thread read and cost: foreseen by a dry run, then billed."""
        return getattr(self._last, "spent", {})

    @contextmanager
    def _jobs(self, contract: Contract | None, dates: DateRange | None) -> Iterator[Jobs]:
        labels = {"table": contract.key if contract else "", "run": RUN.get()}
        labels |= {"start": f"{dates.start}", "end": f"{dates.end}"} if dates else {}
        labels = {name: _NOT_IN_A_LABEL.sub("-", value.lower())[:_LABEL_LENGTH] for name, value in labels.items()}
        service = BigQueryService(project=self.project, location=self.location, endpoint=self.endpoint)
        with teaching(self.project), service.get_client() as client, closing(client):
            jobs = Jobs(
                client,
                {name: value for name, value in labels.items() if value},
                self.patience_seconds,
                self.answer_seconds,
                self.max_bytes_billed,
            )
            if contract:
                self._last.spent = jobs.spent
            yield jobs

    @contextmanager
    def _tidy(self, jobs: Jobs) -> Iterator[list[str]]:
        """Names put in the list are dropped afterwards; one that cannot be dropped expires, and undoes nothing."""
        put_aside: list[str] = []
        try:
            yield put_aside
        finally:
            for name in put_aside:
                staged = f"{self.project}.{sql.STAGING}.{name}"
                with suppress(GoogleAPICallError, RetryError):
                    jobs.client.delete_table(staged, not_found_ok=True, retry=jobs.retry)

    def _stage(
        self, jobs: Jobs, contract: Contract, dates: DateRange | None, rows: ir.Table, put_aside: list[str]
    ) -> str:
        conformed = contract.cast(rows)
        self._create(jobs, contract)
        select = self._sql(jobs, conformed, put_aside, contract)
        jobs.spent["bytes foreseen"] = jobs.foreseen(select)
        staged = _fresh_name(contract.name, put_aside)
        try:
            jobs.query(sql.stage(contract, staged, select, _tomorrow()))
        except BadRequest as refused:
            if unknown := [name for name in contract.columns if sql.null_list(contract, name) in str(refused)]:
                raise ContractBroken(sql.null_list(contract, unknown[0])) from None
            raise
        _validate(jobs, contract, staged, dates)
        return staged

    def _sql(self, jobs: Jobs, rows: ir.Table, put_aside: list[str], contract: Contract | None = None) -> str:
        """The statement, its frames loaded into tables of their own."""
        frames: dict[Any, Any] = {}
        for frame in rows.op().find(ops.InMemoryTable):
            data = frame.data.to_pyarrow(frame.schema)
            _refuse_null_lists(data, contract)
            if not frames:
                self._dataset(jobs, sql.STAGING)
            name = _fresh_name("frame", put_aside)
            jobs.load(data, frame.schema, f"{self.project}.{sql.STAGING}.{name}")
            frames[frame] = ibis.table(frame.schema, name=name, database=sql.STAGING).op()
        op: Any = rows.op()
        return str(ibis.to_sql(op.replace(frames).to_expr() if frames else rows, dialect="bigquery"))

    def _create(self, jobs: Jobs, contract: Contract) -> None:
        stored = self._stored(jobs, contract)
        if stored is not None:
            refuse_other_columns(contract, [column.name for column in stored.schema])
            return
        self._dataset(jobs, sql.STAGING)
        self._dataset(jobs, contract.dataset)
        table = sql.table_of(contract, self.project)
        jobs.client.create_table(table, exists_ok=True, retry=jobs.retry)

    def _dataset(self, jobs: Jobs, name: str) -> None:
        dataset = bigquery.Dataset(f"{self.project}.{name}")
        dataset.location = self.location
        if name == sql.STAGING:
            dataset.default_table_expiration_ms = sql.KEEPS_STAGED // dt.timedelta(milliseconds=1)
        jobs.client.create_dataset(dataset, exists_ok=True, retry=jobs.retry)

    def _stored(self, jobs: Jobs, contract: Contract) -> bigquery.Table | None:
        try:
            return jobs.client.get_table(f"{self.project}.{contract.key}", retry=jobs.retry)
        except NotFound:
            return None


def _validate(jobs: Jobs, contract: Contract, staged: str, dates: DateRange | None) -> None:
    rows = ibis.table(contract.schema, name=staged, database=sql.STAGING)
    refuse_broken(contract, rows, dates, lambda ask: _tuples(jobs.query(str(ibis.to_sql(ask, dialect="bigquery")))))


def _tuples(rows: Iterable[bigquery.Row]) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in rows]


def _rows_by_date(contract: Contract, dates: DateRange | None, held: Iterable[bigquery.Row]) -> dict[dt.date, int]:
    if contract.partition is None or dates is None:
        return {}
    return dict(_tuples(held))


def _refuse_null_lists(rows: pa.Table, contract: Contract | None) -> None:
    """A file says NULL where BigQuery will say empty: only here is the difference still to be seen."""
    for name in rows.column_names:
        column = contract.columns.get(name) if contract else None
        if contract and column and column.dtype.is_array() and not column.null and rows[name].null_count:
            raise ContractBroken(sql.null_list(contract, name))


def _fresh_name(stem: str, put_aside: list[str]) -> str:
    put_aside.append(f"{stem}_{uuid.uuid4().hex}")
    return put_aside[-1]


def _tomorrow() -> dt.datetime:
    return dt.datetime.now(dt.UTC) + sql.KEEPS_STAGED


def _frame(rows: pa.Table) -> pd.DataFrame:
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        return con.from_arrow(rows).df()
