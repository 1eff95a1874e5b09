from models.evaluation.compare import compare
from models.evaluation.conclusions import write_conclusions
from models.evaluation.subject import Subject
from models.forecast_keys import Edition

from ..graded_rows import LINE, OTHER, OURS, SEASON, graded, player_game, record


def test_a_profit_that_is_not_shown_is_reported_as_not_shown():
    sentences = write_conclusions(Subject(), (), (record(288, 500),), (record(60, 100, group="2-4"),))

    assert sentences[0] == (
        f"points at_tip, {OURS}: 288 of 500 decided picks with a price won, 57.6% [53.2%, 61.9%]; their prices "
        "need 53.4%; return +0.2% on 500 units: a profit is not shown. By edge in points: 2-4 60.0% "
        "[50.2%, 69.1%] of 100 (needs 53.4%)."
    )
    assert sentences[1].startswith("Result, points at_tip: no system is shown to make money")
    assert sentences[2].startswith("Limits: of 1 rates with enough picks to judge, chance alone puts about 0.0 above")


def test_results_that_are_too_good_to_be_true_come_first():
    sentences = write_conclusions(Subject(), (), (record(400, 600),), ())

    assert sentences[0].startswith(
        "points at_tip: too good to be true, so look for a leak before reading on: more than 58%"
    )


def test_beating_the_line_by_a_quarter_point_over_a_thousand_rows_is_a_suspicion():
    far = graded(*(player_game(n, 20, 15.5, **{OURS: 19.0 + n % 2, SEASON: 15, LINE: 15.5}) for n in range(1000)))

    sentences = write_conclusions(Subject(), compare(far), (), ())

    assert sentences[1] == (
        "points at_tip: too good to be true, so look for a leak before reading on: errors smaller than the line's by "
        f"over 0.25 points ({OURS} -4.00)."
    )


def test_what_is_honest_for_one_market_is_too_good_for_another():
    """An error of 2 rebounds is usual and one of 2 points would be a leak; each sentence names its market."""
    near = [player_game(n, 10, **{"rates_v1": 12.0, SEASON: 13.0}) for n in range(500)]
    rebounds = Subject("player_rebounds", Edition.AT_LINE)

    of_points = write_conclusions(Subject(), compare(graded(*near)), (), ())
    of_rebounds = write_conclusions(rebounds, compare(graded(*near, subject=rebounds)), (), ())

    assert "errors below 4.4 points" in of_points[0]
    assert not any("too good to be true" in sentence for sentence in of_rebounds)
    assert all("rebounds at_line" in sentence for sentence in of_rebounds[:-1])
    assert of_rebounds[1] == (
        "rebounds at_line, error against season_average_v1 (n = 500, 3.000 rebounds a game): shown smaller: rates_v1 "
        "-1.000 [-1.000, -1.000]; shown larger: none; no difference shown: none."
    )


def test_the_report_names_which_errors_are_smaller_and_on_how_many_rows():
    rows = [
        player_game(n, 20, 18.5, **{OURS: 20 + n % 2, OTHER: 18 + n % 2, SEASON: 20 - n % 2, LINE: 18.5})
        for n in range(40)
    ]

    sentences = "\n".join(write_conclusions(Subject(), compare(graded(*rows)), (), ()))

    assert (
        f"points at_tip, error against {LINE} (n = 40, 1.50 points a game): shown smaller: {OURS} -1.00 "
        "[-1.16, -0.84];" in sentences
    )
    assert f"no difference shown: {OTHER} +0.00 [-0.16, +0.16]." in sentences
    assert "points at_tip: no system picked anything" in sentences
