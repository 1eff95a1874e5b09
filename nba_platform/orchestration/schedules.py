"""What happens by the clock of the league, which is that of New York: facts are fetched when they are published.

Each schedule only asks for raw tables. Whatever is made of them follows by itself.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import dagster as dg

from nba_assets.kit.assets import asset_key
from nba_assets.kit.calendar import DAILY, today
from nba_assets.kit.table import Table
from nba_platform.orchestration.automation.sensor import request_of
from nba_platform.orchestration.backfill.runs import PartitionRun
from nba_platform.orchestration.backfill.source_changes import Stock, dates_with_news
from nba_platform.orchestration.sensors import runs_to_load
from nba_platform.orchestration.tip_off_times import tip_offs
from nba_resources.dates import EASTERN, SUMMER, DateRange
from nba_resources.sources.base import Source
from nba_resources.sources.http.fetchers import BEFORE_TIP
from nba_resources.warehouse.base import Warehouse

CALENDAR = ("schedule", "seasons")
MARKET = ("player_points_props", "game_odds", "injury_reports")
BOXES = ("player_boxscores", "team_boxscores", "shots")
TICK_MINUTES = 5  # between two looks at whether a game wants its lines


@dataclass(frozen=True)
class Refresh:
    """Which raw tables are fetched again, when, and for which dates counted back from the tick's."""

    name: str
    why: str
    cron: str
    tables: tuple[str, ...]
    days_back: tuple[int, int]
    before_tip_off: tuple[dt.timedelta, ...] = ()  # how long before games of the date begin; else at every tick
    only_news: bool = False


REFRESHES = (
    Refresh(
        name="morning_refresh",
        why="Tonight's games, first lines and injury reports, and who is new on a roster.",
        cron="0 9 * * *",
        tables=(*CALENDAR, *MARKET, *BOXES, "birth_dates"),
        days_back=(0, 0),
    ),
    Refresh(
        name="line_refresh",
        why="Lines and injury reports at set times before each tip-off, closer to one another towards it.",
        cron=f"*/{TICK_MINUTES} 3-23 * * *",
        tables=MARKET,
        days_back=(0, 0),
        before_tip_off=BEFORE_TIP,
    ),
    Refresh(
        name="post_game",
        why="Last night's results: the last games end after midnight.",
        cron="30 3 * * *",
        tables=(*CALENDAR, *BOXES),
        days_back=(1, 1),
    ),
    Refresh(
        name="late_corrections",
        why="The league corrects box scores for some days. Only what was corrected is loaded.",
        cron="0 6 * * *",
        tables=(*CALENDAR, *BOXES),
        days_back=(1, 3),
        only_news=True,
    ),
)


def schedules(tables: Mapping[str, Table], status: dg.DefaultScheduleStatus) -> list[dg.ScheduleDefinition]:
    """All schedules, on or off from the start."""
    return [_schedule(refresh, tables, status) for refresh in REFRESHES]


def _schedule(refresh: Refresh, tables: Mapping[str, Table], status: dg.DefaultScheduleStatus) -> dg.ScheduleDefinition:
    @dg.schedule(
        name=refresh.name,
        cron_schedule=refresh.cron,
        execution_timezone=DAILY.timezone,
        target=dg.AssetSelection.assets(*(asset_key(tables[name].contract) for name in refresh.tables)),
        default_status=status,
        description=refresh.why,
        required_resource_keys={"source", "warehouse"},
    )
    def schedule(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest] | dg.SkipReason:
        now = context.scheduled_execution_time.astimezone(EASTERN)
        return due(refresh, now, context.resources.source, context.resources.warehouse, tables)

    return schedule


def due(
    refresh: Refresh, now: dt.datetime, source: Source, warehouse: Warehouse, tables: Mapping[str, Table]
) -> list[dg.RunRequest] | dg.SkipReason:
    """What a refresh asks for at a time of New York, or why it asks for nothing."""
    last, first = (now.date() - dt.timedelta(days=days) for days in refresh.days_back)
    partitions = tuple(str(day) for day in DateRange(first, last) if day.month not in SUMMER)
    if not partitions:
        return dg.SkipReason(f"{last} is off-season: no game is played from July to September")
    if (tonight := today(source)) != now.date():
        return dg.SkipReason(
            f"the {source.name} source replays the past: its tonight is {tonight}, so the clock brings nothing new"
        )
    if refresh.before_tip_off and (why := between_times(refresh, now, tip_offs(warehouse, tables, now.date()))):
        return dg.SkipReason(why)
    once = f"{refresh.name} {now:%Y-%m-%d %H:%M %z}"
    if not refresh.only_news:
        keys = tuple(asset_key(tables[name].contract) for name in refresh.tables)
        return [request_of(PartitionRun(keys, partitions), once)]
    legs = runs_to_load(_news(Stock(warehouse, tables, source, tonight), refresh, partitions), tables)
    if not legs:
        return dg.SkipReason(f"the {source.name} source says of {first} to {last} what is stored already")
    return [request_of(leg, f"{once} {leg.partitions[0]}") for leg in legs]


def _news(stock: Stock, refresh: Refresh, partitions: Sequence[str]) -> dict[str, set[str]]:
    """For each date the feeds that say something else than what is stored.

    To load again what did not change would make it newer, and compute again a season of what looks back on it.
    """
    days = [dt.date.fromisoformat(partition) for partition in partitions]
    changed: dict[str, set[str]] = {}
    for table in (stock.tables[name] for name in refresh.tables):
        if table.feed and table.contract.partition:
            for day in dates_with_news(stock, table, days):
                changed.setdefault(str(day), set()).add(table.feed.name)
    return changed


def between_times(refresh: Refresh, now: dt.datetime, tips: Sequence[dt.datetime | None]) -> str | None:
    """Why no game wants its lines now. One whose tip-off nobody knows is taken to begin at seven in the evening."""
    if not tips:
        return f"no game on the stored schedule of {now.date()}"
    at = [tip or dt.datetime.combine(now.date(), dt.time(19), EASTERN) for tip in tips]
    if max(at) <= now:
        return f"the last game of {now.date()} began at {max(at).astimezone(EASTERN):%H:%M}"
    times = sorted(tip - before for tip in at for before in refresh.before_tip_off)
    if any(now - dt.timedelta(minutes=TICK_MINUTES) < time <= now for time in times):
        return None
    following = next(time for time in [*times, max(at)] if time > now).astimezone(EASTERN)
    return f"lines are next asked for at {following:%H:%M}"
