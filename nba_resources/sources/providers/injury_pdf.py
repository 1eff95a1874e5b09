"""Read the table in the PDF of the NBA's injury report, in which a program sees only words at positions.

Date, time, matchup and team are printed only in the first row of their group, also across pages. A reason runs over
several lines, around its player's line or on to the next page. The table's header may be on the first page only.
"""

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from typing import Any

import pdfplumber
from pdfplumber.utils.exceptions import PdfminerException

from nba_resources.sources.providers.json_reader import bad_response
from nba_resources.sources.providers.provider import LandedResponse

HEADER = ("Game Date", "Game Time", "Matchup", "Team", "Player Name", "Current Status", "Reason")
GROUP_COLUMNS = HEADER[:4]
SAME_LINE, LEFT_OF_HEADER = 3.0, 5.0  # points
WORD_GAP = 1.5  # characters closer than this belong to one word
_OUTSIDE_TABLE = re.compile(r"(Injury Report:|Page\s*\d+\s*of\s*\d+)", re.IGNORECASE)
_REASON_STARTS = re.compile(
    r"NOT YET|Injury/|G ?League|Personal|League |Concussion|Rest\b|Not ?With|Coach|Return|Health|Trade|Team |Two-?Way",
    re.IGNORECASE,
)
Cells = dict[str, str]


@dataclass(frozen=True)
class ReportRow:
    """One row of the report, including the cells of its group; `place` names its page and line."""

    cells: Mapping[str, str]
    reason: str
    place: str


def read_rows(landed: LandedResponse) -> list[ReportRow]:
    """Return all rows in order. A report without rows is valid; words without the table's header are an error."""
    rows: list[ReportRow] = []
    reasons: list[str] = []  # split where a reason starts
    by_row: list[str] = []  # the same words, split by the row above them
    group: Cells = {}
    for place, line in _lines(landed):
        reason = line.pop("Reason", "")
        if line:
            group = _update_group(group, line)
            rows.append(ReportRow(group | line, "", place))
            by_row.append("")
        if reason and rows:
            by_row[-1] = f"{by_row[-1]} {reason}".strip()
        if reason and (not reasons or _REASON_STARTS.match(reason)):
            reasons.append(reason)
        elif reason:
            reasons[-1] += f" {reason}"
    if len(reasons) != len(rows):
        reasons = by_row
    return [replace(row, reason=reason) for row, reason in zip(rows, reasons, strict=True)]


def _update_group(group: Cells, line: Cells) -> Cells:
    """Keep the cells left of the first new one: a new date ends its matchup and team, a new matchup its team."""
    first = min((GROUP_COLUMNS.index(name) for name in GROUP_COLUMNS if name in line), default=len(GROUP_COLUMNS))
    kept = {name: group[name] for name in GROUP_COLUMNS[:first] if name in group}
    return kept | {name: line[name] for name in GROUP_COLUMNS if name in line}


def _lines(landed: LandedResponse) -> Iterator[tuple[str, Cells]]:
    """Yield the place and the cells of each line of the table, page by page."""
    edges: dict[str, float] = {}
    try:
        with pdfplumber.open(io.BytesIO(landed.body)) as pdf:
            for number, page in enumerate(pdf.pages, 1):
                for words in _words_by_line(page.extract_words(x_tolerance=WORD_GAP)):
                    text = " ".join(word["text"] for word in words)
                    if header := _column_edges(words):
                        edges = header
                    elif not _OUTSIDE_TABLE.match(text):
                        place = f"page {number}, line {text[:60]!r}"
                        if not edges:
                            raise bad_response(landed, f"{place}: expected the table's header, {', '.join(HEADER)}")
                        yield place, _cells(words, edges)
    except PdfminerException as error:
        start = landed.body[:40].decode("latin-1")
        raise bad_response(landed, f"expected a PDF, found {start!r}: {type(error).__name__}") from None


def _words_by_line(words: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    lines: list[list[dict[str, Any]]] = []
    for word in sorted(words, key=itemgetter("top", "x0")):
        if lines and word["top"] - lines[-1][0]["top"] <= SAME_LINE:
            lines[-1].append(word)
        else:
            lines.append([word])
    return [sorted(line, key=itemgetter("x0")) for line in lines]


def _column_edges(words: list[dict[str, Any]]) -> dict[str, float]:
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


def _cells(words: list[dict[str, Any]], edges: Mapping[str, float]) -> Cells:
    def column(word: dict[str, Any]) -> str:
        return [name for name in HEADER if edges[name] <= word["x0"] + LEFT_OF_HEADER or name == HEADER[0]][-1]

    return {name: " ".join(word["text"] for word in group) for name, group in groupby(words, column)}
