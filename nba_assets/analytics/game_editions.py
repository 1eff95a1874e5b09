"""The editions of a forecast of each game: the moments up to which facts count, and what was known by then.

A fact may not be later than the price it is bet against, and lines are often hours old at tip-off. So each game has two
editions: `at_line` ends when the first of its prices was seen, `at_tip` at tip-off.
"""

from typing import Any

import ibis
import ibis.expr.types as ir

from models.forecast_keys import Edition
from nba_assets.analytics.availability import REPORT_VALID_DAYS
from nba_assets.analytics.main_lines import first_of
from nba_assets.analytics.slate import team_games
from nba_assets.kit.as_of import BEFORE_TIP, History, as_of
from nba_assets.kit.expressions.eastern import eastern_moment
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.kit.expressions.median import median_by
from nba_assets.kit.table import ExpectedRows, table
from nba_assets.raw.game_odds import game_odds
from nba_assets.raw.schedule import schedule
from nba_resources.warehouse.contract import flag, moment, number, text

PRICED_FROM = 6  # o'clock in New York: at night, games of the evening before may not be over
HOURS_AHEAD = 8  # of a forecast without a price; archived lines are typically five to nine hours old
USUAL_TIP = (18, 45)  # in New York, of a game whose tip-off is unknown
_GAME = ("game_date", "game_id", "edition")


@table(
    dataset="nba_analytics",
    grain=list(_GAME),
    expected_rows=ExpectedRows.GAMES,
    columns={
        **schedule.columns("game_date", "game_id"),
        "edition": text("Up to the first price of the game, or up to tip-off", *Edition),
        "cut_at": moment("Facts published before it count"),
        "hours_before_tip": number("From the cut to tip-off; NULL if that is unknown", 0, unit="hours", null=True),
        "price_known_at": moment("Earliest price of the date from 06:00 Eastern on, in any market", null=True),
        "is_reported": flag("An injury report before the cut has a status for this game, for either team"),
        **game_odds.columns("spread_home", "total"),
        "known_until": moment("Latest status or odds used", null=True),
    },
)
def game_editions(
    schedule: History, player_prop_lines: ir.Table, injury_reports: History, game_odds: History
) -> ir.Table:
    """One row per game and edition: its cut, whether it is on an injury report, the books' spread and total by then.

    Facts without a time are left out. If the tip-off is unknown, nothing of the day counts as known before it.
    """
    rows = _cuts(schedule, player_prop_lines)
    told = as_of(timed_statuses(injury_reports), sides(rows, schedule), ["about", "team_abbr"], **WEEK)
    told = told.group_by("game_date", "team_abbr", "tipoff").aggregate(told_at=told.known_at.max())
    told = sides(rows, schedule).join(told, ["game_date", "team_abbr", "tipoff"])
    rows = with_columns_of(rows, told.group_by(_GAME).aggregate(told_at=told.told_at.max()), _GAME)
    for value in ("spread_home", "total"):
        rows = with_columns_of(rows, _consensus(_offers(rows, game_odds), value), _GAME)
    known_until = latest(latest(rows.told_at, rows.spread_home_at), rows.total_at)
    return rows.mutate(is_reported=rows.told_at.notnull(), known_until=known_until).select(
        *game_editions.computed_columns
    )


WEEK: dict[str, Any] = {"days": REPORT_VALID_DAYS, "across_seasons": True}


def timed_statuses(injury_reports: History) -> History:
    """Return the statuses that name the date of their game, `about`, and the minute of their publication."""
    return injury_reports.map(
        lambda rows: rows.filter(rows.game_date.notnull(), rows.known_at.notnull(), rows.status.notnull()).select(
            "report_date", "known_at", "team_abbr", "player_name_raw", "status", about="game_date"
        )
    )


def sides(editions: ir.Table, schedule: History) -> ir.Table:
    """Return the two teams of each edition, with the cut as `tipoff`, by which `as_of` reads rows with a time."""
    teams = team_games(schedule.on()).select("game_id", "team_abbr")
    both = editions.join(teams, "game_id")
    return both.select(*_GAME, "team_abbr", about="game_date", tipoff="cut_at")


def _cuts(schedule: History, player_prop_lines: ir.Table) -> ir.Table:
    """Return both editions of each game with their cuts."""
    starts = schedule.on().select("game_id", "start_time_utc")
    games = team_games(schedule.on()).filter("is_home").select("game_date", "game_id", "tipoff")
    seen = player_prop_lines.filter(
        player_prop_lines.price_known_at >= eastern_moment(player_prop_lines.game_date, PRICED_FROM)
    )
    prices = seen.group_by("game_id").aggregate(price_known_at=seen.price_known_at.min())
    games = with_columns_of(with_columns_of(games, starts, ["game_id"]), prices, ["game_id"])
    start = games.start_time_utc.isnull().ifelse(eastern_moment(games.game_date, *USUAL_TIP), games.start_time_utc)
    ahead = start - ibis.interval(hours=HOURS_AHEAD)
    at_line = games.price_known_at.isnull().ifelse(
        ahead, games.price_known_at.truncate("minute").cast("timestamp('UTC')")
    )
    editions = ibis.union(
        games.mutate(edition=ibis.literal(Edition.AT_LINE.value), cut_at=at_line),
        games.mutate(edition=ibis.literal(Edition.AT_TIP.value), cut_at=games.tipoff),
    )
    minutes = editions.start_time_utc.delta(editions.cut_at, unit="minute")
    return editions.select(*_GAME, "cut_at", "price_known_at", hours_before_tip=minutes / 60)


def _offers(editions: ir.Table, game_odds: History) -> ir.Table:
    """Return the odds seen before each cut and before the game began."""
    facts = ("game_id", "game_date", "bookmaker", "snapshot_utc", "snapshot_kind", "spread_home", "total")
    seen = game_odds.map(lambda rows: rows.filter(rows.snapshot_utc.notnull(), rows[BEFORE_TIP] > 0).select(*facts))
    spine = editions.select(*_GAME, tipoff="cut_at")
    return spine.join(as_of(seen, spine, ["game_id"], days=1, across_seasons=True), ["game_date", "game_id", "tipoff"])


def _consensus(offers: ir.Table, value: str) -> ir.Table:
    """Return the median over books of each book's latest value, and the time of the latest of these."""
    known = offers.filter(offers[value].notnull())
    latest = first_of(known, [*_GAME, "bookmaker"], [known.snapshot_utc.desc(), known.snapshot_kind])
    times = latest.group_by(_GAME).aggregate(**{f"{value}_at": latest.snapshot_utc.max()})
    return with_columns_of(median_by(latest, _GAME, value), times, _GAME)


def latest(one: Any, other: Any) -> Any:
    """Return the later of two times, or the only one."""
    return ibis.cases((other.isnull(), one), (one.isnull() | (one < other), other), else_=one)
