"""The analytics tables worked out again from the published files: one row at a time, from the rules and not our code."""

import datetime as dt
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cache, cached_property
from pathlib import Path
from statistics import mean, median
from typing import Any

import pandas as pd

Row = dict[str, Any]
COUNTS = ("fgm", "fga", "fg3m", "fg3a", "ftm", "fta", "oreb", "dreb", "reb", "ast", "stl", "blk", "tov", "pf")
TEAM_COUNTS = tuple(name for name in COUNTS if name not in ("stl", "blk"))
ZONES = ("paint", "mid_range", "three")
READY = {"is_production_ready": True, "readiness_reasons": []}


class Archive:
    """The published facts of some spans of dates, each beginning before a season does."""

    def __init__(self, folder: str, spans: Iterable[tuple[dt.date, dt.date]]) -> None:
        self.folder, self.spans = Path(folder), tuple(spans)
        self.games: dict[str, Row] = {row["game_id"]: row for row in self._read("games")}
        self.boxes, self.teams = self._read("player_boxscores"), self._read("team_boxscores")
        self.box = {(row["game_id"], row["player_id"]): row for row in self.boxes}
        self.team_box = {(row["game_id"], row["team"]): row for row in self.teams}
        self.shots, self.of_team = defaultdict(list), defaultdict(list)
        self.of_player, self.schedule = defaultdict(list), defaultdict(list)
        for row in self.boxes:
            self.of_team[row["game_id"], row["team"]].append(row)
            self.of_player[row["player_id"]].append(row)
        for row in self._read("shots"):
            self.shots[row["game_id"]].append(row)
        for row in self.games.values():
            for side in ("home_team", "away_team"):
                self.schedule[row[side]].append(row)

    def _read(self, name: str, date: str = "game_date") -> list[Row]:
        frame = pd.read_parquet(self.folder / f"{name}.parquet")
        day = pd.to_datetime(frame[date]).dt.date
        frame[date] = day
        frame = frame[[any(start <= value <= end for start, end in self.spans) for value in day]]
        frame = frame.astype(object).where(frame.notna(), None)
        return frame.sort_values(date, kind="stable").to_dict("records")

    @cached_property
    def odds(self) -> dict[frozenset[str], list[Row]]:
        known = defaultdict(list)
        for row in self._read("game_odds"):
            known[frozenset((row["home_team"], row["away_team"], str(row["game_date"])))].append(row)
        for row in self._read("game_odds_open_close"):
            for order, kind in enumerate(("open", "close")):
                quoted = {"spread_home": row[f"spread_home_{kind}"], "total": row[f"total_{kind}"]}
                told = row | quoted | {"bookmaker": "", "snapshot_utc": None, "commence_time_utc": None, "order": order}
                known[frozenset((row["home_team"], row["away_team"], str(row["game_date"])))].append(told)
        return known

    @cached_property
    def moves(self) -> list[Row]:
        return [row for row in self._read("injury_reports", "report_date") if row["kind"] == "il_transaction"]

    # one game

    def lookup(self, player: int) -> str:
        return plain(self.of_player[player][0]["player_name"])

    def played(self, row: Row) -> bool:
        shows = ("minutes", "pts", "fga", "fta", "reb", "ast", "stl", "blk", "tov", "pf")
        return any(row[name] is not None and row[name] > 0 for name in shows)

    def past(self, player: int, date: dt.date, season: str) -> list[Row]:
        """The games of this season he played in before the date, newest first."""
        games = (row for row in self.of_player[player] if self.games[row["game_id"]]["season"] == season)
        return [row for row in games if row["game_date"] < date and self.played(row)][::-1]

    def overtimes(self, game: str, team: str) -> int | None:
        minutes = [row["minutes"] for row in self.of_team[game, team]]
        return max(0, round((sum(minutes) / 5 - 48) / 5)) if minutes else None

    def usage(self, row: Row) -> float | None:
        players = self.of_team[row["game_id"], row["team"]]
        if row["minutes"] < 1 or sum(p["pts"] for p in players) != self.team_box[row["game_id"], row["team"]]["pts"]:
            return None
        length = 48 + 5 * (self.overtimes(row["game_id"], row["team"]) or 0)
        share = _used(row) * length / (row["minutes"] * sum(map(_used, players)))
        return share if share <= 0.60 else None

    def _zones(self, game: str, prefix: str = "", **which: Any) -> Row:
        shots = self.shots[game]
        mine = [shot for shot in shots if which.items() <= shot.items()]
        attempts, makes = Counter(map(_zone, mine)), Counter(_zone(shot) for shot in mine if shot["made"])
        counts = {f"{prefix}{zone}_attempts": attempts[zone] for zone in ZONES}
        counts |= {f"{prefix}{zone}_makes": makes[zone] for zone in ZONES}
        return counts if shots else dict.fromkeys(counts)

    def player_game_summary(self, game: str, player: int) -> Row:
        row, fixture = self.box[game, player], self.games[game]
        home = row["team"] == fixture["home_team"]
        before = self.past(player, fixture["game_date"], fixture["season"])
        zones = self._zones(game, player_id=player)
        trusted = bool(self.shots[game]) and abs(sum(zones[f"{z}_attempts"] for z in ZONES) - row["fga"]) <= 1
        return {
            **_identity(fixture),
            **{name: row[name] for name in (*COUNTS, "player_id", "minutes", "plus_minus", "starter", "player_name")},
            **zones,
            "player_lookup": self.lookup(player),
            "team_abbr": row["team"],
            "opponent_team_abbr": fixture["away_team" if home else "home_team"],
            "is_home": home,
            "played": self.played(row),
            "points": row["pts"],
            "days_rest": _rest(fixture["game_date"], before),
            "usage_rate": self.usage(row),
            "ts_pct": _ratio(row["pts"], 2 * (row["fga"] + 0.44 * row["fta"])),
            "efg_pct": _ratio(row["fgm"] + 0.5 * row["fg3m"], row["fga"]),
            "has_shot_zones": trusted,
        }

    def _attack(self, game: str, team: str, prefix: str = "") -> Row:
        """What both summaries say of the attacking side."""
        row, overtimes = self.team_box[game, team], self.overtimes(game, team)
        possessions = row["fga"] + 0.44 * row["fta"] + row["tov"] - row["oreb"]
        zones = self._zones(game, prefix, team=team)
        taken = [zones[f"{prefix}{zone}_attempts"] for zone in ZONES]
        defending = prefix == "opp_"
        return {
            **{f"{prefix}{name}": row[name] for name in TEAM_COUNTS},
            **zones,
            "points_allowed" if defending else "points_scored": row["pts"],
            "has_shot_zones": None not in taken and abs(sum(taken) - row["fga"]) <= 2,
            "overtime_periods": overtimes,
            f"{prefix}possessions": possessions,
            "opponent_pace" if defending else "pace": self.pace(game, team),
            "defensive_rating" if defending else "offensive_rating": 100 * row["pts"] / possessions,
            f"{prefix}ts_pct": row["pts"] / (2 * (row["fga"] + 0.44 * row["fta"])),
        }

    def pace(self, game: str, team: str) -> float | None:
        row, overtimes = self.team_box[game, team], self.overtimes(game, team)
        possessions = row["fga"] + 0.44 * row["fta"] + row["tov"] - row["oreb"]
        return None if overtimes is None else possessions * 48 / (48 + 5 * overtimes)

    def _whose(self, game: str, team: str, named: str) -> Row:
        fixture = self.games[game]
        own, other = ("home", "away") if team == fixture["home_team"] else ("away", "home")
        margin = int(fixture[f"{own}_pts"] - fixture[f"{other}_pts"])
        return {
            **_identity(fixture),
            named: team,
            "opponent_team_abbr": fixture[f"{other}_team"],
            "is_home": own == "home",
            "win": margin > 0,
            "margin": margin,
            "team_days_rest": _rest(fixture["game_date"], self.before(team, fixture["game_date"], fixture["season"])),
        }

    def team_offense_game_summary(self, game: str, team: str) -> Row:
        return self._whose(game, team, "team_abbr") | self._attack(game, team)

    def team_defense_game_summary(self, game: str, team: str) -> Row:
        row = self._whose(game, team, "defending_team_abbr")
        own = self.team_box[game, team]
        return row | self._attack(game, row["opponent_team_abbr"], "opp_") | {"steals": own["stl"], "blocks": own["blk"]}

    # the morning of a game

    def before(self, team: str, date: dt.date, season: str) -> list[Row]:
        """The team's games of this season before the date, newest first."""
        return [row for row in self.schedule[team] if row["season"] == season and row["game_date"] < date][::-1]

    def tonight(self, team: str, date: dt.date) -> Row:
        return next(row for row in self.schedule[team] if row["game_date"] == date)

    def _pace_last_10(self, team: str, date: dt.date, season: str) -> float | None:
        paces = [self.pace(game["game_id"], team) for game in self.before(team, date, season)[:10]]
        known = [pace for pace in paces if pace is not None]
        return mean(known) if len(known) >= 5 else None

    def _market(self, game: Row, number: str) -> float | None:
        latest: dict[str, tuple[Any, float]] = {}
        for row in self.odds[frozenset((game["home_team"], game["away_team"], str(game["game_date"])))]:
            tip, seen = row["commence_time_utc"] or game["start_time_utc"], row["snapshot_utc"]
            if row[number] is None or (seen is not None and (tip is None or seen >= tip)):
                continue
            turned = number == "spread_home" and row["home_team"] != game["home_team"]
            place = (seen is not None, seen or row.get("order"))
            if row["bookmaker"] not in latest or place > latest[row["bookmaker"]][0]:
                latest[row["bookmaker"]] = (place, -row[number] if turned else row[number])
        return median(value for _, value in latest.values()) if latest else None

    def upcoming_team_game_context(self, team: str, date: dt.date) -> Row:
        game = self.tonight(team, date)
        season, home = game["season"], team == game["home_team"]
        other = game["away_team" if home else "home_team"]
        past, its_past = self.before(team, date, season), self.before(other, date, season)
        won = [_won(row, team) for row in past]
        streak = next((place for place, result in enumerate(won) if result != won[0]), len(won))
        ratings = [self._attack(row["game_id"], team)["offensive_rating"] for row in past[:10]]
        own_pace, its_pace = (self._pace_last_10(side, date, season) for side in (team, other))
        spread = self._market(game, "spread_home")
        rest = _rest(date, past)
        return {
            "game_id": game["game_id"],
            "game_date": date,
            "team_abbr": team,
            "opponent_team_abbr": other,
            "is_home": home,
            "neutral_site": game["neutral_site"],
            "season_type": game["season_type"],
            "team_days_rest": rest,
            "opponent_days_rest": _rest(date, its_past),
            "is_back_to_back": rest == 0,
            "games_last_7_days": _within(date, past, 7),
            "games_last_14_days": _within(date, past, 14),
            "game_number_in_season": len(past) + 1,
            "win_pct_season": sum(won) / len(won) if len(won) >= 5 else None,
            "pace_last_10": own_pace,
            "opponent_pace_last_10": its_pace,
            "off_rating_last_10": mean(ratings) if len(ratings) >= 5 else None,
            "pace_differential": None if None in (own_pace, its_pace) else its_pace - own_pace,
            "streak": (streak if won[0] else -streak) if won else 0,
            "spread": spread if home or spread is None else -spread,
            "total": self._market(game, "total"),
            **_readiness(len(past[:10]), len(past[:10])),
        }

    @cache  # noqa: B019 - lives as long as the tests of one module
    def upcoming_player_game_context(self, team: str, date: dt.date) -> dict[str, Row]:
        """The contexts of a whole team by player, the prop line apart: it has an independent comparison of its own."""
        game = self.tonight(team, date)
        season, home = game["season"], team == game["home_team"]
        rest = self.upcoming_team_game_context(team, date)
        recent = [row["game_id"] for row in self.before(team, date, season)[:10]]
        known = sum(bool(self.of_team[one, team]) for one in recent)
        seen = {row["player_id"] for one in recent for row in self.of_team[one, team] if self.played(row)}
        pasts = {player: self.past(player, date, season) for player in seen}
        pasts = {player: past for player, past in pasts.items() if past[0]["team"] == team}
        informed = any(date - dt.timedelta(days=7) <= row["report_date"] < date for row in self.moves)
        out = {player for player, past in pasts.items() if self._on_list(player, date, season, past[0]["game_date"])}
        usage = {player: _mean(self.usage(row) for row in past[:10]) for player, past in pasts.items()}
        rows = {}
        for player, past in pasts.items():
            points = [row["pts"] for row in past]
            week = sum(row["minutes"] for row in past[: _within(date, past, 7)])
            rows[self.lookup(player)] = {
                **{name: rest[name] for name in ("game_id", "game_date", "season_type", "is_home", "opponent_team_abbr")},
                **{name: rest[name] for name in ("pace_differential", "opponent_days_rest")},
                "player_lookup": self.lookup(player),
                "player_id": player,
                "team_abbr": team,
                "universe_source": "recent_games",
                "games_played_season": len(past),
                "days_rest": _rest(date, past),
                "back_to_back": _rest(date, past) == 0,
                "games_last_7_days": _within(date, past, 7),
                "games_last_14_days": _within(date, past, 14),
                "minutes_last_7_days": week,
                "minutes_last_14_days": sum(row["minutes"] for row in past[: _within(date, past, 14)]),
                "avg_minutes_last_7_days": _ratio(week, _within(date, past, 7)),
                "back_to_backs_last_14_days": _pairs(past[: _within(date, past, 14)]),
                "points_avg_last_5": mean(points[:5]),
                "points_avg_last_10": mean(points[:10]),
                "avg_usage_rate_last_10": usage[player],
                "injury_info_available": informed,
                "player_status": ("out" if player in out else "available") if informed else None,
                "player_age": None,
                **self._vacated(player, pasts, usage, out if informed else None),
                **_readiness(len(recent), known),
            }
        return rows

    def _vacated(
        self, player: int, pasts: dict[int, list[Row]], usage: dict[int, float | None], out: set[int] | None
    ) -> Row:
        if out is None:
            return dict.fromkeys(("projected_usage_rate", "star_teammates_out", "teammates_out"))
        minutes = {one: mean(row["minutes"] for row in past[:10]) for one, past in pasts.items()}
        rotation = {one for one, past in pasts.items() if len(past) >= 5 and minutes[one] >= 10}
        load = {one: (usage[one] or 0) * minutes[one] / 48 for one in pasts}
        his = [row["game_id"] for row in pasts[player][:10]]
        missing = (rotation & out) - {player}
        share = {one: mean(any(r["game_id"] == game for r in pasts[one]) for game in his) for one in missing}
        vacated = sum(load[one] * share[one] for one in missing)
        carried = sum(load[one] for one in (rotation - out) | {player})
        own = usage[player]
        raised = None if own is None else max(own, min(0.45, own * (1 + 0.5 * vacated / carried)))
        return {
            "projected_usage_rate": raised,
            "star_teammates_out": sum(_star(pasts[one]) and share[one] >= 0.5 for one in missing),
            "teammates_out": sorted(map(self.lookup, missing)),
        }

    def _on_list(self, player: int, date: dt.date, season: str, last_played: dt.date) -> bool:
        """The newest move of this season decides; of one day the placing; a later game of his ends it."""
        opening = dt.date(int(season[:4]), 7, 1)
        moves = [row for row in self.moves if opening <= row["report_date"] < date]
        moves = [row for row in moves if bare(row["player_name"]) in self.names(player)]
        newest = max(moves, key=lambda row: (row["report_date"], row["event"]), default=None)
        return newest is not None and newest["event"] == "placed" and newest["report_date"] >= last_played

    @cache  # noqa: B019
    def names(self, player: int) -> set[str]:
        return {bare(row["player_name"]) for row in self.of_player[player]}


