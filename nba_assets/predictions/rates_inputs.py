"""The inputs of the systems of every market: a row for each player, game and edition, and one for each line."""

import ibis.expr.types as ir
import pandas as pd

from models.forecast_keys import Edition
from models.markets import BASES
from models.rates.averages import MEASURES
from models.rates.inputs import KEYS, input_columns
from nba_assets.analytics.availability import OUT
from nba_assets.analytics.slate import certain
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.precompute.player_market_form import FORMS
from nba_assets.predictions.forecast_inputs import with_counter_prices

PLAYER = ["game_date", "player_lookup"]
_OF_GAME = ("game_id", "edition")
NOT_LEARNED = (  # columns of an input that only a forecast needs
    *("game_id", "player_id", "team_abbr", "opponent_team_abbr", "known_until", "absences", "player_status"),
)
_AVERAGES = tuple(f"{base}_{measure}" for base in BASES for measure in MEASURES)


def rates_inputs(
    player_presence: ir.Table, player_minutes_form: ir.Table, player_market_form: ir.Table, game_editions: ir.Table
) -> ir.Table:
    """Return presence, form and odds in one row, with the columns of `models.rates.inputs` and plain averages."""
    wanted = [*input_columns(), *_AVERAGES, "season"]
    rows = player_presence.select(
        *(*KEYS, "game_id", "player_id", "team_abbr", "opponent_team_abbr", "is_reported", "known_until", "absences"),
        *_among(player_presence, wanted),
        player_status="status",
    )
    odds = game_editions.select(*_OF_GAME, *_among(game_editions, wanted))
    rows = with_columns_of(rows, odds, _OF_GAME)
    rows = with_columns_of(rows, player_minutes_form.select(*PLAYER, *_among(player_minutes_form, wanted)), PLAYER)
    return with_columns_of(rows, _side_by_side(player_market_form, wanted), PLAYER)


def market_lines(player_prop_lines: ir.Table, game_editions: ir.Table) -> ir.Table:
    """Return the lines of all markets; `is_timely` where the price is no older than the facts of `at_line`."""
    cuts = game_editions.filter(game_editions.edition == Edition.AT_LINE.value).select("game_id", "cut_at")
    rows = with_columns_of(player_prop_lines, cuts, ["game_id"])
    return rows.select(
        *(*PLAYER, "game_id", "market", "line", "over_prob_novig", "price_known_at", "books"),
        over_price="best_over_price",
        over_book="best_over_book",
        under_price="best_under_price",
        under_book="best_under_book",
        is_timely=certain(rows.price_known_at >= rows.cut_at),
    )


def may_be_bet_on(features: ir.Table, player_presence: ir.Table) -> ir.Table:
    """Return date, player and edition of players who may be bet on, as far as facts of the edition say.

    At tip-off the feature store says who. Before, a player is out if the report of that hour says so; in a game of
    which no report speaks until its tip-off, if the injured list does.
    """
    ready = features.filter(features.is_production_ready, features.is_relevant)
    of_game = [*PLAYER, "game_id"]
    rows = player_presence.select(*of_game, "edition", "is_reported", "status")
    rows = rows.join(ready.select(*of_game, "is_prop_eligible"), of_game)
    later = player_presence.filter(player_presence.edition == Edition.AT_TIP.value)
    rows = with_columns_of(rows, later.select(*of_game, reported_later="is_reported"), of_game)
    at_line = rows.is_reported.ifelse(
        ~certain(rows.status.isin(OUT)), certain(rows.reported_later) | rows.is_prop_eligible
    )
    may = (rows.edition == Edition.AT_TIP.value).ifelse(rows.is_prop_eligible, at_line)
    return rows.filter(may).select(*of_game, "edition")


def priced(lines: pd.DataFrame) -> pd.DataFrame:
    """Add the prices of the other side at the books with the best prices."""
    return with_counter_prices(lines).drop(columns="books")


def _side_by_side(form: ir.Table, wanted: list[str]) -> ir.Table:
    """Return one row per player and date, with the form of each statistic in columns of its own."""
    columns = {
        f"{base}_{measure}": form[measure].max(where=form.base == base)
        for base in FORMS
        for measure in form.columns
        if f"{base}_{measure}" in wanted
    }
    return form.group_by(PLAYER).aggregate(**columns)


def _among(table: ir.Table, wanted: list[str]) -> list[str]:
    return [name for name in table.columns if name in wanted and name not in PLAYER]
