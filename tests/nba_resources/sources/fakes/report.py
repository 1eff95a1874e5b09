"""The league's injury report as a PDF, drawn like the official one.

Group cells are in the first row only, long reasons run over several lines and pages, and the header is on the first
page only. A file named after an hour is published at half past. In 2022-23 pages were turned and group cells were level
with the first line of a reason.
"""

import datetime as dt
import io
import re
from collections.abc import Sequence
from typing import Any

import matplotlib
from reportlab.lib.pagesizes import landscape, letter
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from werkzeug import Request

from nba_resources.dates import EASTERN

from .league import League, Row, by
from .server import Fake
from .team_names import FULL_NAMES

FONT = "DejaVu Sans"  # has the letters of all names
pdfmetrics.registerFont(TTFont(FONT, f"{matplotlib.get_data_path()}/fonts/ttf/DejaVuSans.ttf"))
HEADER = ("Game Date", "Game Time", "Matchup", "Team", "Player Name", "Current Status", "Reason")
EDGES = (30, 100, 170, 240, 370, 500, 590)
PITCH, TOP, BOTTOM = 20, 540, 40
LINE_OF_REASON, WRAPPED_AT = 9, 28


def report_pdf(
    published: str, rows: Sequence[Sequence[str]], header_on_every_page: bool = False, turned: bool = False
) -> bytes:
    """Return a PDF of these rows; a form feed continues a reason on the next page."""
    content = io.BytesIO()
    canvas = Canvas(content, pagesize=letter if turned else landscape(letter), invariant=True)
    title = f"Injury Report: {published}" if published else ""
    height = _new_page(canvas, title, header=True)
    for *others, reason in rows:
        this_page, _, next_page = reason.partition("\f")
        half = max(PITCH, LINE_OF_REASON * (len(wrapped(this_page)) + 1)) / 2
        if height - 2 * half < BOTTOM:
            canvas.showPage()
            height = _new_page(canvas, title, header_on_every_page)
        above = (len(wrapped(this_page)) - 1) * LINE_OF_REASON / 2 if turned else 0
        for number, (edge, cell) in enumerate(zip(EDGES, others, strict=False)):
            canvas.drawString(edge, height - half + (above if number < 4 else 0), cell)
        _draw_reason(canvas, height - half, this_page)
        height -= 2 * half
        if next_page:
            canvas.showPage()
            height = _new_page(canvas, title, header_on_every_page)
            _draw_reason(canvas, height, next_page)
            height -= PITCH
    canvas.showPage()
    canvas.save()
    return content.getvalue()


def _new_page(canvas: Canvas, title: str, header: bool) -> float:
    width, height = canvas._pagesize
    if width < height:
        canvas.setPageRotation(90)
        canvas.translate(width, 0)
        canvas.rotate(90)
    canvas.setFont(FONT, 7)
    canvas.drawString(30, 585, title)
    canvas.drawString(30, 20, f"Page {canvas.getPageNumber()} of 9")
    for edge, name in zip(EDGES, HEADER, strict=True) if header else []:
        canvas.drawString(edge, 565, name)
    return TOP


def _draw_reason(canvas: Canvas, middle: float, reason: str) -> None:
    """Center the lines on the row, as in the official report."""
    lines = wrapped(reason)
    for number, line in enumerate(lines):
        canvas.drawString(EDGES[-1], middle + (len(lines) - 1) * LINE_OF_REASON / 2 - number * LINE_OF_REASON, line)


def wrapped(reason: str) -> list[str]:
    lines = [""]
    for word in reason.split():
        if lines[-1] and len(lines[-1]) + len(word) > WRAPPED_AT:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def last_name_first(name: str) -> str:
    """`Porter Jr., Michael` for Michael Porter Jr."""
    given, _, last = name.partition(" ")
    return f"{last}, {given}"


class FakeReports(Fake):
    """Serves the statuses of the day as of each hour, and refuses the hours before anything is known."""

    absent = 403

    def __init__(self, league: League) -> None:
        super().__init__()
        rows = [row for row in league.rows("injury_reports") if row["kind"] == "status_report"]
        self.by_day = by(rows, "report_date")
        self.games = by(league.played, "game_date")

    def kind(self, path: str) -> str:
        return "report"

    def answer(self, path: str, request: Request) -> Any:
        match = re.fullmatch(r"/Injury-Report_(\d{4}-\d\d-\d\d)_(\d\d)(AM|PM)\.pdf", path)
        if not match:
            return None
        hour = dt.datetime.strptime(f"{match[1]} {match[2]}{match[3]}", "%Y-%m-%d %I%p").replace(tzinfo=EASTERN)
        time = hour + dt.timedelta(minutes=30)
        known = [row for row in self.by_day.get(time.date(), []) if row["known_at"] <= time.astimezone(dt.UTC)]
        return report_pdf(f"{time:%m/%d/%y %I:%M %p}", list(self._cells(time.date(), known))) if known else None

    def _cells(self, day: dt.date, known: list[Row]) -> Any:
        latest = {(row["team_abbr"], row["player_name_raw"]): row for row in sorted(known, key=lambda r: r["known_at"])}
        of_team = by(latest.values(), "team_abbr")
        for first, game in enumerate(self.games[day]):
            date = day.strftime("%m/%d/%Y") if first == 0 else ""
            matchup = [date, "07:00 (ET)", f"{game['away_team']}@{game['home_team']}"]
            for team in (game["away_team"], game["home_team"]):
                rows = of_team.get(team, [])
                for number, row in enumerate(rows):
                    group = [*matchup, FULL_NAMES[team]] if number == 0 else ["", "", "", ""]
                    yield [*group, last_name_first(row["player_name_raw"]), row["status"].title(), row["note"]]
                if not rows:
                    yield [*matchup, FULL_NAMES[team], "", "", "NOT YET SUBMITTED"]
                matchup = ["", "", ""]
