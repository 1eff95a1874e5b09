"""The archive: real facts of past seasons in a folder or bucket of Parquet or CSV files."""

import datetime as dt
from collections import Counter
from contextlib import closing

import duckdb
from duckdb import (
    CoalesceOperator,
    ColumnExpression,
    ConstantExpression,
    Expression,
    FunctionExpression,
    SQLExpression,
    StarExpression,
)

from nba_resources.dates import DateRange
from nba_resources.sources.archive.files import ROW, ArchiveFile, collect, find_files
from nba_resources.sources.archive.layout import LAYOUTS, Layout
from nba_resources.sources.base import Delivery, Source
from nba_resources.sources.feeds import FEEDS, Feed
from nba_resources.sources.validation.validate import DeliveredTable, expect_columns, validate_feed

_DIGESTS = 2**32


class ArchiveSource(Source):
    """Each kind of fact is one `.parquet`, one `.csv` or a folder of such, for example one a season.

    A feed whose file is absent is empty, as no archive has everything; an archive without games is none at all.
    """

    name = "archive"

    def __init__(self, root: str) -> None:
        self.root = root

    def fetch(self, feed: str, dates: DateRange) -> Delivery:
        """All facts of the feed dated within the range; of a large file only the rows of these dates are read."""
        files = find_files(self.root, {layout.stem for layout in LAYOUTS[feed]})
        with closing(files.connect()) as con:
            return validate_feed(
                FEEDS[feed],
                *(
                    _published(FEEDS[feed], layout, file, files.open(con, file), dates)
                    for layout in LAYOUTS[feed]
                    for file in files.by_stem[layout.stem]
                ),
            )

    def signature(self) -> str:
        """Names, sizes and times of the files: nothing is read while they stay as they are."""
        return find_files(self.root, {layout.stem for layouts in LAYOUTS.values() for layout in layouts}).signature()

    def fingerprints(self, feed: str) -> dict[dt.date, str]:
        """Sums of hashes of the rows as published, so that neither their order nor their place in a file matters."""
        files = find_files(self.root, {layout.stem for layout in LAYOUTS[feed]})
        sums: Counter[dt.date] = Counter()
        with closing(files.connect()) as con:
            for layout in LAYOUTS[feed]:
                for file in files.by_stem[layout.stem]:
                    sums.update(
                        _sums(file, files.open(con, file), layout.renames.get(FEEDS[feed].date, FEEDS[feed].date))
                    )
        return {date: f"{total % _DIGESTS:08x}" for date, total in sums.items()}


def _sums(file: ArchiveFile, rows: duckdb.DuckDBPyRelation, date: str) -> dict[dt.date, int]:
    """A row whose date cannot be read belongs to none; the date it is missing from has changed all the same."""
    expect_columns(file.shown, [date], rows.columns)
    told_of = [ColumnExpression(name) for name in sorted(rows.columns) if name != ROW]
    hashed = rows.select(_day(date, rows).alias("day"), FunctionExpression("hash", *told_of).alias("digest"))
    told = collect(file, hashed.aggregate("day, sum(digest::HUGEINT)::VARCHAR AS total", "day"))
    return {row["day"]: int(row["total"]) for row in told.to_pylist() if row["day"] is not None}


def _published(
    feed: Feed, layout: Layout, file: ArchiveFile, rows: duckdb.DuckDBPyRelation, dates: DateRange
) -> DeliveredTable:
    """What one file says about a feed, renamed by nobody yet: complaints should use the file's own names."""
    columns = {name: layout.renames.get(name, name) for name in feed.fields if name not in layout.constants}
    found = [column for column in rows.columns if column != ROW]
    expect_columns(file.shown, [*columns.values(), *layout.where, *layout.any_known], found)
    rows = rows.filter(_within(dates, columns[feed.date], rows))
    for column, value in layout.where.items():
        rows = rows.filter(ColumnExpression(column) == ConstantExpression(value))
    if layout.any_known:
        rows = rows.filter(CoalesceOperator(*map(_stated, layout.any_known)).isnotnull())
    rows = rows.select(StarExpression(exclude=[column for column in layout.dropped if column in found]))
    left_out = (name for name in layout.constants if name not in rows.columns)
    constants = (ConstantExpression(layout.constants[name]).alias(name) for name in left_out)
    table = collect(file, rows.select(StarExpression(), *constants))
    return DeliveredTable(file.shown, table.drop_columns(ROW), columns, layout.zone, numbers=table[ROW])


def _within(dates: DateRange, column: str, rows: duckdb.DuckDBPyRelation) -> Expression:
    """A row whose date cannot be read passes every filter: it must be refused, not overlooked."""
    day = _day(column, rows)
    return day.between(ConstantExpression(dates.start), ConstantExpression(dates.end)) | day.isnull()


def _day(column: str, rows: duckdb.DuckDBPyRelation) -> Expression:
    if str(rows.types[rows.columns.index(column)]) == "DATE":
        return ColumnExpression(column)
    return SQLExpression(f'TRY_CAST(left(CAST("{column}" AS VARCHAR), 10) AS DATE)')


def _stated(column: str) -> Expression:
    """What the file says, where it says anything: an empty cell of a CSV and a missing number of a frame do not."""
    text = FunctionExpression("lower", ColumnExpression(column).cast("VARCHAR"))
    return FunctionExpression(
        "nullif", FunctionExpression("nullif", text, ConstantExpression("")), ConstantExpression("nan")
    )
