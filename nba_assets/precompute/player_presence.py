"""The table of players expected tonight, and of what each absence is worth to each team-mate."""

from typing import Any

import ibis
import ibis.expr.types as ir

from nba_assets.analytics.availability import OUT, STATUSES
from nba_assets.analytics.game_editions import game_editions, latest
from nba_assets.analytics.main_lines import first_of
from nba_assets.analytics.player_game_summary import player_game_summary
from nba_assets.analytics.slate import certain, team_games
from nba_assets.analytics.universe import roster_players
from nba_assets.kit.as_of import History
from nba_assets.kit.calendar import Scope
from nba_assets.kit.expressions.joins import stacked, with_columns_of
from nba_assets.kit.expressions.json_text import json_members, json_number
from nba_assets.kit.running import HalfLife, running
from nba_assets.kit.table import ExpectedRows, table
from nba_assets.precompute.play_probability import play_rates, previous_statuses, with_probability, with_status
from nba_assets.precompute.squads import appearances, members, shares_together, team_games_so_far
from nba_assets.raw.player_boxscores import MOST_MINUTES
from nba_resources.warehouse.contract import integer, number, text

FORM = 15  # half-life in games
STATISTICS = ("minutes", "points", "reb", "ast", "fg3a", "blk", "fga")
MOST_ABSENCES, LEAST_CHANGE = 10, 2.0  # in minutes
CHANGE = (-500, 500)  # a team has 240 minutes
_TEAM = ("game_date", "team_abbr")
_GAME = ("game_id", "edition", "team_abbr")
_MATE = (*_TEAM, "player_id")
_PLAYER = (*_GAME, "player_id")


@table(
    dataset="nba_precompute",
    grain=["game_date", "player_lookup", "edition"],
    expected_rows=ExpectedRows.ROSTER_EDITIONS,
    scope=Scope.AFTER_BOOTSTRAP,
    columns={
        **player_game_summary.columns("game_date", "player_lookup"),
        **game_editions.columns("edition", "game_id"),
        **player_game_summary.columns("player_id", "team_abbr", "opponent_team_abbr"),
        **game_editions.columns("is_reported"),
        "status": text("His own; NULL if he is not on the report", *STATUSES, null=True),
        "play_probability": number("Chance to play, as statuses came true in earlier months", 0, 1),
        "expected_minutes": number("Chance x usual minutes", 0, MOST_MINUTES, unit="minutes", null=True),
        "minutes_rank": integer("1 + team-mates expected to play more than his usual minutes", 1, 40, null=True),
        "mates_expected_minutes": number("Sum over his team-mates", 0, 1000, unit="minutes", null=True),
        "starters_out": integer(
            "Other starters of the team's last game who are out; NULL without a report", 0, 5, null=True
        ),
        **{
            f"mates_{name}": number(f"{name} of team-mates tonight, above his recent games", *CHANGE, null=True)
            for name in STATISTICS
        },
        "opponents_minutes": number(
            "Minutes of the opponent's players tonight, above its recent games", *CHANGE, unit="minutes", null=True
        ),
        "absences": text(
            "JSON: the ten team-mates whose presence changes most; each is worth usual numbers x (chance - share)"
        ),
        **game_editions.columns("known_until"),
    },
)
def player_presence(
    schedule: History,
    game_editions: ir.Table,
    player_statuses: History,
    player_game_summary: History,
) -> ir.Table:
    """One row per player on the two rosters and edition: who is expected beside him and against him.

    A team-mate counts with his usual numbers times his chance to play, less the share of the player's recent games in
    which he played too: an absence that already shaped these games does not count twice.
    """
    games = team_games(schedule.on())
    slate = first_of(games, _TEAM, [games.tipoff, games.game_id])
    slate = slate.select(*_TEAM, "game_id", "season", "opponent_team_abbr")
    team_so_far = team_games_so_far(schedule, player_game_summary)
    seen = appearances(team_so_far, player_game_summary)
    statuses = player_statuses.on()
    mates = _with_anyone_told(members(seen, team_so_far), statuses).join(slate, _TEAM)
    roster = roster_players(schedule, player_game_summary).select(*_MATE, on_roster=True).distinct()
    mates = with_columns_of(mates, roster, _MATE)
    mates = with_columns_of(mates, previous_statuses(player_statuses, team_so_far), _MATE)
    numbers = _usual_numbers(mates, player_game_summary)
    mates = with_columns_of(mates, numbers, ["game_date", "player_id"])
    editions = game_editions.select("game_id", "edition", "cut_at", "hours_before_tip", "is_reported", "known_until")
    mates = with_status(mates.mutate(on_roster=certain(mates.on_roster)).join(editions, "game_id"), statuses)
    mates = mates.filter(mates.games_ago.notnull() | mates.status.notnull())  # by this edition, not by a later one
    mates = with_probability(mates, play_rates(player_statuses, player_game_summary, slate))
    shares = shares_together(seen, roster)
    rows = mates.filter("on_roster").mutate(expected_minutes=mates.play_probability * mates.minutes)
    rows = with_columns_of(rows, _team_sums(mates), _GAME)
    rows = with_columns_of(rows, _recent_numbers(shares, numbers), _MATE)
    rows = _with_mates(rows)
    rows = with_columns_of(rows, _ranks(rows, mates), _PLAYER)
    rows = with_columns_of(rows, _absences(rows, mates, shares), _PLAYER)
    rows = with_columns_of(rows, _of_opponents(mates), ["game_id", "edition", "opponent_team_abbr"])
    moved = mates.group_by("game_id", "edition").aggregate(last_move=mates.moved_at.max())
    rows = with_columns_of(rows, moved, ["game_id", "edition"])
    return rows.mutate(
        known_until=latest(rows.known_until, rows.last_move),
        absences=rows.absences.isnull().ifelse("[]", rows.absences),
    ).select(*player_presence.computed_columns)


