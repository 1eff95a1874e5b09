"""What is known before tip-off of who can play.

Two kinds of news tell it: moves on and off the injured list, which hold until they are undone, and statuses given
before a game, which speak of that game only. Where no source has spoken for a week, nothing is known, and nobody is
called fit.
"""

from typing import Any

import ibis
import ibis.expr.types as ir

from nba_assets.analytics.slate import certain, team_games
from nba_assets.kit.as_of import History, as_of
from nba_assets.kit.calendar import season_name
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.reference.names import resolve, team_hint

SPEAKS_FOR_DAYS = 7
STATUS_HOLDS_DAYS = 1  # the evening before, or the day of the game
STATUSES = ("available", "probable", "questionable", "doubtful", "out")
OUT = ("out", "doubtful")


def availability(
    roster: ir.Table, schedule: History, injury_reports: History, players: ir.Table, player_boxscores: History
) -> ir.Table:
    """The roster with `injury_info_available` and `player_status`."""
    slate = team_games(schedule.on()).select("game_date", "season", "tipoff").distinct()
    news = injury_reports.map(lambda rows: rows.mutate(season=season_name(rows.report_date), made_on=_made_on(rows)))
    spoken = as_of(news, slate, [], days=SPEAKS_FOR_DAYS).select("game_date", "tipoff").distinct().mutate(spoken=True)
    rows = with_columns_of(roster, spoken, ["game_date", "tipoff"])
    moves = as_of(news.map(lambda report: report.filter(report.kind == "il_transaction")), slate, [])
    statuses = as_of(
        news.map(lambda report: report.filter(report.kind == "status_report")), slate, [], days=STATUS_HOLDS_DAYS
    )
    known = _people(moves.union(statuses), players, player_boxscores)
    rows = _joined(
        rows, _newest(known.filter(known.kind == "il_transaction"), "event"), listed="event", listed_on="made_on"
    )
    rows = _joined(rows, _newest(known.filter(known.kind == "status_report"), "status"), told="status")
    on_list = (rows.listed == "placed") & (rows.listed_on >= rows.last_played)
    known_status = ibis.cases((rows.told.notnull(), rows.told), (certain(on_list), "out"), else_="available")
    informed = certain(rows.spoken)
    status = informed.ifelse(known_status, None)
    return rows.select(*roster.columns, injury_info_available=informed, player_status=status)


def is_out(rows: ir.Table) -> ir.BooleanValue:
    """Out or doubtful, as far as is known."""
    return certain(rows.player_status.isin(OUT))


def _made_on(reports: ir.Table) -> ir.DateValue:
    """Return the true date of news that is filed under the first partition, on which its player may have played."""
    said_on = reports.report_key.substr(0, 10).cast("date")
    return (said_on < reports.report_date).ifelse(said_on, reports.report_date)


def _people(news: ir.Table, players: ir.Table, player_boxscores: History) -> ir.Table:
    """The news with the person it is about; what names nobody we know is quarantined elsewhere and ignored here."""
    names = news.select("game_date", raw_name="player_name_raw", team_hint=team_hint(news.team_abbr)).distinct()
    people = resolve(names, players, player_boxscores)
    people = people.filter(people.player_id.notnull())
    people = people.select("game_date", "player_id", player_name_raw="raw_name", team_abbr="team_hint")
    return news.join(people, ["game_date", "player_name_raw", "team_abbr"])


def _newest(news: ir.Table, last_word: str) -> ir.Table:
    """The latest news of each player; of two on one day, the later one, and being placed outlasts being activated."""
    order = [news.made_on.desc(), news.known_at.desc(), news[last_word].desc()]
    place = ibis.row_number().over(group_by=[news.game_date, news.tipoff, news.player_id], order_by=order)
    return news.mutate(place=place).filter(lambda rows: rows.place == 0)


def _joined(rows: ir.Table, news: ir.Table, **told: Any) -> ir.Table:
    keys = ["game_date", "tipoff", "player_id"]
    return with_columns_of(rows, news.select(*keys, **told), keys)
