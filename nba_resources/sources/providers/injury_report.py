"""The NBA's official injury reports: the status of each listed player, from the evening before a game on."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product
from typing import ClassVar

from nba_resources.dates import EASTERN, DateRange
from nba_resources.sources.providers.injury_pdf import ReportRow, read_report
from nba_resources.sources.providers.json_reader import Row, bad_response, delivered_table
from nba_resources.sources.providers.provider import (
    Fetcher,
    LandedResponse,
    NotOffered,
    Provider,
    RequestPolicy,
)
from nba_resources.sources.teams import tricode
from nba_resources.sources.validation.validate import DeliveredTable

FIRST_DAY = dt.date(2021, 10, 19)
NAMES_CHANGED = (dt.date(2025, 12, 19), dt.date(2025, 12, 23))  # on some day in between: both names are tried
HALF_PAST = dt.timedelta(minutes=30)  # a file named after an hour alone was published at half past
QUARTERS = (0, 15, 30, 45)  # minutes past the hour at which reports are published since then
STATUSES = ("out", "doubtful", "questionable", "probable", "available")
_SUFFIX = re.compile(r"^(?P<last>.+?)\s+(?P<suffix>Jr\.?|Sr\.?|II|III|IV|V)$", re.IGNORECASE)
_COLUMNS = {"player_name_raw": "Player Name", "team_abbr": "Team", "game_date": "Game Date"}
_COLUMNS |= {"status": "Current Status", "note": "Reason"}


class InjuryReport(Provider):
    """One PDF for each hour, since the names changed for each quarter of an hour.

    A row is a change: what an earlier report of the day already stated is not repeated.
    """

    name: ClassVar[str] = "injury_report"
    feeds: ClassVar[frozenset[str]] = frozenset({"injury_reports"})
    default_url: ClassVar[str] = "https://ak-static.cms.nba.com/referee/injury"
    policy = RequestPolicy(not_found=frozenset({403, 404}))  # 403 if an hour has no report
    hours: ClassVar[Sequence[int]] = range(8, 24)

    def fetch(self, feed: str, dates: DateRange, fetcher: Fetcher) -> list[DeliveredTable]:
        """Return the changes, dated by the day of the report and known since the time in its masthead."""
        if dates.end < FIRST_DAY:
            raise NotOffered(f"{self.name} begins on {FIRST_DAY}, so it has nothing of {dates}")
        return [table for day in dates for table in self._changes_of(day, fetcher)]

    def _changes_of(self, day: dt.date, fetcher: Fetcher) -> Iterator[DeliveredTable]:
        latest: dict[tuple[str, str, dt.date], Row] = {}
        quarters = QUARTERS if day > NAMES_CHANGED[1] else QUARTERS[:1]
        for hour, minute in product(self.hours, quarters) if day >= FIRST_DAY else ():
            if (landed := self._report(dt.datetime.combine(day, dt.time(hour, minute), EASTERN), fetcher)) is not None:
                yield _changes(landed, day, latest)

    def _report(self, time: dt.datetime, fetcher: Fetcher) -> LandedResponse | None:
        """Return the report named after a time; it is not requested before it is published."""
        for name, due in _files(time):
            path = f"Injury-Report_{name}.pdf"
            request = self.request("report", path, time.date(), settled=True, content="pdf", due=due)
            if due <= self.clock() and (landed := fetcher.get(request)) is not None:
                return landed
        return None


def _files(time: dt.datetime) -> list[tuple[str, dt.datetime]]:
    """Return names and times of publication: `2025-12-01_05PM` at half past five, `2026-01-05_05_00PM` at five."""
    hourly = time.strftime("%Y-%m-%d_%I%p"), time + HALF_PAST
    quarterly = time.strftime("%Y-%m-%d_%I_%M%p"), time
    first, last = NAMES_CHANGED
    if time.date() < first:
        return [hourly]
    return [quarterly] if time.date() > last else [hourly, quarterly]


def _changes(landed: LandedResponse, day: dt.date, latest: dict[tuple[str, str, dt.date], Row]) -> DeliveredTable:
    """Return the rows that differ from the day's earlier reports, and update `latest`.

    A team that plays today and tomorrow is listed twice, each time with the date of its game.
    """
    report = read_report(landed)
    if report.published.date() != day:
        raise bad_response(landed, f"masthead of {report.published:%Y-%m-%d %H:%M}, expected one of {day}")
    rows: list[Row] = []
    notes: Counter[str] = Counter()
    for report_row in report.rows:
        team, game_day = _team(landed, report_row), _game_day(landed, report_row)
        if "Player Name" not in report_row.cells:
            notes["teams that had not submitted yet"] += 1
            continue
        row = _row(landed, report_row, team, report.published) | {"game_date": game_day}
        key = (team, row["player_name_raw"], game_day)
        if latest.get(key, {}) | {"known_at": row["known_at"]} != row:
            rows.append(row)
        latest[key] = row
    return delivered_table("injury_reports", landed, rows, _COLUMNS, notes)


def _row(landed: LandedResponse, row: ReportRow, team: str, published: dt.datetime) -> Row:
    status = row.cells.get("Current Status", "").lower()
    if status not in STATUSES:
        raise bad_response(landed, f"{row.place}: Current Status {status!r}, expected one of {', '.join(STATUSES)}")
    return {
        "kind": "status_report",
        "event": "status",
        "report_date": published.date(),
        "known_at": published.astimezone(dt.UTC),
        "team_abbr": team,
        "player_name_raw": first_name_first(row.cells["Player Name"]),
        "status": status,
        "note": None if row.reason in ("", "-") else row.reason,
    }


def _team(landed: LandedResponse, row: ReportRow) -> str:
    if (team := tricode(row.cells.get("Team", ""))) is None:
        raise bad_response(landed, f"{row.place}: Team {row.cells.get('Team')!r}, expected a team's full name")
    return team


def _game_day(landed: LandedResponse, row: ReportRow) -> dt.date:
    text = row.cells.get("Game Date", "")
    try:
        return dt.datetime.strptime(text, "%m/%d/%Y").date()  # noqa: DTZ007 (a printed date has no zone)
    except ValueError:
        raise bad_response(landed, f"{row.place}: Game Date {text!r}, expected one such as 01/05/2026") from None


def first_name_first(listed: str) -> str:
    """Return `Michael Porter Jr.` for `Porter Jr., Michael`; leave a name without a comma as it is."""
    last, comma, first = (part.strip() for part in listed.partition(","))
    if not comma or not first:
        return listed.strip()
    match = _SUFFIX.match(last)
    return f"{first} {match['last']} {match['suffix']}" if match else f"{first} {last}"
