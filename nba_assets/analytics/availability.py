"""Availability of players before tip-off, from injury news.

Moves on and off the injured list hold until they are undone; a status given before a game is about that game only. A
game is reported if a status about it was published for either team: then a player who is not listed is available, even
if he is on the injured list. If no source has reported for a week, the statuses of other games are unknown.
"""

from typing import Any

import ibis
import ibis.expr.types as ir

from nba_assets.analytics.slate import certain, team_games
from nba_assets.kit.as_of import EVENT_DATE, History, as_of
from nba_assets.kit.calendar import season_name
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.reference.names import resolve, team_hint

REPORT_VALID_DAYS = 7
STATUS_VALID_DAYS = 1  # of a status that does not name its game: the evening before, or the day of the game
STATUSES = ("available", "probable", "questionable", "doubtful", "out")
OUT = ("out", "doubtful")
_EVENING = ["game_date", "tipoff"]


def availability(
    roster: ir.Table, schedule: History, injury_reports: History, players: ir.Table, player_boxscores: History
) -> ir.Table:
    """Add `injury_info_available` and `player_status` to the roster."""
    slate = team_games(schedule.on()).select("game_date", "season", "tipoff").distinct()
    news = injury_reports.map(lambda rows: rows.mutate(season=season_name(rows.report_date), made_on=_made_on(rows)))
    reports = as_of(news, slate, [], days=REPORT_VALID_DAYS)
    rows = with_columns_of(roster, reports.select(*_EVENING).distinct().mutate(spoken=True), _EVENING)
    statuses = reports.filter(reports.kind == "status_report", _is_about_the_game(reports))
    rows = _with_reported(rows, statuses.filter(statuses.event_game_date.notnull()))
    moves = as_of(news.map(lambda report: report.filter(report.kind == "il_transaction")), slate, [])
    known = people(moves.union(statuses), players, player_boxscores)
    latest = _newest(known.filter(known.kind == "il_transaction"), "event")
    rows = _joined(rows, latest, listed="event", listed_on="made_on")
    told = known.filter(known.kind == "status_report")
    rows = _joined(rows, _newest(told.filter(told.event_game_date.notnull()), "status"), on_report="status")
    rows = _joined(rows, _newest(told.filter(told.event_game_date.isnull()), "status"), told="status")
    on_list = (rows.listed == "placed") & (rows.listed_on >= rows.last_played)
    status = ibis.cases(
        (rows.reported, rows.on_report.coalesce("available")),
        (~certain(rows.spoken), ibis.null("string")),
        (rows.told.notnull(), rows.told),
        (certain(on_list), "out"),
        else_="available",
    )
    informed = rows.reported | certain(rows.spoken)
    return rows.select(*roster.columns, injury_info_available=informed, player_status=status)


def is_out(rows: ir.Table) -> ir.BooleanValue:
    """Return whether a player is known to be out or doubtful."""
    return certain(rows.player_status.isin(OUT))


def _is_about_the_game(reports: ir.Table) -> ir.BooleanValue:
    """Return whether a status names the date of the game, or names none and is recent."""
    recent = reports[EVENT_DATE] >= reports.game_date - ibis.interval(days=STATUS_VALID_DAYS)
    return reports.event_game_date.isnull().ifelse(recent, reports.event_game_date == reports.game_date)


def _with_reported(rows: ir.Table, statuses: ir.Table) -> ir.Table:
    """Add `reported`: whether a status about the game was published for either team."""
    teams = statuses.select(*_EVENING, "team_abbr").distinct()
    rows = with_columns_of(rows, teams.mutate(own=True), [*_EVENING, "team_abbr"])
    others = teams.rename(opponent_team_abbr="team_abbr").mutate(opposing=True)
    rows = with_columns_of(rows, others, [*_EVENING, "opponent_team_abbr"])
    return rows.mutate(reported=certain(rows.own) | certain(rows.opposing))


def _made_on(reports: ir.Table) -> ir.DateValue:
    """Return the true date of news filed under the first partition, on which its player may have played."""
    dated = reports.report_key.substr(0, 10).cast("date")
    return (dated < reports.report_date).ifelse(dated, reports.report_date)


def people(news: ir.Table, players: ir.Table, player_boxscores: History) -> ir.Table:
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
    keys = [*_EVENING, "player_id"]
    return with_columns_of(rows, news.select(*keys, **columns), keys)
