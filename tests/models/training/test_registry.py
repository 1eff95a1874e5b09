import datetime as dt
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.systems.base import SystemId
from models.training import registry
from models.training.learners import UnusableModel
from models.training.registry import (
    Card,
    NoSuchModel,
    already_trained,
    load,
    load_spread,
    production,
    promote,
    promoted,
)
from models.training.train import Training

from ..seasons import LEARNED, MONTH, TINY

NOON = dt.datetime(2024, 12, 1, 12, tzinfo=dt.UTC)
Change = Callable[[Card], Card]


def card_of(trained: Training, system: SystemId) -> Card:
    return next(c.card for c in trained.candidates if c.card.system_id == system)


def files(trained: Training) -> dict[str, bytes]:
    return {c.card.artifact_path: c.artifact for c in trained.candidates}


def stored(cards: list[Card], **more: Any) -> pd.DataFrame:
    """As a warehouse gives them back: dates as timestamps, unknown numbers as NaN."""
    rows = pd.DataFrame([card.row() for card in cards]).assign(**more)
    days = [name for name in rows if name.endswith(("_start", "_end", "_month"))]
    return rows.assign(
        **{name: pd.to_datetime(rows[name]) for name in days}, mae_train=rows.mae_train.astype("float64")
    )


@pytest.mark.parametrize("system", LEARNED)
def test_what_was_trained_is_what_is_loaded(trained: Training, rows: pd.DataFrame, system: SystemId):
    lined = rows[rows.line.notna()]
    learner = load(card_of(trained, system).row(), MONTH, files(trained).__getitem__)
    assert learner is not None
    error = np.abs(learner.predict(lined) - lined.points).mean()
    assert error < np.abs(lined.points - lined.points.mean()).mean()


def test_a_rule_has_a_spread_and_no_learner(trained: Training):
    row = card_of(trained, SystemId.MOVING_AVERAGE).row()
    assert load(row, MONTH, files(trained).__getitem__) is None
    assert load_spread(row, MONTH).sd([15.0])[0] == pytest.approx(6, abs=1)


def test_a_row_survives_the_warehouse(trained: Training):
    cards = [c.card for c in trained.candidates]
    assert [Card.of_row(row) for row in stored(cards, code_version="x").to_dict("records")] == cards


def test_the_card_is_readable_json(trained: Training):
    told = json.loads(card_of(trained, SystemId.CATBOOST).json())
    assert told["model_month"] == "2024-12-01"
    assert told["metrics"]["all"]["n"] == told["n_validation"] == 300
    assert told["hyper_parameters"]["depth"] == 3


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
def test_a_card_that_does_not_hold_is_refused_with_what_mends_it(trained: Training, change: Change, message: str):
    row = change(card_of(trained, SystemId.CATBOOST)).row()
    with pytest.raises(UnusableModel, match=f"(?s){message}.*nba train 2024-12"):
        load(row, MONTH, files(trained).__getitem__)


