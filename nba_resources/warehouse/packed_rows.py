"""Rows of a computed table, packed while they are made: five seasons of forecasts would take gigabytes unpacked."""

import io
from collections.abc import Iterator

import pyarrow as pa

_ROWS_OF_PART = 50_000


class PackedRows:
    """Compressed Arrow tables of one schema: added one by one, then read part by part, as often as needed."""

    def __init__(self, schema: pa.Schema) -> None:
        self.schema = pa.schema([column.with_nullable(True) for column in schema])  # the warehouse checks for NULL
        self._buffer = io.BytesIO()
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        self._writer = pa.ipc.new_stream(self._buffer, self.schema, options=options)

    @classmethod
    def of(cls, rows: pa.Table) -> "PackedRows":
        """Pack one table."""
        packed = cls(rows.schema)
        packed.add(rows)
        return packed

    def add(self, rows: pa.Table) -> None:
        """Add rows at the end."""
        self._writer.write_table(rows, max_chunksize=_ROWS_OF_PART)

    def reader(self) -> pa.RecordBatchReader:
        """Return a stream of all rows; nothing can be added any more."""
        self._writer.close()
        return pa.ipc.open_stream(pa.BufferReader(self._buffer.getbuffer()))

    def parts(self) -> Iterator[pa.Table]:
        """Return the rows in small tables: at least one, which may be empty."""
        yield self.schema.empty_table()
        for batch in self.reader():
            yield pa.Table.from_batches([batch])

    def table(self) -> pa.Table:
        """Return all rows, unpacked."""
        return self.reader().read_all()
