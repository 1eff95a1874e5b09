"""A page of each player on the slate: his games, and of each market the line, chances, books, path and opponent."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from models.markets import BASES, MARKETS, Market
from nba_assets.exports.forecasts import Row, player_of
from nba_assets.exports.house_forecasts import forecast_of, house_of, in_order, ladder_of, reasons_of
from nba_assets.kit.export import Content, Frames
from nba_assets.kit.json_values import json_value
from nba_assets.kit.records import records

SHOWN_GAMES = 82
CONTEXT = ("is_home", "player_status", "games_played_season", "days_rest", "games_last_7_days")
LINE = {
    "line": "line",
    "opening_line": "opening_line",
    "best_over_price": "over_price",
    "best_over_book": "over_book",
    "best_under_price": "under_price",
    "best_under_book": "under_book",
    "over_prob_novig": "over_probability",
    "n_books": "books",
    "line_known_at": "known_at",
}
OFFER = ("book", "kind", "line", "over_price", "under_price", "known_at")
LOOK = ("bookmaker", "line", "over_price", "under_price", "minutes_before_tip")
SHOWN_GAME = (
    *("game_date", "season", "team_abbr", "opponent_team_abbr", "is_home", "starter", "minutes", "days_rest"),
    *("usage_rate", *BASES),
)
GAME = ("game_id", "player_lookup", *SHOWN_GAME)
ZONES = ("paint", "mid_range", "three")
Grouped = Mapping[tuple[Any, ...], list[Row]]


class PlayerPages:
    """The rows of a slate, grouped once, from which each player's page is made."""

    def __init__(self, frames: Frames) -> None:
        """Group the frames; games come latest first."""
        self.games = grouped(frames["games"][::-1], "player_lookup")
        self._lines = {(row["player_lookup"], row["market"]): row for row in records(frames["lines"])}
        path = frames["path"].sort_values(["minutes_before_tip", "bookmaker"], ascending=[False, True])
        self._path = grouped(path, "player_lookup", "market")
        self._form = {(row["player_lookup"], row["base"]): row for row in records(frames["form"])}
        self._defence = {row["team_abbr"]: row for row in records(frames["defence"])}
        self._players = {row["player_lookup"]: row for row in records(frames["players"])}
        self._seen = {lookup: _Seen.of(games) for (lookup,), games in self.games.items()}

    def line(self, lookup: str, market: str) -> dict[str, Any] | None:
        """Return a market's line with its best prices, or None where no bookmaker offers the player."""
        row = self._lines.get((lookup, market))
        return {field: row[column] for column, field in LINE.items()} if row else None

    def page(self, player: Row, game: Content, rows: Iterable[Content], forecasts: Grouped) -> dict[str, Any]:
        """Return a player's page: what `rows` have of each market, with the details."""
        lookup = player["player_lookup"]
        mates = [name for name in json_value(player["teammates_out"]) or [] if name in self._players]
        return {
            **player_of(player),
            "game": game,
            **{name: player[name] for name in CONTEXT},
            "markets": [
                {**row, **self._market(lookup, MARKETS[row["market"]], forecasts.get((lookup, row["market"]), []))}
                for row in rows
            ],
            "mates": [
                {name: self._players[mate][name] for name in ("player_lookup", "player_name", "player_status")}
                for mate in mates
            ],
            "games": [
                {
                    **{name: played[name] for name in SHOWN_GAME},
                    "beside": [self._beside(mate, played) for mate in mates],
                }
                for played in self.games.get((lookup,), [])[:SHOWN_GAMES]
            ],
            "defence": _defence(self._defence.get(player["opponent_team_abbr"])),
        }

    def _market(self, lookup: str, market: Market, forecasts: Sequence[Row]) -> dict[str, Any]:
        line, house = self._lines.get((lookup, market.key)), house_of(market.key, forecasts)
        offers = json.loads(line["offers"]) if line else []
        form = [self._form.get((lookup, base)) for base in market.counts]
        return {
            "systems": [forecast_of(row) for row in in_order(forecasts)],
            "ladder": ladder_of(house),
            "reasons": reasons_of(house["components"]) if house else [],
            "offers": [{name: offer[name] for name in OFFER} for offer in offers],
            "path": [{name: look[name] for name in LOOK} for look in self._path.get((lookup, market.key), [])],
            **{name: _sum(form, name) for name in ("season_average", "allowed", "league_level")},
        }

    def _beside(self, mate: str, game: Row) -> bool | None:
        """Return whether a team-mate played in a game; None before he came to the team, or if that is unknown."""
        if mate not in self._seen:
            return None
        seen = self._seen[mate]
        since = seen.since.get(game["team_abbr"])
        return None if since is None or game["game_date"] < since else game["game_id"] in seen.games


class _Seen:
    """The games a player was in, and since when he has been with each of his teams."""

    def __init__(self, games: set[str], since: Mapping[str, Any]) -> None:
        self.games, self.since = games, since

    @classmethod
    def of(cls, games: Iterable[Row]) -> "_Seen":
        """Read a player's games, the latest first."""
        games = [*games]
        return cls({game["game_id"] for game in games}, {game["team_abbr"]: game["game_date"] for game in games})


def grouped(rows: pd.DataFrame, *names: str) -> Grouped:
    """Return the rows by the values of some columns, in their order."""
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in records(rows):
        found.setdefault(tuple(row[name] for name in names), []).append(row)
    return found


def value_of(game: Row, market: Market) -> int | None:
    """Return what a player reached in a market; None if one of its counts is unknown."""
    counts = [json_value(game[count]) for count in market.counts]
    return None if None in counts else int(sum(counts))


def _sum(form: Iterable[Row | None], name: str) -> float | None:
    values = [json_value(row[name]) if row else None for row in form]
    return None if None in values else float(sum(filter(None, values)))


def _defence(row: Row | None) -> dict[str, Any] | None:
    """Return how a team has defended each zone over its last games, and the league's shares."""
    if row is None:
        return None
    about = ("team_abbr", "games_in_sample", "defensive_rating", "def_rating_rank", "opponent_pace")
    zones = [
        {
            "zone": zone,
            "allowed_pct": row[f"{zone}_pct_allowed"],
            "league_pct": row[f"{zone}_league_pct"],
            "attempts_per_game": row[f"{zone}_attempts_allowed_per_game"],
        }
        for zone in ZONES
    ]
    return {**{name: row[name] for name in about}, "zones": zones}
