from contextlib import closing
from pathlib import Path

import duckdb
from statuses_worth import paired_rows


def home(folder: Path, *graded: tuple[str, float | None, float | None, str]) -> Path:
    """A warehouse with one game and a graded forecast for each player: his line, the forecast, the outcome."""
    folder.mkdir()
    with closing(duckdb.connect(folder / "nba.duckdb")) as con:
        con.execute("CREATE SCHEMA nba_raw")
        con.execute("CREATE SCHEMA nba_predictions")
        con.execute("CREATE TABLE nba_raw.schedule AS SELECT 'g1' AS game_id, '2023-24' AS season")
        con.execute(
            "CREATE TABLE nba_predictions.prediction_accuracy (game_id TEXT, player_lookup TEXT, market TEXT, "
            "system_id TEXT, edition TEXT, "
            "line DOUBLE, predicted_value DOUBLE, actual_value BIGINT, outcome_state TEXT)"
        )
        con.executemany(
            "INSERT INTO nba_predictions.prediction_accuracy "
            "VALUES ('g1', ?, 'player_points', 'catboost_v8', 'at_tip', ?, ?, 20, ?)",
            graded,
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
