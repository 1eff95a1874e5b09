"""The official report as a fake draws it: what the simulated clubs admit arrives with the hour it was printed."""

import datetime as dt

import pandas as pd
import pytest
from pytest_httpserver import HTTPServer

from nba_resources.dates import DateRange
from nba_resources.sources.base import BadInput
from nba_resources.sources.providers.injury_report import InjuryReport, spoken_name
from nba_resources.sources.providers.provider import NotOffered

from ..fakes.compare import assert_same_rows
from ..fakes.desks import PlainDoor
from ..fakes.league import League
from ..fakes.report import FakeReports, listed, paper

DATES = DateRange(dt.date(2024, 12, 11), dt.date(2024, 12, 13))
DAY = DateRange(dt.date(2024, 12, 12), dt.date(2024, 12, 12))
HOURS = (12, 14, 16, 18, 20, 22)


@pytest.fixture
def fake(httpserver: HTTPServer, league: League) -> FakeReports:
    return FakeReports(league).behind(httpserver)


@pytest.fixture
def reports(fake: FakeReports, httpserver: HTTPServer, door: PlainDoor) -> InjuryReport:
    return InjuryReport(httpserver.url_for(""), clock=door.now, hours=HOURS)


def printed(known_at: pd.Timestamp) -> pd.Timestamp:
    """The first report at or after it: every second hour, New York being five behind in December."""
    return known_at.ceil("h") if (known_at.ceil("h").hour - 5) % 2 == 0 else known_at.ceil("h") + pd.Timedelta(hours=1)


def test_every_status_arrives_with_the_hour_it_was_printed_and_is_told_once(reports, door, league):
    told = league.frame("injury_reports", DATES)
    told = told[told.kind == "status_report"].sort_values("known_at")
    told["known_at"] = told.known_at.map(printed)
    in_time = told[(told.known_at - pd.Timedelta(hours=5)).dt.date == told.report_date]
    who = ["report_date", "team_abbr", "player_name_raw"]
    expected = in_time.drop_duplicates([*who, "known_at"], keep="last")
    before = expected.groupby(who)[["status", "note"]].shift()
    expected = expected[(expected[["status", "note"]] != before).any(axis=1)]
    assert expected.duplicated(who).any(), "no status is lifted before a tip-off"
    assert_same_rows(door.told(reports, "injury_reports", DATES), expected, "injury_reports")


def test_an_hour_without_a_report_is_not_asked_for_again_once_it_is_a_day_ago(fake, httpserver, desk):
    fake.answer = lambda path, _: paper("12/12/24 12:00 PM", []) if "_12PM" in path else None
    reports = InjuryReport(httpserver.url_for(""), clock=desk.now, hours=HOURS)
    asked = []
    for hours in (12, 13, 36, 48):
        desk.moment = dt.datetime(2024, 12, 13, 5, tzinfo=dt.UTC) + dt.timedelta(hours=hours)
        desk.told(reports, "injury_reports", DAY)
        asked.append(len(fake.asked))
    assert asked == [6, 6 + 5, 6 + 5 + 5, 6 + 5 + 5]


def test_while_every_hour_of_a_day_is_absent_all_are_asked_for_again(fake, httpserver, desk):
    """A host that has shut us out says the same of each."""
    fake.answer = lambda path, _: None
    reports = InjuryReport(httpserver.url_for(""), clock=desk.now, hours=HOURS)
    for days in (3, 5):
        desk.moment = dt.datetime(2024, 12, 12 + days, 5, tzinfo=dt.UTC)
        desk.told(reports, "injury_reports", DAY)
    assert len(fake.asked) == 2 * 6


def drawn(fake, door, reports, *rows: list[str], **how) -> pd.DataFrame:
    """What is read of a report with these rows."""
    fake.answer = lambda path, _: paper("12/12/24 12:00 PM", rows, **how) if "_12PM" in path else None
    return door.told(reports, "injury_reports", DAY).set_index("player_name_raw")


BOS = ["12/12/2024", "07:00 (ET)", "DET@BOS", "Boston Celtics"]
ON = ["", "", "", ""]


def test_a_long_reason_is_read_whole_and_beside_its_own_player(fake, door, reports):
    long = "Injury/Illness - Right Knee, Patella Femoral; Inflammation after a fall in the fourth quarter"
    found = drawn(
        fake,
        door,
        reports,
        [*BOS, "Tatum, Jayson", "Out", long],
        [*ON, "White, Derrick", "Probable", "Injury/Illness - Left Ankle; Sprain"],
        [*ON, "Porter Jr., Michael", "Questionable", long],
    )
    assert dict(found.note) == {
        "Jayson Tatum": long,
        "Derrick White": "Injury/Illness - Left Ankle; Sprain",
        "Michael Porter Jr.": long,
    }


@pytest.mark.parametrize("head_on_every_page", [True, False])
def test_groups_and_reasons_go_on_over_page_breaks(fake, door, reports, head_on_every_page):
    rows = [
        [*ON, f"Player, Number{n}", "Out", f"Injury/Illness - Left Ankle {n}; a sprain that goes on"] for n in range(60)
    ]
    rows[0][:4] = BOS
    found = drawn(fake, door, reports, *rows, head_on_every_page=head_on_every_page)
    assert set(found.team_abbr) == {"BOS"}
    assert dict(found.note) == {
        f"Number{n} Player": f"Injury/Illness - Left Ankle {n}; a sprain that goes on" for n in range(60)
    }


