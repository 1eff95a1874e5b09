"""The context of each team before its game."""

from typing import Any

import ibis
import ibis.expr.types as ir

from nba_assets.analytics.slate import certain, full_rest_days, team_games
from nba_assets.analytics.team_offense_game_summary import PACE, RATING, team_offense_game_summary
from nba_assets.kit.as_of import EVENT_DATE, RECENCY, History, as_of
from nba_assets.kit.calendar import COUNTED, SEASON_GAMES
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.kit.expressions.median import median_by
from nba_assets.kit.expressions.readiness import READINESS, readiness
from nba_assets.kit.table import ExpectedRows, table
from nba_assets.raw.schedule import schedule
from nba_resources.warehouse.contract import flag, integer, number, text

WINDOW = 10
ENOUGH = 5  # fewer games are no sample of pace or record


@table(
    dataset="nba_analytics",
    grain=["game_date", "team_abbr"],
    expected_rows=ExpectedRows.TEAMS,
    columns={
        **schedule.columns("game_id", "game_date"),
        **team_offense_game_summary.columns("team_abbr", "opponent_team_abbr", "is_home"),
        **schedule.columns("neutral_site"),
        "season_type": text("", *COUNTED),
        **team_offense_game_summary.columns("team_days_rest"),
        "opponent_days_rest": integer("NULL for the season's first game", 0, 200, unit="days", null=True),
        "is_back_to_back": flag("Played yesterday"),
        "games_last_7_days": integer("Games in [D-7, D-1]", 0, 7),
        "games_last_14_days": integer("Games in [D-14, D-1]", 0, 14),
        "game_number_in_season": integer("Number of this game in the season", 1, SEASON_GAMES),
        "win_pct_season": number("NULL with fewer than 5 games", 0, 1, null=True),
        "pace_last_10": number("Mean per game; needs 5", *PACE, unit="possessions per 48 min", null=True),
        "opponent_pace_last_10": number("The opponent's", *PACE, unit="possessions per 48 min", null=True),
        "off_rating_last_10": number("Mean per game; needs 5", *RATING, unit="points per 100", null=True),
        "pace_differential": number(
            "Opponent's minus own: a faster opponent is positive", PACE[0] - PACE[1], PACE[1] - PACE[0], null=True
        ),
        "streak": integer("Wins in a row (+) or losses (-) entering the game", -SEASON_GAMES, SEASON_GAMES),
        "spread": number("Books' latest median before tip; negative = favoured", -75, 75, unit="points", null=True),
        "total": number("Median of the books' latest before tip", 140, 360, unit="points", null=True),
        **READINESS,
    },
)
def upcoming_team_game_context(schedule: History, team_offense_game_summary: History, game_odds: ir.Table) -> ir.Table:
    """One row per team and game: rest, form, pace and the market's spread and total, as known before tip-off."""
    slate = team_games(schedule.on())
    games = schedule.map(lambda rows: team_games(rows).select("game_id", "game_date", "season", "team_abbr", "status"))
    facts = ("game_id", "game_date", "team_abbr", "pace", "offensive_rating")
    results = team_offense_game_summary.map(lambda rows: rows.select(*facts, won=rows.win.cast("int64")))
    played = games.joined(results, ["game_id", "game_date", "team_abbr"], how="left")
    form = _form(as_of(played, slate, ["team_abbr"], last=SEASON_GAMES, keep_empty=True))
    rows = slate.join(form, ["game_date", "team_abbr"])
    rows = rows.mutate(team_days_rest=full_rest_days(rows.game_date, rows.last_game))
    opposing = {"opponent_days_rest": "team_days_rest", "opponent_pace_last_10": "pace_last_10"}
    opponents = rows.select("game_id", opponent_team_abbr="team_abbr", **opposing)
    rows = rows.join(opponents, ["game_id", "opponent_team_abbr"])
    for market in ("spread", "total"):
        rows = with_columns_of(rows, _consensus(game_odds, market), ["game_id"])
    return rows.select(
        *(name for name in upcoming_team_game_context.contract.columns if name in rows.columns and name != "spread"),
        spread=rows.is_home.ifelse(rows.spread, 0 - rows.spread),
        is_back_to_back=certain(rows.team_days_rest == 0),
        pace_differential=rows.opponent_pace_last_10 - rows.pace_last_10,
        **readiness(rows.final_games, rows.known_games),
    )


def _form(past: ir.Table) -> ir.Table:
    """Return one row per team and date from the games it had played by then."""
    ago = past.game_date.delta(past[EVENT_DATE], unit="day")
    lately: Any = past[RECENCY] <= WINDOW
    finished = lately & (past.status == "final")
    team = ["game_date", "team_abbr"]
    last_win = past[RECENCY].min(where=past.won == 1).over(group_by=team)
    last_loss = past[RECENCY].min(where=past.won == 0).over(group_by=team)
    past = past.mutate(
        won_since_loss=(past.won == 1) & (last_loss.isnull() | (past[RECENCY] < last_loss)),
        lost_since_win=(past.won == 0) & (last_win.isnull() | (past[RECENCY] < last_win)),
    )
    return past.group_by(team).aggregate(
        last_game=past[EVENT_DATE].max(),
        games_last_7_days=past[EVENT_DATE].count(where=ago <= 7),
        games_last_14_days=past[EVENT_DATE].count(where=ago <= 14),
        game_number_in_season=past[EVENT_DATE].count() + 1,
        win_pct_season=_mean(past.won, past.won.notnull()),
        pace_last_10=_mean(past.pace, lately),
        off_rating_last_10=_mean(past.offensive_rating, lately),
        streak=past.count(where=past.won_since_loss) - past.count(where=past.lost_since_win),
        final_games=past.status.count(where=finished),
        known_games=past.won.count(where=finished),
    )


def _mean(value: Any, where: Any) -> Any:
    return (value.count(where=where) >= ENOUGH).ifelse(value.mean(where=where), None)


def _consensus(odds: ir.Table, market: str) -> ir.Table:
    """Return the median over books of each book's latest value before tip-off, for the home side."""
    value = {"spread": "spread_home", "total": "total"}[market]
    known = odds.filter(odds[value].notnull())
    newest = ibis.row_number().over(
        group_by=[known.game_id, known.bookmaker], order_by=[known.snapshot_utc.desc(), known.snapshot_kind]
    )
    latest = known.mutate(place=newest).filter(lambda rows: rows.place == 0)
    return median_by(latest, ["game_id"], value).rename({market: value})
