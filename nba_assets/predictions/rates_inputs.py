"""The frame of the rates models: one row for each player of the rosters, game and edition."""

import ibis.expr.types as ir

from models.rates.inputs import KEYS, input_columns
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.precompute.player_market_form import FORMS

PLAYER = ["game_date", "player_lookup"]
_OF_GAME = ("game_id", "edition")


def rates_inputs(
    player_presence: ir.Table, player_minutes_form: ir.Table, player_market_form: ir.Table, game_editions: ir.Table
) -> ir.Table:
    """Return presence, form and odds in one row, with the columns of `models.rates.inputs`."""
    wanted = [*input_columns(), "season"]
    rows = player_presence.select(
        *KEYS, "game_id", "player_id", "team_abbr", "is_reported", "known_until", *_among(player_presence, wanted)
    )
    odds = game_editions.select(*_OF_GAME, "cut_at", *_among(game_editions, wanted))
    rows = with_columns_of(rows, odds, _OF_GAME)
    rows = with_columns_of(rows, player_minutes_form.select(*PLAYER, *_among(player_minutes_form, wanted)), PLAYER)
    return with_columns_of(rows, _side_by_side(player_market_form, wanted), PLAYER)


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
