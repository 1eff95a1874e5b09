"""Finding the files of an archive and opening one of them, in a local folder or a bucket alike."""

import csv
import hashlib
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import PurePosixPath

import duckdb
import fsspec
import pyarrow as pa
from fsspec.implementations.local import LocalFileSystem

from nba_resources.sources.base import BadInput, SourceUnavailable

GAMES = "games"  # the one file no archive can do without: it says which dates and games there are
FORMATS = {".parquet": "Parquet", ".csv": "CSV"}
_ADVICE = "set NBA_ARCHIVE_DIR to a folder or bucket that holds the archive's files"
_HEADER_BYTES = 64 * 1024
ROW = "row of the file"  # counted from 1, header not counted; no published column is called so


@dataclass(frozen=True)
class ArchiveFile:
    """One file: `path` is for the reader, `shown` is for the person who has to look into it."""

    path: str
    shown: str

    @property
    def suffix(self) -> str:
        """Which of the formats it is in."""
        return PurePosixPath(self.path).suffix


@dataclass(frozen=True)
class ArchiveFiles:
    """What an archive holds, by stem."""

    system: fsspec.AbstractFileSystem
    by_stem: Mapping[str, tuple[ArchiveFile, ...]]

    def signature(self) -> str:
        """Changes when a file is added, taken away, or written again; no file is opened for it."""
        told = []
        for stem, files in sorted(self.by_stem.items()):
            for file in files:
                info = self.system.info(file.path)
                written = [str(info.get(name)) for name in ("size", "mtime", "updated", "LastModified", "ETag", "etag")]
                told.append(" ".join([stem, file.path, *written]))
        return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A private connection that reads these files; a bucket is read through fsspec, without any extension."""
        con = duckdb.connect()
        con.execute("SET TimeZone = 'UTC'")
        if not isinstance(self.system, LocalFileSystem):
            con.register_filesystem(self.system)
        return con

    def open(self, con: duckdb.DuckDBPyConnection, file: ArchiveFile) -> duckdb.DuckDBPyRelation:
        """The rows of a file, numbered and not yet read: who filters them reads only what he needs."""
        try:
            if file.suffix == ".parquet":
                numbered = con.read_parquet(file.path, file_row_number=True)
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
        """Named here, not sniffed: a sniffer that meets a damaged file may skip rows to make sense of it."""
        head = bytes(self.system.read_block(file.path, 0, _HEADER_BYTES)).decode("utf-8-sig", errors="replace")
        try:
            names = next(csv.reader(StringIO(head, newline="")), [])
        except csv.Error as error:
            raise unreadable(file, error) from error
        if not names or len(names) != len(set(names)):
            found = f"the columns {', '.join(names)}" if names else "an empty file"
            raise BadInput(f"{file.shown}: expected a first line of different column names, found {found}")
        return names


def collect(file: ArchiveFile, rows: duckdb.DuckDBPyRelation) -> pa.Table:
    """Runs the reading; damage that the head of a file does not show is found here."""
    try:
        return rows.to_arrow_table()
    except duckdb.Error as error:
        raise unreadable(file, error) from error


def unreadable(file: ArchiveFile, error: Exception) -> BadInput:
    """The reader's own words up to its advice, which is about options nobody can set here."""
    told = textwrap.shorten(str(error).partition("\nPossible")[0], width=240, placeholder=" ...")
    return BadInput(f"{file.shown}: cannot be read as {FORMATS[file.suffix]}, it may be truncated or corrupt: {told}")


def find_files(root: str, stems: Iterable[str]) -> ArchiveFiles:
    """Looks again each time, so a file added or mended between two runs is seen."""
    if not root.strip():
        raise SourceUnavailable(f"no archive was named; {_ADVICE}")
    try:
        system, top = fsspec.url_to_fs(root)
        system.invalidate_cache()
        entries = {entry["name"].rstrip("/"): entry["type"] for entry in system.ls(top, detail=True)}
    except (OSError, ImportError, ValueError) as error:
        raise SourceUnavailable(f"no archive at {root} ({error}); {_ADVICE}") from error
    by_stem = {stem: _files_of(stem, root, system, top, entries) for stem in {GAMES, *stems}}
    if not by_stem[GAMES]:
        raise SourceUnavailable(
            f"no {GAMES} in the archive at {root} ({GAMES}.parquet, {GAMES}.csv or {GAMES}/); {_ADVICE}"
        )
    return ArchiveFiles(system, by_stem)


def _files_of(
    stem: str, root: str, system: fsspec.AbstractFileSystem, top: str, entries: Mapping[str, str]
) -> tuple[ArchiveFile, ...]:
    """The file of a stem, or all files in its folder. Two at once would tell each fact twice."""
    there = sorted(
        name for name in entries if name.rpartition("/")[2] in {stem, *(stem + suffix for suffix in FORMATS)}
    )
    if len(there) > 1:
        raise BadInput(f"{root}: {' and '.join(name.rpartition('/')[2] for name in there)} both hold {stem}; keep one")
    if there and entries[there[0]] == "directory":
        there = sorted(name for name in system.find(there[0]) if PurePosixPath(name).suffix in FORMATS)
    local = isinstance(system, LocalFileSystem)
    return tuple(
        ArchiveFile(
            name if local else system.unstrip_protocol(name), root.rstrip("/") + name.removeprefix(top.rstrip("/"))
        )
        for name in there
    )
