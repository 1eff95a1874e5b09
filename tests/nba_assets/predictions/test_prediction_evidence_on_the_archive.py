"""Real evenings against an independent computation of every column of the evidence."""

import datetime as dt

import pandas as pd
import pytest

from ..analytics.brute_force import Row
from ..compared import NOT_COMPARED, TABLES, assert_same, rows, sample
from ..precompute.brute_force_history import BruteForceHistory
from .brute_force_evidence import BruteForceEvidence

TABLE = "prediction_evidence"
CUP_FINAL = dt.date(2023, 12, 9)  # on neutral ground
SELDOM = {"starter_share_last_5"}  # before 2025-26 the archive names starters in the play-offs only


@pytest.fixture(scope="module")
def evidence(stored: dict[str, pd.DataFrame], archive: BruteForceHistory) -> BruteForceEvidence:
    return BruteForceEvidence(stored, archive.games)


@pytest.fixture(scope="module")
def found(stored: dict[str, pd.DataFrame]) -> list[Row]:
    """Some hundred players of dates of two seasons, and both teams of a game on neutral ground."""
    days = sample({day.date() for day in stored[TABLE].game_date}, 12)
    chosen = [row for day in days for row in sample_rows(stored, day, 30)]
    return chosen + sample_rows(stored, CUP_FINAL, 25)


def sample_rows(stored: dict[str, pd.DataFrame], date: dt.date, size: int) -> list[Row]:
    by_player = {row["player_lookup"]: row for row in rows(stored, TABLE, game_date=date)}
    return [by_player[player] for player in sample(by_player, min(size, len(by_player)))]


def test_every_column_of_prediction_evidence(found: list[Row], evidence: BruteForceEvidence) -> None:
    assert len(found) > 300
    for row in found:
        assert_same(TABLE, row, evidence.prediction_evidence(*_of(row)))


def test_the_evenings_compared_are_not_hollow(found: list[Row]) -> None:
    """Rows without history would agree about nothing; those of a second autumn look back on the first."""
    for name in set(TABLES[TABLE].contract.columns) - NOT_COMPARED - SELDOM:
        known = [row[name] for row in found if row[name] is not None]
        assert len(known) > 20, name
        assert len(set(known)) > 1, name
    assert sum(row["similar_games"] >= 5 for row in found) > 60
    assert sum((row["vacated_minutes"] or 0) > 0 for row in found) > 15


@pytest.mark.parametrize("column", ["similar_points", "minutes_std_last_10", "points_avg_last_60", "vacated_minutes"])
def test_a_planted_error_is_seen(found: list[Row], evidence: BruteForceEvidence, column: str) -> None:
    row = next(row for row in found if row[column])
    with pytest.raises(AssertionError, match=column):
        assert_same(TABLE, row | {column: row[column] + 1e-6}, evidence.prediction_evidence(*_of(row)))


def test_every_row_of_the_features_has_its_evidence(stored: dict[str, pd.DataFrame]) -> None:
    features, evidence = (stored[name][["game_date", "player_lookup"]] for name in ("ml_feature_store_v2", TABLE))
    assert set(map(tuple, features.to_numpy())) == set(map(tuple, evidence.to_numpy()))
    assert len(features) == len(evidence) > 15_000


def _of(row: Row) -> tuple[int, dt.date]:
    return row["player_id"], row["game_date"]
