"""Read balldontlie's responses: games, box scores, player lines, game odds."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nba_resources.names import name_key_without_suffix
from nba_resources.sources.providers.json_reader import JsonValue, Row, delivered_table, snapshot_columns, team_columns
from nba_resources.sources.providers.provider import LandedResponse
from nba_resources.sources.teams import TEAM_IDS, tricode
from nba_resources.sources.validation.validate import DeliveredTable

Pairing = tuple[dt.date, frozenset[str]]
_STATISTICS = ("fgm", "fga", "fg3m", "fg3a", "ftm", "fta", "oreb", "dreb", "reb", "ast", "stl", "blk", "pf", "pts")
_TEAM = {name: name for name in _STATISTICS} | {"tov": "turnover"}
_PLAYER = _TEAM | {"minutes": "min", "plus_minus": "plus_minus"}
_ODDS = {
    "bookmaker": "vendor",
    "spread_home": "spread_home_value",
    "spread_home_price": "spread_home_odds",
    "spread_away_price": "spread_away_odds",
    "total": "total_value",
    "over_price": "total_over_odds",
    "under_price": "total_under_odds",
    "ml_home": "moneyline_home_odds",
    "ml_away": "moneyline_away_odds",
}
_SCORES = {"home_pts": "home_team_score", "away_pts": "visitor_team_score"}
_LINE = {"line": "line_value", "bookmaker": "vendor"}


@dataclass(frozen=True)
class Game:
    """A game in balldontlie's list."""

    id: int
    day: dt.date
    home: str
    away: str
    starts: dt.datetime | None
    json: JsonValue

    @property
    def pairing(self) -> Pairing:
        """Date and teams, by which the game is found in any schedule."""
        return self.day, frozenset((self.home, self.away))

    @property
    def final(self) -> bool:
        """Return whether the game is over: its status is `Final`, a quarter, or the time at which it begins."""
        return str(self.json["status"].value).strip().lower() == "final"


def read_games(games: JsonValue) -> list[Game]:
    """Return the games between two NBA teams."""
    found = []
    for game in games.items():
        home, away = (_team(game[side]) for side in ("home_team", "visitor_team"))
        if home and away:
            starts = game.find("datetime")
            day = game["date"].date(example="2026-01-05")
            found.append(Game(game["id"].integer(), day, home, away, starts.time() if starts else None, game))
    return found


def read_schedule(games: JsonValue, known: Mapping[Pairing, Row]) -> DeliveredTable:
    """Return the known games with their results; the fixtures themselves are not taken from balldontlie."""
    rows: list[Row] = []
    notes: Counter[str] = Counter()
    for game in read_games(games):
        if (row := known.get(game.pairing)) is None:
            notes["games without an NBA.com id"] += 1
            continue
        points = game.json.row(_SCORES)
        played = game.final and all(points.values())
        if row["home_team"] != game.home:
            points = {"home_pts": points["away_pts"], "away_pts": points["home_pts"]}
        rows.append({**row, "status": "final", **points} if played else row)
    return delivered_table("schedule", games.landed, rows, _SCORES | {"status": "status"}, notes)


def read_player_boxes(
    games: JsonValue, known: Mapping[Pairing, Row], player_ids: Mapping[tuple[str, str], int], day: dt.date
) -> DeliveredTable:
    """Return the player lines of complete games; a game with an unknown player is left out and counted."""
    rows: list[Row] = []
    notes: Counter[str] = Counter()
    for game, game_row in _final_games(games, known, day, notes):
        lines: list[Row] = []
        for side, columns in _sides(game, game_row):
            for line in side["players"].items():
                name = full_name(line["player"])
                player_id = player_ids.get((columns["team_abbr"], name_key_without_suffix(name)))
                player = {"player_id": player_id, "player_name": name, "minutes": line["min"].value or 0}
                lines.append(columns | line.row(_PLAYER) | player)
        if unknown := sum(line["player_id"] is None for line in lines):
            notes["players without an NBA.com id, their games left out"] += unknown
        else:
            rows += lines
    return delivered_table("player_boxscores", games.landed, rows, _PLAYER, notes)


