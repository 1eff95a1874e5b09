import importlib.metadata
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models.features import BASE, EXTENDED, FeatureContract
from models.training.learners import (
    ArtifactFormat,
    CatBoostLearner,
    FeatureMismatch,
    StoredLearner,
    UnusableModel,
    XGBoostLearner,
    feature_frame,
    library_version,
    line_baseline,
    line_or_averages_baseline,
)
from models.training.split import TrainingSplit

from ..seasons import TINY, training_rows

FITTED = ["xgboost", "catboost", "started", "anchored"]


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return training_rows(dates=30)


@pytest.fixture(scope="module")
def learners(rows: pd.DataFrame) -> dict[str, StoredLearner]:
    newest = rows.game_date > rows.game_date.max() - pd.Timedelta(days=10)
    split = TrainingSplit(rows[~newest], rows[newest])
    return {
        "xgboost": XGBoostLearner.fit(BASE, TINY.xgboost, split),
        "catboost": CatBoostLearner.fit(BASE, TINY.catboost, split, line_or_averages_baseline),
        "started": CatBoostLearner.fit(EXTENDED, TINY.extended, split, line_or_averages_baseline),
        "anchored": CatBoostLearner.fit(BASE, TINY.anchored, split, line_baseline),
    }


def read(learner: StoredLearner, artifact: bytes, contract: FeatureContract) -> StoredLearner:
    if isinstance(learner, CatBoostLearner):
        return CatBoostLearner.from_bytes(artifact, contract, learner.baseline)
    return type(learner).from_bytes(artifact, contract)


@pytest.mark.parametrize("which", FITTED)
def test_a_learner_stored_and_read_again_predicts_the_same(
    learners: dict[str, StoredLearner], rows: pd.DataFrame, which: str
):
    learner = learners[which]
    again = read(learner, learner.to_bytes(), learner.contract)
    np.testing.assert_array_equal(again.predict(rows), learner.predict(rows))
    pd.testing.assert_frame_equal(again.contributions(rows), learner.contributions(rows))


@pytest.mark.parametrize("which", ["xgboost", "catboost", "started"])
def test_a_learner_predicts_more_for_high_scorers(learners: dict[str, StoredLearner], rows: pd.DataFrame, which: str):
    low, high = rows.points_avg_season < 8, rows.points_avg_season > 25
    predicted = learners[which].predict(rows)
    assert predicted[low].mean() < 10 < 20 < predicted[high].mean()


@pytest.mark.parametrize("which", FITTED)
def test_contributions_differ_from_the_prediction_by_one_number_for_all_rows(
    learners: dict[str, StoredLearner], rows: pd.DataFrame, which: str
):
    """SHAP values and a base that is the same for everyone make the prediction."""
    lined = rows[rows.line.notna()]
    contributions = learners[which].contributions(lined)
    base = learners[which].predict(lined) - contributions.sum(axis=1).to_numpy()
    assert contributions.index.equals(lined.index)
    np.testing.assert_allclose(base, base[0], atol=1e-3)


@pytest.mark.parametrize("which", FITTED)
def test_features_in_another_order_are_refused_by_name(
    learners: dict[str, StoredLearner], rows: pd.DataFrame, which: str
):
    names = list(rows.columns)
    names[:2] = names[1::-1]
    with pytest.raises(FeatureMismatch, match="expected points_avg_last_5 as feature 0, found points_avg_last_10"):
        learners[which].predict(rows[names])


def test_a_missing_feature_is_refused_by_name(learners: dict[str, StoredLearner], rows: pd.DataFrame):
    with pytest.raises(FeatureMismatch, match="'opponent_pace'"):
        learners["catboost"].predict(rows.drop(columns="opponent_pace"))


def test_a_feature_given_twice_is_refused(rows: pd.DataFrame):
    with pytest.raises(FeatureMismatch, match="found points_avg_last_5"):
        feature_frame(pd.concat([rows, rows[["points_avg_last_5"]]], axis=1), BASE)


def test_columns_between_the_features_do_not_matter(learners: dict[str, StoredLearner], rows: pd.DataFrame):
    spread = rows.copy()
    spread.insert(3, "something_else", 1)
    np.testing.assert_array_equal(learners["xgboost"].predict(spread), learners["xgboost"].predict(rows))


