"""Every file of an archive, damaged: refused by its name, or its rows set aside, each with a reason in one line."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
from hypothesis import strategies as st
from pyarrow import csv, parquet

from nba_resources.errors import UserError
from nba_resources.sources.archive.layout import LAYOUTS, Layout
from nba_resources.sources.archive.source import ArchiveSource
from nba_resources.sources.base import ALWAYS
from nba_resources.sources.feeds import FEEDS, Kind

from .cases import BAD_TEXT, assert_one_sentence, knock

ROWS = 9
VALUES: dict[Kind, object] = {
    **{"text": "word", "name": "Jayson Tatum", "integer": 7, "number": 1.5, "flag": True, "day": "2025-01-14"},
    **{"moment": "2025-01-14 20:00:00", "team": "BOS", "minutes": "34:12", "price": -110, "line": 27.5},
}
NUMBERS = pa.array(range(ROWS))
OTHER_TYPES = (
    *(pa.array([value] * ROWS) for value in (b"\x00\xff", [1, 2], {"a": 1}, None, True, 1e308, 2**62)),
    *(NUMBERS.cast(kind) for kind in (pa.float32(), pa.decimal128(38, 9), pa.timestamp("ns", "Asia/Tokyo"))),
    *(NUMBERS.cast(kind) for kind in (pa.duration("s"), pa.uint64(), pa.date64())),
    pa.array(["word"] * ROWS).dictionary_encode(),
)
DAMAGES = ("value", "column without", "column twice", "column renamed", "other type", "cut", "bytes", "folder", "both")


def valid(feed: str, layout: Layout) -> pa.Table:
    """Return rows of a file with every column of its layout, each of another game and player."""
    fields = {name: field for name, field in FEEDS[feed].fields.items() if name not in layout.constants}
    row = dict.fromkeys(layout.any_known, 1) | {layout.column(name): VALUES[one.kind] for name, one in fields.items()}
    counted = [layout.column(name) for name in ("game_id", "player_name_raw", "bookmaker") if name in fields]
    return pa.Table.from_pylist([row | {name: f"{row[name]} {n}" for name in counted} for n in range(ROWS)])


FILES = {(feed, layout.stem): valid(feed, layout) for feed, layouts in LAYOUTS.items() for layout in layouts}
GAMES = FILES["schedule", "games"]
CASES = st.tuples(
    st.sampled_from(sorted(FILES)),
    st.sampled_from(["csv", "parquet"]),
    st.sampled_from(DAMAGES),
    st.integers(0, 40),
    st.floats(0, 1),
    BAD_TEXT.filter(lambda text: text.isascii() or text.isprintable()),
)


def damaged(table: pa.Table, damage: str, column: int, text: str) -> pa.Table:
    """Return the table with something wrong in one column."""
    place = column % table.num_columns
    name = table.column_names[place]
    match damage:
        case "value":
            values = [text, *table[name].cast(pa.string()).to_pylist()[1:]]
            return table.set_column(place, name, pa.array(values, pa.string()))
        case "column without":
            return table.drop_columns(name)
        case "column twice":
            return table.append_column(name, table[name])
        case "column renamed":
            return table.set_column(place, text, table[name])
        case "other type":
            return table.set_column(place, name, OTHER_TYPES[column % len(OTHER_TYPES)])
    return table


def write(folder: Path, stem: str, form: str, table: pa.Table) -> Path:
    """Write a file of an archive."""
    file = folder / f"{stem}.{form}"
    if form == "csv":
        kinds = (pa.types.is_nested, pa.types.is_binary)  # these have no text
        written = [place for place, one in enumerate(table.schema) if not any(kind(one.type) for kind in kinds)]
        csv.write_csv(table.select(written), file)
    else:
        parquet.write_table(table, file)
    return file


def sentences_of(ask: Callable[[], object]) -> list[str]:
    """Return why something was refused, or why some of its rows were set aside."""
    try:
        return [one.reason for one in getattr(ask(), "rejected", ())]
    except UserError as error:
        return [str(error)]


def test_a_damaged_file_is_refused_in_one_line_or_its_rows_are_set_aside(tmp_path: Path):
    folder = tmp_path / "archive"

    def try_file(case: tuple[tuple[str, str], str, str, int, float, str]) -> None:
        (feed, stem), form, damage, column, place, text = case
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        write(folder, "games", "csv", GAMES)
        if stem == "games":
            (folder / "games.csv").unlink()
        file = write(folder, stem, form, damaged(FILES[feed, stem], damage, column, text))
        content = file.read_bytes()
        middle = int(place * len(content))
        if damage == "cut":
            file.write_bytes(content[:middle])
        elif damage == "bytes":
            file.write_bytes(
                content[:middle] + text.encode("utf-8", "surrogatepass") + b"\x00\xff" + content[middle + 9 :]
            )
        elif damage == "folder":
            file.unlink()
            (folder / stem / f"{stem}.{form}").mkdir(parents=True)
        elif damage == "both":
            (folder / stem).mkdir()
        source = ArchiveSource(str(folder))
        for ask in (lambda: source.fetch(feed, ALWAYS), lambda: source.fingerprints(feed), source.signature):
            for sentence in sentences_of(ask):
                assert_one_sentence(sentence)

    knock("files of an archive", CASES, try_file)
