"""Real seasons against an independent computation of every column, from the published files."""

import datetime as dt
from collections import Counter

import pandas as pd

from ..compared import assert_same, rows, sample
from .brute_force_contexts import BruteForceContexts
from .league import TABLES

AUTUMN, DECEMBER = dt.date(2024, 10, 1), dt.date(2024, 12, 1)


def test_every_column_of_player_game_summary(stored: dict[str, pd.DataFrame], archive: BruteForceContexts) -> None:
    for game, player in sample(archive.box, 400):
        (found,) = rows(stored, "player_game_summary", game_id=game, player_id=player)
        assert_same("player_game_summary", found, archive.player_game_summary(game, player))


def test_every_column_of_both_team_summaries(stored: dict[str, pd.DataFrame], archive: BruteForceContexts) -> None:
    finals = [key for key in archive.team_box if archive.games[key[0]]["season_type"] == "nba_cup_final"]
    for game, team in [*sample(archive.team_box, 120), *finals]:
        for table, key in {
            "team_offense_game_summary": "team_abbr",
            "team_defense_game_summary": "defending_team_abbr",
        }.items():
            (found,) = rows(stored, table, game_id=game, **{key: team})
            assert_same(table, found, getattr(archive, table)(game, team))


def test_every_column_of_upcoming_team_game_context(
    stored: dict[str, pd.DataFrame], archive: BruteForceContexts
) -> None:
    for game, team in sample(archive.team_box, 120):
        (found,) = rows(stored, "upcoming_team_game_context", game_id=game, team_abbr=team)
        expected = archive.upcoming_team_game_context(team, archive.games[game]["game_date"])
        assert_same("upcoming_team_game_context", found, expected)


def test_every_column_of_upcoming_player_game_context(
    stored: dict[str, pd.DataFrame], archive: BruteForceContexts
) -> None:
    """Whole teams at a time, so that the universe is compared too: nobody is missing and nobody is listed in excess."""
    compared = 0
    for game, team in sample(archive.team_box, 60):
        date = archive.games[game]["game_date"]
        expected = archive.upcoming_player_game_context(team, date)
        found = {
            row["player_lookup"]: row
            for row in rows(stored, "upcoming_player_game_context", game_id=game, team_abbr=team)
        }
        assert set(found) == set(expected), f"{team} {date}: another universe: {set(found) ^ set(expected)}"
        for player, row in found.items():
            assert_same("upcoming_player_game_context", row, expected[player])
        compared += len(found)
    assert compared > 600


def test_every_status_is_the_last_that_was_published_before_tip_off(
    stored: dict[str, pd.DataFrame], archive: BruteForceContexts
) -> None:
    """All games of a December and of a season's first weeks, each cut at the minute of its own tip-off."""
    reported, out = 0, []
    told = {"statuses": stored["upcoming_player_game_context"][["game_id", "player_id", "player_status"]]}
    for game in archive.games.values():
        if AUTUMN < game["game_date"] < DECEMBER:
            continue
        report = archive.report(game) or []
        reported += bool(report)
        for row in rows(told, "statuses", game_id=game["game_id"]) if report else []:
            assert row["player_status"] == archive.told(row["player_id"], report), row
            if row["player_status"] == "out":
                box = archive.box.get((game["game_id"], row["player_id"]))
                out.append(box is not None and archive.played(box))
    assert reported > 500
    assert sum(out) / len(out) < 0.003


def test_no_key_occurs_twice(stored: dict[str, pd.DataFrame]) -> None:
    for name, found in stored.items():
        assert not found.duplicated(list(TABLES[name].contract.grain)).any(), name


def test_each_game_has_two_teams_and_all_its_players(
    stored: dict[str, pd.DataFrame], archive: BruteForceContexts
) -> None:
    for name in ("team_offense_game_summary", "team_defense_game_summary", "upcoming_team_game_context"):
        assert Counter(stored[name].game_id) == dict.fromkeys(archive.games, 2), name
    assert set(zip(stored["player_game_summary"].game_id, stored["player_game_summary"].player_id, strict=True)) == set(
        archive.box
    )


def test_the_players_points_are_the_teams(stored: dict[str, pd.DataFrame]) -> None:
    points = stored["player_game_summary"].groupby(["game_id", "team_abbr"]).points.sum()
    teams = stored["team_offense_game_summary"].set_index(["game_id", "team_abbr"])
    assert len(points) == len(teams)
    assert points.equals(teams.points_scored.loc[points.index])


def test_a_team_has_no_players_before_it_has_played(
    stored: dict[str, pd.DataFrame], archive: BruteForceContexts
) -> None:
    """On 24 October 2023 nobody was known; from each team's second game on, everybody it had used."""
    for opening in (dt.date(2023, 10, 24), dt.date(2024, 10, 22)):
        assert rows(stored, "upcoming_team_game_context", game_date=opening)
        assert not rows(stored, "upcoming_player_game_context", game_date=opening)
    listed = set(stored["upcoming_player_game_context"][["game_id", "team_abbr"]].itertuples(index=False, name=None))
    for team, games in archive.schedule.items():
        for season in ("2023-24", "2024-25"):
            first, *others = [game["game_id"] for game in games if game["season"] == season]
            assert (first, team) not in listed
            assert {(game, team) for game in others} <= listed
