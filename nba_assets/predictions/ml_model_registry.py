"""The table of trained models, one partition per month. Rows are never rewritten, except for a model's status."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Literal

import ibis.expr.types as ir
import pandas as pd

from models.forecast_keys import Variant
from models.markets import BASES, MINUTES
from models.markets import MARKETS as ALL
from models.rates.model import RatesModel
from models.systems.base import Learner, SystemId
from models.training.config import TrainingConfig
from models.training.gates import ModelStatus
from models.training.learners import ArtifactFormat, UnusableModel, XGBoostLearner
from models.training.rates import MarketsConfig, fingerprints, train_markets
from models.training.registry import Candidate, ModelCard, already_trained, load_artifact, register
from models.training.split import TrainingSplit
from models.training.train import TrainingResult, train_month
from nba_assets.kit.as_of import History
from nba_assets.kit.table import ExpectedRows, table
from nba_assets.kit.table_context import ComputedFrame, TableContext
from nba_assets.predictions.forecast_inputs import rounded, training_rows, without_prices
from nba_assets.predictions.month_models import ALL_MARKETS, FOLDER, models_of
from nba_assets.predictions.rates_inputs import NOT_LEARNED, PLAYER, market_lines, rates_inputs
from nba_resources.dates import SUMMER, DateRange
from nba_resources.objects.store import ObjectMissing
from nba_resources.warehouse.contract import day, integer, moment, number, text

AUTOMATIC = "gates passed"
CONFIG, MARKETS = TrainingConfig(), MarketsConfig()


def train_models(frames: Mapping[str, pd.DataFrame], dates: DateRange, context: TableContext) -> ComputedFrame:
    """Train month by month; keep a month that was trained on the same data and settings by the same code."""
    rows, stored = without_prices(frames["rows"]), context.stored(dates)
    months = [date for date in dates if date.day == 1 and date.month not in SUMMER]
    new: list[ModelCard] = []
    facts: dict[dt.date, dict[str, int | float | str]] = {}
    for month in months:
        of_month = stored[pd.to_datetime(stored["model_month"]) == pd.Timestamp(month)]
        fingerprint = TrainingSplit.before(month, rows, CONFIG).fingerprint
        if already_trained(of_month, month, fingerprint, CONFIG.hash, context.code_version):
            facts[month] = {"training": "kept: same data, same numbers, same code"}
            context.log(f"{month:%Y-%m}: kept, its training data and settings have not changed")
            continue
        training = train_month(month, rows, CONFIG, incumbents(of_month, month, context))
        new += _store(training.candidates, of_month, context)
        facts[month] = _facts(training)
        context.log(f"{month:%Y-%m}: {facts[month]['training']}")
    for month, candidates in _train_markets(frames, months, context):
        of_month = stored[pd.to_datetime(stored["model_month"]) == pd.Timestamp(month)]
        new += _store(candidates, of_month, context)
        facts.setdefault(month, {})["models of all markets"] = len(candidates)
        context.log(f"{month:%Y-%m}: {len(candidates)} models of all markets")
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
        "market": text("The statistic it forecasts: The Odds API's key, or minutes", *ALL, MINUTES),
        "variant": text("The edition it learned and forecasts, or games without an injury report", *Variant),
        "model_month": day("First day of the only month it may predict"),
        "status": text("At most one in production per system, market, variant and month", *ModelStatus),
        "artifact_path": text("Under models/ in the object store"),
        "artifact_format": text("File format of the artefact", *ArtifactFormat),
        "artifact_sha256": text("Compared at every load"),
        "feature_contract": text("Name and hash; must equal the current one at load"),
        "library_version": text("Compared at load"),
        "train_start": day("First date fitted on"),
        "train_end": day("Last date fitted on"),
        "validation_start": day("First date judged on: held back, or forecast by the model of an earlier month"),
        "validation_end": day("Last date judged on, before the month"),
        "n_train": integer("Rows fitted on", 1),
        "n_validation": integer("Rows judged on", 1),
        "mae_train": number("On the rows fitted on, in the unit of the market", 0, null=True),
        "mae_validation": number("On the rows judged on", 0, null=True),
        "mae_season_average": number("Of the season average on the same rows", 0, null=True),
        "bias_to_line": number("Mean of prediction - line on the same rows", null=True),
        "gate_results": text("JSON: each gate's value, limit, N and whether it passed"),
        "hyper_parameters": text("JSON"),
        "residual_sd": text("JSON: standard deviation of errors, by band of prediction"),
        "metrics": text("JSON: errors by population, on the rows judged on"),
        "data_fingerprint": text("Hash of all training data"),
        "config_hash": text("Hash of all settings of the training"),
        "promoted_at": moment("When it went into production", null=True),
        "promoted_by": text("Who promoted it", null=True),
        "notes": text("Reason for a promotion by hand", null=True),
    },
)
def ml_model_registry(
    ml_feature_store_v2: History,
    prediction_evidence: History,
    player_game_summary: History,
    player_presence: History,
    player_minutes_form: History,
    player_market_form: History,
    game_editions: History,
    player_prop_lines: History,
) -> dict[Literal["rows", "market_rows", "market_lines"], ir.Table]:
    """One row per trained model, rejected ones too; a model predicts one month and has seen only games before it.

    `status` says which model is in production: at most one per month, system, market and variant. The models of all
    markets share an artefact for each variant.
    """
    games = player_game_summary.map(lambda rows: rows.filter("played")).before_the_last()
    results = games.select(*PLAYER, actual_minutes="minutes", **{f"actual_{base}": base for base in BASES})
    editions = game_editions.before_the_last()
    inputs = rates_inputs(
        player_presence.before_the_last(),
        player_minutes_form.before_the_last(),
        player_market_form.before_the_last(),
        editions,
    )
    return {
        "rows": training_rows(ml_feature_store_v2, prediction_evidence, player_game_summary),
        "market_rows": inputs.join(results, PLAYER).drop(*NOT_LEARNED),
        "market_lines": market_lines(player_prop_lines.before_the_last(), editions),
    }


def incumbents(stored: pd.DataFrame, month: dt.date, context: TableContext) -> Mapping[SystemId, Learner]:
    """Load the month's models in production; none if they cannot be used any more, as training again repairs that."""
    try:
        return models_of(stored, month, context.objects.read).learners
    except (UnusableModel, ObjectMissing) as error:
        context.log(f"{month:%Y-%m}: no comparison with the present models: {error}")
        return {}


