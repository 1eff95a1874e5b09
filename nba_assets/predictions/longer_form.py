"""Forms of a player beyond averages of points: minutes, sixty games, and the minutes of missing team-mates."""

from typing import Any

import ibis.expr.types as ir

from nba_assets.analytics.availability import is_out
from nba_assets.analytics.vacated_usage import ROTATION_GAMES, ROTATION_MINUTES
from nba_assets.kit.as_of import RECENCY
from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.precompute.player_daily_cache import AVERAGE_OF, SPREAD_OF

LONG_AVERAGE_OF = 10


def longer_form(past: ir.Table, tonight: ir.Table) -> ir.Table:
    """Return one row per player and date from his last sixty games; "last ten" and fewer are games of this season."""
    keys = ["game_date", "player_id"]
    columns = (RECENCY, "minutes", "points", "starter", "fga", "fta")
    past = past.select(*keys, *columns, played_in="season_year").join(tonight.select(*keys, "season_year"), keys)
    this_season: Any = past.played_in == past.season_year
    last = {n: this_season & (past[RECENCY] <= n) for n in (1, 3, 5, 10)}
    form = past.group_by(keys).aggregate(
        games=past.count(),
        games_of_season=past.count(where=this_season),
        minutes_last_1=past.minutes.mean(where=last[1]),
        three=past.minutes.mean(where=last[3]),
        five=past.minutes.mean(where=last[5]),
        spread=past.minutes.std(where=last[10], how="sample"),
        starter_share_last_5=past.starter.ifelse(1.0, 0.0).mean(where=last[5] & past.starter.notnull()),
        fga=past.fga.mean(where=last[10]),
        fga_known=past.fga.count(where=last[10]),
        fta=past.fta.mean(where=last[10]),
        fta_known=past.fta.count(where=last[10]),
        points=past.points.mean(),
        minutes=past.minutes.mean(),
    )
    averages, spreads = form.games_of_season >= AVERAGE_OF, form.games_of_season >= SPREAD_OF
    long = form.games >= LONG_AVERAGE_OF
    return form.select(
        *keys,
        "minutes_last_1",
        "starter_share_last_5",
        minutes_avg_last_3=averages.ifelse(form.three, None),
        minutes_avg_last_5=averages.ifelse(form.five, None),
        minutes_std_last_10=spreads.ifelse(form.spread, None),
        fga_avg_last_10=(form.fga_known >= AVERAGE_OF).ifelse(form.fga, None),
        fta_avg_last_10=(form.fta_known >= AVERAGE_OF).ifelse(form.fta, None),
        points_avg_last_60=long.ifelse(form.points, None),
        minutes_avg_last_60=long.ifelse(form.minutes, None),
    )


def vacated_minutes(rows: ir.Table) -> ir.Table:
    """Return the usual minutes of each player's rotation team-mates who are out; 0 where nobody is."""
    rotation = (rows.games_played_season >= ROTATION_GAMES) & (rows.minutes_avg_last_10 >= ROTATION_MINUTES)
    missing = rows.filter(rotation & is_out(rows))
    mates = missing.select("game_date", "team_abbr", mate="player_id", mate_minutes="minutes_avg_last_10")
    pairs = rows.select("game_date", "team_abbr", "player_id").join(mates, ["game_date", "team_abbr"])
    pairs = pairs.filter(pairs.player_id != pairs.mate)
    lost = pairs.group_by("game_date", "player_id").aggregate(lost=pairs.mate_minutes.sum())
    rows = rows.filter("injury_info_available").select("game_date", "player_id")
    rows = with_columns_of(rows, lost, ["game_date", "player_id"])
    return rows.select("game_date", "player_id", vacated_minutes=rows.lost.isnull().ifelse(0.0, rows.lost))


def missed_last_game(rows: ir.Table) -> ir.Table:
    """Return who was missing when each team last played: without injury reports, the best sign of who is out tonight.

    A player was missing if he has rested longer than his team. Players without known minutes are not counted.
    """
    missed: Any = rows.days_rest > rows.team_days_rest
    usual, scored = rows.minutes_avg_last_10, rows.points_avg_last_10
    rows = rows.mutate(
        missed_last_game=missed.ifelse(1.0, missed.isnull().ifelse(None, 0.0)),
        missing_minutes=missed.ifelse(usual, 0.0),
        missing_points=missed.ifelse(scored, 0.0),
        present_minutes=missed.ifelse(0.0, usual),
    )
    sums = ("missing_minutes", "missing_points", "present_minutes")
    of_team = rows.group_by("game_date", "team_abbr").aggregate(**{f"team_{name}": rows[name].sum() for name in sums})
    rows = with_columns_of(rows, of_team, ["game_date", "team_abbr"])
    of_others = {
        name: rows[name].isnull().ifelse(rows[f"team_{name}"], (rows[f"team_{name}"] - rows[name]).clip(lower=0))
        for name in sums
    }
    return rows.select("game_date", "player_id", "missed_last_game", **of_others)
