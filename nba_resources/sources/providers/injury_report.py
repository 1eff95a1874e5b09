"""The league's official injury reports: who may play, as the clubs must say it from the evening before on."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

from nba_resources.dates import DateRange
from nba_resources.sources import eastern
from nba_resources.sources.providers.injury_pdf import Entry, entries
from nba_resources.sources.providers.json_reader import Row, complaint, published
from nba_resources.sources.providers.provider import Door, Landed, Manners, NotOffered, Provider, Request, utc_now
from nba_resources.sources.teams import tricode
from nba_resources.sources.validation.validate import DeliveredTable

FIRST_DAY = dt.date(2021, 10, 19)
TO_THE_MINUTE = (dt.date(2025, 12, 19), dt.date(2025, 12, 23))  # names were changed between these days: both are tried
HOURS = range(9, 24)  # of each hour one report is read; since December 2025 there are four
STATUSES = ("out", "doubtful", "questionable", "probable", "available")
NOT_SUBMITTED = "NOT YET SUBMITTED"
_SUFFIX = re.compile(r"^(?P<last>.+?)\s+(?P<suffix>Jr\.?|Sr\.?|II|III|IV|V)$", re.IGNORECASE)
_NAMED = {"player_name_raw": "Player Name", "team_abbr": "Team", "status": "Current Status", "note": "Reason"}


class InjuryReport(Provider):
    """One PDF for each hour. A row is news: what the hour before said already is not told again that day."""

    name: ClassVar[str] = "injury_report"
    feeds: ClassVar[frozenset[str]] = frozenset({"injury_reports"})
    home: ClassVar[str] = "https://ak-static.cms.nba.com/referee/injury"
    manners: ClassVar[Manners] = Manners(absent=frozenset({403, 404}))  # an hour without a report is refused

    def __init__(
        self, base_url: str | None = None, clock: Callable[[], dt.datetime] = utc_now, hours: Sequence[int] = HOURS
    ) -> None:
        super().__init__(base_url, clock)
        self.hours = hours

    def fetch(self, feed: str, dates: DateRange, door: Door) -> list[DeliveredTable]:
        """Reports are dated by the day they were made and known from the time in their name."""
        if dates.end < FIRST_DAY:
            raise NotOffered(f"{self.name} begins on {FIRST_DAY}, so it has nothing of {dates}")
        return [one for day in dates for one in self._news_of(day, door)]

    def _news_of(self, day: dt.date, door: Door) -> Iterator[DeliveredTable]:
        said: dict[tuple[str, str], Row] = {}
        for moment in self._moments(day):
            if (landed := self._report(moment, door)) is not None:
                yield _news(landed, moment, said)

    def _moments(self, day: dt.date) -> Iterator[dt.datetime]:
        """The reports of a day that are out by now."""
        for hour in self.hours if day >= FIRST_DAY else ():
            moment = dt.datetime.combine(day, dt.time(hour), eastern.EASTERN)
            if moment <= self.clock():
                yield moment

    def _report(self, moment: dt.datetime, door: Door) -> Landed | None:
        for name in _file_names(moment):
            url = f"{self.base_url}/Injury-Report_{name}.pdf"
            day = moment.date().isoformat()
            asked = Request(self.name, "report", url, day, settled=True, content="pdf", due=moment)
            if (landed := door.get(asked)) is not None:
                return landed
        return None


def _file_names(moment: dt.datetime) -> list[str]:
    """`2025-12-01_05PM` before the reports came by the quarter of an hour, `2026-01-05_05_00PM` since."""
    by_hour, to_the_minute = moment.strftime("%Y-%m-%d_%I%p"), moment.strftime("%Y-%m-%d_%I_%M%p")
    first, last = TO_THE_MINUTE
    if moment.date() < first:
        return [by_hour]
    return [to_the_minute] if moment.date() > last else [by_hour, to_the_minute]


def _news(landed: Landed, moment: dt.datetime, said: dict[tuple[str, str], Row]) -> DeliveredTable:
    """What this report says that those before it on the same day did not.

    A club that plays tonight and tomorrow is listed twice: tonight's rows count, as nothing tells the two apart later.
    """
    rows: list[Row] = []
    notes: Counter[str] = Counter()
    told = [(entry, _club(landed, entry), _game_day(landed, entry)) for entry in entries(landed)]
    first_game: dict[str, dt.date] = {}
    for _, club, day in told:
        first_game[club] = min(day, first_game.get(club, day))
    for entry, club, day in told:
        if "Player Name" not in entry.cells:
            if NOT_SUBMITTED.replace(" ", "") not in entry.reason.upper().replace(" ", ""):
                raise complaint(landed, f"{entry.place}: expected a Player Name or {NOT_SUBMITTED}")
            notes["clubs that had not submitted yet"] += 1
        elif day > first_game[club]:
            notes["rows about a later game of a club that plays before"] += 1
        else:
            row = _row(landed, entry, club, moment)
            key = (club, row["player_name_raw"])
            news = said.get(key, {}) | {"known_at": row["known_at"]} != row
            said[key] = row
            rows += [row] if news else []
    return published("injury_reports", landed, rows, _NAMED, notes)


def _row(landed: Landed, entry: Entry, club: str, moment: dt.datetime) -> Row:
    status = entry.cells.get("Current Status", "").lower()
    if status not in STATUSES:
        raise complaint(landed, f"{entry.place}: Current Status {status!r}, expected one of {', '.join(STATUSES)}")
    return {
        "kind": "status_report",
        "event": "status",
        "report_date": moment.date(),
        "known_at": moment.astimezone(dt.UTC),
        "team_abbr": club,
        "player_name_raw": spoken_name(entry.cells["Player Name"]),
        "status": status,
        "note": entry.reason or None,
    }


def _club(landed: Landed, entry: Entry) -> str:
    if (club := tricode(entry.cells.get("Team", ""))) is None:
        raise complaint(landed, f"{entry.place}: Team {entry.cells.get('Team')!r}, expected a club's full name")
    return club


def _game_day(landed: Landed, entry: Entry) -> dt.date:
    told = entry.cells.get("Game Date", "")
    try:
        return dt.datetime.strptime(told, "%m/%d/%Y").date()  # noqa: DTZ007 (a date on paper has no zone)
    except ValueError:
        raise complaint(landed, f"{entry.place}: Game Date {told!r}, expected one such as 01/05/2026") from None


def spoken_name(listed: str) -> str:
    """`Porter Jr., Michael` is Michael Porter Jr.; a name without a comma is left as it is."""
    last, comma, first = (part.strip() for part in listed.partition(","))
    if not comma or not first:
        return listed.strip()
    found = _SUFFIX.match(last)
    return f"{first} {found['last']} {found['suffix']}" if found else f"{first} {last}"
