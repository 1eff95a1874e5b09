"""The JSON schema of each document, by its path."""

import json
import re
from pathlib import Path
from typing import Any

import nba_assets.exports

SCHEMAS = Path(nba_assets.exports.__file__).parent / "schemas"
OF_PATHS = {
    r"predictions/.*": "predictions",
    r"results/.*": "results",
    r"best-bets/.*": "best-bets",
    r"systems/performance\.json": "systems-performance",
    r"systems/record\.json": "systems-record",
    r"board/tonight\.json": "board-tonight",
    r"board/player/.*": "board-player",
    r"tonight/all-players\.json": "tonight-all-players",
    r"tonight/player/.*": "tonight-player",
    r"players/index\.json": "players-index",
    r"players/.*": "players-profile",
    r"schedule/game-counts\.json": "schedule-game-counts",
    r"coverage\.json": "coverage",
    r"status\.json": "status",
}


class NoSchema(LookupError):
    """A path that no schema describes."""


def schema_of(path: str) -> dict[str, Any]:
    """Return the schema of the document at a path below `exports/v1/`."""
    for pattern, name in OF_PATHS.items():
        if re.fullmatch(pattern, path):
            schema: dict[str, Any] = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
            return schema
    raise NoSchema(f"{path} has no schema: describe it in {SCHEMAS.name}/ and name it here")
