"""The injury report from a fake server: the simulated statuses arrive with the time of their report."""

import datetime as dt

import pandas as pd
import pytest
from pytest_httpserver import HTTPServer

from nba_resources.dates import DateRange
from nba_resources.sources.base import BadInput
from nba_resources.sources.providers import injury_pdf
from nba_resources.sources.providers.injury_report import InjuryReport, first_name_first
from nba_resources.sources.providers.provider import NotOffered

from ..fakes.compare import assert_same_rows
from ..fakes.league import League
from ..fakes.report import FakeReports, last_name_first, report_pdf
from ..harness import MemoryFetcher

DATES = DateRange(dt.date(2024, 12, 11), dt.date(2024, 12, 13))
DAY = DateRange(dt.date(2024, 12, 12), dt.date(2024, 12, 12))


class EverySecondHour(InjuryReport):
    hours = (12, 14, 16, 18, 20, 22)


@pytest.fixture
def fake(httpserver: HTTPServer, league: League) -> FakeReports:
    return FakeReports(league).behind(httpserver)


@pytest.fixture
def reports(fake: FakeReports, httpserver: HTTPServer, fetcher: MemoryFetcher) -> InjuryReport:
    return EverySecondHour(httpserver.url_for(""), clock=fetcher.now)


def report_time(known_at: pd.Timestamp) -> pd.Timestamp:
    """Return the time of the next report: 12:30, 14:30, .., with New York five hours behind UTC in December."""
    hour = (known_at - pd.Timedelta(minutes=30)).ceil("h")
    following = hour + pd.Timedelta(hours=(hour.hour - 5) % 2, minutes=30)
    first = (known_at - pd.Timedelta(hours=5)).normalize() + pd.Timedelta(hours=5 + 12, minutes=30)
    return max(following, first)


def test_every_status_arrives_once_with_the_time_of_its_report(reports, fetcher, league):
    statuses = league.frame("injury_reports", DATES)
    statuses = statuses[statuses.kind == "status_report"].sort_values("known_at")
    statuses["known_at"] = statuses.known_at.map(report_time)
    in_time = statuses[(statuses.known_at - pd.Timedelta(hours=5)).dt.date == statuses.report_date]
    who = ["report_date", "team_abbr", "player_name_raw"]
    expected = in_time.drop_duplicates([*who, "known_at"], keep="last")
    before = expected.groupby(who)[["status", "note"]].shift()
    expected = expected[(expected[["status", "note"]] != before).any(axis=1)]
    assert expected.duplicated(who).any(), "no status is lifted before a tip-off"
    assert_same_rows(fetcher.rows(reports, "injury_reports", DATES), expected, "injury_reports")


def test_an_hour_without_a_report_is_not_requested_again_after_a_day(fake, httpserver, harness):
    fake.answer = lambda path, _: report_pdf("12/12/24 12:30 PM", []) if "_12PM" in path else None
    reports = EverySecondHour(httpserver.url_for(""), clock=harness.now)
    requests = []
    for hours in (12, 13, 36, 48):
        harness.time = dt.datetime(2024, 12, 13, 5, tzinfo=dt.UTC) + dt.timedelta(hours=hours)
        harness.rows(reports, "injury_reports", DAY)
        requests.append(len(fake.requests))
    assert requests == [6, 6 + 5, 6 + 5 + 5, 6 + 5 + 5]


def test_while_every_hour_of_a_day_is_absent_all_are_requested_again(fake, httpserver, harness):
    """A host that blocks us answers the same for each."""
    fake.answer = lambda path, _: None
    reports = EverySecondHour(httpserver.url_for(""), clock=harness.now)
    for days in (3, 5):
        harness.time = dt.datetime(2024, 12, 12 + days, 5, tzinfo=dt.UTC)
        harness.rows(reports, "injury_reports", DAY)
    assert len(fake.requests) == 2 * 6


def read_report(fake, fetcher, reports, *rows: list[str], **how) -> pd.DataFrame:
    """Read a report with these rows."""
    fake.answer = lambda path, _: report_pdf("12/12/24 12:30 PM", rows, **how) if "_12PM" in path else None
    return fetcher.rows(reports, "injury_reports", DAY).set_index("player_name_raw")


BOS = ["12/12/2024", "07:00 (ET)", "DET@BOS", "Boston Celtics"]
ON = ["", "", "", ""]


