"""What balldontlie's answers say: games, box scores, lines on players, odds on games."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from nba_resources.sources.providers.identities import name_key
from nba_resources.sources.providers.json_reader import Answer, Row, published
from nba_resources.sources.providers.provider import Landed
from nba_resources.sources.teams import TEAM_IDS, tricode
from nba_resources.sources.validation.validate import DeliveredTable

Meeting = tuple[dt.date, frozenset[str]]
_COUNTS = "fgm fga fg3m fg3a ftm fta oreb dreb reb ast stl blk pf"
_PLAYER = {name: name for name in _COUNTS.split()} | {
    "pts": "pts",
    "tov": "turnover",
    "minutes": "min",
    "plus_minus": "plus_minus",
}
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
    """A game as balldontlie files it."""

    id: int
    day: dt.date
    home: str
    away: str
    starts: dt.datetime | None
    told: Answer

    @property
    def meeting(self) -> Meeting:
        """What finds it in anybody's schedule."""
        return self.day, frozenset((self.home, self.away))

    @property
    def final(self) -> bool:
        """Its status is `Final`, a quarter, or the time at which it begins."""
        return str(self.told["status"].value).strip().lower() == "final"


def games(listed: Answer) -> list[Game]:
    """The meetings of two clubs of the league."""
    found = []
    for told in listed.parts():
        home, away = (_club(told[side]) for side in ("home_team", "visitor_team"))
        if home and away:
            starts = told.find("datetime")
            day = told["date"].day(such_as="2026-01-05")
            found.append(Game(told["id"].whole(), day, home, away, starts.moment() if starts else None, told))
    return found


def schedule(listed: Answer, known: Mapping[Meeting, Row]) -> DeliveredTable:
    """The games we know with what became of them; who plays whom is not taken from here."""
    rows: list[Row] = []
    notes: Counter[str] = Counter()
    for game in games(listed):
        if (ours := known.get(game.meeting)) is None:
            notes["games nobody else knows the id of"] += 1
            continue
        points = game.told.row(_SCORES)
        played = game.final and all(points.values())
        if ours["home_team"] != game.home:
            points = {"home_pts": points["away_pts"], "away_pts": points["home_pts"]}
        rows.append({**ours, "status": "final", **points} if played else ours)
    return published("schedule", listed.landed, rows, _SCORES | {"status": "status"}, notes)


def player_boxes(
    listed: Answer, known: Mapping[Meeting, Row], people: Mapping[tuple[str, str], int], day: dt.date
) -> DeliveredTable:
    """Whole games only: one with a man nobody could be found for is left out, and counted."""
    rows: list[Row] = []
    notes: Counter[str] = Counter()
    for game, ours in _finished(listed, known, day, notes):
        lines: list[Row] = []
        for side, club, other in _sides(game):
            about = _about(ours, club, other)
            for line in side["players"].parts():
                name = full_name(line["player"])
                who = {"player_id": people.get((club, name_key(name))), "player_name": name}
                lines.append(about | who | line.row(_PLAYER) | {"minutes": line["min"].value or 0})
        if unknown := sum(line["player_id"] is None for line in lines):
            notes["players nobody could be found for, their games left out"] += unknown
        else:
            rows += lines
    return published("player_boxscores", listed.landed, rows, _PLAYER, notes)


def team_boxes(listed: Answer, known: Mapping[Meeting, Row], day: dt.date) -> DeliveredTable:
    """Sums of the players' lines: turnovers charged to nobody are not among them."""
    rows: list[Row] = []
    notes: Counter[str] = Counter()
    for game, ours in _finished(listed, known, day, notes):
        scores = {game.home: game.told["home_team_score"].whole(), game.away: game.told["visitor_team_score"].whole()}
        for side, club, other in _sides(game):
            lines = side["players"].parts()
            totals = {
                name: sum(line[called].whole() for line in lines)
                for name, called in _PLAYER.items()
                if name not in ("minutes", "plus_minus")
            }
            if totals["pts"] != scores[club]:
                side.refuse(f"players whose points add up to {scores[club]}, not {totals['pts']}")
            margin = {"opp_pts": scores[other], "plus_minus": scores[club] - scores[other], "team_id": TEAM_IDS[club]}
            rows.append(_about(ours, club, other) | totals | margin)
    return published("team_boxscores", listed.landed, rows, _PLAYER, notes)


def offers(landed: Landed) -> list[Answer]:
    """Lines with an over and an under on all the points of a game; ladders of so many or more are none."""
    told = Answer.of(landed)["data"].parts()
    return [one for one in told if one["prop_type"].value == "points" and one["market.type"].value == "over_under"]


def lines(source: str, landed: Landed, game: Game, names: Mapping[int, str]) -> DeliveredTable:
    """The lines of one snapshot under the names of their players."""
    rows: list[Row] = []
    notes = Counter({"offers that are no line": len(Answer.of(landed)["data"].parts()) - len(offers(landed))})
    for told in offers(landed):
        if (name := names.get(told["player_id"].whole())) is None:
            notes["lines on players without a name"] += 1
            continue
        price = told["market"].row({"over_price": "over_odds", "under_price": "under_odds"})
        rows.append(_seen(game, landed) | {"source": source, "player_name_raw": name} | told.row(_LINE) | price)
    return published("player_points_props", landed, rows, _LINE | {"player_name_raw": "player_id"}, notes)


def odds(landed: Landed, on: Mapping[int, Game]) -> DeliveredTable:
    """Every vendor's quotes on these games."""
    told = [one for one in Answer.of(landed)["data"].parts() if one["game_id"].whole() in on]
    rows = [_seen(on[one["game_id"].whole()], landed) | {"snapshot_kind": "snapshot"} | one.row(_ODDS) for one in told]
    return published("game_odds", landed, rows, _ODDS)


def full_name(player: Answer) -> str:
    """As it would be announced."""
    return f"{player['first_name'].value or ''} {player['last_name'].value or ''}".strip()


def _finished(
    listed: Answer, known: Mapping[Meeting, Row], day: dt.date, notes: Counter[str]
) -> Iterable[tuple[Game, Row]]:
    for game in games(listed):
        if game.day != day or not game.final:
            notes["box scores that are not final"] += 1
        elif (ours := known.get(game.meeting)) is None:
            notes["games nobody else knows the id of"] += 1
        else:
            yield game, ours


def _sides(game: Game) -> list[tuple[Answer, str, str]]:
    home, away = game.told["home_team"], game.told["visitor_team"]
    return [(home, game.home, game.away), (away, game.away, game.home)]


def _about(ours: Mapping[str, Any], club: str, other: str) -> Row:
    return {
        "game_id": ours["game_id"],
        "game_date": ours["game_date"],
        "team_abbr": club,
        "opponent_team_abbr": other,
        "is_home": club == ours["home_team"],
    }


def _seen(game: Game, landed: Landed) -> Row:
    return {
        "game_date": game.day,
        "home_team": game.home,
        "away_team": game.away,
        "start_time_utc": game.starts,
        "snapshot_utc": landed.received_at,
    }


def _club(side: Answer) -> str | None:
    """The club's fields were seen beside its players, and in the documents one level further down."""
    told = side.find("team.abbreviation", "abbreviation") or side["abbreviation"]
    return tricode(told.text())
