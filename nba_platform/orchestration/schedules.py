"""Schedules: load raw facts when the league and the bookmakers publish them, by New York time.

A schedule requests raw tables only. The automation sensor computes what depends on them.
"""

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import dagster as dg

from nba_assets.kit.assets import asset_key
from nba_assets.kit.calendar import today
from nba_assets.kit.partitions import DAILY
from nba_assets.kit.table import Table
from nba_checks.quality.rejected_rows import rejections
from nba_platform.orchestration.automation.sensor import request_of
from nba_platform.orchestration.backfill.runs import PartitionRun
from nba_platform.orchestration.backfill.source_changes import PlanInputs, changed_dates
from nba_platform.orchestration.event_log_reader import RETRIED_FOR
from nba_platform.orchestration.event_log_reader import unstored as unstored_partitions
from nba_platform.orchestration.looks import NOT_KEPT, Looks
from nba_platform.orchestration.sensors import runs_to_load
from nba_platform.orchestration.tip_off_times import tip_offs
from nba_resources.dates import EASTERN, SUMMER, DateRange
from nba_resources.sources.base import BEFORE_TIP, Source
from nba_resources.warehouse.base import Warehouse

CALENDAR = ("schedule", "seasons")
LINES = ("player_props", "game_odds")
INJURIES = ("injury_reports",)
BOX_SCORES = ("player_boxscores", "team_boxscores", "shots")
TICK_MINUTES = 5
# Injury reports cost nothing and come every quarter of an hour: for four hours each is read five minutes later.
STATUSES_BEFORE_TIP = (*BEFORE_TIP, *(dt.timedelta(minutes=minutes) for minutes in range(10, 4 * 60, 15)))
RETRY_MINUTES = 30  # until what the morning failed to load is tried again: without tonight's games there are no lines
Unstored = Callable[
    [dg.AssetKey, Collection[str]], Collection[str]
]  # those partitions that their last run did not store, or not check
MORNING = dt.time(9, TICK_MINUTES)  # after the morning's own time
ASSUMED_TIP_OFF = dt.time(19)  # of a game whose tip-off the league has not announced


@dataclass(frozen=True)
class Refresh:
    """The raw tables one schedule loads, when, and for which dates, counted back from the date of the tick."""

    name: str
    description: str
    cron: str
    tables: tuple[str, ...]
    days_back: tuple[int, int]
    before_tip: bool = False  # only at set times before tip-offs, not at every tick
    only_changed: bool = False  # only tables whose rows differ from the source's, or whose last run did not store them
    until_stored: bool = False  # looked at again until everything is stored; what was missed is made up for
    retried: tuple[str, ...] = ()  # tables that are loaded again where their last run did not store them


REFRESHES = (
    Refresh(
        name="morning_refresh",
        description="Loads tonight's games, the first lines and injury reports, and new players on rosters.",
        cron="0 9 * * *",
        tables=(*CALENDAR, *LINES, *INJURIES, *BOX_SCORES, "birth_dates"),
        days_back=(0, 0),
    ),
    Refresh(
        name="line_refresh",
        description=(
            "Loads new lines at set times before each tip-off, by the plan of `NBA_LINES`, and injury reports every "
            "quarter of an hour in the four hours before."
        ),
        cron=f"*/{TICK_MINUTES} 3-23 * * *",
        tables=(*LINES, *INJURIES),
        days_back=(0, 0),
        before_tip=True,
        only_changed=True,
    ),
    Refresh(
        name="post_game",
        description="Loads last night's results. The last games end after midnight.",
        cron="30 3 * * *",
        tables=(*CALENDAR, *BOX_SCORES),
        days_back=(1, 1),
    ),
    Refresh(
        name="late_corrections",
        description=(
            "Loads box scores that the league corrected during the last four days and those of missed mornings, dates "
            "with rows that are set aside, and lines and injury reports that were received and not stored. At nine it "
            "looks again, unless everything was stored at six."
        ),
        cron="0 6,9 * * *",
        tables=(*CALENDAR, *BOX_SCORES),
        days_back=(1, 4),
        only_changed=True,
        until_stored=True,
        retried=(*LINES, *INJURIES),
    ),
)


