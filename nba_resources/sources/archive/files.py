"""Find and open the files of an archive, in a local folder or a bucket."""

import csv
import hashlib
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from io import StringIO
from pathlib import PurePosixPath

import duckdb
import fsspec
import pyarrow as pa
from fsspec.implementations.local import LocalFileSystem

from nba_resources.sources.base import BadInput, SourceUnavailable

GAMES = "games"  # required in every archive: it lists the dates and games
FORMATS = {".parquet": "Parquet", ".csv": "CSV"}
_ADVICE = "set NBA_ARCHIVE_DIR to a folder or bucket that holds the archive's files"
_HEADER_BYTES = 64 * 1024
ROW = "row of the file"  # counted from 1, without the header; no real column has this name


@dataclass(frozen=True)
class ArchiveFile:
    """A file: its `path` for DuckDB, and how error messages name it (`shown`)."""

    path: str
    shown: str

    @property
    def suffix(self) -> str:
        """The suffix, one of `FORMATS`."""
        return PurePosixPath(self.path).suffix


@dataclass(frozen=True)
class ArchiveFiles:
    """The files of an archive, by stem."""

    system: fsspec.AbstractFileSystem
    by_stem: Mapping[str, tuple[ArchiveFile, ...]]

    def signature(self) -> str:
        """Return a hash that changes when a file is added, removed or rewritten; no file is opened."""
        lines = []
        for stem, files in sorted(self.by_stem.items()):
            for file in files:
                info = self.system.info(file.path)
                written = [str(info.get(name)) for name in ("size", "mtime", "updated", "LastModified", "ETag", "etag")]
                lines.append(" ".join([stem, file.path, *written]))
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Connect to a DuckDB that can read the files; a bucket is read through fsspec, by an engine of its own."""
        if isinstance(self.system, LocalFileSystem):
            con = _engine().cursor()
        else:
            con = duckdb.connect()
            con.register_filesystem(self.system)
        con.execute("SET TimeZone = 'UTC'")
        return con

    def open(self, con: duckdb.DuckDBPyConnection, file: ArchiveFile) -> duckdb.DuckDBPyRelation:
        """Return the numbered rows of a file as a lazy relation, so that filters limit what is read."""
        try:
            if file.suffix == ".parquet":
                numbered = con.read_parquet(file.path, file_row_number=True)
                _refuse_unwritable(file, numbered.columns)
                return numbered.project(f'* EXCLUDE (file_row_number), file_row_number + 1 AS "{ROW}"')
            rows = con.read_csv(
                file.path,
                columns=dict.fromkeys(self._header(file), "VARCHAR"),
                auto_detect=False,
                header=True,
                sep=",",
                quotechar='"',
                escapechar='"',
                strict_mode=True,
            )
            return rows.project(f'*, row_number() OVER () AS "{ROW}"')
        except duckdb.Error as error:
            raise unreadable(file, error) from error

    def _header(self, file: ArchiveFile) -> list[str]:
        """Read the column names here: DuckDB's CSV sniffer may skip rows of a damaged file."""
        head = bytes(self.system.read_block(file.path, 0, _HEADER_BYTES)).decode("utf-8-sig", errors="replace")
        try:
            names = next(csv.reader(StringIO(head, newline="")), [])
        except csv.Error as error:
            raise unreadable(file, error) from error
        if not names or len(names) != len(set(names)):
            actual = f"the columns {', '.join(names)}" if names else "an empty file"
            raise BadInput(f"{file.shown}: expected a first line of different column names, found {actual}")
        _refuse_unwritable(file, names)
        return names


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    """Return the engine of this process, in memory; it keeps no part of a file, which may change."""
    return duckdb.connect(config={"enable_external_file_cache": False})


def quoted(name: str) -> str:
    """Return the name of a column as SQL has it: a file may name its columns as it likes."""
    return '"' + name.replace('"', '""') + '"'


def _refuse_unwritable(file: ArchiveFile, names: Iterable[str]) -> None:
    """Refuse names of columns that SQL cannot write even quoted, and others that no message can show."""
    if wrong := [name for name in names if not name or not name.isprintable()]:
        raise BadInput(f"{file.shown}: expected names of columns that can be printed, found {wrong[0]!r}")


def collect(file: ArchiveFile, rows: duckdb.DuckDBPyRelation) -> pa.Table:
    """Read the rows; damage behind the header of a file is found here."""
    try:
        return rows.to_arrow_table()
    except duckdb.Error as error:
        raise unreadable(file, error) from error


def unreadable(file: ArchiveFile, error: Exception) -> BadInput:
    """Return the error for a damaged file, with DuckDB's message but not its advice about reader options."""
    message = textwrap.shorten(str(error).partition("\nPossible")[0], width=240, placeholder=" ...")
    return BadInput(
        f"{file.shown}: cannot be read as {FORMATS[file.suffix]}, it may be truncated or corrupt: {message}"
    )


def find_files(root: str, stems: Iterable[str]) -> ArchiveFiles:
    """List the archive anew each time, so that files added or corrected between two runs are seen."""
    if not root.strip():
        raise SourceUnavailable(f"no archive is configured; {_ADVICE}")
    try:
        system, top = fsspec.url_to_fs(root)
        system.invalidate_cache()
        entries = {entry["name"].rstrip("/"): entry["type"] for entry in system.ls(top, detail=True)}
    except (OSError, ImportError, ValueError) as error:
        raise SourceUnavailable(f"no archive at {root} ({error}); {_ADVICE}") from error
    by_stem = {stem: _find_stem(stem, root, system, top, entries) for stem in {GAMES, *stems}}
    if not by_stem[GAMES]:
        raise SourceUnavailable(
            f"no {GAMES} in the archive at {root} ({GAMES}.parquet, {GAMES}.csv or {GAMES}/); {_ADVICE}"
        )
    return ArchiveFiles(system, by_stem)


def _find_stem(
    stem: str, root: str, system: fsspec.AbstractFileSystem, top: str, entries: Mapping[str, str]
) -> tuple[ArchiveFile, ...]:
    """Return the file of a stem, or all files in its folder; refuse two of them, which would double the facts."""
    names = {stem, *(stem + suffix for suffix in FORMATS)}
    paths = sorted(path for path in entries if path.rpartition("/")[2] in names)
    if len(paths) > 1:
        raise BadInput(f"{root}: {' and '.join(path.rpartition('/')[2] for path in paths)} both hold {stem}; keep one")
    if paths and entries[paths[0]] == "directory":
        paths = sorted(path for path in system.find(paths[0]) if PurePosixPath(path).suffix in FORMATS)
    shown = (root.rstrip("/") + path.removeprefix(top.rstrip("/")) for path in paths)
    if not isinstance(system, LocalFileSystem):
        paths = [system.unstrip_protocol(path) for path in paths]
    return tuple(map(ArchiveFile, paths, shown))
