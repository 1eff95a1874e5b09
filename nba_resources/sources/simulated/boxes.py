"""Schedule and box scores of played games."""

from typing import Any

import numpy as np
import pyarrow as pa

from nba_resources.dates import season_name
from nba_resources.sources.simulated.calendar import Fixtures
from nba_resources.sources.simulated.clubs import TEAM_IDS
from nba_resources.sources.simulated.columns import FOREVER, Array, facts, texts
from nba_resources.sources.simulated.games import COUNTS, Played, points
from nba_resources.sources.simulated.league import League

TIP_UNPUBLISHED = 211  # one game in so many has no start time


def schedule_rows(league: League, played: Played) -> pa.Table:
    """Return each game as scheduled and as finished; a moved game also under its first date."""
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
    league: League, games: Fixtures, day: Array, score: Array | None, shown_from: Array, shown_until: Any
) -> pa.Table:
    number = np.array([int(game_id[-5:]) for game_id in games.game_id], dtype=int)
    values = {
        "game_id": games.game_id,
        "game_date": day,
        "season": season_name(league.year),
        "season_type": games.season_type,
        "status": "scheduled" if score is None else "final",
        "home_team": games.home,
        "away_team": games.away,
        "home_team_id": TEAM_IDS[games.home],
        "away_team_id": TEAM_IDS[games.away],
        "start_time_utc": np.where(number % TIP_UNPUBLISHED == 0, np.datetime64("NaT"), games.tip + (day - games.day)),
        "home_pts": None if score is None else score[:, 0],
        "away_pts": None if score is None else score[:, 1],
        "neutral_site": games.neutral,
        "arena": games.arena,
    }
    return facts("schedule", values, shown_from, shown_until)


def player_rows(league: League, played: Played) -> pa.Table:
    """Return a row for every player with minutes or a count."""
    games = played.fixtures
    present = (played.minutes > 0) | (np.sum([played.box[name] for name in COUNTS], axis=0) > 0)
    game, side, _ = np.nonzero(present)
    player = played.roster[present]
    box = {name: counts[present] for name, counts in played.box.items()}
    values = _common_columns(games, game, side) | {
        "player_id": league.players.player_id[player],
        "player_name": league.players.name[player],
        "minutes": played.minutes[present],
        "starter": played.starter[present],
        "pts": points(box),
        "reb": box["oreb"] + box["dreb"],
        "plus_minus": played.plus_minus[present],
    }
    return facts("player_boxscores", values | box, shown_from=games.day[game] + 1)


def team_rows(played: Played) -> pa.Table:
    """Return the sums of the player rows; turnovers include those charged to no player."""
    games = played.fixtures
    game, side = (axis.ravel() for axis in np.indices(games.clubs.shape))
    box = {name: counts.sum(axis=-1).ravel() for name, counts in played.box.items()}
    score = played.score
    values = _common_columns(games, game, side) | {
        "team_id": TEAM_IDS[games.clubs.ravel()],
        "pts": score.ravel(),
        "opp_pts": score[:, ::-1].ravel(),
        "reb": box["oreb"] + box["dreb"],
        "plus_minus": (score - score[:, ::-1]).ravel(),
    }
    box["tov"] = box["tov"] + played.team_turnovers.ravel()
    return facts("team_boxscores", values | box, shown_from=games.day[game] + 1)


def _common_columns(games: Fixtures, game: Array, side: Array) -> dict[str, Any]:
    return {
        "game_id": texts(games.game_id, game),
        "game_date": games.day[game],
        "team_abbr": games.clubs[game, side],
        "opponent_team_abbr": games.clubs[game, 1 - side],
        "is_home": side == 0,
    }
