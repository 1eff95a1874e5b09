"""The chance that a player plays tonight, from injury reports or, without one, from his team's last games."""

from typing import Any

import ibis
import ibis.expr.types as ir

from models.forecast_keys import Edition
from nba_assets.analytics.availability import OUT
from nba_assets.analytics.slate import certain
from nba_assets.kit.as_of import EVENT_DATE, RECENCY, History, as_of
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.precompute.squads import RECENT_GAMES

USUAL = {"out": 0.0, "doubtful": 0.03, "questionable": 0.5, "probable": 0.9, "available": 1.0}
USUAL_ROWS = 100  # earlier rows that the usual values count as
HOURS = (1, 4, 8)  # limits of the groups of cuts; an unknown tip-off counts as far away
BELOW_PROBABLE = (*OUT, "questionable")
_SINCE_LAST_GAME = 30  # days
_MATE = ("game_date", "team_abbr", "player_id")


def play_rates(player_statuses: History, player_game_summary: History, dates: ir.Table) -> ir.Table:
    """Return how often players of each status have played, by hours from the cut to tip-off, in all earlier months.

    All dates of a month have the same rates, so a date alone has those of a whole range.
    """
    game, player = ["game_id", "game_date"], ["game_id", "game_date", "player_id"]
    told = player_statuses.map(lambda rows: rows.select(*player, "status", group=_group(rows.hours_before_tip)))
    appeared = player_game_summary.map(lambda rows: rows.filter("played").select(*player, appeared=True))
    known = told.joined(player_game_summary.first(game), game).joined(appeared, player, how="left")
    months = dates.select(month=dates.game_date.truncate("month")).distinct()
    past = as_of(known, months, [], date="month", across_seasons=True)
    return past.group_by("month", "status", "group").aggregate(told=past.count(), appeared=past.appeared.count())


def with_status(mates: ir.Table, player_statuses: ir.Table) -> ir.Table:
    """Add each mate's last status at his team, since when another team reports him, and whether his team reports.

    Whoever another team reports for a game of the date, later than his own team, has changed teams. Mates have an
    `edition` and its `cut_at`.
    """
    own = ["game_id", "edition", "team_abbr", "player_id"]
    told = player_statuses.select(*own, "status", "published_at")
    mates = with_columns_of(mates, told, own)
    mates = with_columns_of(mates, told.select(*own[:3], team_reports=True).distinct(), own[:3])
    others = player_statuses.filter(player_statuses.edition == Edition.AT_TIP.value)
    others = others.select("game_date", "player_id", "listed_since", other_team="team_abbr")
    pairs = mates.select(*own, "game_date", "cut_at", "published_at").join(others, ["game_date", "player_id"])
    later = pairs.published_at.isnull() | (pairs.listed_since > pairs.published_at)
    moved = pairs.filter(pairs.other_team != pairs.team_abbr, pairs.listed_since < pairs.cut_at, later)
    return with_columns_of(mates, moved.group_by(own).aggregate(moved_at=moved.listed_since.min()), own)


def with_probability(mates: ir.Table, rates: ir.Table) -> ir.Table:
    """Add the chance to play, `play_probability`.

    A status counts as it came true in earlier months. Who has none plays if he played the last game, or was below
    probable before it; if he missed it without a reason, as often as he played lately. A team that says nothing on a
    report has not sent it yet, unless tip-off is near: then, as in games that are not reported, whoever played the last
    game plays.
    """
    mates = mates.mutate(month=mates.game_date.truncate("month"), group=_group(mates.hours_before_tip))
    rows = with_columns_of(mates, rates, ["month", "status", "group"])
    usual: Any = rows.status.cases(*USUAL.items(), else_=None)
    learned = rows.told.isnull().ifelse(usual, (rows.appeared + USUAL_ROWS * usual) / (rows.told + USUAL_ROWS))
    played_last = certain(rows.on_roster & (rows.games_ago == 1)).ifelse(1.0, 0.0)
    informed = certain(rows.is_reported & (rows.team_reports.notnull() | (rows.group == 0)))
    lately = certain(rows.on_roster & (rows.games_ago > 1) & (rows.games_ago <= RECENT_GAMES))
    chance = ibis.cases(
        (rows.moved_at.notnull(), 0.0),
        (rows.status.notnull(), learned),
        (informed & certain(rows.previous_status.isin(BELOW_PROBABLE)), 1.0),
        (informed & lately, rows.team_share),
        else_=played_last,
    )
    return rows.mutate(play_probability=chance).select(*mates.columns, "play_probability")


def previous_statuses(player_statuses: History, team_so_far: ir.Table) -> ir.Table:
    """Return each player's status before his team's last game."""
    facts = ("game_id", "game_date", "team_abbr", "player_id", "status")
    told = player_statuses.map(lambda rows: rows.filter(rows.edition == Edition.AT_TIP.value).select(*facts))
    last = team_so_far.filter(team_so_far[RECENCY] == 1)
    known = as_of(told, last, ["game_id", "team_abbr"], days=_SINCE_LAST_GAME, across_seasons=True)
    return known.group_by(_MATE).aggregate(previous_status=known.status.argmax(known[EVENT_DATE]))


def _group(hours: Any) -> ir.IntegerValue:
    """Return the number of the group of cuts that lie so many hours before tip-off."""
    return ibis.cases(*((hours < limit, place) for place, limit in enumerate(HOURS)), else_=len(HOURS))
