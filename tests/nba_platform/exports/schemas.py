"""The shape of every document, as JSON Schema (draft 2020-12): what a reader may rely on."""

import json
import re
from pathlib import Path
from typing import Any

OF_PATHS = {
    r"predictions/.*": "predictions",
    r"results/.*": "results",
    r"best-bets/.*": "best-bets",
    r"systems/performance\.json": "systems-performance",
    r"tonight/all-players\.json": "tonight-all-players",
    r"tonight/player/.*": "tonight-player",
    r"players/index\.json": "players-index",
    r"players/.*": "players-profile",
    r"schedule/game-counts\.json": "schedule-game-counts",
    r"coverage\.json": "coverage",
    r"status\.json": "status",
}


class NoSchema(LookupError):
    """A path that no schema describes: whoever adds a document adds its schema."""


def schema_of(path: str) -> dict[str, Any]:
    """The schema of the document at a path below `exports/v1/`."""
    for pattern, name in OF_PATHS.items():
        if re.fullmatch(pattern, path):
            schema: dict[str, Any] = json.loads(Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8"))
            return schema
    raise NoSchema(f"{path} has no schema: describe it in {Path(__file__).parent.name}/ and name it here")