def _train_markets(
    frames: Mapping[str, pd.DataFrame], months: Sequence[dt.date], context: TableContext
) -> Iterator[tuple[dt.date, list[Candidate]]]:
    """Train the models of all markets for months that have none of the same data, settings and code."""
    rows, lines = rounded(frames["market_rows"]), rounded(frames["market_lines"])
    lines = lines.assign(price_over=lines.over_prob_novig.where(lines.is_timely))
    if rows.empty or not months:
        return
    earlier = sorted({*pd.to_datetime(rows.game_date).dt.to_period("M").dt.to_timestamp().dt.date, *months})
    data = fingerprints(rows, lines, earlier)
    stored = context.stored(DateRange(earlier[0], months[-1]))
    stored = stored[stored.system_id.isin(ALL_MARKETS)]
    known = {
        month for month in earlier if already_trained(stored, month, data[month], MARKETS.hash, context.code_version)
    }
    asked = {month: data[month] for month in months if month not in known}
    if asked:
        minutes = _stored_minutes(stored, {month: data[month] for month in known}, context)
        yield from train_markets(rows, lines, asked, MARKETS, minutes).items()


def _stored_minutes(
    stored: pd.DataFrame, data: Mapping[dt.date, str], context: TableContext
) -> dict[Variant, dict[dt.date, XGBoostLearner]]:
    """Load models of minutes that were trained on the same data, which need not be trained again."""
    found: dict[Variant, dict[dt.date, XGBoostLearner]] = {variant: {} for variant in Variant}
    same = stored[(stored.market == MINUTES) & stored.data_fingerprint.isin(data.values())]
    for card in map(ModelCard.from_row, same.to_dict("records")):
        if data.get(card.model_month) == card.data_fingerprint:
            with suppress(UnusableModel, ObjectMissing):
                artifact = load_artifact(card, card.model_month, lambda path: context.objects.read(f"{FOLDER}/{path}"))
                found[Variant(card.variant)][card.model_month] = RatesModel.from_bytes(artifact).minutes
    return found


def _store(candidates: Sequence[Candidate], stored: pd.DataFrame, context: TableContext) -> list[ModelCard]:
    """Write files, then older models' statuses, and return the new rows: a run that stops early promotes no model."""
    artifacts = {candidate.card.artifact_path: candidate.artifact for candidate in candidates}
    for path, artifact in artifacts.items():
        context.objects.write(f"{FOLDER}/{path}", artifact)
    for candidate in candidates:
        folder, _, _ = candidate.card.artifact_path.rpartition("/")
        context.objects.write(f"{FOLDER}/{folder}/{candidate.card.model_id}.card.json", candidate.card.json().encode())
    before = {row["model_id"]: ModelCard.from_row(row) for row in stored.to_dict("records")}
    cards = [candidate.card for candidate in candidates]
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
