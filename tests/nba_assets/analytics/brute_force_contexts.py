"""The contexts before a game recomputed from the rules, row by row."""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from statistics import mean, median
from typing import Any
from zoneinfo import ZoneInfo

from .brute_force import Archive, Row, plain, ratio, rest_days

ALSO_CALLED = {  # report: box score
    **{"Alexandre Sarr": "Alex Sarr", "Carlton Carrington": "Bub Carrington", "Kenyon Martin Jr.": "KJ Martin"},
}


class BruteForceContexts(Archive):
    """Contexts recomputed from the archive's facts."""

    @cached_property
    def odds(self) -> dict[frozenset[str], list[Row]]:
        known = defaultdict(list)
        for row in self.read("game_odds"):
            known[frozenset((row["home_team"], row["away_team"], str(row["game_date"])))].append(row)
        for row in self.read("game_odds_open_close"):
            for order, kind in enumerate(("open", "close")):
                quoted = {"spread_home": row[f"spread_home_{kind}"], "total": row[f"total_{kind}"]}
                offer = (
                    row | quoted | {"bookmaker": "", "snapshot_utc": None, "commence_time_utc": None, "order": order}
                )
                known[frozenset((row["home_team"], row["away_team"], str(row["game_date"])))].append(offer)
        return known

    @cached_property
    def moves(self) -> list[Row]:
        return [row for row in self.read("injury_reports", "report_date") if row["kind"] == "il_transaction"]

    @cached_property
    def statuses(self) -> dict[dt.date, list[Row]]:
        """The league's reports by the date of the game, in the order of their publication in UTC."""
        by_date = defaultdict(list)
        for row in self.read("injury_statuses"):
            eastern = dt.datetime.fromisoformat(row["report_time"]).replace(tzinfo=ZoneInfo("America/New_York"))
            by_date[row["game_date"]].append(row | {"published": eastern.astimezone(dt.UTC)})
        return {date: sorted(rows, key=lambda row: row["published"]) for date, rows in by_date.items()}

    def report(self, game: Row) -> list[Row] | None:
        """Return the statuses published before a reported game, of all teams; None if the game is not reported."""
        sides, tip = {game["home_team"], game["away_team"]}, game["start_time_utc"]
        published = [row for row in self.statuses.get(game["game_date"], []) if tip and row["published"] < tip]
        return published if any(row["team"] in sides for row in published) else None

    def told(self, player: int, report: list[Row]) -> str:
        reported = ((ALSO_CALLED.get(row["player_name"], row["player_name"]), row["status"]) for row in report)
        his = [status for name, status in reported if bare(name) in self.names[player]]
        return his[-1] if his else "available"

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
        ratings = [self.attack(row["game_id"], team)["offensive_rating"] for row in past[:10]]
        own_pace, its_pace = (self._pace_last_10(side, date, season) for side in (team, other))
        spread = self._market(game, "spread_home")
        rest = rest_days(date, past)
        return {
            "game_id": game["game_id"],
            "game_date": date,
            "team_abbr": team,
            "opponent_team_abbr": other,
            "is_home": home,
            "neutral_site": game["neutral_site"],
            "season_type": game["season_type"],
            "team_days_rest": rest,
            "opponent_days_rest": rest_days(date, its_past),
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
            **readiness(len(past[:10]), len(past[:10])),
        }

    def upcoming_player_game_context(self, team: str, date: dt.date) -> dict[str, Row]:
        """Return the contexts of a team's players without the prop line, which has its own independent comparison."""
        game = self.tonight(team, date)
        season = game["season"]
        rest = self.upcoming_team_game_context(team, date)
        recent = [row["game_id"] for row in self.before(team, date, season)[:10]]
        known = sum(bool(self.of_team[one, team]) for one in recent)
        seen = {row["player_id"] for one in recent for row in self.of_team[one, team] if self.played(row)}
        pasts = {player: self.past(player, date, season) for player in seen}
        pasts = {player: past for player, past in pasts.items() if past[0]["team"] == team}
        report = self.report(game)
        informed = report is not None or self._spoken(date, game["start_time_utc"])
        listed = {one for one, past in pasts.items() if self._on_list(one, date, season, past[0]["game_date"])}
        told = {one: "out" if one in listed else "available" for one in pasts}
        if report is not None:
            told = {one: self.told(one, report) for one in pasts}
        out = {one for one, status in told.items() if status in ("out", "doubtful")}
        usage = {player: known_mean(self.usage(row) for row in past[:10]) for player, past in pasts.items()}
        rows = {}
        for player, past in pasts.items():
            points = [row["pts"] for row in past]
            week = sum(row["minutes"] for row in past[: _within(date, past, 7)])
            rows[self.lookup(player)] = {
                **{
                    name: rest[name]
                    for name in ("game_id", "game_date", "season_type", "is_home", "opponent_team_abbr")
                },
                **{name: rest[name] for name in ("pace_differential", "opponent_days_rest")},
                "player_lookup": self.lookup(player),
                "player_id": player,
                "team_abbr": team,
                "universe_source": "recent_games",
                "games_played_season": len(past),
                "days_rest": rest_days(date, past),
                "back_to_back": rest_days(date, past) == 0,
                "games_last_7_days": _within(date, past, 7),
                "games_last_14_days": _within(date, past, 14),
                "minutes_last_7_days": week,
                "minutes_last_14_days": sum(row["minutes"] for row in past[: _within(date, past, 14)]),
                "avg_minutes_last_7_days": ratio(week, _within(date, past, 7)),
                "back_to_backs_last_14_days": _pairs(past[: _within(date, past, 14)]),
                "points_avg_last_5": mean(points[:5]),
                "points_avg_last_10": mean(points[:10]),
                "avg_usage_rate_last_10": usage[player],
                "injury_info_available": informed,
                "player_status": told[player] if informed else None,
                "player_age": None,
                **self._vacated(player, pasts, usage, out if informed else None),
                **readiness(len(recent), known),
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
        raised = own and max(own, min(0.45, own * (1 + 0.5 * vacated / carried)))
        return {
            "projected_usage_rate": raised,
            "star_teammates_out": sum(_star(pasts[one]) and share[one] >= 0.5 for one in missing),
            "teammates_out": sorted(map(self.lookup, missing)),
        }

    def _spoken(self, date: dt.date, tip: dt.datetime | None) -> bool:
        """Return whether any source spoke in the week before the game."""
        week = date - dt.timedelta(days=7)
        if any(week <= row["report_date"] < date for row in self.moves):
            return True
        reports = (row for near in range(9) for row in self.statuses.get(week + dt.timedelta(days=near), []))
        return any(tip and row["published"] < tip and row["report_time"][:10] >= str(week) for row in reports)

    def _on_list(self, player: int, date: dt.date, season: str, last_played: dt.date) -> bool:
        """Return whether his newest move is a placing, which wins on equal days, without a later game of his."""
        opening = dt.date(int(season[:4]), 7, 1)
        moves = [row for row in self.moves if opening <= row["report_date"] < date]
        moves = [row for row in moves if bare(row["player_name"]) in self.names[player]]
        newest = max(moves, key=lambda row: (row["report_date"], row["event"]), default=None)
        return newest is not None and newest["event"] == "placed" and newest["report_date"] >= last_played

    @cached_property
    def names(self) -> dict[int, set[str]]:
        return {player: {bare(row["player_name"]) for row in rows} for player, rows in self.of_player.items()}


def bare(name: str) -> str:
    """Return the plain name without a suffix or a remark in parentheses."""
    name = re.sub(r"\(.*\)", "", name).strip().lower()
    return plain(re.sub(r"[ .](jr|sr|ii|iii|iv|v)\.?$", "", name))


def known_mean(values: Iterable[float | None]) -> float | None:
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


def readiness(expected: int, actual: int, upstream: dict[str, Any] | None = None) -> Row:
    share = ratio(actual, expected)
    reasons = []
    if share is None:
        reasons.append("own:nothing expected")
    elif share < 0.70:
        reasons.append(f"own:{int(100 * actual / expected) / 100:.2f}")
    for name, ready in (upstream or {}).items():
        if not ready:
            reasons.append(f"upstream:{name}" + (" missing" if ready is None else ""))
    return {
        "expected_count": expected,
        "actual_count": actual,
        "completeness": share,
        "is_production_ready": not reasons,
        "readiness_reasons": reasons,
    }
