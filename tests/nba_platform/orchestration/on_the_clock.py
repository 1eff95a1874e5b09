"""A source on the real clock, and schedules asked at a time in New York."""

import datetime as dt

import dagster as dg
import ibis
import pyarrow.compute as pc

from nba_assets.kit.assets import fetch_rows
from nba_platform.definitions import TABLES
from nba_platform.orchestration.schedules import (
    INJURIES,
    LINES,
    REFRESHES,
    Refresh,
    due,
)
from nba_resources.dates import EASTERN, DateRange
from nba_resources.sources.base import Delivery, Source, SourceUnavailable
from nba_resources.sources.simulated import SimulatedSource
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from ..rows import filled

MARKET = (*LINES, *INJURIES)
Asked = list[dg.RunRequest] | dg.SkipReason
JANUARY_15 = dt.date(2025, 1, 15)
SPRING, AUTUMN = dt.date(2025, 3, 9), dt.date(2025, 11, 2)


class Live(Source):
    """A source on the real clock that delivers the facts of the simulated league."""

    name = "live"

    def __init__(self, tonight: dt.date) -> None:
        self.tonight = tonight
        self.league = SimulatedSource()
        self.steals = 0
        self.fetched: list[str] = []

    def fetch(self, feed: str, dates: DateRange) -> Delivery:
        """Return the facts of the league; `steals` are added to box scores of the 14th of January."""
        self.fetched.append(feed)
        delivery = self.league.fetch(feed, dates)
        if feed != "player_boxscores":
            return delivery
        late = pc.equal(delivery.rows["game_date"], dt.date(2025, 1, 14))
        steals = pc.add(delivery.rows["stl"], pc.multiply(late.cast("int64"), self.steals))
        column = delivery.rows.schema.get_field_index("stl")
        return Delivery(delivery.rows.set_column(column, "stl", steals.cast("int64")), delivery.notes)

    def today(self) -> dt.date:
        return self.tonight


def refresh_named(name: str) -> Refresh:
    return next(refresh for refresh in REFRESHES if refresh.name == name)


def tick(name: str, at: str, warehouse: DuckDBWarehouse, tonight: str | None = None) -> Asked:
    now = dt.datetime.fromisoformat(at).replace(tzinfo=EASTERN)
    source = Live(dt.date.fromisoformat(tonight) if tonight else now.date())
    return due(refresh_named(name), now, source, warehouse, TABLES)


def look(warehouse: DuckDBWarehouse, source: Source, at: dt.datetime) -> Asked:
    return due(refresh_named("line_refresh"), at, source, warehouse, TABLES)


def asked(requests: Asked) -> tuple[set[str], set[str]]:
    assert isinstance(requests, list), requests
    (request,) = requests
    dates = {told for name, told in request.tags.items() if "partition" in name}
    return {key.path[-1] for key in request.asset_selection or ()}, dates


def unreachable(feed: str, dates: DateRange) -> Delivery:
    raise SourceUnavailable("no route to the league")


def games(warehouse: DuckDBWarehouse, date: str, *tips: str) -> None:
    contract = TABLES["schedule"].contract
    day = dt.date.fromisoformat(date)
    season = {"season": "2024-25", "season_year": 2024, "season_type": "regular", "status": "scheduled"}
    rows = [
        {"game_id": f"00224{day.day:03}{place:02}", "game_date": day, "home_team": "BOS", "away_team": "NYK"}
        | {"start_time_utc": dt.datetime.fromisoformat(f"{date}T{tip}").replace(tzinfo=EASTERN)}
        | season
        for place, tip in enumerate(tips)
    ]
    warehouse.replace(contract, DateRange(day, day), filled(contract, rows))


def load(warehouse: DuckDBWarehouse, source: Source, dates: DateRange, *names: str) -> None:
    stamp = ibis.literal(dt.datetime(2025, 1, 15, tzinfo=dt.UTC), type="timestamp('UTC')")
    with warehouse.session():
        for table in map(TABLES.__getitem__, names):
            rows = table.build(TABLES, dates, ibis.memtable(fetch_rows(table, source, dates).rows))
            rows = rows if "source" in rows.columns else rows.mutate(source=ibis.literal("live"))
            store = warehouse.append if table.appends else warehouse.replace
            store(table.contract, dates, rows.mutate(ingested_at=stamp))
