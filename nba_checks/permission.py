"""The stored decision whether a date may be published, used only while nothing it rests on has changed.

Evaluating every guard takes a second and imports Dagster and all tables; printing a card should need neither. So a run
or command that evaluates the guards stores the decision in Dagster's database, and readers compare what it rests on:
the code, today's date, what was stored and checked since, and counts of stored rows, as rows can change without a
record. If anything differs or cannot be read, the guards are evaluated again.
"""

import datetime as dt
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from models.forecast_keys import house_key
from models.markets import POINTS
from nba_platform.dagster_compat.records import UNCHANGED_SINCE
from nba_resources.code_hash import code_hash
from nba_resources.warehouse.reader import Reader

UNDETERMINED = "cannot determine whether"
_PATH_OR_ADDRESS = re.compile(r"(?<![\w/])(?:[a-z][a-z0-9+]*:/)?/[^\s'\",;]+")
_GRADES = '["nba_predictions", "prediction_accuracy"]'  # the latest alarm of any date decides
_EVERY_DATE = (  # the games of other dates decide whether the data are stale
    '["nba_raw", "schedule"]',
    '["nba_raw", "player_boxscores"]',
    '["nba_raw", "team_boxscores"]',
    '["nba_analytics", "player_game_summary"]',
)
_HOUSE = house_key(POINTS)
_FACTS = {
    "nba_predictions.player_prop_predictions": (
        "SELECT COUNT(*), COUNT(predicted_value), COUNT(DISTINCT player_lookup) FROM {table} "
        f"WHERE game_date = DATE '{{date}}' AND market = '{_HOUSE.market}' AND edition = '{_HOUSE.edition}'"
    ),
    "nba_predictions.ml_feature_store_v2": (
        "SELECT COUNT(*), COUNT(CASE WHEN is_prop_eligible THEN 1 END) FROM {table} WHERE game_date = DATE '{date}'"
    ),
    "nba_predictions.ml_model_registry": (
        "SELECT model_id, status FROM {table} WHERE model_month = DATE '{month}' "
        f"AND market = '{_HOUSE.market}' AND variant = '{_HOUSE.edition}' ORDER BY model_id, status"
    ),
    "nba_analytics.player_game_summary": "SELECT COUNT(*), MAX(game_date) FROM {table}",
    "nba_raw.schedule": (
        "SELECT season_type, status, COUNT(*), MAX(game_date) FROM {table} WHERE game_date <= DATE '{date}' "
        "GROUP BY season_type, status ORDER BY season_type, status"
    ),
    "nba_raw.rejected_rows": (
        "SELECT feed, COUNT(*) FROM {table} WHERE game_date = DATE '{date}' GROUP BY feed ORDER BY feed"
    ),
}

Query = Callable[[str, Sequence[object]], list[tuple[Any, ...]]]  # of the records of assets and checks


@dataclass(frozen=True)
class Publish:
    """The decision on a date: publish, unless there is a reason against it."""

    reasons: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        """True if there is no reason against it."""
        return not self.reasons

    @property
    def undetermined(self) -> bool:
        """True if a guard could not be evaluated, which may be different a moment later."""
        return any(reason.startswith(UNDETERMINED) for reason in self.reasons)

    @property
    def public_reasons(self) -> tuple[str, ...]:
        """The reasons for published documents: error messages, paths and addresses are removed."""
        reasons = (text.split(": ")[0] if text.startswith(UNDETERMINED) else text for text in self.reasons)
        return tuple(_PATH_OR_ADDRESS.sub("(path removed)", text) for text in reasons)

    def __str__(self) -> str:
        return "yes" if self.allowed else f"no, because {'; '.join(self.reasons)}"