def _with_anyone_told(squad: ir.Table, statuses: ir.Table) -> ir.Table:
    """Add players who are on the report tonight but have not played for the team this season."""
    told = statuses.select(*_MATE, "player_lookup")
    everyone = stacked(squad.select(*_MATE, "player_lookup"), told).distinct()
    return with_columns_of(everyone, squad.select(*_MATE, "team_share", "games_ago", "started_last"), _MATE)


def _usual_numbers(mates: ir.Table, player_game_summary: History) -> ir.Table:
    """Return the form of each mate in all statistics, over all of his earlier games with minutes."""
    facts = ("player_id", "game_id", "game_date", "season", *STATISTICS)
    games = player_game_summary.map(lambda rows: rows.filter(rows.minutes > 0).select(*facts))
    forms = {name: HalfLife(FORM, name) for name in STATISTICS}
    known = running(games, mates, ["player_id"], forms, order="game_id")
    return known.select("game_date", "player_id", *STATISTICS)


def _team_sums(mates: ir.Table) -> ir.Table:
    """Return the expected numbers of each team, and how many starters of its last game there were and are missing."""
    expected = {f"team_{name}": (mates.play_probability * mates[name]).sum() for name in STATISTICS}
    return mates.group_by(_GAME).aggregate(
        **expected,
        starters=mates.count(where=certain(mates.started_last)),
        starters_missing=mates.count(where=_is_missing_starter(mates)),
    )


def _is_missing_starter(mates: ir.Table) -> ir.BooleanValue:
    return certain(mates.started_last) & certain(mates.moved_at.notnull() | mates.status.isin(OUT))


def _recent_numbers(shares: ir.Table, numbers: ir.Table) -> ir.Table:
    """Return the numbers of the mates in each player's recent games: what his own form has seen already."""
    known = shares.join(numbers.rename(mate="player_id"), ["game_date", "mate"])
    sums = {f"recent_{name}": (known.share * known[name]).sum() for name in STATISTICS}
    return known.group_by(_MATE).aggregate(**sums)


def _with_mates(rows: ir.Table) -> ir.Table:
    """Add what is expected of all others of his team, and by how much it exceeds his recent games."""
    others = {name: rows[f"team_{name}"] - rows.play_probability * rows[name] for name in STATISTICS}
    missing = rows.starters_missing - _is_missing_starter(rows).ifelse(1, 0)
    return rows.mutate(
        mates_expected_minutes=others["minutes"],
        starters_out=(rows.is_reported & (rows.starters > 0)).ifelse(missing, None),
        **{f"mates_{name}": others[name] - rows[f"recent_{name}"] for name in STATISTICS},
    )


def _ranks(rows: ir.Table, mates: ir.Table) -> ir.Table:
    """Return each player's place in his team by minutes, should he play, among what is expected of the others."""
    expected = mates.select(*_GAME, expected=mates.play_probability * mates.minutes)
    pairs = rows.filter(rows.minutes.notnull()).select(*_PLAYER, "minutes").join(expected, _GAME)
    more = certain((pairs.expected - pairs.minutes).round(6) > 0)  # sums of equal minutes differ in the last bit
    return pairs.group_by(_PLAYER).aggregate(minutes_rank=pairs.count(where=more) + 1)


def _absences(rows: ir.Table, mates: ir.Table, shares: ir.Table) -> ir.Table:
    """Return the team-mates whose presence changes most as JSON, in order."""
    others = mates.select(*_GAME, "minutes", mate="player_id", lookup="player_lookup", chance="play_probability")
    pairs = rows.select(*_PLAYER, "game_date").join(others, _GAME)
    pairs = with_columns_of(pairs.filter(pairs.player_id != pairs.mate), shares, [*_MATE, "mate"])
    share = pairs.share.isnull().ifelse(0.0, pairs.share)
    pairs = pairs.mutate(share=share, change=(pairs.minutes * (pairs.chance - share)).abs().round(6))
    felt = pairs.filter(pairs.change >= LEAST_CHANGE)
    place = ibis.row_number().over(
        group_by=[felt[name] for name in _PLAYER], order_by=[felt.change.desc(), felt.lookup]
    )
    felt = felt.mutate(place=place).filter(lambda t: t.place < MOST_ABSENCES)
    felt = felt.join(mates.select(*_GAME, mate="player_id", written=_written(mates)), [*_GAME, "mate"])
    one = "{" + felt.written + ', "share": ' + json_number(felt.share) + "}"
    return felt.group_by(_PLAYER).aggregate(absences="[" + one.group_concat(sep=", ", order_by=felt.place) + "]")


def _written(mates: ir.Table) -> ir.StringValue:
    """Return what is the same for all of his team-mates: his chance to play and his usual numbers."""
    numbers = {"chance": mates.play_probability, **{name: mates[name] for name in STATISTICS}}
    return json_members(
        {"player": '"' + mates.player_lookup + '"', **{name: json_number(value) for name, value in numbers.items()}}
    )


def _of_opponents(mates: ir.Table) -> ir.Table:
    """Return by how much each team's expected minutes tonight exceed those of its recent games, for its opponent."""
    share: Any = mates.team_share.isnull().ifelse(0.0, mates.team_share)
    change = mates.minutes * (mates.play_probability - share)
    teams = mates.group_by(_GAME).aggregate(opponents_minutes=change.sum())
    return teams.rename(opponent_team_abbr="team_abbr")
