"""Read the table in the PDF of the NBA's injury report, in which a program sees only words at positions.

Date, time, matchup and team are printed only beside the first row of their group, also across pages. A reason runs over
several lines around its player's row, sometimes on to the next page. The table's header may be on the first page only.
"""

import datetime as dt
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

import pdfplumber
from pdfplumber.utils.exceptions import PdfminerException

from nba_resources.dates import EASTERN
from nba_resources.sources.providers.json_reader import bad_response
from nba_resources.sources.providers.provider import LandedResponse

HEADER = ("Game Date", "Game Time", "Matchup", "Team", "Player Name", "Current Status", "Reason")
GROUP_COLUMNS = HEADER[:4]
NOT_SUBMITTED, MASTHEAD = "NOT YET SUBMITTED", "Injury Report: 01/15/24 05:30 PM"
SAME_LINE, LEFT_OF_HEADER = 3.0, 5.0  # points
REASON_WITHIN = 20.0  # points above or below its row; a line farther away continues the page before
DAY_OF_REPORTS = 64  # one each quarter of an hour from eight o'clock to midnight
WORD_GAP = 1.5  # characters closer than this belong to one word
_PAGE_NUMBER = re.compile(r"Page\s*\d+\s*of\s*\d+", re.IGNORECASE)
_MASTHEAD = re.compile(r"Injury\s*Report:", re.IGNORECASE)
Cells = dict[str, str]
Words = list[dict[str, Any]]


@dataclass
class ReportRow:
    """One row of the report, including the cells of its group; `place` names its page and line.

    A team that has not submitted its report yet has one row, without a player.
    """

    cells: Mapping[str, str]
    page: int
    height: float
    place: str
    reason: str = ""


@dataclass(frozen=True)
class Report:
    """All rows in order, and the time of publication that the masthead states."""

    published: dt.datetime
    rows: list[ReportRow]


def read_report(landed: LandedResponse) -> Report:
    """Read a report. One without rows is valid; one without a masthead or without the table's header is an error."""
    published: dt.datetime | None = None
    edges: dict[str, float] = {}
    table: list[ReportRow] = []
    for page, words in _lines(landed):
        text = " ".join(word["text"] for word in words)
        if _MASTHEAD.match(text):
            published = published or _published(landed, text)
        elif header := _column_edges(words):
            edges = header
        elif not _PAGE_NUMBER.match(text):
            place = f"page {page}, line {text[:60]!r}"
            if not edges:
                raise bad_response(landed, f"{place}: expected the table's header, {', '.join(HEADER)}")
            table.append(ReportRow(_cells(words, edges), page, words[0]["top"], place))
    if published is None:
        raise bad_response(landed, f"expected a masthead such as {MASTHEAD!r}, found none")
    rows = _rows(landed, table)
    _add_reasons(landed, table, rows)
    return Report(published, rows)


def _published(landed: LandedResponse, text: str) -> dt.datetime:
    """Return the Eastern time of a masthead."""
    stated = _MASTHEAD.sub("", text).strip()
    try:
        return dt.datetime.strptime(stated, "%m/%d/%y %I:%M %p").replace(tzinfo=EASTERN)
    except ValueError:
        raise bad_response(landed, f"masthead {text[:60]!r}, expected one such as {MASTHEAD!r}") from None


def _rows(landed: LandedResponse, table: list[ReportRow]) -> list[ReportRow]:
    """Return the lines with a player, or with NOT YET SUBMITTED, with the cells of their group.

    In some years a group's cells are level with the first line of a reason, above the player's row.
    """
    rows: list[ReportRow] = []
    group: Cells = {}
    unused: ReportRow | None = None  # a line that names a team, until the first row of that team
    for line in table:
        if any(name in line.cells for name in GROUP_COLUMNS):
            if unused and "Team" in line.cells:
                break
            group, unused = _update_group(group, line.cells), line if "Team" in line.cells else unused
        row = {name: line.cells[name] for name in ("Player Name", "Current Status") if name in line.cells}
        if row and "Player Name" not in row:
            raise bad_response(landed, f"{line.place}: expected a Player Name or {NOT_SUBMITTED}")
        if row or _is_not_submitted(line.cells.get("Reason", "")):
            rows.append(replace(line, cells=group | row))
            unused = None
    if unused:
        raise bad_response(landed, f"{unused.place}: expected a Player Name or {NOT_SUBMITTED}")
    return rows