def test_a_long_reason_is_read_completely_for_its_own_player(fake, fetcher, reports):
    long = "Injury/Illness - Right Knee, Patella Femoral; Inflammation after a fall in the fourth quarter"
    result = read_report(
        fake,
        fetcher,
        reports,
        [*BOS, "Tatum, Jayson", "Out", long],
        [*ON, "White, Derrick", "Probable", "Injury/Illness - Left Ankle; Sprain"],
        [*ON, "Porter Jr., Michael", "Questionable", long],
    )
    assert dict(result.note) == {
        "Jayson Tatum": long,
        "Derrick White": "Injury/Illness - Left Ankle; Sprain",
        "Michael Porter Jr.": long,
    }


@pytest.mark.parametrize("header_on_every_page", [True, False])
def test_groups_and_reasons_continue_across_pages(fake, fetcher, reports, header_on_every_page):
    rows = [
        [*ON, f"Player, Number{n}", "Out", f"Injury/Illness - Left Ankle {n}; a sprain that goes on"] for n in range(60)
    ]
    rows[0][:4] = BOS
    result = read_report(fake, fetcher, reports, *rows, header_on_every_page=header_on_every_page)
    assert set(result.team_abbr) == {"BOS"}
    assert dict(result.note) == {
        f"Number{n} Player": f"Injury/Illness - Left Ankle {n}; a sprain that goes on" for n in range(60)
    }


@pytest.mark.parametrize("header_on_every_page", [True, False])
def test_a_reason_continued_on_the_next_page_belongs_to_the_last_player_before_it(
    fake, fetcher, reports, header_on_every_page
):
    rows = [
        [*BOS, "Tatum, Jayson", "Out", "Injury/Illness - Right Knee;\fInflammation"],
        [*ON, "White, Derrick", "Probable", "Injury/Illness - Left Ankle; Sprain"],
    ]
    result = read_report(fake, fetcher, reports, *rows, header_on_every_page=header_on_every_page)
    assert result.note["Jayson Tatum"] == "Injury/Illness - Right Knee; Inflammation"
    assert result.note["Derrick White"] == "Injury/Illness - Left Ankle; Sprain"


def test_a_team_that_has_not_submitted_is_counted_and_has_no_row(fake, fetcher, reports):
    assert read_report(fake, fetcher, reports, [*BOS, "", "", "NOT YET SUBMITTED"]).empty
    delivery = fetcher.delivery(reports, "injury_reports", DAY)
    assert delivery.notes == {"teams that had not submitted yet": 1}


def test_the_time_of_a_status_is_that_of_the_masthead_and_not_of_the_name(fake, fetcher, reports):
    """Files named after an hour are published at half past: by its name a status would be known before it was."""
    result = read_report(fake, fetcher, reports, [*BOS, "Tatum, Jayson", "Out", "Rest"])
    assert str(result.known_at["Jayson Tatum"]) == "2024-12-12 17:30:00+00:00"


def test_a_report_is_not_requested_before_half_past_its_hour(fake, fetcher, reports):
    requests = []
    for minute in (29, 30):
        fetcher.time = dt.datetime(2024, 12, 12, 17, minute, tzinfo=dt.UTC)  # after twelve in New York
        fetcher.rows(reports, "injury_reports", DAY)
        requests.append(len(fake.requests))
    assert requests == [0, 1]


def test_a_team_that_has_not_submitted_does_not_shift_the_reasons_of_others(fake, fetcher, reports):
    """Reasons were once counted off against rows, so one too many moved all of them by a row."""
    result = read_report(
        fake,
        fetcher,
        reports,
        [*BOS, "Tatum, Jayson", "Out", "Injury/Illness - Right Knee; Patella Femoral Inflammation of long standing"],
        ["", "", "", "Detroit Pistons", "", "", "NOT YET SUBMITTED"],
        ["", "", "BKN@MIN", "Brooklyn Nets", "", "", "NOT YET SUBMITTED"],
        ["", "", "", "Minnesota Timberwolves", "Conley, Mike", "Available", "-"],
        [*ON, "Reid, Naz", "Probable", "Sore after a long flight home"],
    )
    assert dict(result.note.fillna("")) == {
        "Jayson Tatum": "Injury/Illness - Right Knee; Patella Femoral Inflammation of long standing",
        "Mike Conley": "",
        "Naz Reid": "Sore after a long flight home",
    }
    assert dict(result.team_abbr) == {"Jayson Tatum": "BOS", "Mike Conley": "MIN", "Naz Reid": "MIN"}