def schedules(
    tables: Mapping[str, Table], checks: Sequence[dg.AssetChecksDefinition], status: dg.DefaultScheduleStatus
) -> list[dg.ScheduleDefinition]:
    """Return all schedules; `status` turns them on or off by default."""
    keys = tuple(key for check in checks for key in check.check_keys)
    return [_schedule(refresh, tables, keys, status) for refresh in REFRESHES]


def _schedule(
    refresh: Refresh, tables: Mapping[str, Table], checks: Sequence[dg.AssetCheckKey], status: dg.DefaultScheduleStatus
) -> dg.ScheduleDefinition:
    asked = (*refresh.tables, *refresh.retried)

    @dg.schedule(
        name=refresh.name,
        cron_schedule=refresh.cron,
        execution_timezone=DAILY.timezone,
        target=dg.AssetSelection.assets(*(asset_key(tables[name].contract) for name in asked)),
        default_status=status,
        description=refresh.description,
        required_resource_keys={"source", "warehouse"},
    )
    def schedule(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest] | dg.SkipReason:
        now = context.scheduled_execution_time.astimezone(EASTERN)
        unstored = partial(unstored_partitions, context.instance, checks)
        looks = Looks(context.instance)
        return due(refresh, now, context.resources.source, context.resources.warehouse, tables, unstored, looks)

    return schedule


def due(
    refresh: Refresh,
    now: dt.datetime,
    source: Source,
    warehouse: Warehouse,
    tables: Mapping[str, Table],
    unstored: Unstored = lambda table, partitions: (),
    looks: Looks = NOT_KEPT,
) -> list[dg.RunRequest] | dg.SkipReason:
    """Return the runs a refresh requests at a time in New York, or the reason why it requests none.

    A date that its last run did not store is loaded again though nothing changed: until then its alert stays open.
    What is looked at `until_stored` begins with the dates that had one look too few when the last complete one ended.
    """
    last, first = (now.date() - dt.timedelta(days=days) for days in refresh.days_back)
    if refresh.until_stored and (looked := looks.last(refresh.name)):
        if looked == last:
            return dg.SkipReason(f"everything until {last} was stored at the last look")
        first = max(min(first, looked + (first - last) + dt.timedelta(days=1)), last - RETRIED_FOR)
    partitions = tuple(str(day) for day in DateRange(first, last) if day.month not in SUMMER)
    if not partitions:
        return dg.SkipReason(f"{last} is off-season: no game is played from July to September")
    if (tonight := today(source)) != now.date():
        why = f"the {source.name} source replays the past: its tonight is {tonight}, so there is nothing new to load"
        return dg.SkipReason(why)
    with warehouse.kept(is_small=True):  # there are reads before and between fetches
        return _requests(refresh, now, PlanInputs(warehouse, tables, source, tonight), partitions, unstored, looks)


def _requests(
    refresh: Refresh,
    now: dt.datetime,
    inputs: PlanInputs,
    partitions: tuple[str, ...],
    unstored: Unstored,
    looks: Looks,
) -> list[dg.RunRequest] | dg.SkipReason:
    """Return the runs that a refresh requests for some dates, or the reason why it requests none."""
    tables, source, names = inputs.tables, inputs.source, refresh.tables
    tick = f"{refresh.name} {now:%Y-%m-%d %H:%M %z}"
    if refresh.before_tip:
        if lost := _lost_in_the_morning(now, partitions, tables, unstored):
            return [request_of(PartitionRun(lost, partitions), f"{tick} again")]
        tips = tip_offs(inputs.warehouse, tables, now.date())
        if reason := reason_to_wait(now, tips, STATUSES_BEFORE_TIP):
            return dg.SkipReason(reason)
        if reason_to_wait(now, tips, source.before_tip):
            names = INJURIES
    if not refresh.only_changed:
        keys = tuple(asset_key(tables[name].contract) for name in names)
        return [request_of(PartitionRun(keys, partitions), tick)]
    changed = _changed_feeds(inputs, names, partitions, unstored)
    if refresh.until_stored and not changed:
        looks.complete(refresh.name, dt.date.fromisoformat(partitions[-1]))
    for table in (tables[name] for name in refresh.retried):
        for day in _lost_before(partitions, unstored(asset_key(table.contract), ())):
            changed.setdefault(day, set()).add(table.feed.name if table.feed else "")
    if not refresh.before_tip:
        for day, feeds in _set_aside(inputs, names, partitions[-1]).items():
            changed.setdefault(day, set()).update(feeds)
    if not changed:
        dates = " to ".join(dict.fromkeys((partitions[0], partitions[-1])))
        return dg.SkipReason(f"what the {source.name} source has of {dates} is stored already")
    return [request_of(run, f"{tick} {run.partitions[0]}") for run in runs_to_load(changed, tables)]


