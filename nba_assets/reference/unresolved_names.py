"""The table of delivered names that match no player, or more than one."""

from typing import Any

import ibis.expr.types as ir

from nba_assets.kit.as_of import History
from nba_assets.kit.table import ExpectedRows, table
from nba_assets.reference.names import name_key, resolve, team_hint
from nba_resources.warehouse.contract import day, integer, text


@table(
    dataset="nba_reference",
    grain=["source", "raw_name", "game_date"],
    expected_rows=ExpectedRows.AS_DELIVERED,
    post=True,
    columns={
        "source": text("Source that delivered the name"),
        "raw_name": text("The name as the source gives it"),
        "normalised": text("Name key it was looked up by"),
        "game_date": day("Date of the game, or of the report"),
        "team_hint": text("Tricodes given beside the name", null=True),
        "n_rows": integer("Rows left out of other tables because of it", 1),
        "reason": text("", "unknown", "ambiguous"),
    },
)
def unresolved_names(
    player_props: ir.Table, injury_reports: ir.Table, players: ir.Table, player_boxscores: History
) -> ir.Table:
    """One row per source, name and date: a name that matches no player, or several, and is left out of other tables.

    A debut is here until his first box score. Written after the games, so that names delivered only in play are counted
    too; no forecast reads it.
    """
    delivered = _names(
        player_props,
        game_date=player_props.game_date,
        team_hint=team_hint(player_props.home_team, player_props.away_team),
    ).union(_names(injury_reports, game_date=injury_reports.report_date, team_hint=team_hint(injury_reports.team_abbr)))
    names = delivered.select("raw_name", "game_date", "team_hint").distinct()
    resolved = resolve(names, players, player_boxscores)
    unresolved = delivered.inner_join(
        resolved.filter(resolved.reason.notnull()), ["raw_name", "game_date", "team_hint"]
    )
    counted = unresolved.group_by("source", "raw_name", "game_date").aggregate(
        team_hint=unresolved.team_hint.nullif("").min(), n_rows=unresolved.n_rows.sum(), reason=unresolved.reason.min()
    )
    return counted.mutate(normalised=name_key(counted.raw_name))


def _names(delivered: ir.Table, **known: Any) -> ir.Table:
    named = delivered.select("source", raw_name=delivered.player_name_raw, **known)
    return named.group_by("source", "raw_name", "game_date", "team_hint").aggregate(n_rows=named.count())