def test_a_turned_page_with_the_team_above_its_first_player_is_read(fake, fetcher, reports):
    """2022-23: pages turned by 90 degrees, and the cells of a group level with the first line of a reason."""
    long = "Injury/Illness - Right Big Toe; Return from Injury Management (Right Big Toe)"
    rows = [
        [*BOS, "Tatum, Jayson", "Out", long],
        [*ON, "White, Derrick", "Probable", "Injury/Illness - Left Ankle; Sprain"],
        ["", "", "", "Detroit Pistons", "Bey, Saddiq", "Questionable", long],
    ]
    result = read_report(fake, fetcher, reports, *rows, turned=True)
    assert dict(result.team_abbr) == {"Jayson Tatum": "BOS", "Derrick White": "BOS", "Saddiq Bey": "DET"}
    notes = {"Jayson Tatum": long, "Derrick White": "Injury/Illness - Left Ankle; Sprain", "Saddiq Bey": long}
    assert dict(result.note) == notes


def test_a_report_without_rows_is_valid(fake, fetcher, reports):
    assert read_report(fake, fetcher, reports).empty


def test_a_team_with_two_games_has_a_status_for_each_under_the_date_of_its_game(fake, fetcher, reports):
    """The status for tomorrow's game is not the status for today's: without its date one of them was left out."""
    result = read_report(
        fake,
        fetcher,
        reports,
        [*BOS, "Tatum, Jayson", "Available", "Injury/Illness - Left Ankle; Sprain"],
        ["12/13/2024", "07:30 (ET)", "BOS@NYK", "Boston Celtics", "Tatum, Jayson", "Out", "Rest"],
        ["", "", "", "New York Knicks", "Hart, Josh", "Doubtful", "Personal Reasons"],
    )
    found = {(name, str(row.game_date)): row.status for name, row in result.iterrows()}
    assert found == {
        ("Jayson Tatum", "2024-12-12"): "available",
        ("Jayson Tatum", "2024-12-13"): "out",
        ("Josh Hart", "2024-12-13"): "doubtful",
    }


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("Porter Jr., Michael", "Michael Porter Jr."),
        ("Jackson III,Trey", "Trey Jackson III"),
        ("Dončić, Luka", "Luka Dončić"),
        ("Caldwell-Pope, Kentavious", "Kentavious Caldwell-Pope"),
        ("Nene", "Nene"),
    ],
)
def test_names_are_reversed_with_their_suffix_at_the_end(printed, expected):
    assert first_name_first(printed) == expected


def test_the_fake_writes_names_as_the_league_does():
    assert last_name_first("Michael Porter Jr.") == "Porter Jr., Michael"


FAULTS = [
    (lambda _: b"%PDF-1.4 cut off", "expected a PDF, found"),
    (
        lambda _: report_pdf("12/12/24 06:30 PM", [[*BOS, "Tatum, Jayson", "Resting", "Rest"]]),
        "Current Status 'resting', expected one of",
    ),
    (
        lambda _: report_pdf("12/12/24 06:30 PM", [[*BOS[:3], "Boston Bruins", "A, B", "Out", "Rest"]]),
        "Team 'Boston Bruins', expected a team's full name",
    ),
    (
        lambda _: report_pdf("12/12/24 06:30 PM", [["tonight", *BOS[1:], "A, B", "Out", "Rest"]]),
        "Game Date 'tonight', expected one such as",
    ),
    (
        lambda _: report_pdf("12/12/24 06:30 PM", [[*BOS, "", "Out", "Rest"]]),
        "page 1, .* expected a Player Name or NOT YET SUBMITTED",
    ),
    (lambda _: report_pdf("12/12/24 06:30 PM", [[*BOS, "", "", "Rest"]]), "expected a Player Name or NOT YET"),
    (lambda _: report_pdf("", []), "expected a masthead such as 'Injury Report: 01/15/24 05:30 PM', found none"),
    (lambda _: report_pdf("tonight", []), "masthead 'Injury Report: tonight', expected one such as"),
    (lambda _: report_pdf("12/11/24 06:30 PM", []), "masthead of 2024-12-11 18:30, expected one of 2024-12-12"),
]


