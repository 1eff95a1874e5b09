"""The table of lines on players before tip-off, in every market."""

import ibis
import ibis.expr.types as ir

from models.markets import HIGHEST_LINE, LOWEST_LINE, MARKETS
from nba_assets.analytics.main_lines import (
    PLAYER_MARKET,
    consensus,
    current_lines,
    first_of,
    main_lines,
    opening_lines,
    payout,
    priced_together,
)
from nba_assets.kit.as_of import History
from nba_assets.kit.calendar import counted
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.kit.expressions.json_text import json_object
from nba_assets.kit.table import ExpectedRows, table
from nba_assets.raw.matching import time_key, with_game
from nba_assets.raw.player_props import UNDATED
from nba_assets.reference.names import last_seen, resolve, team_hint
from nba_resources.warehouse.contract import day, flag, integer, moment, number, text

CONSENSUS = "consensus"
PLAYER_DATE = ("game_date", "player_lookup")
MOST_MOVE = 50
_LINE = (LOWEST_LINE, HIGHEST_LINE)
_OFFER = (
    *("source", "bookmaker", "book_kind", "game_date", "home_team", "away_team", "snapshot_key", "snapshot_utc"),
    "market",
    *("start_time_utc", "line", "over_price", "under_price"),
)
_USED = (
    *(*PLAYER_MARKET, "player_id", "raw_name", "game_id", "team_abbr", "source", "bookmaker", "book_kind"),
    *("snapshot_key", "snapshot_utc", "line", "over_price", "under_price"),
)


@table(
    dataset="nba_analytics",
    grain=list(PLAYER_MARKET),
    expected_rows=ExpectedRows.AS_DELIVERED,
    columns={
        "game_date": day("US Eastern date"),
        "player_lookup": text("Name key, one per player"),
        "market": text("The Odds API's key", *MARKETS),
        "game_id": text("NBA's ten-digit id"),
        "player_id": integer("NBA id"),
        "team_abbr": text("Tricode; NULL if his last known team is not one of the two", null=True),
        "line": number("Consensus of the books' latest main lines; some book offers it", *_LINE),
        "opening_line": number("Consensus of the books' first main lines", *_LINE, null=True),
        "line_move": number("line - opening_line", -MOST_MOVE, MOST_MOVE, null=True),
        "line_known_at": moment("Latest snapshot used", null=True),
        "price_known_at": moment(
            "Earliest snapshot among the prices at `line`; NULL without a time: nothing is bet against it", null=True
        ),
        "opening_known_at": moment("Earliest snapshot used for the opening line", null=True),
        "line_time_known": flag("FALSE if a source gave a date only: not a closing line"),
        "best_over_price": integer("American, best at `line` of the books seen together", -2000, 2000, null=True),
        "best_under_price": integer("American, best at `line` of the books seen together", -2000, 2000, null=True),
        "best_over_book": text("The book that offers it", null=True),
        "best_under_book": text("The book that offers it", null=True),
        "over_prob_novig": number("Mean of the same books with both prices, margin removed", 0, 1, null=True),
        "overround": number("Mean margin of the same books", 0, 0.5, null=True),
        "n_books": integer("Books with a main line; 0 if only a published consensus has one", 0),
        "n_books_at_line": integer("Books with `line` as main line", 0),
        "line_min": number("Lowest main line", *_LINE),
        "line_max": number("Highest main line", *_LINE),
        "line_disagreement": number("line_max - line_min", 0, HIGHEST_LINE),
        "books": text("JSON: one object per book with book, kind, main line, prices, known_at"),
    },
)
def player_prop_lines(
    player_props: ir.Table, schedule: ir.Table, players: ir.Table, player_boxscores: History
) -> ir.Table:
    """One row per player, date and market: the consensus line, its best prices, and its move since opening.

    Unresolved names, pairings that are not on the schedule, unknown markets, lines above a market's range and lines
    seen in play are left out. A consensus that a source publishes is not a book: it stands as the line only where no
    book has one. Prices are those of sportsbooks seen within fifteen minutes of each other.
    """
    offers = _books_first(_offers_before_tip(_in_range(player_props), schedule, players, player_boxscores))
    mains = main_lines(offers)
    books = current_lines(mains)
    books = books.inner_join(consensus(books).rename(agreed="line"), list(PLAYER_MARKET))
    lines = _summed_up(books)
    openings = opening_lines(mains)
    opened = consensus(openings).rename(opening_line="line")
    seen = openings.group_by(*PLAYER_MARKET).aggregate(opening_known_at=openings.snapshot_utc.min())
    with_opening = with_columns_of(lines, opened.inner_join(seen, list(PLAYER_MARKET)), PLAYER_MARKET)
    return with_opening.mutate(line_move=with_opening.line - with_opening.opening_line)


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
    in_time = (rows.snapshot_utc < by_source) & (rows.snapshot_utc < by_schedule)
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


def _summed_up(books: ir.Table) -> ir.Table:
    """Return one row per player, date and market from the books' current main lines."""
    at_line, is_book = books.line == books.agreed, books.book_kind != CONSENSUS
    priced = priced_together(books)
    lines = books.group_by(*PLAYER_MARKET).aggregate(
        game_id=books.game_id.min(),
        player_id=books.player_id.min(),
        team_abbr=books.team_abbr.min(),
        line=books.agreed.min(),
        line_known_at=books.snapshot_utc.max(),
        line_time_known=books.snapshot_utc.isnull().ifelse(1, 0).sum() == 0,
        n_books=is_book.ifelse(1, 0).sum(),
        n_books_at_line=(at_line & is_book).ifelse(1, 0).sum(),
        line_min=books.line.min(),
        line_max=books.line.max(),
        books="[" + _offer(books).group_concat(sep=", ", order_by=ibis.asc(books.bookmaker, nulls_first=True)) + "]",
    )
    prices = priced.group_by(*PLAYER_MARKET).aggregate(
        price_known_at=priced.snapshot_utc.min(),
        over_prob_novig=priced.over_prob.mean(),
        overround=priced.overround.mean(),
    )
    for offer in (prices, _best(priced, "over"), _best(priced, "under")):
        lines = with_columns_of(lines, offer, PLAYER_MARKET)
    return lines.mutate(line_disagreement=lines.line_max - lines.line_min)


def _best(books: ir.Table, side: str) -> ir.Table:
    priced = books.filter(books[f"{side}_price"].notnull())
    order = [payout(priced[f"{side}_price"]).desc(), priced.bookmaker]
    best = first_of(priced, PLAYER_MARKET, order)
    renamed = {f"best_{side}_price": best[f"{side}_price"], f"best_{side}_book": "bookmaker"}
    return best.select(*PLAYER_MARKET, **renamed)


def _offer(books: ir.Table) -> ir.StringValue:
    halves = (books.line * 2).round().cast("int64")
    return json_object(
        {
            "book": _quoted(books.bookmaker),
            "kind": _quoted(books.book_kind),
            "line": (halves // 2).cast("string") + (halves % 2 == 1).ifelse(".5", ".0"),
            "over_price": books.over_price.cast("string").coalesce("null"),
            "under_price": books.under_price.cast("string").coalesce("null"),
            "known_at": _quoted(books.snapshot_utc.strftime("%Y-%m-%dT%H:%M:%SZ")).coalesce("null"),
        }
    )


def _quoted(value: ir.StringValue) -> ir.StringValue:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
