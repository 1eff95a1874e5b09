from contextlib import closing
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from statuses_worth import clustered_difference, paired_rows


def home(folder: Path, *graded: tuple[str, float | None, float | None, str]) -> Path:
    """A warehouse with one game and a graded forecast for each player: his line, the forecast, the outcome."""
    folder.mkdir()
    with closing(duckdb.connect(folder / "nba.duckdb")) as con:
        con.execute("CREATE SCHEMA nba_raw")
        con.execute("CREATE SCHEMA nba_predictions")
        con.execute("CREATE TABLE nba_raw.schedule AS SELECT 'g1' AS game_id, '2023-24' AS season")
        con.execute(
            "CREATE TABLE nba_predictions.prediction_accuracy (game_id TEXT, player_lookup TEXT, system_id TEXT, "
            "line DOUBLE, predicted_value DOUBLE, actual_value BIGINT, outcome_state TEXT)"
        )
        con.executemany(
            "INSERT INTO nba_predictions.prediction_accuracy VALUES ('g1', ?, 'catboost_v8', ?, ?, 20, ?)", graded
        )
    return folder


def test_rows_are_compared_that_both_predicted_and_that_were_played(tmp_path):
    """A player without a line is compared, too: NULL lines are the same line."""
    known = home(
        tmp_path / "with",
        *(("lined", 19.5, 21.0, "PLAYED"), ("unlined", None, 16.0, "PLAYED")),
        *(("absent", None, 16.0, "DNP"), ("abstained", None, None, "PLAYED")),
    )
    unknown = home(
        tmp_path / "without",
        *(("lined", 19.5, 18.0, "PLAYED"), ("unlined", None, 16.0, "PLAYED")),
        *(("absent", None, 16.0, "DNP"), ("abstained", None, 16.0, "PLAYED")),
    )

    rows = paired_rows(known, unknown).sort_values("line")

    assert rows[["error_known", "error_unknown", "changed"]].values.tolist() == [[1, 2, True], [4, 4, False]]


def test_two_players_of_one_game_count_as_one_surprise():
    """By hand: the mean is 0.25, the games sum to 1.5 and -1.5 around it: variance 2 x (1.5^2 + 1.5^2) / 4^2."""
    difference = pd.Series([1.0, 1.0, -1.0, 0.0])

    mean, half = clustered_difference(difference, pd.Series(["a", "a", "b", "b"]))

    assert mean == pytest.approx(0.25)
    assert half == pytest.approx(1.96 * 0.75)


def test_a_game_for_each_row_gives_the_usual_interval():
    """By hand: 1, 2, 3 have a standard deviation of 1, so the standard error is 1 / sqrt(3)."""
    mean, half = clustered_difference(pd.Series([1.0, 2.0, 3.0]), pd.Series(["a", "b", "c"]))

    assert mean == pytest.approx(2)
    assert half == pytest.approx(1.96 / 3**0.5)


def test_one_game_has_no_interval():
    assert clustered_difference(pd.Series([1.0, 2.0]), pd.Series(["a", "a"])) == (1.5, None)
