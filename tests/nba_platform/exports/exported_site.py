"""Two games of tonight with a few players, written by hand, and the documents published from them."""

import datetime as dt
import json
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from models.systems.base import SystemId
from nba_assets.kit.export import Edition, Permit
from nba_assets.kit.export_writer import ROOT, WrittenDocument, publish
from nba_checks.completeness.pipeline_coverage import pipeline_coverage
from nba_platform.definitions import EXPORTS, TABLES
from nba_resources.dates import DateRange
from nba_resources.objects.store import ObjectStore
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from ...shared import filled_once, warehouse_at
from ..rows import filled_rows, store
from .schemas import schema_of

YESTERDAY, TONIGHT, TOMORROW = (dt.date(2024, 12, day) for day in (3, 4, 5))
MORNING = dt.datetime(2024, 12, 4, 14, tzinfo=dt.UTC)
HOUSE, BOOSTED = SystemId.ENSEMBLE.value, SystemId.CATBOOST.value
BOSTON, DENVER = "0022400001", "0022400002"
TEAMS = {BOSTON: ("BOS", "NYK", 0), DENVER: ("DEN", "LAL", 2)}
VOICES = json.dumps([{"system": SystemId.CATBOOST.value, "prediction": 23.0, "weight": 1.0}])
NO = Permit(False, ("the data are stale",))
NAMES = {1: 'Shaquille O\'Neal "Shaq"', 2: "Luka Dončić", 3: "</script><script>alert(1)</script>"}


@dataclass(frozen=True)
class ExportedSite:
    """A warehouse and the object store its documents are published to."""

    warehouse: DuckDBWarehouse
    objects: ObjectStore

    @classmethod
    def in_folder(cls, folder: Path) -> "ExportedSite":
        """Return a site whose warehouse may have no table yet."""
        return cls(warehouse_at(folder / "nba.duckdb"), ObjectStore(root=str(folder / "objects")))

    @classmethod
    def at(cls, folder: Path) -> "ExportedSite":
        """Return a site with the games and the players in an empty folder."""
        shutil.copytree(filled_once("site", _store_slate), folder, dirs_exist_ok=True)
        return cls.in_folder(folder)

    def store(self, **rows: list[dict[str, Any]]) -> None:
        """Replace all rows of each named table."""
        states = rows.pop("pipeline_coverage", None)
        store(self.warehouse, **rows)
        if states is not None:
            contract = pipeline_coverage.contract
            self.warehouse.replace(contract, DateRange(dt.date(2024, 7, 1), TOMORROW), filled_rows(contract, states))

    def publish(
        self,
        *names: str,
        dates: DateRange | None = None,
        now: dt.datetime = MORNING,
        today: dt.date = TONIGHT,
        refused: Collection[dt.date] = (),
    ) -> list[WrittenDocument]:
        """Publish some exports, or all, and validate every document against its schema."""
        span = dates or DateRange(today, today)
        permits = {date: NO if date in refused else Permit(True) for date in {*span, today}}
        filed = []
        with self.warehouse.session():
            for export in [EXPORTS[name] for name in names] if names else EXPORTS.values():
                of = span if export.dated else DateRange(today, today)
                edition = Edition(of, today, now, permits)
                filed += publish(export, TABLES, self.warehouse, self.objects, edition)
        for path in {file.path for file in filed}:
            validate(path, self.read(path))
        return filed

    def read(self, path: str) -> dict[str, Any]:
        return json.loads(self.bytes(path))

    def bytes(self, path: str) -> bytes:
        return self.objects.read(ROOT + path)

    def all(self) -> dict[str, bytes]:
        return {path.removeprefix(ROOT): self.objects.read(path) for path in self.objects.paths(ROOT)}


def _store_slate(folder: Path) -> None:
    """Store the games and the players, and all else that documents read without a row."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for export in EXPORTS.values() for name in export.reads}
    days = {YESTERDAY: "03", TONIGHT: "00", TOMORROW: "05"}
    rows["schedule"] = [game(day, of, tag) for day, tag in days.items() for of in TEAMS]
    players = {n: NAMES.get(n, f"Player {n:02}") for n in range(1, 30)}
    rows["players"] = [
        {"player_id": n, "player_lookup": f"player{n}", "player_name": name} for n, name in players.items()
    ]
    ExportedSite.in_folder(folder).store(**rows)


def validate(path: str, document: dict[str, Any]) -> None:
    problems = list(Draft202012Validator(schema_of(path), format_checker=FormatChecker()).iter_errors(document))
    assert not problems, f"{path}: {problems[0].message} at {list(problems[0].absolute_path)}"


def game_of(date: dt.date, of: str) -> str:
    """Return the id of a game: the same two games are played on every date."""
    return of if date == TONIGHT else f"{of[:6]}{date.day:02}{of[8:]}"


def game(date: dt.date, of: str, tag: str = "") -> dict[str, Any]:
    home, away, hour = TEAMS[of]
    tip = dt.datetime.combine(date + dt.timedelta(days=1), dt.time(hour), dt.UTC)
    known = {"season": "2024-25", "season_year": 2024, "season_type": "regular", "neutral_site": False}
    status = "final" if date < TONIGHT else "scheduled"
    teams = {"home_team": home, "away_team": away, "start_time_utc": tip, "status": status}
    return {"game_id": game_of(date, of), "game_date": date, **known, **teams}


def of_player(player: int, date: dt.date = TONIGHT, of: str = BOSTON) -> dict[str, Any]:
    home, away, _ = TEAMS[of]
    who = {"player_lookup": f"player{player}", "player_id": player, "team_abbr": home, "opponent_team_abbr": away}
    return {**who, "game_id": game_of(date, of), "game_date": date}


def forecast(player: int, date: dt.date = TONIGHT, of: str = BOSTON, **told: Any) -> dict[str, Any]:
    """A forecast of 22.5 points by the house against a line of 20.5, with a probability of 0.6, but no pick."""
    key = " ".join([f"{date} {player}", *(str(told.get(name, "")) for name in ("system_id", "market", "edition"))])
    prediction = {
        "system_id": HOUSE,
        "prediction_id": key,
        "predicted_value": 22.5,
        "confidence_score": 70.0,
        "line": 20.5,
    }
    chances = {"line": 20.5, "edge": 2.0, "over_probability": 0.6, "push_probability": 0.0, "components": VOICES}
    verdict = {"recommendation": "PASS", "pass_reason": "SMALL_EDGE"}
    return of_player(player, date, of) | {"edition": "at_tip"} | prediction | chances | verdict | told


def pick(player: int, value: float, date: dt.date = TONIGHT, of: str = BOSTON, **told: Any) -> dict[str, Any]:
    """The same as a pick at -110 with a positive value."""
    money = {"over_price": -110, "under_price": -120, "price_book": "book", "expected_value": value}
    return forecast(player, date, of, **{"recommendation": "OVER", "pass_reason": None, **money, **told})


def night(player: int, points: int | None, date: dt.date = YESTERDAY, of: str = BOSTON, **told: Any) -> dict[str, Any]:
    """A player's game; without points he did not play."""
    known = {"season": "2024-25", "season_type": "regular", "player_name": NAMES.get(player, f"Player {player:02}")}
    line = {"played": points is not None, "points": points or 0, "minutes": 30.0 if points is not None else 0.0}
    return of_player(player, date, of) | known | {"is_home": True} | line | told
