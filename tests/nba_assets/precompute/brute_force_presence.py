"""Presence worked out from the archive's box scores and injury reports, one player at a time."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from functools import cache, cached_property
from typing import Any

from ..analytics.brute_force import Row
from ..analytics.brute_force_contexts import ALSO_CALLED, BruteForceContexts, bare

STATISTICS = {"minutes": "minutes", "points": "pts", **{name: name for name in ("reb", "ast", "fg3a", "blk", "fga")}}
FIXED = {"out": 0.0, "doubtful": 0.03, "questionable": 0.5, "probable": 0.9, "available": 1.0}
ALMOST_OUT = ("out", "doubtful", "questionable")
Editions = dict[tuple[str, str], Row]


class BruteForcePresence:
    """Presence by the rules; the cut of each edition, its hours and whether it is reported are those stored."""

    def __init__(self, archive: BruteForceContexts, editions: Iterable[Row], rosters: Iterable[Row]) -> None:
        self.archive = archive
        self.editions: Editions = {(row["game_id"], row["edition"]): row for row in editions}
        self.rosters: dict[tuple[dt.date, str], set[int]] = defaultdict(set)
        for row in rosters:
            self.rosters[row["game_date"], row["team_abbr"]].add(row["player_id"])
        self.statuses, self.presence = cache(self._statuses), cache(self._presence)
        self.rates, self.usual = cache(self._rates), cache(self._usual)

    @cached_property
    def by_name(self) -> dict[str, list[tuple[dt.date, int]]]:
        """Return who bears each name, with the date of his first game."""
        found: dict[str, list[tuple[dt.date, int]]] = defaultdict(list)
        for player, names in self.archive.names.items():
            first = min(row["game_date"] for row in self.archive.of_player[player])
            for name in names:
                found[name].append((first, player))
        return found

    def _statuses(self, game: str, edition: str) -> dict[int, Row]:
        """Return each player's last status before the cut, with the team's first one."""
        fixture, cut = self.archive.games[game], self.editions[game, edition]["cut_at"]
        last: dict[int, Row] = {}
        since: dict[tuple[int, str], Any] = {}
        for row in self.archive.statuses.get(fixture["game_date"], []):
            if row["team"] not in (fixture["home_team"], fixture["away_team"]) or row["published"] >= cut:
                continue
            name = bare(ALSO_CALLED.get(row["player_name"], row["player_name"]))
            known = [one for first, one in self.by_name.get(name, []) if first < fixture["game_date"]]
            if known:
                since.setdefault((known[0], row["team"]), row["published"])
                last[known[0]] = row | {"since": since[known[0], row["team"]]}
        return last

    def _rates(self, month: dt.date) -> dict[tuple[str, int], tuple[int, int]]:
        """Return by status and group of hours how many were told and how many of them played, before a month."""
        found: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
        for (game, edition), row in self.editions.items():
            fixture = self.archive.games[game]
            if fixture["game_date"] < month and self.played_in(game, fixture["home_team"]):
                for player, told in self.statuses(game, edition).items():
                    box = self.archive.box.get((game, player))
                    counts = found[told["status"], group(row["hours_before_tip"])]
                    counts[0] += 1
                    counts[1] += bool(box and self.archive.played(box))
        return {key: (told, played) for key, (told, played) in found.items()}

    @cache  # noqa: B019 - one object in a session
    def played_in(self, game: str, team: str) -> dict[int, Row]:
        boxes = self.archive.of_team[game, team]
        return {row["player_id"]: row for row in boxes if self.archive.played(row)}

    def games_of(self, team: str, date: dt.date) -> list[str]:
        """Return the team's games of the season with box scores, newest first."""
        season = next(game["season"] for game in self.archive.schedule[team] if game["game_date"] == date)
        past = [game["game_id"] for game in self.archive.before(team, date, season)]
        return [game for game in past if self.played_in(game, team)]

    def _usual(self, player: int, date: dt.date) -> dict[str, float | None]:
        games = [row for row in self.archive.of_player[player] if row["game_date"] < date and row["minutes"] > 0]
        games.sort(key=lambda row: (row["game_date"], row["game_id"]), reverse=True)
        return {name: decayed([row[column] for row in games], 15) for name, column in STATISTICS.items()}

    def _presence(self, team: str, date: dt.date, edition: str) -> dict[int, Row]:
        """Return everyone who has played for the team or is on its report, with his chance to play."""
        tonight = next(game for game in self.archive.schedule[team] if game["game_date"] == date)
        game, past = tonight["game_id"], self.games_of(team, date)
        of_edition, told = self.editions[game, edition], self.statuses(game, edition)
        mine = {player: row for player, row in told.items() if row["team"] == team}
        before = self.statuses(past[0], "at_tip")
        rates = self.rates(date.replace(day=1))
        silent = not mine and group(of_edition["hours_before_tip"]) > 0
        seen = {player for one in past for player in self.played_in(one, team)}
        found = {}
        for player in seen | mine.keys():
            appeared = [player in self.played_in(one, team) for one in past]
            share = decayed([float(one) for one in appeared], 6)
            ago = appeared.index(True) + 1 if any(appeared) else None
            here = player in self.rosters[date, team]
            was = before[player]["status"] if player in before and before[player]["team"] == team else None
            moved = self._moved(player, team, date, of_edition["cut_at"], mine.get(player))
            if moved:
                chance = 0.0
            elif player in mine:
                status = mine[player]["status"]
                all_told, played = rates.get((status, group(of_edition["hours_before_tip"])), (0, 0))
                chance = (played + 100 * FIXED[status]) / (all_told + 100)
            elif of_edition["is_reported"] and not silent and was in ALMOST_OUT:
                chance = 1.0
            elif of_edition["is_reported"] and not silent and here and ago is not None and 1 < ago <= 8:
                chance = share
            else:
                chance = float(here and ago == 1)
            last = self.played_in(past[0], team).get(player)
            found[player] = {
                **{"chance": chance, "share": share, "status": mine.get(player, {}).get("status"), "moved": moved},
                **{"started": bool(last and last["starter"]), "usual": self.usual(player, date)},
            }
        return found

    def _moved(self, player: int, team: str, date: dt.date, cut: dt.datetime, mine: Row | None) -> bool:
        games = {
            game["game_id"] for games in self.archive.schedule.values() for game in games if game["game_date"] == date
        }
        told = [self.statuses(game, "at_tip").get(player) for game in games]
        others = [row["since"] for row in told if row and row["team"] != team and row["since"] < cut]
        return any(mine is None or since > mine["published"] for since in others)

    def player_presence(self, player: int, team: str, opponent: str, date: dt.date, edition: str) -> Row:
        """Return the numbers of a player's row."""
        squad, own = self.presence(team, date, edition), self.presence(team, date, edition)[player]
        games = [game for game in self.games_of(team, date) if player in self.played_in(game, team)]
        mates = {mate: row for mate, row in squad.items() if mate != player}
        shares = {mate: decayed([float(mate in self.played_in(g, team)) for g in games], 6) for mate in mates}
        worth = {
            f"mates_{name}": sum(
                (row["chance"] - shares[mate]) * (row["usual"][name] or 0) for mate, row in mates.items()
            )
            for name in STATISTICS
        }
        minutes = {mate: row["chance"] * (row["usual"]["minutes"] or 0) for mate, row in mates.items()}
        gone = sum(row["started"] and (row["moved"] or row["status"] in ("out", "doubtful")) for row in mates.values())
        game = next(game["game_id"] for game in self.archive.schedule[team] if game["game_date"] == date)
        others = self.presence(opponent, date, edition).values()
        return worth | {
            "play_probability": own["chance"],
            "status": own["status"],
            "expected_minutes": own["chance"] * own["usual"]["minutes"],
            "mates_expected_minutes": sum(minutes.values()),
            "minutes_rank": 1 + sum(value > own["usual"]["minutes"] + 1e-6 for value in minutes.values()),
            "starters_out": gone if self.editions[game, edition]["is_reported"] else None,
            "opponents_minutes": sum(
                (row["chance"] - (row["share"] or 0)) * (row["usual"]["minutes"] or 0) for row in others
            ),
        }


def group(hours: float | None) -> int:
    return 3 if hours is None else sum(hours >= limit for limit in (1, 4, 8))


def decayed(newest_first: list[Any], half_life: float) -> float | None:
    known = [(0.5 ** (back / half_life), value) for back, value in enumerate(newest_first) if value is not None]
    return sum(weight * value for weight, value in known) / sum(weight for weight, _ in known) if known else None
