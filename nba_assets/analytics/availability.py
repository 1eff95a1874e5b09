"""Availability of players before tip-off, from injury news.

Moves on and off the injured list hold until they are undone; a status given before a game is about that game only. If
no source has reported for a week, every status is unknown.
"""

from typing import Any

import ibis
import ibis.expr.types as ir

from nba_assets.analytics.slate import certain, team_games
from nba_assets.kit.as_of import History, as_of
from nba_assets.kit.calendar import season_name
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.reference.names import resolve, team_hint

REPORT_VALID_DAYS = 7
STATUS_VALID_DAYS = 1  # the evening before, or the day of the game
STATUSES = ("available", "probable", "questionable", "doubtful", "out")
OUT = ("out", "doubtful")


def availability(
    roster: ir.Table, schedule: History, injury_reports: History, players: ir.Table, player_boxscores: History
) -> ir.Table:
    """Add `injury_info_available` and `player_status` to the roster."""
    slate = team_games(schedule.on()).select("game_date", "season", "tipoff").distinct()
    news = injury_reports.map(lambda rows: rows.mutate(season=season_name(rows.report_date), made_on=_made_on(rows)))
    reports = as_of(news, slate, [], days=REPORT_VALID_DAYS).select("game_date", "tipoff")
    rows = with_columns_of(roster, reports.distinct().mutate(spoken=True), ["game_date", "tipoff"])
    moves = as_of(news.map(lambda report: report.filter(report.kind == "il_transaction")), slate, [])
    reported = news.map(lambda report: report.filter(report.kind == "status_report"))
    statuses = as_of(reported, slate, [], days=STATUS_VALID_DAYS)
    known = _people(moves.union(statuses), players, player_boxscores)
    latest = _newest(known.filter(known.kind == "il_transaction"), "event")
    rows = _joined(rows, latest, listed="event", listed_on="made_on")
    rows = _joined(rows, _newest(known.filter(known.kind == "status_report"), "status"), told="status")
    on_list = (rows.listed == "placed") & (rows.listed_on >= rows.last_played)
    known_status = ibis.cases((rows.told.notnull(), rows.told), (certain(on_list), "out"), else_="available")
    informed = certain(rows.spoken)
    status = informed.ifelse(known_status, None)
    return rows.select(*roster.columns, injury_info_available=informed, player_status=status)


def is_out(rows: ir.Table) -> ir.BooleanValue:
    """Return whether a player is known to be out or doubtful."""
    return certain(rows.player_status.isin(OUT))


def _made_on(reports: ir.Table) -> ir.DateValue:
    """Return the true date of news filed under the first partition, on which its player may have played."""
    dated = reports.report_key.substr(0, 10).cast("date")
    return (dated < reports.report_date).ifelse(dated, reports.report_date)


def _people(news: ir.Table, players: ir.Table, player_boxscores: History) -> ir.Table:
    """Add the player to each piece of news; unresolved names are dropped."""
    names = news.select("game_date", raw_name="player_name_raw", team_hint=team_hint(news.team_abbr)).distinct()
    people = resolve(names, players, player_boxscores)
    people = people.filter(people.player_id.notnull())
    people = people.select("game_date", "player_id", player_name_raw="raw_name", team_abbr="team_hint")
    return news.join(people, ["game_date", "player_name_raw", "team_abbr"])


def _newest(news: ir.Table, value: str) -> ir.Table:
    """Return each player's latest news; of equally late moves, being placed wins over being activated."""
    order = [news.made_on.desc(), news.known_at.desc(), news[value].desc()]
    place = ibis.row_number().over(group_by=[news.game_date, news.tipoff, news.player_id], order_by=order)
    return news.mutate(place=place).filter(lambda rows: rows.place == 0)


def _joined(rows: ir.Table, news: ir.Table, **columns: Any) -> ir.Table:
    keys = ["game_date", "tipoff", "player_id"]
    return with_columns_of(rows, news.select(*keys, **columns), keys)
