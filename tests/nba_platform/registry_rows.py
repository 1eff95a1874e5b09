"""Rows of the model registry."""

import datetime as dt
import json

from models.systems.base import SystemId
from models.training.gates import ModelStatus

NOVEMBER, DECEMBER = dt.date(2024, 11, 1), dt.date(2024, 12, 1)
PASSED = [{"gate": "order", "value": None, "limit": 0, "n": 900, "passed": True, "says": "in order"}]
FAILED = [{"gate": "season_average", "value": 0.31, "limit": 0.0, "n": 900, "passed": False, "says": "error minus"}]
NOT_JUDGED = [{"gate": "bias_to_line", "value": None, "limit": 1.5, "n": 3, "passed": None, "says": "not judged"}]


def model(
    name: str, status: ModelStatus, system: SystemId = SystemId.CATBOOST, month: dt.date = DECEMBER, **told
) -> dict:
    days = {
        f"{what}_{end}": month - dt.timedelta(days=9) for what in ("train", "validation") for end in ("start", "end")
    }
    texts = {"hyper_parameters": "{}", "residual_sd": "[]", "metrics": "{}", "gate_results": json.dumps(PASSED)}
    errors = {"mae_train": 4.1, "mae_validation": 4.9, "mae_season_average": 5.1, "n_train": 9_000, "n_validation": 900}
    kept = {"artifact_format": "cbm", "artifact_path": "nowhere", "feature_contract": "f", "library_version": "l"}
    who = {"model_id": name, "status": status.value, "system_id": system.value, "model_month": month}
    who |= {"market": "player_points", "variant": "at_tip"}
    return who | days | texts | errors | kept | told


def retired(name: str, day: int, **told) -> dict:
    return model(name, ModelStatus.RETIRED, promoted_at=dt.datetime(2024, 12, day, tzinfo=dt.UTC), **told)
