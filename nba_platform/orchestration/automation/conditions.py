"""Conditions under which a table computes its dates by itself: inputs that are stored, sound and newer.

Nothing is remembered between two ticks. A date is stale if the rows of an input changed after it was stored, which the
event log shows: a change is found whoever stored it, and also if the daemon was off.
"""

import datetime as dt
from collections.abc import Callable, Collection, Mapping

import dagster as dg
import numpy as np

from nba_assets.kit.assets import asset_key, may_read_same_date
from nba_assets.kit.table import ExpectedRows, Table
from nba_platform.orchestration.automation.bridging import ReadyWithGaps
from nba_platform.orchestration.automation.kinds import Flagged, OnTheSameDate
from nba_platform.orchestration.automation.tick_state import RequiredInputs, TickState, in_season, required_inputs
from nba_platform.orchestration.event_log_reader import NEVER, WHOLE, Flags
from nba_resources.dates import EASTERN

DRAWN_AT = dt.time(10)  # in New York: after the grades of the night and the first lines
TRIED_AGAIN_AT = dt.time(9)  # in New York: with the first load of the day
CORRECTED_FOR = 3  # days in which box scores still change
READY, NEWER = "whenever ready", "whenever something is newer"

AC = dg.AutomationCondition
LastTipOffs = Callable[[], Mapping[dt.date, dt.datetime]]


def whenever_ready(
    table: Table, tables: Mapping[str, Table], last_tip_offs: LastTipOffs = dict
) -> dg.AutomationCondition | None:
    """Return the condition of a derived table; raw tables have none, as sensors and schedules load them.

    The schedule is an exception: it also requests earlier dates of its season, as without them nothing shows what is
    missing. `last_tip_offs` returns when the last game of each date began, if it did: forecasts stored before that are
    kept, and before that, rows of the games that have begun.
    """
    if table.feed:
        is_schedule = table.expected_rows is ExpectedRows.GAMES and table.contract.partition
        return missing_earlier_in_season & ~failed_on_these_inputs & ~run_in_progress if is_schedule else None
    ancestors = tuple(asset_key(tables[name].contract) for name in sorted(same_date_ancestors(table, tables)))
    unsound = (last_run_did_not_store & ~requested_in_this_tick) | checks_not_passed
    held = run_in_progress | input_in_progress | OnTheSameDate(ancestors, unsound)
    for name in table.reads:
        if tables[name].contract.monthly and table.contract.partition and not table.contract.monthly:
            held = held | model_expected(asset_key(tables[name].contract), required_inputs(tables[name], tables))
    computable = inputs_stored(required_inputs(table, tables)) & ~failed_on_these_inputs & ~held
    if table.contract.monthly:
        return (input_changed_later & computable & AC.missing()).with_label(READY)
    if table.expected_rows is ExpectedRows.FORECASTS:
        computable = computable & ~(~AC.missing() & stored_before_tip_off(last_tip_offs))
    return ReadyWithGaps(input_changed_later | left_undone, computable, READY)


def automated(asset: dg.AssetsDefinition, condition: dg.AutomationCondition | None) -> dg.AssetsDefinition:
    """Return the asset with its automation condition attached."""
    return asset.map_asset_specs(lambda spec: spec.replace_attributes(automation_condition=condition))


def whenever_newer(by_date: bool, at_once: bool = False) -> dg.AutomationCondition:
    """Return the condition of a report on other tables, which follows them whether they are sound or not.

    A report by date also follows failed runs. A report waits until nothing upstream is being computed, but ends a run
    over a single date. One that follows `at_once` goes with each of its inputs, and short gaps as in other tables.
    """
    failed = left_undone | input_failed_later if by_date else left_undone
    newer = input_changed_later | failed
    held = failed_on_these_inputs | run_in_progress
    if at_once:
        return ReadyWithGaps(newer, ~(held | input_in_progress), NEWER)
    return (newer & ~(held | computed_upstream)).with_label(NEWER)


def last_time(of_day: dt.time, now: dt.datetime) -> dt.datetime:
    """Return when it was last this time of day in New York."""
    today = now.astimezone(EASTERN)
    return dt.datetime.combine(today.date() - dt.timedelta(days=today.time() < of_day), of_day, EASTERN)