@pytest.mark.parametrize("which", FITTED)
def test_a_model_of_another_contract_cannot_be_read(learners: dict[str, StoredLearner], which: str):
    learner = learners[which]
    other = BASE if learner.contract is EXTENDED else EXTENDED
    with pytest.raises(FeatureMismatch, match=r"expected|lacks"):
        read(learner, learner.to_bytes(), other)


@pytest.mark.parametrize("which", FITTED)
@pytest.mark.parametrize("cut", [0, 0.1, 0.5, 0.9, 0.99])
def test_a_truncated_file_cannot_be_read(learners: dict[str, StoredLearner], which: str, cut: float):
    learner = learners[which]
    artifact = learner.to_bytes()
    with pytest.raises((UnusableModel, FeatureMismatch)):
        read(learner, artifact[: int(len(artifact) * cut)], learner.contract)


def test_the_anchored_learner_is_the_line_and_a_residual(learners: dict[str, StoredLearner], rows: pd.DataFrame):
    learner = learners["anchored"]
    assert isinstance(learner, CatBoostLearner)
    lined = rows[rows.line.notna()]
    residual = replace(learner, baseline=lambda rows: line_baseline(rows) * 0.0)
    np.testing.assert_allclose(learner.predict(lined) - residual.predict(lined), lined.line)
    moved = learner.contributions(lined) - residual.contributions(lined)
    np.testing.assert_allclose(moved.vegas_points_line, lined.line)
    assert not moved.drop(columns="vegas_points_line").abs().to_numpy().max() > 1e-9


def test_the_baseline_without_a_line_is_the_averages():
    """By hand: 0.2 x 24 + 0.3 x 20 + 0.5 x 16 = 18.8; with a line of 19.5 the averages give nothing."""
    rows = pd.DataFrame(
        {
            "points_avg_last_5": [24.0, 24.0, np.nan],
            "points_avg_last_10": [20.0, 20.0, 20.0],
            "points_avg_season": [16.0, 16.0, 16.0],
            "vegas_points_line": [np.nan, 19.5, np.nan],
        }
    )
    started = line_or_averages_baseline(rows).sum(axis=1, skipna=False)
    assert started[:2].tolist() == [pytest.approx(18.8), 19.5]
    assert np.isnan(started[2])
    assert line_baseline(rows).sum(axis=1, skipna=False).isna().tolist() == [True, False, True]


def test_the_anchored_learner_stays_near_the_line(learners: dict[str, StoredLearner], rows: pd.DataFrame):
    lined = rows[rows.line.notna()]
    assert np.abs(learners["anchored"].predict(lined) - lined.line).max() < 2


def test_without_a_line_the_anchored_learner_predicts_nothing(learners: dict[str, StoredLearner], rows: pd.DataFrame):
    assert np.isnan(learners["anchored"].predict(rows[rows.line.isna()])).all()


def test_a_feature_that_is_not_known_is_no_zero(learners: dict[str, StoredLearner], rows: pd.DataFrame):
    """A learner that filled unknown values would predict the same for both."""
    unknown = rows.head(50).assign(points_avg_season=np.nan, points_avg_last_5=np.nan, points_avg_last_10=np.nan)
    nought = unknown.assign(points_avg_season=0.0, points_avg_last_5=0.0, points_avg_last_10=0.0)
    assert feature_frame(unknown, BASE).points_avg_season.isna().all()
    predictions = [learners["xgboost"].predict(frame) for frame in (unknown, nought)]
    assert not np.array_equal(*predictions)


@pytest.mark.parametrize(
    ("artifact_format", "installed", "named"),
    [
        (ArtifactFormat.XGBOOST, {"xgboost": "3.2.0"}, "xgboost 3.2.0"),
        (ArtifactFormat.XGBOOST, {"xgboost-cpu": "3.2.0"}, "xgboost 3.2.0"),
        (ArtifactFormat.CATBOOST, {"catboost": "1.2.10"}, "catboost 1.2.10"),
        (ArtifactFormat.PARAMETERS, {}, "spread 1"),
    ],
)
def test_a_library_has_one_name_under_whichever_it_is_installed(monkeypatch, artifact_format, installed, named):
    """A model trained with `xgboost` is read by `xgboost-cpu` of the same version."""

    def version(distribution: str) -> str:
        if distribution not in installed:
            raise importlib.metadata.PackageNotFoundError(distribution)
        return installed[distribution]

    monkeypatch.setattr(importlib.metadata, "version", version)

    assert library_version(artifact_format) == named