@pytest.mark.parametrize(("change", "message"), FAULTS, ids=[message for _, message in FAULTS])
def test_an_error_names_page_line_and_landed_file(fake, fetcher, reports, change, message):
    fake.change("_06PM", change)
    with pytest.raises(BadInput, match=message) as error:
        fetcher.rows(reports, "injury_reports", DAY)
    assert "landing/injury_report/report/2024-12-12/" in str(error.value)


def test_reports_of_december_2025_are_requested_under_both_names(fake, fetcher, reports):
    """Hourly names until the 19th, quarter-hourly ones from the 22nd on, unknown in between."""
    fetcher.time = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    requests = []
    fake.answer = lambda path, _: requests.append(path)
    for day in (18, 20, 24):
        fetcher.rows(reports, "injury_reports", DateRange(dt.date(2025, 12, day), dt.date(2025, 12, day)))
    noon = [path for path in requests if "_12" in path]
    assert noon == [
        "/Injury-Report_2025-12-18_12PM.pdf",
        "/Injury-Report_2025-12-20_12PM.pdf",
        "/Injury-Report_2025-12-20_12_00PM.pdf",
        *(f"/Injury-Report_2025-12-24_12_{minute}PM.pdf" for minute in ("00", "15", "30", "45")),
    ]


def test_a_status_taken_back_within_the_hour_is_two_changes_with_the_time_of_each_quarter(fake, fetcher, reports):
    """He is out at a quarter past noon, available from half past on; at one and later nothing is new."""
    day = dt.date(2026, 1, 5)
    told = {"12_00": "Questionable", "12_15": "Out", "12_30": "Available", "12_45": "Available"}

    def answer(path: str, _) -> bytes | None:
        hour, _, minute = path.removesuffix("PM.pdf").rpartition("_")
        status = told.get(f"{hour[-2:]}_{minute}", "Available")
        row = ["01/05/2026", "07:00 (ET)", "NYK@BOS", "Boston Celtics", "Tatum, Jayson", status, "Injury"]
        return report_pdf(f"01/05/26 {hour[-2:]}:{minute} PM", [row])

    fake.answer = answer
    fetcher.time = dt.datetime(2026, 1, 6, 15, tzinfo=dt.UTC)
    rows = fetcher.rows(reports, "injury_reports", DateRange(day, day))
    seen = [
        (f"{at.tz_convert('America/New_York'):%H:%M}", status)
        for at, status in zip(rows.known_at, rows.status, strict=True)
    ]
    assert seen == [("12:00", "questionable"), ("12:15", "out"), ("12:30", "available")]


def test_a_look_reads_only_the_reports_that_no_look_before_it_has_read(fake, fetcher, reports, monkeypatch):
    """Each look once opened all PDFs of the day again: a dozen at tip-off, and fifty since they come by the quarter."""
    opened = []
    open_pdf = injury_pdf.pdfplumber.open
    monkeypatch.setattr(injury_pdf.pdfplumber, "open", lambda file: opened.append(file) or open_pdf(file))
    injury_pdf._pages.cache_clear()
    counts = []
    for hour in (17, 17, 19):  # UTC: 12:35 and 14:35 in New York
        fetcher.time = dt.datetime(2024, 12, 12, hour, 35, tzinfo=dt.UTC)
        fake.answer = lambda path, _: report_pdf(f"12/12/24 {path[-8:-6]}:30 PM", [])
        reports.fetch("injury_reports", DAY, fetcher)
        counts.append(len(opened))
    assert counts == [1, 1, 2]


def test_future_hours_are_not_requested(fake, fetcher, reports):
    fetcher.time = dt.datetime(2024, 12, 12, 18, 30, tzinfo=dt.UTC)  # half past one in New York
    fetcher.rows(reports, "injury_reports", DAY)
    assert fake.counts() == {"report": 1}


def test_seasons_before_the_reports_are_not_offered(fetcher, reports):
    with pytest.raises(NotOffered, match="begins on 2021-10-19"):
        fetcher.rows(reports, "injury_reports", DateRange(dt.date(2020, 1, 1), dt.date(2020, 1, 2)))
