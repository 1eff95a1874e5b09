"""The table of what a player's minutes follow from, beside the averages of `player_market_form`."""

import ibis.expr.types as ir

from nba_assets.analytics.player_game_summary import player_game_summary
from nba_assets.analytics.slate import MATCHUP, full_rest_days, team_games
from nba_assets.analytics.team_offense_game_summary import PACE, POSSESSIONS
from nba_assets.analytics.universe import roster_players
from nba_assets.kit.as_of import EVENT_DATE, History, as_of, season_before
from nba_assets.kit.calendar import SEASON_GAMES, Scope
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.kit.running import GAMES, HalfLife, InSeason, Values, running
from nba_assets.kit.table import ExpectedRows, table
from nba_assets.raw.player_boxscores import MOST_MINUTES
from nba_assets.raw.team_boxscores import POINTS
from nba_resources.warehouse.contract import flag, integer, number

STARTS, TEAM_GAMES = 4, 12  # half-lives in games: a player's role changes faster than a team's style
WEEK = 7
_OF_PLAYER: Values = {
    "start_share": HalfLife(STARTS, "start"),
    "last_start": InSeason(lambda games: games.start.max() == 1, last=1),
    "last_minutes": InSeason(lambda games: games.minutes.max(), last=1),
    "season_games": InSeason(lambda games: games.count()),
    "same_team": InSeason(lambda games: games.team_abbr.min() == games.team_abbr.max(), last=2),
}
_OF_TEAM: Values = {
    "pace": HalfLife(TEAM_GAMES, "pace"),
    "points": HalfLife(TEAM_GAMES, "points_scored"),
    "possessions": HalfLife(TEAM_GAMES, "possessions"),
    "last_game": InSeason(lambda games: games[EVENT_DATE].max()),
}
_TEAM_COLUMNS = {
    "days_rest": integer("NULL for the season's first game", 0, 200, unit="days", null=True),
    "pace": number("Half-life 12 games", *PACE, unit="possessions per 48 min", null=True),
    "points": number("Points scored, half-life 12 games", *POINTS, unit="points", null=True),
    "possessions": number("Half-life 12 games", *POSSESSIONS, null=True),
}


@table(
    dataset="nba_precompute",
    grain=["game_date", "player_lookup"],
    expected_rows=ExpectedRows.ROSTER_PLAYERS,
    scope=Scope.AFTER_BOOTSTRAP,
    columns={
        **player_game_summary.columns(*MATCHUP, "season", "is_home"),
        "is_playoff": flag("Play-in or playoffs"),
        "career_games": integer("Earlier games with minutes", 0),
        "season_games": integer("Those of this season", 0, SEASON_GAMES),
        "start_share": number("Share of starts, half-life 4 games; NULL if no starter is known", 0, 1, null=True),
        "last_start": flag("He started his last game of the season", null=True),
        "last_minutes": number("In his last game of the season", 0, MOST_MINUTES, unit="minutes", null=True),
        "days_since_last_game": integer("From his last game, of any season, to the date", 1, unit="days", null=True),
        "games_last_7_days": integer("Games with minutes in [D-7, D-1]", 0, WEEK),
        "same_team": flag("His last two games of the season were for the same team; TRUE after one", null=True),
        **{f"{side}_{name}": column for side in ("team", "opponent") for name, column in _TEAM_COLUMNS.items()},
        "league_possessions": number("Mean of all team games of the season before", *POSSESSIONS, null=True),
    },
)
def player_minutes_form(
    schedule: History, player_game_summary: History, team_offense_game_summary: History
) -> ir.Table:
    """One row per player on the two rosters and game: his role, his load, and the style of both teams.

    Averages run over all earlier games with minutes, of all seasons. A player is on the roster of the team of his
    latest game, so `same_team` is about the game before that one.
    """
    roster = roster_players(schedule, player_game_summary)
    games = player_game_summary.map(_with_minutes)
    his = running(games, roster, ["player_id"], _OF_PLAYER, order="game_id").rename(career_games=GAMES)
    rows = with_columns_of(roster, his, ["game_date", "season", "player_id"])
    week = as_of(games, roster, ["player_id"], days=WEEK)
    week = week.group_by("game_date", "player_id").aggregate(games_last_7_days=week.count())
    rows = with_columns_of(rows, week, ["game_date", "player_id"])
    teams = _teams(schedule, team_offense_game_summary)
    for side, team in (("team", "team_abbr"), ("opponent", "opponent_team_abbr")):
        of_side = {f"{side}_{name}": teams[name] for name in _TEAM_COLUMNS}
        rows = with_columns_of(
            rows, teams.select("game_date", **{team: teams.team_abbr}, **of_side), ["game_date", team]
        )
    before = season_before(team_offense_game_summary, roster)
    league = before.group_by("season").aggregate(league_possessions=before.possessions.mean())
    rows = with_columns_of(rows, league, ["season"])
    counts = ("career_games", "season_games", "games_last_7_days")
    return rows.mutate(
        is_playoff=rows.season_type.isin(("play_in", "playoffs")),
        days_since_last_game=rows.game_date.delta(rows[EVENT_DATE], unit="day"),
        **{name: rows[name].isnull().ifelse(0, rows[name]) for name in counts},
    ).select(*player_minutes_form.computed_columns)


def _with_minutes(games: ir.Table) -> ir.Table:
    """Keep games with minutes, with the start as a number; NULL if the source marks nobody of the team."""
    start = games.starter.isnull().ifelse(None, games.starter.ifelse(1.0, 0.0))
    games = games.filter(games.minutes > 0)
    return games.select("game_date", "game_id", "season", "player_id", "team_abbr", "minutes", start=start)


def _teams(schedule: History, team_offense_game_summary: History) -> ir.Table:
    """Return the rest and style of both teams of every game; a game without a box score is a day on the court, too."""
    slate = team_games(schedule.on())
    games = schedule.map(lambda rows: team_games(rows).select("game_id", "game_date", "season", "team_abbr"))
    facts = ("game_id", "game_date", "team_abbr", "pace", "points_scored", "possessions")
    results = team_offense_game_summary.map(lambda rows: rows.select(*facts))
    played = games.joined(results, ["game_id", "game_date", "team_abbr"], how="left")
    teams = running(played, slate, ["team_abbr"], _OF_TEAM, order="game_id")
    return teams.mutate(days_rest=full_rest_days(teams.game_date, teams.last_game))