@pytest.mark.parametrize("head_on_every_page", [True, False])
def test_a_reason_that_goes_on_over_the_page_belongs_to_the_last_player_before_it(
    fake, door, reports, head_on_every_page
):
    rows = [
        [*BOS, "Tatum, Jayson", "Out", "Injury/Illness - Right Knee;\fInflammation"],
        [*ON, "White, Derrick", "Probable", "Injury/Illness - Left Ankle; Sprain"],
    ]
    found = drawn(fake, door, reports, *rows, head_on_every_page=head_on_every_page)
    assert found.note["Jayson Tatum"] == "Injury/Illness - Right Knee; Inflammation"
    assert found.note["Derrick White"] == "Injury/Illness - Left Ankle; Sprain"


def test_a_club_that_has_not_submitted_is_counted_and_no_row(fake, door, reports):
    assert drawn(fake, door, reports, [*BOS, "", "", "NOT YET SUBMITTED"]).empty
    delivery = door.deliver(reports, "injury_reports", DAY)
    assert delivery.notes == {"clubs that had not submitted yet": 1}


def test_a_report_without_rows_is_valid_and_says_nothing(fake, door, reports):
    assert drawn(fake, door, reports).empty


def test_of_two_games_of_a_club_the_next_one_counts(fake, door, reports):
    """Out tomorrow, on the second night, says nothing about tonight."""
    found = drawn(
        fake,
        door,
        reports,
        [*BOS, "Tatum, Jayson", "Available", "Injury/Illness - Left Ankle; Sprain"],
        ["12/13/2024", "07:30 (ET)", "BOS@NYK", "Boston Celtics", "Tatum, Jayson", "Out", "Rest"],
        ["", "", "", "New York Knicks", "Hart, Josh", "Doubtful", "Personal Reasons"],
    )
    assert dict(found.status) == {"Jayson Tatum": "available", "Josh Hart": "doubtful"}


@pytest.mark.parametrize(
    ("on_paper", "spoken"),
    [
        ("Porter Jr., Michael", "Michael Porter Jr."),
        ("Jackson III,Trey", "Trey Jackson III"),
        ("Dončić, Luka", "Luka Dončić"),
        ("Caldwell-Pope, Kentavious", "Kentavious Caldwell-Pope"),
        ("Nene", "Nene"),
    ],
)
def test_names_are_turned_round_with_their_suffix_at_the_end(on_paper, spoken):
    assert spoken_name(on_paper) == spoken


def test_the_fake_writes_names_as_the_league_does():
    assert listed("Michael Porter Jr.") == "Porter Jr., Michael"


FAULTS = [
    (lambda _: b"%PDF-1.4 cut off", "expected a PDF, found"),
    (lambda _: paper("x", [[*BOS, "Tatum, Jayson", "Resting", "Rest"]]), "Current Status 'resting', expected one of"),
    (
        lambda _: paper("x", [[*BOS[:3], "Boston Bruins", "A, B", "Out", "Rest"]]),
        "Team 'Boston Bruins', expected a club",
    ),
    (lambda _: paper("x", [["tonight", *BOS[1:], "A, B", "Out", "Rest"]]), "Game Date 'tonight', expected one such as"),
    (lambda _: paper("x", [[*BOS, "", "Out", "Rest"]]), "expected a Player Name or NOT YET SUBMITTED"),
]


@pytest.mark.parametrize(("twist", "said"), FAULTS, ids=[said for _, said in FAULTS])
def test_a_fault_is_told_with_page_line_and_landed_file(fake, door, reports, twist, said):
    fake.twist("_06PM", twist)
    with pytest.raises(BadInput, match=said) as told:
        door.told(reports, "injury_reports", DAY)
    assert "landing/injury_report/report/2024-12-12/" in str(told.value)


def test_reports_of_december_2025_are_looked_for_under_both_names(fake, door, reports):
    """Hours until the 19th, quarters of an hour from the 22nd on; between them nobody knows."""
    door.moment = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    asked = []
    fake.answer = lambda path, _: asked.append(path)
    for day in (18, 20, 24):
        door.told(reports, "injury_reports", DateRange(dt.date(2025, 12, day), dt.date(2025, 12, day)))
    noon = [path for path in asked if "_12" in path]
    assert noon == [
        "/Injury-Report_2025-12-18_12PM.pdf",
        "/Injury-Report_2025-12-20_12PM.pdf",
        "/Injury-Report_2025-12-20_12_00PM.pdf",
        "/Injury-Report_2025-12-24_12_00PM.pdf",
    ]


def test_hours_that_have_not_come_are_not_asked_for(fake, door, reports):
    door.moment = dt.datetime(2024, 12, 12, 18, 30, tzinfo=dt.UTC)  # half past one in New York
    door.told(reports, "injury_reports", DAY)
    assert fake.counted() == {"report": 1}


def test_seasons_before_the_reports_are_not_offered(door, reports):
    with pytest.raises(NotOffered, match="begins on 2021-10-19"):
        door.told(reports, "injury_reports", DateRange(dt.date(2020, 1, 1), dt.date(2020, 1, 2)))
