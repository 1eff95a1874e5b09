"""The form of each player in every statistic that markets are made of."""

from typing import Any

import ibis
import ibis.expr.types as ir

from models.markets import BASES
from nba_assets.kit.as_of import History, season_before
from nba_assets.kit.calendar import SEASON_GAMES, Scope
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.kit.running import NAME, HalfLife, InSeason, Values, in_rows, running
from nba_assets.kit.table import ExpectedRows, table
from nba_assets.precompute.player_minutes_form import player_minutes_form
from nba_resources.warehouse.contract import integer, number, text

HELPERS = ("minutes", "fga", "fg3a", "pf", "plus_minus")  # no market, but forecasts of minutes and threes read them
FORMS = tuple(dict.fromkeys((*HELPERS, *BASES)))
HALF_LIVES, RATES = (4, 15, 50), (15, 50)
ALLOWED = 12  # half-life in team games
A_GAME, A_TEAM = (-100, 120), (-500, 500)  # of a player and of his team: minus is for plus-minus
_OF_PLAYER: Values = {
    **{f"half_life_{games}": HalfLife(games) for games in HALF_LIVES},
    **{f"rate_{games}": HalfLife(games, per="minutes") for games in RATES},
    "season_average": InSeason(lambda games: games.value.mean()),
    "last_5_average": InSeason(lambda games: games.value.mean(), last=5),
    "last_10_average": InSeason(lambda games: games.value.mean(), last=10),
    "last_10_deviation": InSeason(lambda games: games.value.std(how="sample"), last=10),
    "season_games": InSeason(lambda games: games.value.count()),
}


@table(
    dataset="nba_precompute",
    grain=["game_date", "player_lookup", "base"],
    expected_rows=ExpectedRows.ROSTER_STATISTICS,
    scope=Scope.AFTER_BOOTSTRAP,
    columns={
        **player_minutes_form.columns("game_date", "player_lookup"),
        "base": text("A column of player_game_summary", *FORMS),
        **player_minutes_form.columns("game_id", "player_id"),
        **{
            f"half_life_{games}": number(f"A game counts half as much as one {games} later", *A_GAME, null=True)
            for games in HALF_LIVES
        },
        "season_average": number("", *A_GAME, null=True),
        "last_5_average": number("Games of this season", *A_GAME, null=True),
        "last_10_average": number("Games of this season", *A_GAME, null=True),
        "last_10_deviation": number("Sample deviation, games of this season; needs 2", 0, null=True),
        **{f"rate_{games}": number(f"Per minute, both at half-life {games}", null=True) for games in RATES},
        "allowed": number("By the opponent to a whole team, half-life 12 games", *A_TEAM, null=True),
        "league_level": number("Mean of a team's game, season before; NULL in the first", *A_TEAM, null=True),
        "season_games": integer("Games of this season in which it is known", 0, SEASON_GAMES),
    },
)
def player_market_form(player_minutes_form: ir.Table, player_game_summary: History) -> ir.Table:
    """One row per player on the two rosters and statistic: averages of his earlier games, and what the opponent allows.

    Averages run over all earlier games with minutes; half-lives and rates over his career, the others over the season.
    A game in which the statistic is unknown is left out. The level of the league does not move within a season.
    """
    facts = ("game_date", "season", "game_id", "player_id", "player_lookup", "opponent_team_abbr")
    rows = player_minutes_form.select(*facts, base=ibis.array([*FORMS]).unnest())
    games = player_game_summary.map(lambda games: games.filter(games.minutes > 0))
    his = running(games, player_minutes_form, ["player_id"], _OF_PLAYER, order="game_id", columns=FORMS)
    rows = with_columns_of(rows, his.rename(base=NAME), ["game_date", "season", "player_id", "base"])
    opponent, allowed = ["opponent_team_abbr"], {"allowed": HalfLife(ALLOWED)}
    played = player_game_summary.map(lambda games: games.filter("played"))
    against = played.summed(["game_id", "game_date", "season", *opponent], FORMS)
    given_up = running(against, player_minutes_form, opponent, allowed, order="game_id", columns=FORMS)
    met = ["game_date", *opponent, "base"]
    rows = with_columns_of(rows, given_up.rename(base=NAME).select(*met, *allowed), met)
    before = in_rows(season_before(against, player_minutes_form), FORMS)
    league = before.group_by("season", base=NAME).aggregate(league_level=before.value.mean())
    rows = with_columns_of(rows, league, ["season", "base"])
    known: Any = rows.season_games
    return rows.mutate(season_games=known.isnull().ifelse(0, known)).select(*player_market_form.computed_columns)
