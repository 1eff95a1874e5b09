import datetime as dt
import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.systems.base import SystemId
from models.training import registry
from models.training.learners import UnusableModel
from models.training.registry import (
    ModelCard,
    NoSuchModel,
    already_trained,
    load_learner,
    load_spread,
    production_rows,
    promote,
    register,
)
from models.training.train import TrainingResult

from ..seasons import LEARNED, MONTH, TINY

NOON = dt.datetime(2024, 12, 1, 12, tzinfo=dt.UTC)
Change = Callable[[ModelCard], ModelCard]


def card_of(trained: TrainingResult, system: SystemId) -> ModelCard:
    return next(c.card for c in trained.candidates if c.card.system_id == system)


def fingerprint_of(trained: TrainingResult) -> str:
    return card_of(trained, SystemId.CATBOOST).data_fingerprint


def files(trained: TrainingResult) -> dict[str, bytes]:
    return {c.card.artifact_path: c.artifact for c in trained.candidates}


def stored(cards: list[ModelCard], **more: Any) -> pd.DataFrame:
    """Return rows as a warehouse returns them: dates as timestamps, unknown numbers as NaN."""
    rows = pd.DataFrame([asdict(card) for card in cards]).assign(**more)
    days = [name for name in rows if name.endswith(("_start", "_end", "_month"))]
    return rows.assign(
        **{name: pd.to_datetime(rows[name]) for name in days}, mae_train=rows.mae_train.astype("float64")
    )


@pytest.mark.parametrize("system", LEARNED)
def test_what_was_trained_is_what_is_loaded(trained: TrainingResult, rows: pd.DataFrame, system: SystemId):
    lined = rows[rows.line.notna()]
    learner = load_learner(asdict(card_of(trained, system)), MONTH, files(trained).__getitem__)
    assert learner is not None
    error = np.abs(learner.predict(lined) - lined.points).mean()
    assert error < np.abs(lined.points - lined.points.mean()).mean()


def test_a_rule_has_a_spread_and_no_learner(trained: TrainingResult):
    row = asdict(card_of(trained, SystemId.MOVING_AVERAGE))
    assert load_learner(row, MONTH, files(trained).__getitem__) is None
    assert load_spread(row, MONTH).sd([15.0])[0] == pytest.approx(6, abs=1)


def test_a_row_survives_the_warehouse(trained: TrainingResult):
    cards = [c.card for c in trained.candidates]
    assert [ModelCard.from_row(row) for row in stored(cards, code_version="x").to_dict("records")] == cards


def test_the_card_is_readable_json(trained: TrainingResult):
    card = json.loads(card_of(trained, SystemId.CATBOOST).json())
    assert card["model_month"] == "2024-12-01"
    assert card["metrics"]["all"]["n"] == card["n_validation"] == 300
    assert card["hyper_parameters"]["depth"] == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda card: replace(card, artifact_sha256="0" * 64), "SHA-256 of catboost_v8/2024-12"),
        (lambda card: replace(card, feature_contract="ml_feature_store_v2:0123456789ab"), "features: expected ml_feat"),
        (
            lambda card: replace(card, library_version="catboost 1.2.9"),
            "library: expected catboost .*, found catboost 1.2.9",
        ),
        (lambda card: replace(card, artifact_format="pickle"), "format: expected .*cbm.*, found pickle"),
        (lambda card: replace(card, model_month=dt.date(2024, 11, 1)), "month: expected 2024-12, found 2024-11"),
    ],
)
def test_a_model_unlike_its_card_is_refused_with_the_fix(trained: TrainingResult, change: Change, message: str):
    row = asdict(change(card_of(trained, SystemId.CATBOOST)))
    with pytest.raises(UnusableModel, match=f"(?s){message}.*nba train 2024-12"):
        load_learner(row, MONTH, files(trained).__getitem__)


