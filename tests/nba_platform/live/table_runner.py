"""Fill a warehouse table by table, as runs do, without Dagster."""

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path

import dagster as dg
import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from nba_assets.kit.assets import create_missing_tables, fetch_rows
from nba_assets.kit.table_context import TableContext, arrow_rows, parts_of
from nba_checks.leakage.replay import pregame_tables, upstream
from nba_platform.definitions import TABLES
from nba_platform.orchestration.automation.tick_state import ONE, RANGE_END, RANGE_START
from nba_platform.orchestration.schedules import REFRESHES, due
from nba_resources.dates import DateRange
from nba_resources.objects.store import ObjectStore
from nba_resources.sources.base import ALWAYS, Source
from nba_resources.warehouse.sql.statements import Rows

from ...shared import warehouse_at
from .game_day import EASTERN, SEASON, TODAY, Clock, at

LATELY = DateRange(dt.date(2024, 11, 5), TODAY)  # two weeks in, from when on forecasts are made
FORECASTS, GRADES = "player_prop_predictions", "prediction_accuracy"
READ = [name for name in upstream(TABLES, FORECASTS) if not TABLES[name].compute_frame]
RAW = [name for name in READ if TABLES[name].feed]
COMPUTED = [name for name in READ if not TABLES[name].feed]
MORNING = [*pregame_tables(TABLES, FORECASTS), FORECASTS]
AFTER_GAMES = ["player_game_summary", "prop_line_path", GRADES]


@dataclass
class TableRunner:
    """Loads and computes tables into a warehouse of its own."""

    folder: Path
    source: Source
    clock: Clock

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.warehouse = warehouse_at(self.folder / "nba.duckdb")

    def refresh(self, name: str, clock: str, day: dt.date = TODAY, late: int = 0) -> dict[dt.date, set[str]]:
        """Run a schedule `late` minutes after its tick, load what it requests and return the tables by date."""
        tick = at(clock, day)
        self.clock.moment = tick + dt.timedelta(minutes=late)
        (refresh,) = (one for one in REFRESHES if one.name == name)
        asked = due(refresh, tick.astimezone(EASTERN), self.source, self.warehouse, TABLES)
        loaded: dict[dt.date, set[str]] = {}
        for request in [] if isinstance(asked, dg.SkipReason) else asked:
            first, last = (request.tags.get(end) or request.tags[ONE] for end in (RANGE_START, RANGE_END))
            dates = DateRange(dt.date.fromisoformat(first), dt.date.fromisoformat(last))
            names = {key.path[-1] for key in request.asset_selection}
            self.load(dates, *names)
            loaded |= {one: names for one in dates}
        return loaded

    def load(self, dates: DateRange, *names: str) -> None:
        with self.warehouse.session():
            for name in (one for one in RAW if one in names):
                table, when = TABLES[name], dates if TABLES[name].contract.partition else None
                rows = table.build(TABLES, dates, ibis.memtable(fetch_rows(table, self.source, when or ALWAYS).rows))
                rows = rows.mutate(ingested_at=_stamp(self.clock.now()))
                if "source" not in rows.columns:
                    rows = rows.mutate(source=ibis.literal(self.source.name))
                (self.warehouse.append if table.appends else self.warehouse.replace)(table.contract, when, rows)

    def compute(self, dates: DateRange, *names: str) -> None:
        with self.warehouse.session():
            for name in names:
                table, when = TABLES[name], dates if TABLES[name].contract.partition else None
                rows: Rows
                if table.compute_frame:
                    rows = self._finished(name, dates)
                else:
                    (query,) = table.queries(TABLES, when or ALWAYS).values()
                    rows = replace(query, stamps={"code_version": "now", "computed_at": at("00:00")})
                self.warehouse.replace(table.contract, when, rows)

    def catch_up(self, *names: str) -> None:
        """Compute tables of results for the season so far, tables of mornings from the first forecast on."""
        with self.warehouse.session():
            for name in names:
                self.compute(LATELY if name in MORNING else SEASON, name)

    def rows(self, name: str, dates: DateRange | None = None) -> pd.DataFrame:
        """Return the stored rows in order, without the time they were stored."""
        contract = TABLES[name].contract
        rows = contract.table()
        if dates and contract.partition:
            rows = rows.filter(rows[contract.partition].between(dates.start, dates.end))
        found = self.warehouse.read(rows).drop(columns=["computed_at", "ingested_at"], errors="ignore")
        return found.sort_values(list(contract.grain), ignore_index=True)

    def _finished(self, name: str, dates: DateRange) -> pa.Table:
        table = TABLES[name]
        create_missing_tables(table, TABLES, dates, self.warehouse)
        gathered = {one: self.warehouse.read(query) for one, query in table.queries(TABLES, dates).items()}
        context = TableContext(
            table.contract, "now", self.warehouse, ObjectStore(root=str(self.folder)), lambda said: None
        )
        made = pd.concat([part.rows for part in parts_of(table.compute_frame(gathered, dates, context))])
        return arrow_rows(table.contract, made.assign(code_version="now", computed_at=at("00:00")))


def _stamp(moment: dt.datetime) -> ir.TimestampScalar:
    return ibis.literal(moment, type="timestamp('UTC')")