@dataclass(frozen=True)
class Evidence:
    """Reads the state that decisions rest on: the records, and the stored rows, as of today."""

    query: Query
    reader: Reader
    today: dt.date

    def digest(self, date: dt.date, checks: Sequence[str], refused: bool) -> str:
        """Return a text that changes with anything that may change the decision on a date by some checks."""
        keys = [date.isoformat(), date.replace(day=1).isoformat()]
        rows = [*self._stored(keys), *self._games(refused), *self._checked(keys[0], checks), *self._facts(*keys)]
        parts = [code_hash(), self.today.isoformat(), *(list(map(str, row)) for row in rows)]
        return sha256(json.dumps(parts).encode()).hexdigest()

    def _stored(self, partitions: Sequence[str]) -> list[tuple[Any, ...]]:
        """Return the latest materialization of each table: of the date and its month, of the grades of any date.

        Rows that were stored again count although they are the same: their checks are about the rows before.
        """
        return self.query(
            "SELECT asset_key, MAX(id) FROM event_logs "
            "WHERE dagster_event_type = 'ASSET_MATERIALIZATION' "
            "AND asset_key IN (SELECT asset_key FROM asset_keys WHERE asset_key LIKE ? AND asset_key <> ?) "  # an index
            "AND (partition IS NULL OR partition IN (?, ?) OR asset_key = ?) "
            "GROUP BY asset_key ORDER BY asset_key",
            ['["nba_%', '["nba_reference", "pipeline_coverage"]', *partitions, _GRADES],
        )

    def _games(self, refused: bool) -> list[tuple[Any, ...]]:
        """Return the latest change of the games of any date.

        What was stored again and is the same changes no permission, but the advice of a refusal: after another load
        without rows the source is known to have none.
        """
        same = "EXISTS (SELECT 1 FROM asset_event_tags WHERE event_id = event_logs.id AND key = ?)"
        return self.query(
            "SELECT asset_key, MAX(id) FROM event_logs "
            f"WHERE dagster_event_type = 'ASSET_MATERIALIZATION' AND asset_key IN ({_places(_EVERY_DATE)}) "
            f"{'' if refused else f'AND NOT {same} '}GROUP BY asset_key ORDER BY asset_key",
            [*_EVERY_DATE, *([] if refused else [UNCHANGED_SINCE])],
        )

    def _checked(self, partition: str, checks: Sequence[str]) -> list[tuple[Any, ...]]:
        """Return the latest results of the checks: of the date and of whole runs, and of any date of the grades."""
        return self.query(
            "SELECT asset_key, check_name, execution_status, COUNT(*), MAX(id), MAX(evaluation_event_storage_id) "
            f"FROM asset_check_executions WHERE check_name IN ({_places(checks)}) "
            "AND (partition IS NULL OR partition = ? OR asset_key = ?) "
            "GROUP BY asset_key, check_name, execution_status ORDER BY asset_key, check_name, execution_status",
            [*checks, partition, _GRADES],
        )

    def _facts(self, date: str, month: str) -> list[tuple[Any, ...]]:
        """Return the stored tables with counts of the rows that guards count."""
        held = sorted(self.reader.stored(_FACTS))
        statements = [_FACTS[table].format(table=table, date=date, month=month) for table in held]
        return [(table, *rows) for table, rows in zip(held, self.reader.results(statements), strict=True)]


def place_of(date: dt.date) -> str:
    """Return the key under which the decision on a date is stored."""
    return f"nba/publish/{date}"


def as_text(publish: Publish, checks: Sequence[str], digest: str) -> str:
    """Return a decision as it is stored."""
    return json.dumps({"reasons": publish.reasons, "checks": checks, "rests_on": digest})


def still_valid(text: str | None, evidence: Evidence, date: dt.date) -> Publish | None:
    """Return a stored decision if nothing it rests on has changed."""
    if text is None:
        return None
    try:
        stored = json.loads(text)
        reasons, checks, rests_on = tuple(stored["reasons"]), stored["checks"], stored["rests_on"]
    except (ValueError, KeyError, TypeError):  # of another version
        return None
    return Publish(reasons) if evidence.digest(date, checks, bool(reasons)) == rests_on else None


def _places(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values)) or "NULL"