@pytest.mark.parametrize("system", LEARNED)
def test_one_changed_byte_is_refused(trained: TrainingResult, system: SystemId):
    card = card_of(trained, system)
    artifact = bytearray(files(trained)[card.artifact_path])
    artifact[len(artifact) // 2] ^= 1
    with pytest.raises(UnusableModel, match="SHA-256"):
        load_learner(asdict(card), MONTH, lambda _: bytes(artifact))


@pytest.mark.parametrize("system", LEARNED)
def test_a_truncated_file_is_refused_even_if_the_card_agrees_with_it(trained: TrainingResult, system: SystemId):
    card = card_of(trained, system)
    artifact = files(trained)[card.artifact_path][:-200]
    agreeing = replace(card, artifact_sha256=hashlib.sha256(artifact).hexdigest())
    with pytest.raises(UnusableModel, match="nba train 2024-12"):
        load_learner(asdict(agreeing), MONTH, lambda _: artifact)


def test_a_model_of_one_learner_is_not_read_as_another(trained: TrainingResult):
    extended, base = card_of(trained, SystemId.CATBOOST_EXTENDED), card_of(trained, SystemId.CATBOOST)
    swapped = replace(base, artifact_path=extended.artifact_path, artifact_sha256=extended.artifact_sha256)
    with pytest.raises(UnusableModel, match="CatBoost model"):
        load_learner(asdict(swapped), MONTH, files(trained).__getitem__)


def test_a_spread_of_another_month_is_refused(trained: TrainingResult):
    with pytest.raises(UnusableModel, match="month: expected 2025-01, found 2024-12"):
        load_spread(asdict(card_of(trained, SystemId.ENSEMBLE)), dt.date(2025, 1, 1))


def test_models_that_passed_the_gates_are_in_production(trained: TrainingResult):
    cards = register([], [c.card for c in trained.candidates], NOON, "training")
    passed = {one.card.model_id for one in trained.candidates if one.card.status == "candidate"}
    assert {card.model_id for card in cards if card.status == "production"} == passed
    assert len(passed) > 3
    assert {card.promoted_at for card in cards if card.model_id in passed} == {NOON}
    assert {row["model_id"] for row in production_rows(stored(cards), MONTH).values()} == passed
    assert production_rows(stored(cards), dt.date(2025, 1, 1)) == {}


def test_a_newer_model_retires_the_older_of_its_system_and_month_only(trained: TrainingResult):
    first = card_of(trained, SystemId.CATBOOST)
    other_month = replace(first, model_id="november", model_month=dt.date(2024, 11, 1), status="production")
    other_system = replace(first, model_id="xgboost", system_id="xgboost_v1", status="production")
    newer = replace(first, model_id="newer")
    cards = register([other_month, other_system], [first], NOON, "training")
    cards = register(cards, [newer], NOON, "training")
    assert {card.model_id: card.status for card in cards} == {
        first.model_id: "retired",
        "newer": "production",
        "november": "production",
        "xgboost": "production",
    }


def test_a_rejected_model_leaves_the_older_in_production(trained: TrainingResult):
    first = card_of(trained, SystemId.CATBOOST)
    cards = register([], [first], NOON, "training")
    cards = register(cards, [replace(first, model_id="newer", status="rejected")], NOON, "training")
    assert [card.status for card in cards] == ["production", "rejected"]


def test_training_to_the_same_bytes_adds_no_second_card(trained: TrainingResult):
    cards = [c.card for c in trained.candidates]
    once = register([], cards, NOON, "training")
    assert register(once, cards, NOON, "training") == once


def test_promoting_an_older_model_rolls_back(trained: TrainingResult):
    first = card_of(trained, SystemId.CATBOOST)
    cards = register(register([], [first], NOON, "a"), [replace(first, model_id="newer")], NOON, "a")
    back = {card.model_id: card for card in promote(cards, first.model_id, NOON, "somebody")}
    assert (back[first.model_id].status, back["newer"].status) == ("production", "retired")
    assert back[first.model_id].promoted_by == "somebody"


def test_a_rejected_or_unknown_model_cannot_be_promoted(trained: TrainingResult):
    failed = json.dumps([{"gate": "season_average", "passed": False}, {"gate": "order", "passed": True}])
    card = replace(card_of(trained, SystemId.CATBOOST), status="rejected", gate_results=failed)
    with pytest.raises(NoSuchModel, match=r"rejected by \['season_average'\]"):
        promote([card], card.model_id, NOON, "somebody")
    with pytest.raises(NoSuchModel, match="no model catboost_v10"):
        promote([card], "catboost_v10", NOON, "somebody")


def test_two_production_models_of_one_system_are_refused(trained: TrainingResult):
    card = replace(card_of(trained, SystemId.CATBOOST), status="production")
    with pytest.raises(UnusableModel, match=r"two of \['catboost_v8 player_points at_tip'\]"):
        production_rows(stored([card, replace(card, model_id="twin")]), MONTH)


def test_the_same_data_numbers_and_code_are_not_trained_again(trained: TrainingResult, monkeypatch: pytest.MonkeyPatch):
    rows = stored([c.card for c in trained.candidates], code_version="abc")
    arguments = (rows, MONTH, fingerprint_of(trained), TINY.hash, "abc")
    assert already_trained(*arguments)
    assert not already_trained(rows, dt.date(2025, 1, 1), *arguments[2:])
    assert not already_trained(rows, MONTH, "other data", *arguments[3:])
    assert not already_trained(rows, MONTH, fingerprint_of(trained), replace(TINY, least_rows=301).hash, "abc")
    assert not already_trained(*arguments[:4], "other code")
    monkeypatch.setattr(registry, "library_version", lambda _: "another 9.9")
    assert not already_trained(*arguments)
