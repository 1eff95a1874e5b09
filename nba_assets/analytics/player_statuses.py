"""The table of players' last statuses on injury reports before the cut of each edition."""

import ibis.expr.types as ir

from nba_assets.analytics.availability import STATUSES, people
from nba_assets.analytics.game_editions import WEEK, game_editions, sides, timed_statuses
from nba_assets.analytics.main_lines import first_of
from nba_assets.kit.as_of import History, as_of
from nba_assets.kit.table import ExpectedRows, table
from nba_resources.warehouse.contract import integer, moment, text

_PLAYER = ("game_date", "game_id", "player_id", "edition")


@table(
    dataset="nba_analytics",
    grain=list(_PLAYER),
    expected_rows=ExpectedRows.AS_DELIVERED,
    columns={
        **game_editions.columns("game_date", "game_id"),
        "player_id": integer("NBA id"),
        "player_lookup": text("The player's key"),
        "team_abbr": text("The team that reports him"),
        **game_editions.columns("edition"),
        "status": text("The last one before the cut", *STATUSES),
        "published_at": moment("When it was published"),
        "listed_since": moment("When the team first reported him for this game"),
        **game_editions.columns("hours_before_tip"),
    },
)
def player_statuses(
    game_editions: ir.Table,
    schedule: History,
    injury_reports: History,
    players: ir.Table,
    player_boxscores: History,
) -> ir.Table:
    """One row per player, game and edition: his last status about this game that was published before the cut.

    A status is about the game of its team on the date it names, and about no other. Names that match no player are
    left out.
    """
    spine = sides(game_editions, schedule)
    told = people(
        as_of(timed_statuses(injury_reports), spine, ["about", "team_abbr"], **WEEK), players, player_boxscores
    )
    told = told.join(spine, ["game_date", "team_abbr", "tipoff"])
    listed_since = told.known_at.min().over(group_by=[*(told[name] for name in _PLAYER), told.team_abbr])
    told = told.mutate(listed_since=listed_since, published_at=told.known_at)
    last = first_of(told, _PLAYER, [told.published_at.desc(), told.status, told.team_abbr])
    last = last.join(players.select("player_id", "player_lookup"), "player_id")
    hours = game_editions.select("game_id", "edition", "hours_before_tip")
    return last.join(hours, ["game_id", "edition"]).select(*player_statuses.computed_columns)
