"""balldontlie: schedule, box scores, odds and player lines with one key, as a fallback for other providers.

It has ids of its own. `Identities` finds games and players. A game that is not in the known schedule is left out, and
so is a box score with an unknown player: an incomplete box score is worse than none.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from nba_resources.dates import DateRange
from nba_resources.sources.providers import balldontlie_responses as responses
from nba_resources.sources.providers.balldontlie_responses import Game, Pairing
from nba_resources.sources.providers.identities import Identities
from nba_resources.sources.providers.json_reader import JsonValue, Row
from nba_resources.sources.providers.provider import Fetcher, NotOffered, Provider, Request, RequestPolicy, utc_now
from nba_resources.sources.validation.validate import DeliveredTable

PAGE = 100
LOOK_BACK = dt.timedelta(days=45)  # a player not seen with a team for longer may have left it
NEEDS_IDS = frozenset({"schedule", "player_boxscores", "team_boxscores"})


class BallDontLie(Provider):
    """A fallback: minutes may be whole, box scores were seen days late, and past lines are not kept."""

    name: ClassVar[str] = "balldontlie"
    feeds: ClassVar[frozenset[str]] = NEEDS_IDS | {"player_props", "game_odds"}
    default_url: ClassVar[str] = "https://api.balldontlie.io"
    policy: ClassVar[RequestPolicy] = RequestPolicy(
        seconds_between=2.0,  # 30 requests a minute, the free tier's limit
        key_variable="NBA_BALLDONTLIE_KEY",
        key_header="Authorization",
    )

    def __init__(
        self,
        base_url: str | None = None,
        clock: Callable[[], dt.datetime] = utc_now,
        identities: Identities | None = None,
    ) -> None:
        super().__init__(base_url, clock)
        self.identities = identities or Identities()

    def fetch(self, feed: str, dates: DateRange, fetcher: Fetcher) -> list[DeliveredTable]:
        """Return box scores as they are now, and lines from every landed snapshot."""
        known: dict[Pairing, Row] = {}
        if feed in NEEDS_IDS:
            rows = self.identities.games(dates)
            known = {(row["game_date"], frozenset((row["home_team"], row["away_team"]))): row for row in rows}
            if not known:
                raise NotOffered(f"{self.name} has ids of its own, and no other provider has the games of {dates}")
        return [table for day in dates for table in self._tables(feed, day, known, fetcher)]

    def canary(self) -> Request:
        """A page of teams, free on every tier."""
        return self.request("teams", "v1/teams", self.today())

    def _tables(
        self, feed: str, day: dt.date, known: Mapping[Pairing, Row], fetcher: Fetcher
    ) -> Iterator[DeliveredTable]:
        match feed:
            case "schedule":
                yield from (responses.read_schedule(page, known) for page in self._games(day, fetcher))
            case "player_boxscores":
                if (games := self._box_scores(day, fetcher)) is not None:
                    player_ids = self.identities.players(DateRange(day - LOOK_BACK, day))
                    yield responses.read_player_boxes(games, known, player_ids, day)
            case "team_boxscores":
                if (games := self._box_scores(day, fetcher)) is not None:
                    yield responses.read_team_boxes(games, known, day)
            case "player_props":
                yield from self._player_lines(day, fetcher)
            case "game_odds":
                yield from self._game_odds(day, fetcher)

    def _box_scores(self, day: dt.date, fetcher: Fetcher) -> JsonValue | None:
        params = {"date": day.isoformat()}
        landed = fetcher.get(self.request("box_scores", "v1/box_scores", day, params, settled=self.is_settled(day)))
        return None if landed is None else JsonValue.parse(landed)["data"]

    def _player_lines(self, day: dt.date, fetcher: Fetcher) -> Iterator[DeliveredTable]:
        """The provider keeps lines only until the game, so landed lines are all there are."""
        for game in (game for page in self._games(day, fetcher) for game in responses.read_games(page)):
            params = {"game_id": str(game.id), "prop_type": "points"}
            request = self.request("player_props", "v2/odds/player_props", day, params, tip_off=game.starts)
            snapshots = fetcher.snapshots(request)
            ids = {offer["player_id"].integer() for landed in snapshots for offer in responses.read_offers(landed)}
            names = self._names(game, ids, fetcher)
            yield from (responses.read_player_lines(self.name, landed, game, names) for landed in snapshots)

    def _game_odds(self, day: dt.date, fetcher: Fetcher) -> Iterator[DeliveredTable]:
        """Send one request for all games, until the last one begins."""
        games = {game.id: game for page in self._games(day, fetcher) for game in responses.read_games(page)}
        if starts := [game.starts for game in games.values() if game.starts]:
            params = {"dates[]": [day.isoformat()], "per_page": str(PAGE)}
            for landed in fetcher.snapshots(self.request("odds", "v2/odds", day, params, tip_off=max(starts))):
                yield responses.read_game_odds(landed, games)

    def _names(self, game: Game, ids: set[int], fetcher: Fetcher) -> dict[int, str]:
        """Return the names of players, whom lines name by id only."""
        names: dict[int, str] = {}
        for start in range(0, len(ids), PAGE):
            params = {"player_ids[]": [str(id) for id in sorted(ids)[start : start + PAGE]]}
            for page in self._pages(fetcher, "players", "v1/players", game.day, params, settled=True):
                names |= {player["id"].integer(): responses.full_name(player) for player in page.items()}
        return names

    def _games(self, day: dt.date, fetcher: Fetcher) -> Iterator[JsonValue]:
        params = {"dates[]": [day.isoformat()]}
        return self._pages(fetcher, "games", "v1/games", day, params, settled=self.is_settled(day))

    def _pages(
        self, fetcher: Fetcher, endpoint: str, path: str, day: dt.date, params: Mapping[str, Any], settled: bool
    ) -> Iterator[JsonValue]:
        cursor: dict[str, str] = {}
        while True:
            all_params = {**params, "per_page": str(PAGE), **cursor}
            landed = fetcher.get(self.request(endpoint, path, day, all_params, settled=settled))
            if landed is None:
                return
            page = JsonValue.parse(landed)
            yield page["data"]
            following = page.find("meta.next_cursor")
            if following is None or str(following.value) == cursor.get("cursor"):
                return
            cursor = {"cursor": str(following.value)}
