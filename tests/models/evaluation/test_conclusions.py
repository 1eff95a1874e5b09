from models.evaluation.compare import compare
from models.evaluation.conclusions import verdicts

from ..graded_rows import LINE, OTHER, OURS, SEASON, graded, night, record


def test_the_report_says_not_shown_where_an_edge_is_not_shown():
    said = verdicts((), (record(288, 500),), (record(60, 100, group="2-4"),))

    assert said[0] == (
        f"{OURS}: 288 of 500 decided picks with a price won, 57.6% [53.2%, 61.9%]; their prices need 53.4%; return "
        "+0.2% on 500 units: an edge is not shown. By points of edge: 2-4 60.0% [50.2%, 69.1%] of 100 (needs 53.4%)."
    )
    assert said[1].startswith("What it is: no system is shown to make money")
    assert said[2].startswith("What it is not: of 1 rates large enough to judge, luck alone lifts about 0.0 above")


def test_what_is_too_good_to_be_true_is_said_first():
    said = verdicts((), (record(400, 600),), ())

    assert said[0].startswith("Too good to be true, so look for a leak before reading on: more than 58%")


def test_beating_the_line_by_a_quarter_point_over_a_thousand_rows_is_a_suspicion():
    far = graded(*(night(n, 20, 15.5, **{OURS: 19.0 + n % 2, SEASON: 15, LINE: 15.5}) for n in range(1000)))

    said = verdicts(compare(far), (), ())

    assert said[1] == (
        "Too good to be true, so look for a leak before reading on: closer than the line by over 0.25 points "
        f"({OURS} -4.00)."
    )


def test_the_report_names_who_is_closer_who_is_not_and_on_how_many_rows():
    rows = [
        night(n, 20, 18.5, **{OURS: 20 + n % 2, OTHER: 18 + n % 2, SEASON: 20 - n % 2, LINE: 18.5}) for n in range(40)
    ]

    said = "\n".join(verdicts(compare(graded(*rows)), (), ()))

    assert f"Error against {LINE} (n = 40, 1.50 points a night): shown closer: {OURS} -1.00 [-1.16, -0.84];" in said
    assert f"not told apart: {OTHER} +0.00 [-0.16, +0.16]." in said
    assert "No system picked anything" in said
