"""The archive: real facts of past seasons in a folder or bucket of Parquet or CSV files."""

import datetime as dt
from collections import Counter
from contextlib import closing

import duckdb

from nba_resources.dates import DateRange
from nba_resources.sources.archive.files import ROW, ArchiveFile, collect, find_files, quoted
from nba_resources.sources.archive.layout import LAYOUTS, Layout
from nba_resources.sources.base import Delivery, Source
from nba_resources.sources.feeds import FEEDS, Feed
from nba_resources.sources.validation.parsers import in_known_years
from nba_resources.sources.validation.validate import DeliveredTable, require_columns, validate_feed

_DIGESTS = 2**32


class ArchiveSource(Source):
    """Reads each feed from a `.parquet` file, a `.csv` file or a folder of such files, for example one a season.

    A feed without a file is empty, since few archives have everything; an archive without games is refused.
    """

    name = "archive"
    watches_facts = True

    def __init__(self, root: str) -> None:
        self.root = root
        self._today: tuple[str, dt.date] | None = None

    def fetch(self, feed: str, dates: DateRange) -> Delivery:
        """Return the facts of these dates; only their rows are read from a large file."""
        files = find_files(self.root, {layout.stem for layout in LAYOUTS[feed]})
        with closing(files.connect()) as con:
            tables = [
                _read(FEEDS[feed], layout, file, files.open(con, file), dates)
                for layout in LAYOUTS[feed]
                for file in files.by_stem[layout.stem]
            ]
        return validate_feed(FEEDS[feed], *tables)

    def signature(self) -> str:
        """Return a hash of the names, sizes and times of the files; no file is read."""
        return find_files(self.root, {layout.stem for layouts in LAYOUTS.values() for layout in layouts}).signature()

    def today(self) -> dt.date:
        """Return 'tonight', read from the schedule once for each state of the files: every check asks for it."""
        signature = self.signature()
        if self._today is None or self._today[0] != signature:
            self._today = signature, super().today()
        return self._today[1]

    def fingerprints(self, feed: str) -> dict[dt.date, str]:
        """Return for each date the sum of its rows' hashes: neither their order nor their file matters."""
        files = find_files(self.root, {layout.stem for layout in LAYOUTS[feed]})
        sums: Counter[dt.date] = Counter()
        with closing(files.connect()) as con:
            for layout in LAYOUTS[feed]:
                date = layout.column(FEEDS[feed].date)
                for file in files.by_stem[layout.stem]:
                    sums.update(_sum_hashes(file, files.open(con, file), date))
        return {date: f"{total % _DIGESTS:08x}" for date, total in sums.items()}


def _sum_hashes(file: ArchiveFile, rows: duckdb.DuckDBPyRelation, date: str) -> dict[dt.date, int]:
    """Return the sum of hashes by date; rows whose date cannot be parsed come before all dates."""
    require_columns(file.shown, [date], rows.columns)
    columns = ", ".join(quoted(name) for name in sorted(rows.columns) if name != ROW)
    hashes = rows.project(f"{_day(date, rows)} AS day, hash({columns}) AS digest")
    sums = collect(file, hashes.aggregate("day, sum(digest::HUGEINT)::VARCHAR AS total", "day"))
    return {row["day"] or dt.date.min: int(row["total"]) for row in sums.to_pylist()}


def _read(
    feed: Feed, layout: Layout, file: ArchiveFile, rows: duckdb.DuckDBPyRelation, dates: DateRange
) -> DeliveredTable:
    """Read the rows of the dates; columns keep the file's names, which errors use.

    A row whose date cannot be parsed is read too, so that validation refuses it.
    """
    present = [column for column in rows.columns if column != ROW]
    values = {**layout.constants, **{name: None for name in layout.optional if name not in present}}
    columns = {name: layout.column(name) for name in feed.fields if name not in values}
    require_columns(file.shown, [*columns.values(), *layout.any_known], present)
    day = _day(columns[feed.date], rows)
    rows = rows.filter(f"{day} BETWEEN DATE '{dates.start}' AND DATE '{dates.end}' OR {day} IS NULL")
    for column, value in layout.where.items():
        rows = rows.filter(f"\"{column}\" = '{value}'") if column in present else rows
    if layout.any_known:
        cells = (f"nullif(nullif(lower(CAST(\"{name}\" AS VARCHAR)), ''), 'nan')" for name in layout.any_known)
        rows = rows.filter(f"coalesce({', '.join(cells)}) IS NOT NULL")
    dropped = [column for column in layout.dropped if column in present]
    constants = [
        f'{"NULL" if value is None else repr(value)} AS "{name}"'
        for name, value in values.items()
        if name not in present or name in dropped
    ]
    days = [f'{_day(column, rows)} AS "{name}"' for name, column in layout.days.items()]
    kept = f"* EXCLUDE ({', '.join(dropped)})" if dropped else "*"
    table = collect(file, rows.project(", ".join([kept, *constants, *days])))
    columns |= {name: name for name in layout.days}
    return DeliveredTable(file.shown, table.drop_columns(ROW), columns, layout.zone, numbers=table[ROW])


def _day(column: str, rows: duckdb.DuckDBPyRelation) -> str:
    """Return the date of a row in SQL, NULL if it cannot be read."""
    is_date = str(rows.types[rows.columns.index(column)]) == "DATE"
    day = f'"{column}"' if is_date else f'TRY_CAST(left(CAST("{column}" AS VARCHAR), 10) AS DATE)'
    return f"CASE WHEN {in_known_years(day)} THEN {day} END"
