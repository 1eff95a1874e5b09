"""List the stored models."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from models.forecast_keys import house_key
from models.markets import POINTS
from models.system_ids import POINT_SYSTEMS, SystemId
from models.training.cards import ModelCard, ModelStatus
from nba_platform.cli.command import Page
from nba_platform.cli.render import number, numbers, table, text
from nba_platform.config.environments import reader
from nba_platform.config.settings import Settings
from nba_platform.errors import NothingToDo
from nba_resources.warehouse.reader import Reader, records

REGISTRY = "nba_predictions.ml_model_registry"
HOUSE = house_key(POINTS)
ID_WIDTH = 56  # ids of sums, such as points + rebounds + assists, are longer
COLUMNS = [field.name for field in fields(ModelCard)]
ORDER = [system.value for system in SystemId]
JSON_TEXTS = ("gate_results", "hyper_parameters", "residual_sd", "metrics")
COLOURS = {ModelStatus.PRODUCTION: "green", ModelStatus.REJECTED: "red", ModelStatus.RETIRED: "dim"}


@dataclass(frozen=True)
class StoredModels:
    """The model registry as it is stored."""

    warehouse: Reader

    def listed(
        self,
        month: dt.date | None = None,
        system: SystemId | None = None,
        market: str = HOUSE.market,
        variant: str | None = None,
    ) -> list[ModelCard]:
        """Return the models of a market by month, system and variant; by default all of the newest month."""
        cards = self.cards()
        if not cards:
            raise NothingToDo("no model was trained yet: run `nba train MONTH`, for instance `nba train 2024-12`.")
        if month is None and system is None:
            month = max((card.model_month for card in cards if card.market == market), default=None)
        named = {"market": market, "model_month": month, "system_id": system, "variant": variant}
        asked = {name: value for name, value in named.items() if value is not None}
        chosen = [card for card in cards if all(getattr(card, name) == value for name, value in asked.items())]
        if not chosen:
            of_what = [*([] if market == HOUSE.market else [market]), *filter(None, (system, variant))]
            which = "".join(f" of {what}" for what in of_what) + (f" for {month:%Y-%m}" if month else "")
            months = ", ".join(sorted({f"{card.model_month:%Y-%m}" for card in cards}))
            raise NothingToDo(f"no model{which} is stored: models exist for {months}.")
        return chosen

    def cards(self) -> list[ModelCard]:
        """Return all models, the newest month first, in the order of `SystemId`."""
        if not self.warehouse.stored([REGISTRY]):
            return []
        rows = records(self.warehouse, f"SELECT {', '.join(COLUMNS)} FROM {REGISTRY}", COLUMNS)
        cards = [ModelCard.from_row(row) for row in rows]
        return sorted(cards, key=lambda card: (-card.model_month.toordinal(), ORDER.index(card.system_id)))

    def months_in_production(self) -> set[str]:
        """Return the partition keys of the months in which a system of points has its model in production."""
        in_production = [card for card in self.cards() if card.status == ModelStatus.PRODUCTION]
        return {card.model_month.isoformat() for card in in_production if is_of_points(card)}


def is_of_points(card: ModelCard) -> bool:
    """Return whether a system of points forecasts with the model."""
    return (card.market, card.variant) == (HOUSE.market, HOUSE.edition) and card.system_id in POINT_SYSTEMS


def stored_models(settings: Settings | None = None) -> StoredModels:
    """Return the models of the warehouse that the settings name."""
    return StoredModels(reader(settings))


def models_page(cards: Sequence[ModelCard]) -> Page:
    """Show a line for each model, at most 120 columns wide, then the gates it failed."""
    grid = table(
        ["month", text("model", ID_WIDTH, wrapped=True), "status", *numbers("rows", "MAE", "season's", "lean", "gates")]
    )
    for card in cards:
        maes = (number(mae, ".3f") for mae in (card.mae_validation, card.mae_season_average))
        numbers_of_card = (f"{card.n_train:,}", *maes, number(card.bias_to_line, "+.2f"), _gates(card))
        first, style = (f"{card.model_month:%Y-%m}", card.model_id, card.status), COLOURS.get(ModelStatus(card.status))
        grid.add_row(*first, *numbers_of_card, style=style)
    yield grid
    for card in cards:
        if failed := failed_gates(card):
            yield f"{card.model_id} failed {', '.join(failed)}"


def failed_gates(card: ModelCard) -> list[str]:
    """Return each gate a model did not pass, with the measured and the allowed value."""
    failed = (gate for gate in json.loads(card.gate_results) if gate["passed"] is False)
    sentence = "{gate} ({says}: {value} against {limit} on {n:,} rows)"
    return [sentence.format(**gate) for gate in failed]


def card_document(card: ModelCard) -> dict[str, Any]:
    """Return the JSON of a model card."""
    parsed = {name: json.loads(getattr(card, name)) for name in JSON_TEXTS}
    return {name: value for name, value in asdict(card).items() if name not in parsed} | parsed


def _gates(card: ModelCard) -> str:
    """Return passed of judged gates; gates with too few rows are not judged."""
    passed = [gate["passed"] for gate in json.loads(card.gate_results) if gate["passed"] is not None]
    return f"{sum(passed)} of {len(passed)}"
