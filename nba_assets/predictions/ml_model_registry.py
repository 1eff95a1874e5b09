"""The table of trained models, one partition per month. Rows are never rewritten, except for a model's status."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict
from typing import Literal

import ibis.expr.types as ir
import pandas as pd

from models.forecast_keys import Variant
from models.markets import MARKETS, MINUTES
from models.systems.base import Learner, SystemId
from models.training.config import TrainingConfig
from models.training.gates import ModelStatus
from models.training.learners import ArtifactFormat, UnusableModel
from models.training.registry import ModelCard, already_trained, register
from models.training.split import TrainingSplit
from models.training.train import TrainingResult, train_month
from nba_assets.kit.as_of import History
from nba_assets.kit.table import ExpectedRows, table
from nba_assets.kit.table_context import ComputedFrame, TableContext
from nba_assets.predictions.forecast_inputs import training_rows, without_prices
from nba_assets.predictions.month_models import FOLDER, models_of
from nba_resources.dates import SUMMER, DateRange
from nba_resources.objects.store import ObjectMissing
from nba_resources.warehouse.contract import day, integer, moment, number, text

AUTOMATIC = "gates passed"
CONFIG = TrainingConfig()


def train_models(frames: Mapping[str, pd.DataFrame], dates: DateRange, context: TableContext) -> ComputedFrame:
    """Train month by month; keep a month that was trained on the same data and settings by the same code."""
    rows, stored = without_prices(frames["rows"]), context.stored(dates)
    new: list[ModelCard] = []
    facts: dict[dt.date, dict[str, int | float | str]] = {}
    for month in (date for date in dates if date.day == 1 and date.month not in SUMMER):
        of_month = stored[pd.to_datetime(stored["model_month"]) == pd.Timestamp(month)]
        fingerprint = TrainingSplit.before(month, rows, CONFIG).fingerprint
        if already_trained(of_month, month, fingerprint, CONFIG.hash, context.code_version):
            facts[month] = {"training": "kept: same data, same numbers, same code"}
            context.log(f"{month:%Y-%m}: kept, its training data and settings have not changed")
            continue
        training = train_month(month, rows, CONFIG, incumbents(of_month, month, context))
        new += _store(training, of_month, context)
        facts[month] = _facts(training)
        context.log(f"{month:%Y-%m}: {facts[month]['training']}")
    return ComputedFrame(pd.DataFrame([asdict(card) for card in new], columns=list(context.contract.columns)), facts)


@table(
    dataset="nba_predictions",
    grain=["model_id"],
    expected_rows=ExpectedRows.MODELS,
    partition="model_month",
    monthly=True,
    appends=True,
    compute_frame=train_models,
    columns={
        "model_id": text("System, month and content hash"),
        "system_id": text("The system that uses it", *SystemId),
        "market": text("The statistic it forecasts: The Odds API's key, or minutes", *MARKETS, MINUTES),
        "variant": text("The edition it learned and forecasts, or games without an injury report", *Variant),
        "model_month": day("First day of the only month it may predict"),
        "status": text("At most one in production per system, market, variant and month", *ModelStatus),
        "artifact_path": text("Under models/ in the object store"),
        "artifact_format": text("File format of the artefact", *ArtifactFormat),
        "artifact_sha256": text("Compared at every load"),
        "feature_contract": text("Name and hash; must equal the current one at load"),
        "library_version": text("Compared at load"),
        "train_start": day("First date fitted on"),
        "train_end": day("Last date fitted on, before validation_start"),
        "validation_start": day("First date validated on"),
        "validation_end": day("Last date validated on, before the month"),
        "n_train": integer("Rows fitted on", 1),
        "n_validation": integer("Rows validated on", 1),
        "mae_train": number("On the rows fitted on", 0, unit="points", null=True),
        "mae_validation": number("On the validation rows", 0, unit="points", null=True),
        "mae_season_average": number("Of the season average on the same rows", 0, unit="points", null=True),
        "bias_to_line": number("Mean of prediction - line on the same rows", unit="points", null=True),
        "gate_results": text("JSON: each gate's value, limit, N and whether it passed"),
        "hyper_parameters": text("JSON"),
        "residual_sd": text("JSON: standard deviation of errors, by band of prediction"),
        "metrics": text("JSON: errors by population, on the validation rows"),
        "data_fingerprint": text("Hash of all training data"),
        "config_hash": text("Hash of all settings of the training"),
        "promoted_at": moment("When it went into production", null=True),
        "promoted_by": text("Who promoted it", null=True),
        "notes": text("Reason for a promotion by hand", null=True),
    },
)
def ml_model_registry(
    ml_feature_store_v2: History, prediction_evidence: History, player_game_summary: History
) -> dict[Literal["rows"], ir.Table]:
    """One row per trained model, rejected ones too; a model predicts one month and has seen only games before it.

    `status` says which model is in production: at most one per month, system, market and variant.
    """
    return {"rows": training_rows(ml_feature_store_v2, prediction_evidence, player_game_summary)}


def incumbents(stored: pd.DataFrame, month: dt.date, context: TableContext) -> Mapping[SystemId, Learner]:
    """Load the month's models in production; none if they cannot be used any more, as training again repairs that."""
    try:
        return models_of(stored, month, context.objects.read).learners
    except (UnusableModel, ObjectMissing) as error:
        context.log(f"{month:%Y-%m}: no comparison with the present models: {error}")
        return {}


def _store(training: TrainingResult, stored: pd.DataFrame, context: TableContext) -> list[ModelCard]:
    """Write files, then older models' statuses, and return the new rows: a run that stops early promotes no model."""
    for candidate in training.candidates:
        path = f"{FOLDER}/{candidate.card.artifact_path}"
        context.objects.write(path, candidate.artifact)
        context.objects.write(f"{path}.card.json", candidate.card.json().encode())
    before = {row["model_id"]: ModelCard.from_row(row) for row in stored.to_dict("records")}
    cards = [candidate.card for candidate in training.candidates]
    after = register(before.values(), cards, dt.datetime.now(dt.UTC), AUTOMATIC)
    for card in after:
        if card.model_id in before and card != before[card.model_id]:
            changed = {"status": card.status, "promoted_at": card.promoted_at, "promoted_by": card.promoted_by}
            context.update({"model_id": card.model_id}, changed)
    return [card for card in after if card.model_id not in before]


def _facts(training: TrainingResult) -> dict[str, int | float | str]:
    """Return facts about the month: the trained models, their errors, and why others were not trained."""
    rejected = [one.card.system_id for one in training.candidates if one.card.status == ModelStatus.REJECTED]
    learned = [one.card for one in training.candidates if one.card.mae_train is not None]
    summary = f"{len(learned)} models on {max((card.n_train for card in learned), default=0):,} rows"
    untrained = "; ".join(f"{system}: {why}" for system, why in training.untrained.items())
    facts: dict[str, int | float | str] = {"training": summary, "rejected": ", ".join(rejected), "untrained": untrained}
    return facts | {f"validation MAE {card.system_id}": card.mae_validation or 0.0 for card in learned}
