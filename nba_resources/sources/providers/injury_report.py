"""The NBA's official injury reports: the status of each listed player, from the evening before a game on."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import ClassVar

from nba_resources.dates import EASTERN, DateRange
from nba_resources.sources.providers.injury_pdf import ReportRow, read_rows
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
STATUSES = ("out", "doubtful", "questionable", "probable", "available")
NOT_SUBMITTED = "NOT YET SUBMITTED"
_SUFFIX = re.compile(r"^(?P<last>.+?)\s+(?P<suffix>Jr\.?|Sr\.?|II|III|IV|V)$", re.IGNORECASE)
_COLUMNS = {"player_name_raw": "Player Name", "team_abbr": "Team", "status": "Current Status", "note": "Reason"}


class InjuryReport(Provider):
    """One PDF for each hour. A row is a change: what an earlier report of the day already stated is not repeated."""

    name: ClassVar[str] = "injury_report"
    feeds: ClassVar[frozenset[str]] = frozenset({"injury_reports"})
    default_url: ClassVar[str] = "https://ak-static.cms.nba.com/referee/injury"
    policy: ClassVar[RequestPolicy] = RequestPolicy(not_found=frozenset({403, 404}))  # 403 if an hour has no report
    hours: ClassVar[Sequence[int]] = range(9, 24)  # one report of each is read; since December 2025 there are four

    def fetch(self, feed: str, dates: DateRange, fetcher: Fetcher) -> list[DeliveredTable]:
        """Return the changes, dated by the day of the report and known since the time in its file name."""
        if dates.end < FIRST_DAY:
            raise NotOffered(f"{self.name} begins on {FIRST_DAY}, so it has nothing of {dates}")
        return [table for day in dates for table in self._changes_of(day, fetcher)]

    def _changes_of(self, day: dt.date, fetcher: Fetcher) -> Iterator[DeliveredTable]:
        latest: dict[tuple[str, str], Row] = {}
        times = [dt.datetime.combine(day, dt.time(hour), EASTERN) for hour in self.hours]
        for time in (time for time in times if day >= FIRST_DAY and time <= self.clock()):
            if (landed := self._report(time, fetcher)) is not None:
                yield _changes(landed, time, latest)

    def _report(self, time: dt.datetime, fetcher: Fetcher) -> LandedResponse | None:
        for name in _file_names(time):
            path = f"Injury-Report_{name}.pdf"
            request = self.request("report", path, time.date(), settled=True, content="pdf", due=time)
            if (landed := fetcher.get(request)) is not None:
                return landed
        return None


def _file_names(time: dt.datetime) -> list[str]:
    """Return `2025-12-01_05PM` for hourly reports, `2026-01-05_05_00PM` since there are four an hour."""
    hourly, quarterly = time.strftime("%Y-%m-%d_%I%p"), time.strftime("%Y-%m-%d_%I_%M%p")
    first, last = NAMES_CHANGED
    if time.date() < first:
        return [hourly]
    return [quarterly] if time.date() > last else [hourly, quarterly]


def _changes(landed: LandedResponse, time: dt.datetime, latest: dict[tuple[str, str], Row]) -> DeliveredTable:
    """Return the rows that differ from the day's earlier reports, and update `latest`.

    A team that plays today and tomorrow is listed twice. Only today's rows count, as stored rows do not name the game.
    """
    rows: list[Row] = []
    notes: Counter[str] = Counter()
    listed = [(row, _team(landed, row), _game_day(landed, row)) for row in read_rows(landed)]
    first_game: dict[str, dt.date] = {}
    for _, team, day in listed:
        first_game[team] = min(day, first_game.get(team, day))
    for report_row, team, day in listed:
        if "Player Name" not in report_row.cells:
            if NOT_SUBMITTED.replace(" ", "") not in report_row.reason.upper().replace(" ", ""):
                raise bad_response(landed, f"{report_row.place}: expected a Player Name or {NOT_SUBMITTED}")
            notes["teams that had not submitted yet"] += 1
        elif day > first_game[team]:
            notes["rows about the later game of a team with two games"] += 1
        else:
            row = _row(landed, report_row, team, time) | {"game_date": day}
            key = (team, row["player_name_raw"])
            changed = latest.get(key, {}) | {"known_at": row["known_at"]} != row
            latest[key] = row
            rows += [row] if changed else []
    return delivered_table("injury_reports", landed, rows, _COLUMNS, notes)


def _row(landed: LandedResponse, row: ReportRow, team: str, time: dt.datetime) -> Row:
    status = row.cells.get("Current Status", "").lower()
    if status not in STATUSES:
        raise bad_response(landed, f"{row.place}: Current Status {status!r}, expected one of {', '.join(STATUSES)}")
    return {
        "kind": "status_report",
        "event": "status",
        "report_date": time.date(),
        "known_at": time.astimezone(dt.UTC),
        "team_abbr": team,
        "player_name_raw": first_name_first(row.cells["Player Name"]),
        "status": status,
        "note": row.reason or None,
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