def same_date_ancestors(table: Table, tables: Mapping[str, Table]) -> set[str]:
    """Return every table upstream that a date reads on the same date, through any number of tables."""
    dated = {name for name, one in tables.items() if one.contract.partition and not one.contract.monthly}
    if table.contract.name not in dated:
        return set()
    read = {name for name, how in table.reads.items() if may_read_same_date(table, tables[name], how)} & dated
    return read.union(*(same_date_ancestors(tables[name], tables) for name in read))


@Flagged
def input_changed_later(state: TickState, context: dg.AutomationContext) -> Flags:
    """The rows of an input changed after this date was stored, or an input is requested in the same tick.

    A date that was never stored follows inputs without rows, too.
    """
    stored = state.stored(context.key)
    return (state.newest_input(context.key) > stored) | (stored == NEVER) & state.has_input(context.key)


@Flagged
def changed_in_games_to_come(
    state: TickState, context: dg.AutomationContext, settled: Collection[dg.AssetKey], today: Callable[[], dt.date]
) -> Flags:
    """Since it was stored nothing changed but rows of games to come, in tables of which it shows results only.

    `settled` are those tables.
    """
    tonight = today().isoformat()
    to_come = {key: np.array([date >= tonight for date in state.reader.keys(key)]) for key in settled}
    stored = state.stored(context.key)
    return (stored > NEVER) & (state.newest_input(context.key, to_come) <= stored)


@Flagged
def input_failed_later(state: TickState, context: dg.AutomationContext) -> Flags:
    """A run of an input failed after this date was stored."""
    graph, stored = context.asset_graph, state.stored(context.key)
    node = graph.get(context.key)
    dated = [key for key in sorted(node.parent_keys) if graph.get(key).partitions_def == node.partitions_def]
    return np.max([np.full_like(stored, NEVER), *map(state.failures, dated)], axis=0) > stored


@Flagged
def missing_earlier_in_season(state: TickState, context: dg.AutomationContext) -> Flags:
    """This date of a season, not of the summer, was never stored, but a later one was."""
    stored = state.stored(context.key) > NEVER
    last_stored = np.zeros(len(state.seasons), dtype=int)
    np.maximum.at(last_stored, state.season_of_date[stored], np.flatnonzero(stored))
    earlier = np.arange(len(stored)) < last_stored[state.season_of_date]
    return earlier & ~stored & in_season(state.dates)


@Flagged
def failed_on_these_inputs(state: TickState, context: dg.AutomationContext) -> Flags:
    """The last run of this date failed, and no input changed since; it is tried again each morning for two weeks.

    The cause may have been the machine, such as a full disk, and not the inputs.
    """
    failed = state.failures(context.key, of_own_step=True)
    again = state.failed_recently_before(failed, last_time(TRIED_AGAIN_AT, dt.datetime.now(EASTERN)))
    return (failed > NEVER) & (state.newest_input(context.key) <= failed) & ~again


@Flagged
def left_undone(state: TickState, context: dg.AutomationContext) -> Flags:
    """A run before this morning ended without storing this date, or without the result of a check: a kill, a full disk.

    Tables downstream wait for it although no input has changed. A date of the last two weeks is tried again.
    """
    moment = last_time(TRIED_AGAIN_AT, dt.datetime.now(EASTERN))
    unstored = state.ended_unstored(context.key)
    failed = state.failed_recently_before(state.failures(context.key), moment)
    return (unstored & failed) | state.without_result(context.key, moment)


@Flagged
def run_in_progress(state: TickState, context: dg.AutomationContext) -> Flags:
    """A run of this date has not ended, so its neighbours may be missing and its checks have not run.

    Unlike Dagster's `in_progress` this includes dates that the run has stored already.
    """
    return state.in_progress(context.key)


@Flagged
def input_in_progress(state: TickState, context: dg.AutomationContext) -> Flags:
    """A run of an input that this date reads has not ended.

    Dagster's `any_deps_match` counts a window of 365 days back by cron, for each table and tick.
    """
    inputs = {key: state.in_progress(key) for key in context.asset_graph.get(context.key).parent_keys}
    return state.reader.reads(context.key, {key: flags for key, flags in inputs.items() if flags.any()})


