"""Every main line on a player before tip-off, with his game."""

import ibis
import ibis.expr.types as ir

from models.markets import MARKETS
from nba_assets.analytics.main_lines import PLAYER_MARKET, first_of, main_lines
from nba_assets.kit.as_of import History
from nba_assets.kit.calendar import counted
from nba_assets.raw.matching import minutes_between, time_key, with_game
from nba_assets.raw.player_props import UNDATED
from nba_assets.reference.names import last_seen, resolve, team_hint

CONSENSUS = "consensus"
PLAYER_DATE = ("game_date", "player_lookup")
_OFFER = (
    *("source", "bookmaker", "book_kind", "game_date", "home_team", "away_team", "snapshot_key", "snapshot_utc"),
    "market",
    *("start_time_utc", "line", "over_price", "under_price"),
)
_USED = (
    *(*PLAYER_MARKET, "player_id", "raw_name", "game_id", "team_abbr", "source", "bookmaker", "book_kind"),
    *("snapshot_key", "snapshot_utc", "minutes_before_tip", "line", "over_price", "under_price"),
)


def main_lines_before_tip(
    player_props: ir.Table, schedule: ir.Table, players: ir.Table, player_boxscores: History
) -> ir.Table:
    """Return the main line of every book at every look before tip-off; of a published consensus where no book has one.

    Unresolved names, pairings that are not on the schedule, unknown markets, lines above a market's range and lines
    seen in play are left out.
    """
    offers = _offers_before_tip(_in_range(player_props), schedule, players, player_boxscores)
    return main_lines(_books_first(offers))


def _in_range(props: ir.Table) -> ir.Table:
    """Keep lines within the range of their market: a higher one belongs to another market."""
    highest = props.market.cases(*((market.key, market.highest_line) for market in MARKETS.values()), else_=None)
    return props.filter(props.line <= highest)


def _offers_before_tip(props: ir.Table, schedule: ir.Table, players: ir.Table, player_boxscores: History) -> ir.Table:
    """Add player and game to the offers, and drop those not visible before the game began.

    A book's offers of one minute are one look at it: a source may give each of its lines a time of its own.
    """
    look = time_key(props.snapshot_utc.truncate("minute"), UNDATED)
    rows = props.mutate(snapshot_key=look, team_hint=team_hint(props.home_team, props.away_team))
    rows = rows.select(*_OFFER, "team_hint", raw_name="player_name_raw")
    names = rows.select("raw_name", "game_date", "team_hint").distinct()
    resolved = resolve(names, players, player_boxscores)
    resolved = resolved.filter(resolved.reason.isnull()).select(*names.columns, "player_id", "player_lookup")
    known = resolved.left_join(last_seen(player_boxscores, resolved), ["game_date", "player_id"])
    known = known.select(*resolved.columns, "last_team")
    offers = rows.inner_join(known, names.columns)
    offers = offers.select(*_OFFER, "raw_name", "player_id", "player_lookup", "last_team")
    games = counted(schedule)
    named = with_game(offers, games).select(*offers.columns, "game_id", "tipoff")
    unnamed = offers.filter(offers.home_team.isnull() | offers.away_team.isnull())
    home, away = (
        games.select("game_date", "game_id", last_team=side, tipoff="start_time_utc")
        for side in ("home_team", "away_team")
    )
    unnamed = unnamed.inner_join(home.union(away), ["game_date", "last_team"]).select(*named.columns)
    return _one_game_each(_visible_before_tip(named.union(unnamed)), games)


def _visible_before_tip(rows: ir.Table) -> ir.Table:
    """Keep offers seen before the tip-off of both schedule and source; without any tip-off none is kept.

    A row without a time is kept only if its source gives no times on the date: such sources deliver before games.
    """
    dated = rows.snapshot_utc.notnull().ifelse(1, 0)
    rows = rows.mutate(source_gives_times=dated.max().over(group_by=[rows.source, rows.game_date]))
    by_source, by_schedule = rows.start_time_utc.coalesce(rows.tipoff), rows.tipoff.coalesce(rows.start_time_utc)
    rows = rows.mutate(tipoff=(by_source < by_schedule).ifelse(by_source, by_schedule))
    rows = rows.mutate(minutes_before_tip=minutes_between(rows.snapshot_utc, rows.tipoff))
    in_time = rows.snapshot_utc < rows.tipoff
    return rows.filter(rows.snapshot_utc.isnull().ifelse(rows.source_gives_times == 0, in_time))


def _books_first(offers: ir.Table) -> ir.Table:
    """Drop a published consensus where any book offers a line on the player in the market."""
    book = (offers.book_kind != CONSENSUS).ifelse(1, 0)
    offers = offers.mutate(has_book=book.max().over(group_by=PLAYER_MARKET))
    return offers.filter((offers.book_kind != CONSENSUS) | (offers.has_book == 0)).select(*_USED)


def _one_game_each(offers: ir.Table, games: ir.Table) -> ir.Table:
    """Choose one game per player and date: his team's, else the one that most rows name."""
    sides = games.select("game_id", one_team="home_team", other_team="away_team")
    choices = offers.group_by(*PLAYER_DATE, "game_id", "last_team").aggregate(n_rows=offers.count())
    choices = choices.inner_join(sides, "game_id")
    own = (choices.last_team == choices.one_team) | (choices.last_team == choices.other_team)
    choices = choices.mutate(own_game=own.ifelse(1, 0), team_abbr=own.ifelse(choices.last_team, ibis.null("string")))
    game = first_of(choices, PLAYER_DATE, [choices.own_game.desc(), choices.n_rows.desc(), choices.game_id])
    same_game = offers.inner_join(game.select(*PLAYER_DATE, "game_id", "team_abbr"), [*PLAYER_DATE, "game_id"])
    return same_game.select(*_USED)