@pytest.mark.parametrize("system", LEARNED)
def test_one_changed_byte_is_refused(trained: Training, system: SystemId):
    card = card_of(trained, system)
    kept = bytearray(files(trained)[card.artifact_path])
    kept[len(kept) // 2] ^= 1
    with pytest.raises(UnusableModel, match="SHA-256"):
        load(card.row(), MONTH, lambda _: bytes(kept))


@pytest.mark.parametrize("system", LEARNED)
def test_a_truncated_file_is_refused_even_if_the_card_agrees_with_it(trained: Training, system: SystemId):
    card = card_of(trained, system)
    kept = files(trained)[card.artifact_path][:-200]
    agreeing = replace(card, artifact_sha256=hashlib.sha256(kept).hexdigest())
    with pytest.raises(UnusableModel, match="nba train 2024-12"):
        load(agreeing.row(), MONTH, lambda _: kept)


def test_a_model_of_one_learner_is_not_read_as_another(trained: Training):
    extended, base = card_of(trained, SystemId.CATBOOST_EXTENDED), card_of(trained, SystemId.CATBOOST)
    swapped = replace(base, artifact_path=extended.artifact_path, artifact_sha256=extended.artifact_sha256)
    with pytest.raises(UnusableModel, match="CatBoost model"):
        load(swapped.row(), MONTH, files(trained).__getitem__)


def test_a_spread_of_another_month_is_refused(trained: Training):
    with pytest.raises(UnusableModel, match="month: expected 2025-01, found 2024-12"):
        load_spread(card_of(trained, SystemId.ENSEMBLE).row(), dt.date(2025, 1, 1))


def test_who_passed_the_gates_is_in_production(trained: Training):
    cards = promoted([], [c.card for c in trained.candidates], NOON, "training")
    passed = {one.card.model_id for one in trained.candidates if one.card.status == "candidate"}
    assert {card.model_id for card in cards if card.status == "production"} == passed
    assert len(passed) > 3
    assert {card.promoted_at for card in cards if card.model_id in passed} == {NOON}
    assert {row["model_id"] for row in production(stored(cards), MONTH).values()} == passed
    assert production(stored(cards), dt.date(2025, 1, 1)) == {}


def test_a_newer_model_retires_the_older_of_its_system_and_month_only(trained: Training):
    first = card_of(trained, SystemId.CATBOOST)
    other_month = replace(first, model_id="november", model_month=dt.date(2024, 11, 1), status="production")
    other_system = replace(first, model_id="xgboost", system_id="xgboost_v1", status="production")
    newer = replace(first, model_id="newer")
    cards = promoted([other_month, other_system], [first], NOON, "training")
    cards = promoted(cards, [newer], NOON, "training")
    assert {card.model_id: card.status for card in cards} == {
        first.model_id: "retired",
        "newer": "production",
        "november": "production",
        "xgboost": "production",
    }


def test_a_rejected_model_leaves_the_older_in_production(trained: Training):
    first = card_of(trained, SystemId.CATBOOST)
    cards = promoted([], [first], NOON, "training")
    cards = promoted(cards, [replace(first, model_id="newer", status="rejected")], NOON, "training")
    assert [card.status for card in cards] == ["production", "rejected"]


def test_training_to_the_same_bytes_adds_no_second_card(trained: Training):
    cards = [c.card for c in trained.candidates]
    once = promoted([], cards, NOON, "training")
    assert promoted(once, cards, NOON, "training") == once


def test_one_rolls_back_by_promoting_an_older_model(trained: Training):
    first = card_of(trained, SystemId.CATBOOST)
    cards = promoted(promoted([], [first], NOON, "a"), [replace(first, model_id="newer")], NOON, "a")
    back = {card.model_id: card for card in promote(cards, first.model_id, NOON, "somebody")}
    assert (back[first.model_id].status, back["newer"].status) == ("production", "retired")
    assert back[first.model_id].promoted_by == "somebody"


def test_a_rejected_or_unknown_model_cannot_be_promoted(trained: Training):
    failed = json.dumps([{"gate": "season_average", "passed": False}, {"gate": "order", "passed": True}])
    card = replace(card_of(trained, SystemId.CATBOOST), status="rejected", gate_results=failed)
    with pytest.raises(NoSuchModel, match=r"rejected by \['season_average'\]"):
        promote([card], card.model_id, NOON, "somebody")
    with pytest.raises(NoSuchModel, match="no model catboost_v10"):
        promote([card], "catboost_v10", NOON, "somebody")


def test_two_production_models_of_one_system_are_refused(trained: Training):
    card = replace(card_of(trained, SystemId.CATBOOST), status="production")
    with pytest.raises(UnusableModel, match=r"two of \['catboost_v8'\]"):
        production(stored([card, replace(card, model_id="twin")]), MONTH)


def test_the_same_data_numbers_and_code_are_not_trained_again(trained: Training, monkeypatch: pytest.MonkeyPatch):
    rows = stored([c.card for c in trained.candidates], code_version="abc")
    asked = (rows, MONTH, trained.fingerprint, TINY.hash, "abc")
    assert already_trained(*asked)
    assert not already_trained(rows, dt.date(2025, 1, 1), *asked[2:])
    assert not already_trained(rows, MONTH, "other data", *asked[3:])
    assert not already_trained(rows, MONTH, trained.fingerprint, replace(TINY, least_rows=301).hash, "abc")
    assert not already_trained(*asked[:4], "other code")
    monkeypatch.setattr(registry, "library_version", lambda _: "another 9.9")
    assert not already_trained(*asked)
