import datetime as dt
import json
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest

from models.features import BASE
from models.system_ids import POINT_SYSTEMS, SystemId
from models.training.config import TrainingConfig
from models.training.learners import CatBoostLearner, line_or_averages_baseline
from models.training.registry import Candidate, load_spread
from models.training.split import TrainingSplit
from models.training.train import TrainingResult, train_month

from ..seasons import LEARNED, MONTH, TINY, training_rows


def by_system(training: TrainingResult) -> dict[str, Candidate]:
    return {candidate.card.system_id: candidate for candidate in training.candidates}


def fingerprint_of(training: TrainingResult) -> str:
    (fingerprint,) = {candidate.card.data_fingerprint for candidate in training.candidates}
    return fingerprint


def test_nothing_of_the_month_or_later_changes_a_byte(rows: pd.DataFrame, trained: TrainingResult):
    ahead = rows.game_date >= pd.Timestamp(MONTH)
    changed = rows.assign(
        points=rows.points.where(~ahead, 60.0), points_avg_last_5=rows.points_avg_last_5.where(~ahead, 1)
    )
    assert ahead.any()
    assert train_month(MONTH, changed, TINY) == trained
    assert train_month(MONTH, rows[~ahead], TINY) == trained


def test_a_game_the_day_before_the_month_does_change_it(rows: pd.DataFrame, trained: TrainingResult):
    eve = rows.game_date == pd.Timestamp(2024, 11, 30)
    assert fingerprint_of(train_month(MONTH, rows[~eve], TINY)) != fingerprint_of(trained)


def test_two_runs_give_the_same_bytes_whatever_the_order_of_the_rows(rows: pd.DataFrame, trained: TrainingResult):
    again = train_month(MONTH, rows.sample(frac=1, random_state=9), TINY)
    assert [c.artifact for c in again.candidates] == [c.artifact for c in trained.candidates]
    assert again == trained


def test_dates_may_come_as_dates_or_as_timestamps(rows: pd.DataFrame, trained: TrainingResult):
    assert train_month(MONTH, rows.assign(game_date=rows.game_date.dt.date), TINY) == trained


def test_validation_is_the_newest_dates_and_training_all_before_them(rows: pd.DataFrame):
    split = TrainingSplit.before(MONTH, rows, TINY)
    assert split.validation.game_date.min() == pd.Timestamp(2024, 11, 21)
    assert split.validation.game_date.max() == pd.Timestamp(2024, 11, 30)
    assert split.train.game_date.max() == pd.Timestamp(2024, 11, 20)
    assert len(split.train) + len(split.validation) == 25 * 30


def test_rows_with_a_line_have_validation_dates_of_their_own():
    """Lines of the archive end in January; the newest dates of March hold none."""
    rows = training_rows()
    lost = rows.game_date > pd.Timestamp(2024, 11, 20)
    split = TrainingSplit.before(MONTH, rows.assign(line=rows.line.mask(lost)), TINY).with_line(TINY)
    assert split.validation.game_date.max() == pd.Timestamp(2024, 11, 20)
    assert split.validation.game_date.nunique() == 10
    assert split.validation.line.notna().all()
    assert split.train.line.notna().all()


def test_the_card_has_the_spans_and_the_rows(trained: TrainingResult):
    card = by_system(trained)["catboost_v8"].card
    assert (card.train_start, card.train_end) == (dt.date(2024, 11, 6), dt.date(2024, 11, 20))
    assert (card.validation_start, card.validation_end) == (dt.date(2024, 11, 21), dt.date(2024, 11, 30))
    assert (card.n_train, card.n_validation) == (15 * 30, 10 * 30)
    assert card.model_id.startswith("catboost_v8-2024-12-")
    assert card.artifact_path == f"catboost_v8/2024-12/{card.model_id}.cbm"


def test_errors_on_the_card_are_those_of_the_validation_rows(rows: pd.DataFrame, trained: TrainingResult):
    """By hand: the season average has no model, so anyone can redo its numbers from the rows."""
    november = rows[rows.game_date.between("2024-11-21", "2024-11-30")]
    card = by_system(trained)["season_average_v1"].card
    assert card.mae_validation == pytest.approx((november.points_avg_season - november.points).abs().mean(), abs=1e-4)
    assert card.mae_validation == card.mae_season_average
    assert card.bias_to_line == pytest.approx((november.points_avg_season - november.line).mean(), abs=1e-4)
    stars = november[november.points_avg_season >= 22]
    metrics = json.loads(card.metrics)["tier_22_up"]
    assert metrics["n"] == len(stars)
    assert metrics["bias"] == pytest.approx((stars.points_avg_season - stars.points).mean(), abs=1e-4)