def read_team_boxes(games: JsonValue, known: Mapping[Pairing, Row], day: dt.date) -> DeliveredTable:
    """Sum the players' lines; team turnovers are therefore missing."""
    rows: list[Row] = []
    notes: Counter[str] = Counter()
    for game, game_row in _final_games(games, known, day, notes):
        scores = {game.home: game.json["home_team_score"], game.away: game.json["visitor_team_score"]}
        points = {team: score.integer() for team, score in scores.items()}
        for side, columns in _sides(game, game_row):
            team, lines = columns["team_abbr"], side["players"].items()
            opponent_points = points[columns["opponent_team_abbr"]]
            totals = {name: sum(line[field].integer() for line in lines) for name, field in _TEAM.items()}
            if totals["pts"] != points[team]:
                side.fail(f"players whose points add up to {points[team]}, not {totals['pts']}")
            result = {"opp_pts": opponent_points, "plus_minus": points[team] - opponent_points}
            rows.append(columns | totals | result | {"team_id": TEAM_IDS[team]})
    return delivered_table("team_boxscores", games.landed, rows, _PLAYER, notes)


def read_offers(landed: LandedResponse) -> list[JsonValue]:
    """Return the over/under lines on the points of a whole game, without ladders and other bets."""
    offers = JsonValue.parse(landed)["data"].items()
    return [
        offer for offer in offers if offer["prop_type"].value == "points" and offer["market.type"].value == "over_under"
    ]


def read_player_lines(source: str, landed: LandedResponse, game: Game, names: Mapping[int, str]) -> DeliveredTable:
    """Return the lines of one snapshot under the names of their players."""
    rows: list[Row] = []
    offers = read_offers(landed)
    notes = Counter({"offers other than a line": len(JsonValue.parse(landed)["data"].items()) - len(offers)})
    for offer in offers:
        if (name := names.get(offer["player_id"].integer())) is None:
            notes["lines on players without a name"] += 1
            continue
        prices = offer["market"].row({"over_price": "over_odds", "under_price": "under_odds"})
        names_of_line = {"source": source, "market": "player_points", "player_name_raw": name}
        rows.append(snapshot_columns(game, landed.received_at) | names_of_line | offer.row(_LINE) | prices)
    return delivered_table("player_props", landed, rows, _LINE | {"player_name_raw": "player_id"}, notes)


def read_game_odds(landed: LandedResponse, games: Mapping[int, Game]) -> DeliveredTable:
    """Return every bookmaker's odds on these games."""
    rows = [
        snapshot_columns(game, landed.received_at) | {"snapshot_kind": "snapshot"} | odds.row(_ODDS)
        for odds in JsonValue.parse(landed)["data"].items()
        if (game := games.get(odds["game_id"].integer())) is not None
    ]
    return delivered_table("game_odds", landed, rows, _ODDS)


def full_name(player: JsonValue) -> str:
    """Return first and last name."""
    return f"{player['first_name'].value or ''} {player['last_name'].value or ''}".strip()


def _final_games(
    games: JsonValue, known: Mapping[Pairing, Row], day: dt.date, notes: Counter[str]
) -> Iterable[tuple[Game, Row]]:
    for game in read_games(games):
        if game.day != day or not game.final:
            notes["box scores that are not final"] += 1
        elif (row := known.get(game.pairing)) is None:
            notes["games without an NBA.com id"] += 1
        else:
            yield game, row


def _sides(game: Game, row: Row) -> list[tuple[JsonValue, Row]]:
    sides = {"home_team": game.home, "visitor_team": game.away}
    return [(game.json[side], team_columns(row, team)) for side, team in sides.items()]


def _team(side: JsonValue) -> str | None:
    """Find the abbreviation: in samples it is beside the players, in the documentation one level deeper."""
    abbreviation = side.find("team.abbreviation", "abbreviation") or side["abbreviation"]
    return tricode(abbreviation.text())