def plain(name: str) -> str:
    """Lower case, accents removed, only a-z and 0-9."""
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKD", name.lower()))


def bare(name: str) -> str:
    """The same without a suffix."""
    return plain(re.sub(r"[ .](jr|sr|ii|iii|iv|v)\.?$", "", name.strip().lower()))


def _identity(fixture: Row) -> Row:
    code = f"{fixture['game_date']:%Y%m%d}_{fixture['away_team']}_{fixture['home_team']}"
    return {name: fixture[name] for name in ("game_id", "game_date", "season", "season_type")} | {"game_code": code}


def _used(row: Row) -> float:
    return row["fga"] + 0.44 * row["fta"] + row["tov"]


def _zone(shot: Row) -> str:
    if shot["shot_value"] == 3:
        return "three"
    return "paint" if shot["distance_ft"] <= 8 else "mid_range"


def _rest(date: dt.date, past: list[Row]) -> int | None:
    return (date - past[0]["game_date"]).days - 1 if past else None


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return mean(known) if known else None


def _within(date: dt.date, past: list[Row], days: int) -> int:
    return sum(date - dt.timedelta(days=days) <= row["game_date"] for row in past)


def _pairs(past: list[Row]) -> int:
    days = {row["game_date"] for row in past}
    return sum(day + dt.timedelta(days=1) in days for day in days)


def _won(game: Row, team: str) -> bool:
    return (game["home_pts"] > game["away_pts"]) == (team == game["home_team"])


def _star(past: list[Row]) -> bool:
    points, minutes = mean(row["pts"] for row in past), mean(row["minutes"] for row in past)
    return len(past) >= 10 and (points >= 18 or (minutes >= 28 and points >= 12))


def _readiness(expected: int, actual: int) -> Row:
    block: Row = {"expected_count": expected, "actual_count": actual, "completeness": _ratio(actual, expected)}
    if not expected:
        return block | {"is_production_ready": False, "readiness_reasons": ["own:nothing expected"]}
    if actual / expected >= 0.70:
        return block | READY
    return block | {"is_production_ready": False, "readiness_reasons": [f"own:{int(100 * actual / expected) / 100:.2f}"]}