def test_rules_and_references_get_a_spread_and_no_model(trained: TrainingResult):
    candidate = by_system(trained)["moving_average_baseline_v1"]
    assert candidate.card.artifact_format == "params_json"
    assert json.loads(candidate.artifact) == json.loads(candidate.card.residual_sd)
    assert load_spread(asdict(candidate.card), MONTH).sd([15.0])[0] == pytest.approx(6, abs=1)
    assert candidate.card.mae_train is None


def test_every_system_is_a_candidate_or_has_a_reason_why_not(trained: TrainingResult):
    assert {*by_system(trained), *trained.untrained} == set(POINT_SYSTEMS)
    assert not {*by_system(trained)} & {*trained.untrained}
    assert trained.untrained == {
        SystemId.ZONE_MATCHUP: "no forecast on any validation row",
        SystemId.SIMILARITY: "no forecast on any validation row",
    }


def test_too_few_training_rows_give_no_model_and_a_reason(rows: pd.DataFrame):
    result = train_month(MONTH, rows, replace(TINY, least_rows=451))
    assert result.untrained[SystemId.CATBOOST] == "450 training rows, of 451 at least"
    assert "moving_average_baseline_v1" in by_system(result)


def test_rows_of_validation_dates_only_train_nothing():
    result = train_month(dt.date(2024, 11, 14), training_rows(), TINY)
    assert result.candidates == ()
    assert set(result.untrained) == set(POINT_SYSTEMS)


def test_5000_rows_are_required_by_default():
    assert TrainingConfig().least_rows == 5_000
    assert TrainingConfig().validation_dates == 30


def test_early_stopping_sees_the_validation_rows_alone(rows: pd.DataFrame):
    """Validation points turned upside down: the fewest trees are then the best."""
    newest = rows.game_date.between("2024-11-21", "2024-11-30")
    upside_down = rows.assign(points=rows.points.where(~newest, 40 - rows.points))
    cards = [by_system(train_month(MONTH, given, TINY))["xgboost_v1"].card for given in (rows, upside_down)]
    usual, stopped = (json.loads(card.hyper_parameters)["trees"] for card in cards)
    assert stopped == 1 < usual


def test_the_fingerprint_of_a_month_is_known_without_training(rows: pd.DataFrame, trained: TrainingResult):
    assert TrainingSplit.before(MONTH, rows, TINY).fingerprint == fingerprint_of(trained)


@pytest.mark.parametrize("column", ["points", "line", "points_avg_last_5", "player_lookup", "is_prop_eligible"])
def test_the_fingerprint_changes_with_one_value(rows: pd.DataFrame, trained: TrainingResult, column: str):
    changed = rows.copy()
    place = int(np.argmin(changed.game_date))
    value = {"player_lookup": "somebody", "is_prop_eligible": False}.get(column, 3.25)
    changed.loc[place, column] = value
    assert TrainingSplit.before(MONTH, changed, TINY).fingerprint != fingerprint_of(trained)


def test_a_candidate_worse_than_the_production_model_of_its_month_is_rejected(rows: pd.DataFrame):
    """The incumbent returns the results of the validation rows: every candidate is worse."""

    class Knowing:
        def predict(self, rows: pd.DataFrame) -> np.ndarray:
            return rows.points.to_numpy()

        def contributions(self, rows: pd.DataFrame) -> pd.DataFrame:
            return pd.DataFrame(index=rows.index)

    many = training_rows(dates=40, players=210)
    card = by_system(train_month(MONTH, many, TINY, {SystemId.CATBOOST: Knowing()}))["catboost_v8"].card
    gate = next(g for g in json.loads(card.gate_results) if g["gate"] == "production")
    assert gate["n"] == 2_100
    assert gate["value"] == pytest.approx(card.mae_validation, abs=1e-3)
    assert (gate["passed"], card.status) == (False, "rejected")


def test_the_model_id_does_not_depend_on_earlier_models(rows: pd.DataFrame, trained: TrainingResult):
    incumbents = {
        SystemId.CATBOOST: CatBoostLearner.from_bytes(
            by_system(trained)["catboost_v8"].artifact, BASE, line_or_averages_baseline
        )
    }
    again = train_month(MONTH, rows, TINY, incumbents)
    assert by_system(again)["catboost_v8"].card.model_id == by_system(trained)["catboost_v8"].card.model_id


def test_the_learned_systems_keep_trees(trained: TrainingResult):
    formats = {c.card.system_id: c.card.artifact_format for c in trained.candidates if c.card.system_id in LEARNED}
    assert formats == {
        "xgboost_v1": "xgb_json",
        "catboost_v8": "cbm",
        "catboost_v9": "cbm",
        "market_anchored_v1": "cbm",
    }
