"""Reading the league's injury report: a table to the eye, words at places on pages to a program.

Its traps: date, time, matchup and team stand only on the first row of their group and hold across pages; a reason runs
over several lines, around its player's line or on to the next page; the head may be on the first page only.
"""

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pdfplumber
from pdfplumber.utils.exceptions import PdfminerException

from nba_resources.sources.providers.json_reader import complaint
from nba_resources.sources.providers.provider import Landed

HEAD = ("Game Date", "Game Time", "Matchup", "Team", "Player Name", "Current Status", "Reason")
GROUPS = HEAD[:4]
SAME_LINE, LEFT_OF_HEAD = 3.0, 5.0  # points of paper
GLUED = 1.5  # words nearer than this are one
_AROUND_THE_TABLE = re.compile(r"(Injury Report:|Page\s*\d+\s*of\s*\d+)", re.IGNORECASE)
_REASON_BEGINS = re.compile(
    r"NOT YET|Injury/|G ?League|Personal|League |Concussion|Rest\b|Not ?With|Coach|Return|Health|Trade|Team |Two-?Way",
    re.IGNORECASE,
)
Line = dict[str, str]


@dataclass(frozen=True)
class Entry:
    """One row of the report with the cells of its group filled in; `place` says where it stands."""

    cells: Mapping[str, str]
    reason: str
    place: str


def entries(landed: Landed) -> list[Entry]:
    """All rows in order. A report without rows is valid, pages with words but without the table's head are not."""
    rows: list[Entry] = []
    reasons: list[str] = []
    beside: list[str] = []  # the reasons again, put together by who stands above instead of by how they begin
    group: Line = {}
    for place, line in _lines(landed):
        reason = line.pop("Reason", "")
        if line:
            group = _carried(group, line)
            rows.append(Entry(group | line, "", place))
            beside.append("")
        if reason and rows:
            beside[-1] = f"{beside[-1]} {reason}".strip()
        if reason and (not reasons or _REASON_BEGINS.match(reason)):
            reasons.append(reason)
        elif reason:
            reasons[-1] += f" {reason}"
    told = reasons if len(reasons) == len(rows) else beside
    return [replace(row, reason=reason) for row, reason in zip(rows, told, strict=True)]


def _carried(group: Line, line: Line) -> Line:
    """What holds from the rows above: a new date ends its time, matchup and team, a new matchup its team."""
    first = min((GROUPS.index(name) for name in GROUPS if name in line), default=len(GROUPS))
    held = {name: group[name] for name in GROUPS[:first] if name in group}
    return held | {name: line[name] for name in GROUPS if name in line} if first < len(GROUPS) else group


def _lines(landed: Landed) -> Iterator[tuple[str, Line]]:
    """The lines of the table with their words in columns, page after page."""
    edges: dict[str, float] = {}
    try:
        with pdfplumber.open(io.BytesIO(landed.body)) as pdf:
            for number, page in enumerate(pdf.pages, 1):
                for words in _by_line(page.extract_words(x_tolerance=GLUED)):
                    text = " ".join(word["text"] for word in words)
                    if found := _head(words):
                        edges = found
                    elif not _AROUND_THE_TABLE.match(text):
                        place = f"page {number}, line {text[:60]!r}"
                        if not edges:
                            raise complaint(landed, f"{place}: expected the head of the table, {', '.join(HEAD)}")
                        yield place, _in_columns(words, edges)
    except PdfminerException as broken:
        found_instead = landed.body[:40].decode("latin-1")
        raise complaint(landed, f"expected a PDF, found {found_instead!r}: {type(broken).__name__}") from None


def _by_line(words: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    line: list[dict[str, Any]] = []
    for word in sorted(words, key=lambda word: (word["top"], word["x0"])):
        if line and word["top"] - line[0]["top"] > SAME_LINE:
            yield sorted(line, key=lambda word: word["x0"])
            line = []
        line.append(word)
    if line:
        yield sorted(line, key=lambda word: word["x0"])


def _head(words: list[dict[str, Any]]) -> dict[str, float]:
    """Where each column begins, if this line is the head: its words may stand apart or glued together."""
    edges: dict[str, float] = {}
    rest = list(words)
    for heading in HEAD:
        wanted, read, begins = heading.replace(" ", ""), "", None
        while rest and read != wanted and wanted.startswith(read):
            begins = rest[0]["x0"] if begins is None else begins
            read += rest.pop(0)["text"].replace(" ", "")
        if read != wanted or begins is None:
            return {}
        edges[heading] = begins
    return edges


def _in_columns(words: list[dict[str, Any]], edges: Mapping[str, float]) -> Line:
    line: Line = {}
    for word in words:
        column = max(
            (name for name in HEAD if edges[name] <= word["x0"] + LEFT_OF_HEAD), key=HEAD.index, default=HEAD[0]
        )
        line[column] = f"{line[column]} {word['text']}" if column in line else word["text"]
    return line
