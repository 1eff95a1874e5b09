"""A whole season, drawn once from its seed and year."""

from collections.abc import Iterator
from functools import cached_property, lru_cache

import numpy as np
import pyarrow as pa

from nba_resources.sources.simulated.boxes import player_rows, schedule_rows, team_rows
from nba_resources.sources.simulated.calendar import Fixtures, preseason, regular_season
from nba_resources.sources.simulated.columns import Rng, facts, rng_for
from nba_resources.sources.simulated.games import Stage, outlook, play
from nba_resources.sources.simulated.injuries import Spells, availability, injury_spells, status_reports, transactions
from nba_resources.sources.simulated.league import League, build_league
from nba_resources.sources.simulated.market import PICKEM, SPORTSBOOKS, odds_rows
from nba_resources.sources.simulated.names import book_spellings
from nba_resources.sources.simulated.postseason import cup_final, postseason
from nba_resources.sources.simulated.props import PropBoard
from nba_resources.sources.simulated.shots import shot_rows

PRESEASON, CUP_FINAL = "preseason", "cup final"


class Season:
    """All facts of a season; each feed is drawn when first needed."""

    def __init__(self, seed: int, year: int) -> None:
        self.seed, self.year = seed, year
        self._tables: dict[str, pa.Table] = {}

    def table(self, feed: str) -> pa.Table:
        """Return all versions of a feed's facts, with the days on which each is visible."""
        if feed not in self._tables:
            self._tables[feed] = pa.concat_tables(self._draw(feed))
        return self._tables[feed]

    @cached_property
    def league(self) -> League:
        """The players and clubs."""
        return build_league(self.seed, self.year)

    @cached_property
    def stages(self) -> dict[str, Stage]:
        """All games, by stage."""
        regular = self._play("regular", regular_season(self.seed, self.year))
        early = self._play(PRESEASON, preseason(self.seed, self.year))
        cup = self._play(CUP_FINAL, cup_final(self.seed, self.year, regular))
        late = postseason(self.seed, self.year, regular, self._play)
        return {PRESEASON: early, "regular": regular, CUP_FINAL: cup} | {
            f"postseason {n}": stage for n, stage in enumerate(late)
        }

    @cached_property
    def _spells(self) -> Spells:
        return injury_spells(self.seed, self.league)

    @cached_property
    def _spellings(self) -> dict[str, list[str]]:
        names = list(self.league.players.name)
        return {
            book.name: book_spellings(names, self._rng("spellings", book.name), book.odd_names)
            for book in (*SPORTSBOOKS, PICKEM)
        }

    def _play(self, name: str, games: Fixtures) -> Stage:
        absent = self._spells.absent(len(self.league.players.talent))
        known = availability(self.league, absent, games, self._rng(name, "availability"))
        expected = outlook(self.league, games, known.dressed)
        return Stage(games, known, play(games, expected, self._rng(name, "games")))

    def _rng(self, *topic: str) -> Rng:
        return rng_for(self.seed, self.year, *topic)

    def _draw(self, feed: str) -> Iterator[pa.Table]:
        """Draw a feed by stage; preseason has no lines and no status reports."""
        league = self.league
        if feed == "rosters":  # every player, listed on the first day of preseason
            listed_on = np.full(len(league.players.player_id), league.first_day)
            values = {"player_id": league.players.player_id, "birth_date": league.players.birth_dates}
            yield facts("rosters", values | {"listed_on": listed_on}, shown_from=listed_on)
            return
        if feed == "injury_reports":
            last_day = max(stage.fixtures.day.max() for stage in self.stages.values())
            yield transactions(self.seed, league, self._spells, last_day)
        for name, stage in self.stages.items():
            match feed:
                case "schedule":
                    yield schedule_rows(league, stage.played)
                case "team_boxscores":
                    yield team_rows(stage.played)
                case "player_boxscores":
                    yield player_rows(league, stage.played)
                case "shots":
                    yield shot_rows(league, stage.played, self._rng(name, "shots"))
                case "injury_reports" if name != PRESEASON:
                    yield status_reports(league, stage.fixtures, stage.known, self._rng(name, "reports"))
                case "player_props" if name != PRESEASON:
                    rngs = self._rng(name, "props"), self._rng(name, "props of other markets")
                    yield PropBoard(league, stage, self._spellings, *rngs).rows()
                case "game_odds" if name != PRESEASON:
                    yield odds_rows(league, stage, self._rng(name, "odds"))


season = lru_cache(maxsize=10)(Season)  # every feed reads each season of a range
