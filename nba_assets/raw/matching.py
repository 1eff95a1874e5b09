"""Matches delivered rows to scheduled games: by id where the source has one, else by date and the two teams."""

from typing import Any

import ibis
import ibis.expr.types as ir


def on_schedule(delivered: ir.Table, schedule: ir.Table) -> ir.Table:
    """Return the rows of scheduled games, dated by the schedule."""
    games = schedule.select("game_id", scheduled_date="game_date")
    matched = delivered.inner_join(games, "game_id")
    others = {name: name for name in delivered.columns if name != "game_date"}
    return matched.select(game_date="scheduled_date", **others)


def off_schedule(delivered: ir.Table, schedule: ir.Table) -> ir.Table:
    """Count delivered rows of games that are not on the schedule of these dates."""
    unmatched = delivered.anti_join(schedule, "game_id")
    games = unmatched.group_by("game_id", "game_date").aggregate(n_rows=unmatched.count())
    return games.order_by("game_date", "game_id")


def with_game(delivered: ir.Table, schedule: ir.Table) -> ir.Table:
    """Add the game to each row, by date and pair of teams; `swapped` where the source has the sides reversed."""
    scheduled = {"tipoff": "start_time_utc", "scheduled_home": "home_team", **_pair(schedule)}
    games = schedule.select("game_id", "game_date", **scheduled)
    rows = delivered.mutate(**_pair(delivered))
    matched = rows.inner_join(games, ["game_date", "first_team", "second_team"])
    return matched.mutate(swapped=matched.home_team != matched.scheduled_home)


def off_slate(delivered: ir.Table, schedule: ir.Table) -> ir.Table:
    """Count delivered rows of pairings that do not meet on their date."""
    rows = delivered.mutate(**_pair(delivered))
    unmatched = rows.anti_join(schedule.mutate(**_pair(schedule)), ["game_date", "first_team", "second_team"])
    pairs = unmatched.group_by("game_date", "away_team", "home_team").aggregate(n_rows=unmatched.count())
    return pairs.order_by("game_date", "away_team", "home_team")


def time_key(moment: ir.TimestampValue, otherwise: ir.StringValue | str) -> ir.StringValue:
    """Return a time as text for keys, to the microsecond where it has any, written alike by both engines."""
    micros = moment.microsecond() % 1_000_000  # the emulator counts the seconds too
    six_digits = (micros + 1_000_000).cast("string").substr(1)
    fraction = (micros > 0).ifelse("." + six_digits, "")
    return ibis.coalesce(moment.strftime("%Y-%m-%dT%H:%M:%S") + fraction + "Z", otherwise)


def minutes_between(earlier: ir.TimestampValue, later: ir.TimestampValue) -> ir.FloatingValue:
    """Return the minutes from one moment to another, negative if the second is earlier."""
    return later.delta(earlier, unit="second") / 60.0


def _pair(games: ir.Table) -> dict[str, Any]:
    home, away = games.home_team, games.away_team
    return {"first_team": (home < away).ifelse(home, away), "second_team": (home < away).ifelse(away, home)}
