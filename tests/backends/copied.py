"""Loads stored rows into the emulator as they are: a write would have it translate twenty statements for each table."""

import ibis.expr.types as ir
import pyarrow as pa

from nba_resources.warehouse.base import Warehouse
from nba_resources.warehouse.bigquery.jobs import Jobs
from nba_resources.warehouse.bigquery.sql import table_of
from nba_resources.warehouse.bigquery.warehouse import BigQueryWarehouse
from nba_resources.warehouse.contract import Contract


def copy(here: Warehouse, there: BigQueryWarehouse, contract: Contract, rows: ir.Table) -> None:
    """Put rows of one warehouse in the place of a table of the other."""
    copied = pa.Table.from_pandas(here.read(rows), contract.schema.to_pyarrow(), False)
    with there.client() as client:
        client.create_dataset(contract.dataset, exists_ok=True)
        client.delete_table(table := table_of(contract, there.project), not_found_ok=True)
        client.create_table(table)
        jobs = Jobs(client, {}, there.patience_seconds, there.answer_seconds, 0)
        jobs.load(copied, contract.schema, f"{there.project}.{contract.key}")
