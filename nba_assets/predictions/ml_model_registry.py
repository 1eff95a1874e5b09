"""The models: for each month and system what was trained on the months before, and whether it may predict.

A month is a partition, so a backfilled prediction is as honest as a live one: it is made by the model that could have
been trained that morning. Rows are never rewritten; only a model's status changes, when it is promoted or retired.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import asdict

import ibis.expr.types as ir
import pandas as pd

from models.systems.base import Learner, SystemId
from models.training.config import TrainingConfig
from models.training.gates import ModelStatus
from models.training.learners import ArtifactFormat, UnusableModel
from models.training.registry import Candidate, ModelCard, already_trained, register
from models.training.split import TrainingSplit
from models.training.train import TrainingResult, train_month
from nba_assets.kit.as_of import History
from nba_assets.kit.table import Owed, table
from nba_assets.kit.table_context import Bench, Made
from nba_assets.predictions.forecast_inputs import without_prices
from nba_assets.predictions.month_models import FOLDER, models_of
from nba_assets.predictions.training_rows import training_rows
from nba_resources.dates import SUMMER, DateRange
from nba_resources.objects.store import ObjectMissing
from nba_resources.warehouse.contract import day, integer, moment, number, text

AUTOMATIC = "gates passed"
CONFIG = TrainingConfig()


def trained(frames: Mapping[str, pd.DataFrame], dates: DateRange, bench: Bench) -> Made:
    """Month by month; a month whose data, numbers and code are those of a stored training is left as it is."""
    rows, stored = without_prices(frames["rows"]), bench.stored(dates)
    new: list[ModelCard] = []
    facts: dict[dt.date, dict[str, int | float | str]] = {}
    for month in _months(dates):
        of_month = stored[pd.to_datetime(stored["model_month"]) == pd.Timestamp(month)]
        fingerprint = TrainingSplit.before(month, rows, CONFIG).fingerprint
        if already_trained(of_month, month, fingerprint, CONFIG.hash, bench.code_version):
            facts[month] = {"training": "kept: same data, same numbers, same code"}
            bench.say(f"{month:%Y-%m}: kept, nothing it learns from has changed")
            continue
        training = train_month(month, rows, CONFIG, incumbents(of_month, month, bench))
        new += _kept(training, of_month, bench)
        facts[month] = _facts(training)
        bench.say(f"{month:%Y-%m}: {facts[month]['training']}")
    return Made(pd.DataFrame([asdict(card) for card in new], columns=list(bench.contract.columns)), facts)


@table(
    dataset="nba_predictions",
    grain=["model_id"],
    owed=Owed.MODELS,
    partition="model_month",
    monthly=True,
    appends=True,
    finish=trained,
    columns={
        "model_id": text("System, month and content hash"),
        "system_id": text("Whose model it is", *SystemId),
        "model_month": day("First day of the only month it may predict"),
        "status": text("At most one in production a system and month", *ModelStatus),
        "artifact_path": text("Under models/ in the object store"),
        "artifact_format": text("Never a pickle", *ArtifactFormat),
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
        "residual_sd": text("JSON: how far points fall from predictions, by band of prediction"),
        "metrics": text("JSON: errors by population, on the validation rows"),
        "data_fingerprint": text("Of everything it was trained on"),
        "config_hash": text("Of everything it was told"),
        "promoted_at": moment("When it went into production", null=True),
        "promoted_by": text("Who put it there", null=True),
        "notes": text("Why, where it was done by hand", null=True),
    },
)
def ml_model_registry(
    ml_feature_store_v2: History, prediction_evidence: History, player_game_summary: History
) -> dict[str, ir.Table]:
    """One row for each trained model, the rejected ones too. A model sees games before its month only."""
    return {"rows": training_rows(ml_feature_store_v2, prediction_evidence, player_game_summary)}


def incumbents(stored: pd.DataFrame, month: dt.date, bench: Bench) -> Mapping[SystemId, Learner]:
    """The month's models in production; none where they can no longer answer, as training again is what mends that."""
    try:
        return models_of(stored, month, bench.objects.read).learners
    except (UnusableModel, ObjectMissing) as error:
        bench.say(f"{month:%Y-%m}: no comparison with the present models: {error}")
        return {}


def _months(dates: DateRange) -> Iterable[dt.date]:
    return (date for date in dates if date.day == 1 and date.month not in SUMMER)


def _kept(training: TrainingResult, stored: pd.DataFrame, bench: Bench) -> list[ModelCard]:
    """Files first, then the statuses of older models, then the new rows: whatever ends it early, nothing predicts."""
    for candidate in training.candidates:
        _write(candidate, bench)
    before = {row["model_id"]: ModelCard.from_row(row) for row in stored.to_dict("records")}
    cards = [candidate.card for candidate in training.candidates]
    after = register(before.values(), cards, dt.datetime.now(dt.UTC), AUTOMATIC)
    for card in after:
        if card.model_id in before and card != before[card.model_id]:
            changed = {"status": card.status, "promoted_at": card.promoted_at, "promoted_by": card.promoted_by}
            bench.update({"model_id": card.model_id}, changed)
    return [card for card in after if card.model_id not in before]


def _write(candidate: Candidate, bench: Bench) -> None:
    path = f"{FOLDER}/{candidate.card.artifact_path}"
    bench.objects.write(path, candidate.artifact)
    bench.objects.write(f"{path}.card.json", candidate.card.json().encode())


def _facts(training: TrainingResult) -> dict[str, int | float | str]:
    """Shown with the month: what was trained, how it did, and why the rest was not."""
    rejected = [one.card.system_id for one in training.candidates if one.card.status == ModelStatus.REJECTED]
    learned = [one.card for one in training.candidates if one.card.mae_train is not None]
    said = f"{len(learned)} models on {max((card.n_train for card in learned), default=0):,} rows"
    untrained = "; ".join(f"{system}: {why}" for system, why in training.untrained.items())
    told: dict[str, int | float | str] = {"training": said, "rejected": ", ".join(rejected), "untrained": untrained}
    return told | {f"validation MAE {card.system_id}": card.mae_validation or 0.0 for card in learned}
