"""balldontlie: schedule, box scores, odds and player lines behind one key, for when others do not answer.

It has ids of its own. Games and players are found through `Identities`; a game it knows and we do not is left out, and
so is a box score with a man nobody could be found for: with a hole it would be worse than none.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from nba_resources.dates import DateRange
from nba_resources.sources.providers.balldontlie_responses import (
    Game,
    Meeting,
    full_name,
    games,
    lines,
    odds,
    offers,
    player_boxes,
    schedule,
    team_boxes,
)
from nba_resources.sources.providers.identities import Identities
from nba_resources.sources.providers.json_reader import Answer, Row
from nba_resources.sources.providers.provider import Door, Manners, NotOffered, Provider, Request, utc_now
from nba_resources.sources.validation.validate import DeliveredTable

PAGE = 100
SOME_WEEKS = dt.timedelta(days=45)  # a man who was not seen with his club for longer may have left it
NEEDS_IDS = frozenset({"schedule", "player_boxscores", "team_boxscores"})


class BallDontLie(Provider):
    """A fallback. Its minutes may be whole, its box scores were seen days late, and it keeps no past lines."""

    name: ClassVar[str] = "balldontlie"
    feeds: ClassVar[frozenset[str]] = NEEDS_IDS | {"player_points_props", "game_odds"}
    home: ClassVar[str] = "https://api.balldontlie.io"
    manners: ClassVar[Manners] = Manners(
        seconds_between=2.0,  # 30 questions a minute, the free tier's limit
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

    def fetch(self, feed: str, dates: DateRange, door: Door) -> list[DeliveredTable]:
        """Date by date: box scores as they are, lines as every snapshot ever landed."""
        known: dict[Meeting, Row] = {}
        if feed in NEEDS_IDS:
            rows = self.identities.games(dates)
            known = {(row["game_date"], frozenset((row["home_team"], row["away_team"]))): row for row in rows}
            if not known:
                raise NotOffered(f"{self.name} has ids of its own, and nobody else knows the games of {dates}")
        return [one for day in dates for one in self._told(feed, day, known, door)]

    def canary(self) -> Request:
        """A page of clubs, free on every tier."""
        return self._asks("teams", "v1/teams", self.today(), {})

    def _told(self, feed: str, day: dt.date, known: Mapping[Meeting, Row], door: Door) -> Iterator[DeliveredTable]:
        match feed:
            case "schedule":
                yield from (schedule(page, known) for page in self._games(day, door))
            case "player_boxscores":
                if (listed := self._box_scores(day, door)) is not None:
                    people = self.identities.players(DateRange(day - SOME_WEEKS, day))
                    yield player_boxes(listed, known, people, day)
            case "team_boxscores":
                if (listed := self._box_scores(day, door)) is not None:
                    yield team_boxes(listed, known, day)
            case "player_points_props":
                yield from self._props(day, door)
            case "game_odds":
                yield from self._odds(day, door)

    def _box_scores(self, day: dt.date, door: Door) -> Answer | None:
        params = {"date": day.isoformat()}
        landed = door.get(self._asks("box_scores", "v1/box_scores", day, params, settled=self.is_settled(day)))
        return None if landed is None else Answer.of(landed)["data"]

    def _props(self, day: dt.date, door: Door) -> Iterator[DeliveredTable]:
        """Kept by the provider until the game only, so what we landed is all there is."""
        for game in (game for page in self._games(day, door) for game in games(page)):
            params = {"game_id": str(game.id), "prop_type": "points"}
            answers = door.snapshots(self._asks("player_props", "v2/odds/player_props", day, params, game.starts))
            names = self._names(game, {told["player_id"].whole() for one in answers for told in offers(one)}, door)
            yield from (lines(self.name, landed, game, names) for landed in answers)

    def _odds(self, day: dt.date, door: Door) -> Iterator[DeliveredTable]:
        """One question for all games, until the last of them begins."""
        on = {game.id: game for page in self._games(day, door) for game in games(page)}
        if starts := [game.starts for game in on.values() if game.starts]:
            params = {"dates[]": [day.isoformat()], "per_page": str(PAGE)}
            for landed in door.snapshots(self._asks("odds", "v2/odds", day, params, max(starts))):
                yield odds(landed, on)

    def _names(self, game: Game, ids: set[int], door: Door) -> dict[int, str]:
        """Lines name players by number only; who has a number keeps it."""
        names: dict[int, str] = {}
        for start in range(0, len(ids), PAGE):
            some = [str(one) for one in sorted(ids)[start : start + PAGE]]
            for page in self._pages(door, "players", "v1/players", game.day, {"player_ids[]": some}, settled=True):
                names |= {player["id"].whole(): full_name(player) for player in page.parts()}
        return names

    def _games(self, day: dt.date, door: Door) -> Iterator[Answer]:
        params = {"dates[]": [day.isoformat()]}
        return self._pages(door, "games", "v1/games", day, params, settled=self.is_settled(day))

    def _pages(
        self, door: Door, endpoint: str, path: str, day: dt.date, params: Mapping[str, Any], settled: bool
    ) -> Iterator[Answer]:
        """The lists of all pages, one after the other."""
        cursor: str | None = None
        while True:
            more = {} if cursor is None else {"cursor": cursor}
            asked = self._asks(endpoint, path, day, {**params, "per_page": str(PAGE), **more}, settled=settled)
            if (landed := door.get(asked)) is None:
                return
            page = Answer.of(landed)
            yield page["data"]
            following = page.find("meta.next_cursor")
            if following is None or str(following.value) == cursor:
                return
            cursor = str(following.value)

    def _asks(
        self,
        endpoint: str,
        path: str,
        day: dt.date,
        params: Mapping[str, Any],
        tip_off: dt.datetime | None = None,
        settled: bool = False,
    ) -> Request:
        url = f"{self.base_url}/{path}"
        return Request(self.name, endpoint, url, day.isoformat(), params, tip_off=tip_off, settled=settled)