def _lost_in_the_morning(
    now: dt.datetime, partitions: Sequence[str], tables: Mapping[str, Table], unstored: Unstored
) -> tuple[dg.AssetKey, ...]:
    """Return the tables of today that the morning did not load; none between two times at which it is tried again."""
    if now.time() < MORNING or now.minute % RETRY_MINUTES >= TICK_MINUTES:
        return ()
    dated = (tables[name].contract for name in REFRESHES[0].tables if tables[name].contract.partition)
    return tuple(key for key in map(asset_key, dated) if {*unstored(key, partitions)} & {*partitions})


def _changed_feeds(
    inputs: PlanInputs, names: Sequence[str], partitions: Sequence[str], unstored: Unstored
) -> dict[str, set[str]]:
    """Return the feeds of each date whose rows in the source differ from the stored ones, or that was not stored."""
    days = [dt.date.fromisoformat(partition) for partition in partitions]
    changed: dict[str, set[str]] = {}
    for table in (inputs.tables[name] for name in names):
        if table.feed and table.contract.partition:
            found = {str(day) for day in changed_dates(inputs, table, days)}
            lost = unstored(asset_key(table.contract), partitions)
            for day in found | _lost_before(partitions, lost):
                changed.setdefault(day, set()).add(table.feed.name)
    return changed


def _set_aside(inputs: PlanInputs, feeds: Sequence[str], last: str) -> dict[str, set[str]]:
    """Return the feeds with rows that are set aside, by date of the last two weeks: only a load takes them back.

    The source may deliver again what is stored, so that no row differs.
    """
    until = dt.date.fromisoformat(last)
    found = rejections(inputs.warehouse, inputs.tables, DateRange(until - RETRIED_FOR, until), [*feeds])
    return {str(day): {one.feed for one in of_day} for day, of_day in found.items()}


def _lost_before(partitions: Sequence[str], lost: Collection[str]) -> set[str]:
    """Return those of the dates that were not stored that are still told, up to the last of the refresh."""
    earliest = str(dt.date.fromisoformat(partitions[-1]) - RETRIED_FOR)
    return {day for day in lost if earliest <= day <= partitions[-1]}


def reason_to_wait(
    now: dt.datetime, tips: Sequence[dt.datetime | None], before_tip: Sequence[dt.timedelta]
) -> str | None:
    """Return why no game needs a look so long before its tip-off now, or None if one does."""
    if not tips:
        return f"no game on the stored schedule of {now.date()}"
    starts = [tip or dt.datetime.combine(now.date(), ASSUMED_TIP_OFF, EASTERN) for tip in tips]
    if max(starts) <= now:
        return f"the last game of {now.date()} began at {max(starts).astimezone(EASTERN):%H:%M}"
    times = sorted(start - before for start in starts for before in before_tip)
    if any(now - dt.timedelta(minutes=TICK_MINUTES) < time <= now for time in times):
        return None
    following = next(time for time in [*times, max(starts)] if time > now).astimezone(EASTERN)
    return f"lines or injury reports are next requested at {following:%H:%M}"