@Flagged
def requested_in_this_tick(state: TickState, context: dg.AutomationContext) -> Flags:
    """This date is requested in the same tick, so it is computed before what reads it.

    Unlike Dagster's `will_be_requested` this does not require equal partitions.
    """
    return state.requested(context.key)


@Flagged
def computed_upstream(state: TickState, context: dg.AutomationContext) -> Flags:
    """A table upstream, through any number of tables, is in a run that has not ended, or several dates are requested.

    So what waits in between for checks will change as well. In a run of one date nothing waits, and this ends it. A
    report by date waits for its own date, or tonight's would wait for a backfill of earlier seasons.
    """
    upstream, keys = context.asset_graph.get_ancestor_asset_keys(context.key), state.reader.keys(context.key)
    several = len(state.requested_partitions(upstream)) > 1
    if keys is WHOLE:
        return np.array([several or any(state.in_progress(key).any() for key in upstream)])
    dated = [key for key in upstream if state.reader.keys(key) is keys]
    return np.any([state.in_progress(key) | (state.requested(key) & several) for key in dated], axis=0)


@Flagged
def last_run_did_not_store(state: TickState, context: dg.AutomationContext) -> Flags:
    """The last run of this date ended without storing it.

    Unlike Dagster's `execution_failed` this includes runs that were killed or cancelled.
    """
    return state.ended_unstored(context.key)


@Flagged
def checks_not_passed(state: TickState, context: dg.AutomationContext) -> Flags:
    """A blocking check has not passed on what is stored, or will run on this date in the same tick.

    A failing check stops nothing within a run over a range, so tables downstream wait for its result. A run of one date
    it does stop.
    """
    requested = state.requested(context.key)
    if not state.reader.blocking_checks(context.key):
        return np.zeros_like(requested)
    in_one_run = requested & (requested.sum() == 1)
    return (~state.reader.checks_passed(context.key) | requested) & ~in_one_run


@Flagged
def inputs_stored(state: TickState, context: dg.AutomationContext, inputs: RequiredInputs) -> Flags:
    """The inputs of this date are stored. Its history may have gaps: once filled, the date is computed again."""
    return inputs.are_stored(state)


@Flagged
def recent(state: TickState, context: dg.AutomationContext, today: Callable[[], dt.date]) -> Flags:
    """This is tonight, or one of the days before it that the league still corrects."""
    last = today()
    first, until = (last - dt.timedelta(days=CORRECTED_FOR)).isoformat(), last.isoformat()
    return np.array([first <= date <= until for date in state.reader.keys(context.key)])


@Flagged
def drawn_today(state: TickState, context: dg.AutomationContext) -> Flags:
    """This report was drawn since ten in the morning, New York time: a picture in every run is one nobody looks at."""
    since = last_time(DRAWN_AT, dt.datetime.now(EASTERN))
    drawn = state.storage_times(context.key, state.flags(context.candidate_subset))
    return np.array([drawn.get(key, 0.0) >= since.timestamp() for key in state.reader.keys(context.key)])


@Flagged
def simulated(state: TickState, context: dg.AutomationContext, is_simulated: Callable[[], bool]) -> Flags:
    """The facts are those of the simulated league, which nobody waits to read."""
    return np.full(len(state.reader.keys(context.key)), is_simulated())


@Flagged
def stored_before_tip_off(state: TickState, context: dg.AutomationContext, last_tip_offs: LastTipOffs) -> Flags:
    """The forecast was stored before the last game of its date began, and that game has begun.

    Such a live forecast is kept; those that a backfill stored later follow their inputs.
    """
    begun = {date.isoformat(): at.timestamp() for date, at in last_tip_offs().items()}
    stored = state.storage_times(context.key, state.flags(context.candidate_subset))
    return np.array([key in begun and stored.get(key, np.inf) <= begun[key] for key in state.dates])


@Flagged
def model_expected(
    state: TickState, context: dg.AutomationContext, model: dg.AssetKey, inputs: RequiredInputs
) -> Flags:
    """The model of the month is in training, or will be once the month before is computed.

    Forecasts wait for it: stored a minute before their model they would lack it.
    """
    underway = {key: state.in_progress(key) for key in inputs.back}
    expected = inputs.are_stored(state, underway) & ~state.ended_unstored(model)
    lacking = state.stored(model) == NEVER
    return ((state.in_progress(model) | expected) & lacking)[state.month_of_date]
