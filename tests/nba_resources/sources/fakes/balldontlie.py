"""balldontlie with ids of its own; a team's fields are beside its players, as in samples."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from werkzeug import Request

from .league import League, Row, by, iso
from .server import Fake
from .team_names import FULL_NAMES

GAME_IDS, PLAYER_IDS, PAGE = 18_000_000, 500, 3
_LINE = (
    "fgm",
    "fga",
    "fg3m",
    "fg3a",
    "ftm",
    "fta",
    "oreb",
    "dreb",
    "reb",
    "ast",
    "stl",
    "blk",
    "pf",
    "pts",
    "plus_minus",
)


class FakeBallDontLie(Fake):
    def __init__(self, league: League, now: Callable[[], dt.datetime]) -> None:
        super().__init__()
        self.league, self.now = league, now
        self.ids = {game["game_id"]: GAME_IDS + n for n, game in enumerate(league.played)}
        props = [row for row in league.rows("player_props") if row["source"] == "sim_books"]
        self.props = by(props, lambda row: (row["game_date"], *sorted((row["home_team"], row["away_team"]))))
        self.odds = by(league.rows("game_odds"), "game_date")
        names = {row["player_name_raw"] for row in props}
        self.people = {name: PLAYER_IDS + n for n, name in enumerate(sorted(names))}

    def kind(self, path: str) -> str:
        return path

    def answer(self, path: str, request: Request) -> Any:
        match path.removeprefix("/v1/").removeprefix("/v2/"):
            case "games":
                return self._page([self._game(game) for game in self._on(request.args["dates[]"])], request)
            case "box_scores":
                return {"data": [self._box(game) for game in self._on(request.args["date"])]}
            case "players":
                ids = set(map(int, request.args.getlist("player_ids[]")))
                return self._page([_person(name, one) for name, one in self.people.items() if one in ids], request)
            case "odds/player_props":
                return {"data": self._props(int(request.args["game_id"]))}
            case "odds":
                return {
                    "data": self._quotes(dt.date.fromisoformat(request.args["dates[]"])),
                    "meta": {"per_page": 100},
                }
        return None

    def _on(self, day: str) -> list[Row]:
        return [game for game in self.league.played if game["game_date"].isoformat() == day]

    def _page(self, rows: list[Row], request: Request) -> Row:
        """List three games a page, so that there are several pages."""
        start, size = int(request.args.get("cursor", 0)), PAGE if "games" in request.path else 100
        more = {"next_cursor": start + size} if start + size < len(rows) else {}
        return {"data": rows[start : start + size], "meta": {"per_page": size, **more}}

    def _game(self, game: Row) -> Row:
        return {
            "id": self.ids[game["game_id"]],
            "date": game["game_date"].isoformat(),
            "datetime": iso(game["start_time_utc"]),
            "status": "Final" if game["status"] == "final" else "7:00 pm ET",
            "home_team_score": game["home_pts"],
            "visitor_team_score": game["away_pts"],
            "home_team": _team(game["home_team"]),
            "visitor_team": _team(game["away_team"]),
        }

    def _box(self, game: Row) -> Row:
        box = self._game(game)
        for side, team in (("home_team", game["home_team"]), ("visitor_team", game["away_team"])):
            lines = [row for row in self.league.players.get(game["game_id"], []) if row["team_abbr"] == team]
            box[side] |= {"players": [_line(row) for row in lines]}
        return box

    def _props(self, game_id: int) -> list[Row]:
        """Add a ladder and a bet on a quarter, which are not lines."""
        (game,) = (game for game in self.league.played if self.ids[game["game_id"]] == game_id)
        pair = sorted((game["home_team"], game["away_team"]))
        rows = self.props.get((game["game_date"], *pair), [])
        lines = [self._offer(row, game_id) for row in rows if row["snapshot_utc"] == self.now()]
        if lines:
            ladder = lines[0] | {"market": {"type": "milestone", "odds": -900}}
            lines += [ladder, lines[0] | {"prop_type": "points_1q"}]
        return lines

    def _offer(self, row: Row, game_id: int) -> Row:
        return {
            "game_id": game_id,
            "player_id": self.people[row["player_name_raw"]],
            "vendor": row["bookmaker"],
            "prop_type": "points",
            "line_value": str(row["line"]),
            "market": {"type": "over_under", "over_odds": row["over_price"], "under_odds": row["under_price"]},
        }

    def _quotes(self, day: dt.date) -> list[Row]:
        ids = {
            (game["home_team"], game["away_team"]): self.ids[game["game_id"]]
            for game in self.league.played
            if game["game_date"] == day
        }
        return [
            {
                "game_id": ids[row["home_team"], row["away_team"]],
                "vendor": row["bookmaker"],
                "spread_home_value": str(row["spread_home"]),
                "spread_home_odds": row["spread_home_price"],
                "spread_away_odds": row["spread_away_price"],
                "total_value": str(row["total"]),
                "total_over_odds": row["over_price"],
                "total_under_odds": row["under_price"],
                "moneyline_home_odds": row["ml_home"],
                "moneyline_away_odds": row["ml_away"],
            }
            for row in self.odds[day]
            if row["snapshot_utc"] == self.now()
        ]


def _team(tricode: str) -> Row:
    return {"id": 1, "abbreviation": tricode, "full_name": FULL_NAMES[tricode]}


def _person(name: str, number: int) -> Row:
    first, _, last = name.partition(" ")
    return {"id": number, "first_name": first, "last_name": last}


def _line(row: Row) -> Row:
    """Give minutes with seconds, which not every sample has."""
    tenths = round(row["minutes"] * 10)
    counts = {name: row[name] for name in _LINE}
    person = _person(row["player_name"], row["player_id"] % 1000)
    return counts | {"min": f"{tenths // 10}:{tenths % 10 * 6:02d}", "turnover": row["tov"], "player": person}
