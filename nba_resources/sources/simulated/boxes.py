"""The league's games as a statistician files them: schedule, player lines, team lines."""

from typing import Any

import numpy as np
import pyarrow as pa

from nba_resources.sources.simulated.calendar import Fixtures
from nba_resources.sources.simulated.clubs import TEAM_IDS
from nba_resources.sources.simulated.columns import FOREVER, facts, texts
from nba_resources.sources.simulated.games import COUNTS, Played, points
from nba_resources.sources.simulated.league import League
from nba_resources.sources.teams import TEAMS

TIP_UNPUBLISHED = 211  # every so-many-th game has no start time


def schedule_rows(league: League, played: Played) -> pa.Table:
    """Each game as announced until its day is over, then as it ended; a moved game first on the date it left."""
    games = played.fixtures
    announced = np.where(np.isnat(games.moved_from), games.known_from, games.moved_from + 1)
    moved = np.flatnonzero(~np.isnat(games.moved_from))
    first_date = games.where(moved)
    return pa.concat_tables(
        [
            _schedule(league, first_date, first_date.moved_from, None, first_date.known_from, first_date.moved_from),
            _schedule(league, games, games.day, None, announced, games.day),
            _schedule(league, games, games.day, played.score, games.day + 1, FOREVER),
        ]
    )


def _schedule(
    league: League, games: Fixtures, day: np.ndarray, score: np.ndarray | None, shown_from: np.ndarray, shown_until: Any
) -> pa.Table:
    rows = len(day)
    number = np.array([int(game_id[-5:]) for game_id in games.game_id], dtype=int)
    tip = games.tip + (day - games.day)
    values = {
        "game_id": games.game_id,
        "game_date": day,
        "season": np.full(rows, f"{league.year}-{(league.year + 1) % 100:02d}", dtype=object),
        "season_type": games.season_type,
        "status": np.full(rows, "scheduled" if score is None else "final", dtype=object),
        "home_team": texts(TEAMS, games.home),
        "away_team": texts(TEAMS, games.away),
        "home_team_id": TEAM_IDS[games.home],
        "away_team_id": TEAM_IDS[games.away],
        "start_time_utc": np.where(number % TIP_UNPUBLISHED == 0, np.datetime64("NaT"), tip),
        "home_pts": pa.nulls(rows, pa.int64()) if score is None else score[:, 0],
        "away_pts": pa.nulls(rows, pa.int64()) if score is None else score[:, 1],
        "neutral_site": games.neutral,
        "arena": games.arena,
    }
    return facts("schedule", values, shown_from, shown_until)


def player_rows(league: League, played: Played) -> pa.Table:
    """Everybody with minutes or a count; those who sat have no row."""
    games = played.fixtures
    seen = (played.minutes > 0) | (np.sum([played.box[name] for name in COUNTS], axis=0) > 0)
    game, side, _ = np.nonzero(seen)
    player = played.roster[seen]
    box = {name: counts[seen] for name, counts in played.box.items()}
    values = _identity(games, game, side) | {
        "player_id": league.players.player_id[player],
        "player_name": league.players.name[player],
        "minutes": played.minutes[seen],
        "starter": played.starter[seen],
        "pts": points(box),
        "reb": box["oreb"] + box["dreb"],
        "plus_minus": played.plus_minus[seen],
    }
    return facts("player_boxscores", values | box, shown_from=games.day[game] + 1)


def team_rows(played: Played) -> pa.Table:
    """The sums of the player lines; only turnovers hold more, those charged to nobody."""
    games = played.fixtures
    game, side = (axis.ravel() for axis in np.indices(games.clubs.shape))
    box = {name: counts.sum(axis=-1).ravel() for name, counts in played.box.items()}
    score = played.score
    values = _identity(games, game, side) | {
        "team_id": TEAM_IDS[games.clubs.ravel()],
        "pts": score.ravel(),
        "opp_pts": score[:, ::-1].ravel(),
        "reb": box["oreb"] + box["dreb"],
        "plus_minus": (score - score[:, ::-1]).ravel(),
    }
    box["tov"] = box["tov"] + played.team_turnovers.ravel()
    return facts("team_boxscores", values | box, shown_from=games.day[game] + 1)


def _identity(games: Fixtures, game: np.ndarray, side: np.ndarray) -> dict[str, Any]:
    return {
        "game_id": texts(games.game_id, game),
        "game_date": games.day[game],
        "team_abbr": texts(TEAMS, games.clubs[game, side]),
        "opponent_team_abbr": texts(TEAMS, games.clubs[game, 1 - side]),
        "is_home": side == 0,
    }
