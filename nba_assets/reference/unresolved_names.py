"""The quarantine for names that belong to nobody we know: kept, counted and shown, never guessed."""

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
        "source": text("Who published the name"),
        "raw_name": text("As published"),
        "normalised": text("As it was looked up"),
        "game_date": day("Date of the game, or of the report"),
        "team_hint": text("Tricodes published beside the name", null=True),
        "n_rows": integer("Rows left out of all other tables because of it", 1),
        "reason": text("", "unknown", "ambiguous"),
    },
)
def unresolved_names(
    player_points_props: ir.Table, injury_reports: ir.Table, players: ir.Table, player_boxscores: History
) -> ir.Table:
    """A debut stays here until his first box score; so does whoever shares a name that the evidence cannot part.

    Marked as known after the games, so that names published only in play are counted too; no forecast reads it.
    """
    published = _names(
        player_points_props,
        game_date=player_points_props.game_date,
        team_hint=team_hint(player_points_props.home_team, player_points_props.away_team),
    ).union(
        _names(injury_reports, game_date=injury_reports.report_date, team_hint=team_hint(injury_reports.team_abbr)),
    )
    names = published.select("raw_name", "game_date", "team_hint").distinct()
    resolved = resolve(names, players, player_boxscores)
    lost = published.inner_join(resolved.filter(resolved.reason.notnull()), ["raw_name", "game_date", "team_hint"])
    counted = lost.group_by("source", "raw_name", "game_date").aggregate(
        team_hint=lost.team_hint.nullif("").min(), n_rows=lost.n_rows.sum(), reason=lost.reason.min()
    )
    return counted.mutate(normalised=name_key(counted.raw_name))


def _names(published: ir.Table, **known: Any) -> ir.Table:
    named = published.select("source", raw_name=published.player_name_raw, **known)
    return named.group_by("source", "raw_name", "game_date", "team_hint").aggregate(n_rows=named.count())