def _is_not_submitted(reason: str) -> bool:
    return reason.replace(" ", "").upper() == NOT_SUBMITTED.replace(" ", "")


def _update_group(group: Cells, line: Mapping[str, str]) -> Cells:
    """Keep the cells left of the first new one: a new date ends its matchup and team, a new matchup its team."""
    first = min(GROUP_COLUMNS.index(name) for name in GROUP_COLUMNS if name in line)
    kept = {name: group[name] for name in GROUP_COLUMNS[:first] if name in group}
    return kept | {name: line[name] for name in GROUP_COLUMNS if name in line}


def _add_reasons(landed: LandedResponse, table: list[ReportRow], rows: list[ReportRow]) -> None:
    """Add each line of a reason to the row nearest in height, or else to the last row of the pages before."""
    for line in table:
        if "Reason" not in line.cells:
            continue
        distances = [(abs(row.height - line.height), row) for row in rows if row.page == line.page]
        distance, nearest = min(distances, key=itemgetter(0), default=(0.0, None))
        before = [row for row in rows if row.page < line.page]
        if before and (nearest is None or distance > REASON_WITHIN):
            nearest = before[-1]
        if nearest is None:
            raise bad_response(landed, f"{line.place}: expected a row of the table beside the line of a reason")
        nearest.reason = f"{nearest.reason} {line.cells['Reason']}".strip()


def _lines(landed: LandedResponse) -> Iterator[tuple[int, Words]]:
    """Yield the words of each line with the number of its page."""
    try:
        pages = _pages(landed.body)
    except PdfminerException as error:
        start = landed.body[:40].decode("latin-1")
        raise bad_response(landed, f"expected a PDF, found {start!r}: {type(error).__name__}") from None
    for number, words in enumerate(pages, 1):
        for line in _words_by_line(words):
            yield number, line


@lru_cache(maxsize=DAY_OF_REPORTS)
def _pages(body: bytes) -> list[Words]:
    """Return the words of each page with their places; turned pages come upright.

    Every look reads all reports of the day for their changes, and a PDF takes a quarter of a second, so a process
    keeps what it has read.
    """
    with pdfplumber.open(io.BytesIO(body)) as pdf:
        pages = [page.extract_words(x_tolerance=WORD_GAP) for page in pdf.pages]
    return [[{name: word[name] for name in ("text", "x0", "top")} for word in words] for words in pages]


def _words_by_line(words: Words) -> list[Words]:
    lines: list[Words] = []
    for word in sorted(words, key=itemgetter("top", "x0")):
        if lines and word["top"] - lines[-1][0]["top"] <= SAME_LINE:
            lines[-1].append(word)
        else:
            lines.append([word])
    return [sorted(line, key=itemgetter("x0")) for line in lines]


def _column_edges(words: Words) -> dict[str, float]:
    """Return the left edge of each column if this line is the header, whose words may be joined or separate."""
    edges: dict[str, float] = {}
    rest = list(words)
    for heading in HEADER:
        expected, text, left = heading.replace(" ", ""), "", None
        while rest and text != expected and expected.startswith(text):
            left = rest[0]["x0"] if left is None else left
            text += rest.pop(0)["text"].replace(" ", "")
        if text != expected or left is None:
            return {}
        edges[heading] = left
    return edges


def _cells(words: Words, edges: Mapping[str, float]) -> Cells:
    def column(word: dict[str, Any]) -> str:
        return [name for name in HEADER if edges[name] <= word["x0"] + LEFT_OF_HEADER or name == HEADER[0]][-1]

    return {name: " ".join(word["text"] for word in group) for name, group in groupby(words, column)}
