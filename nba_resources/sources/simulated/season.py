"""A whole season, drawn once from its seed and year; whoever asks later sees as much of it as has happened."""

from functools import cached_property, lru_cache

import numpy as np
import pyarrow as pa

from nba_resources.sources.simulated.boxes import player_rows, schedule_rows, team_rows
from nba_resources.sources.simulated.calendar import Fixtures, preseason, regular_season
from nba_resources.sources.simulated.columns import facts, rng_for
from nba_resources.sources.simulated.injuries import Spells, injury_spells, status_reports, transactions
from nba_resources.sources.simulated.league import League, the_league
from nba_resources.sources.simulated.market import PICKEM, SPORTSBOOKS
from nba_resources.sources.simulated.names import book_spellings
from nba_resources.sources.simulated.odds import odds_rows
from nba_resources.sources.simulated.postseason import cup_final, postseason
from nba_resources.sources.simulated.props import PropBoard
from nba_resources.sources.simulated.shots import shot_rows
from nba_resources.sources.simulated.stage import Stage, play_stage

PRESEASON, CUP_FINAL = "preseason", "cup final"


class Season:
    """The truth of a season, feed by feed, made when first asked for and kept."""

    def __init__(self, seed: int, year: int) -> None:
        self.seed, self.year = seed, year
        self._tables: dict[str, pa.Table] = {}

    def table(self, feed: str) -> pa.Table:
        """All versions of all facts of a feed, with the days on which each is shown."""
        makers = {
            "schedule": self._schedule,
            "player_boxscores": self._player_boxscores,
            "team_boxscores": self._team_boxscores,
            "shots": self._shots,
            "player_points_props": self._player_points_props,
            "game_odds": self._game_odds,
            "injury_reports": self._injury_reports,
            "rosters": self._rosters,
        }
        if feed not in self._tables:
            self._tables[feed] = pa.concat_tables(makers[feed]())
        return self._tables[feed]

    @cached_property
    def league(self) -> League:
        """Its people and clubs."""
        return the_league(self.seed, self.year)

    @cached_property
    def stages(self) -> dict[str, Stage]:
        """All games, in the order in which they become possible."""
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

    def _play(self, name: str, games: Fixtures) -> Stage:
        absent = self._spells.absent(len(self.league.players.talent))
        return play_stage(self.seed, self.league, absent, name, games)

    def _rng(self, *about: str) -> np.random.Generator:
        return rng_for(self.seed, self.year, *about)

    def _stages_without(self, *names: str) -> dict[str, Stage]:
        return {name: stage for name, stage in self.stages.items() if name not in names}

    def _schedule(self) -> list[pa.Table]:
        return [schedule_rows(self.league, stage.played) for stage in self.stages.values()]

    def _team_boxscores(self) -> list[pa.Table]:
        return [team_rows(stage.played) for stage in self.stages.values()]

    def _player_boxscores(self) -> list[pa.Table]:
        return [player_rows(self.league, stage.played) for stage in self._stages_without(CUP_FINAL).values()]

    def _shots(self) -> list[pa.Table]:
        shown = self._stages_without(CUP_FINAL)
        return [shot_rows(self.league, stage.played, self._rng(name, "shots")) for name, stage in shown.items()]

    def _injury_reports(self) -> list[pa.Table]:
        last_day = max(stage.fixtures.day.max() for stage in self.stages.values())
        moves = transactions(self.seed, self.league, self._spells, last_day)
        reported = self._stages_without(PRESEASON)
        reports = (
            status_reports(self.league, stage.fixtures, stage.known, self._rng(name, "reports"))
            for name, stage in reported.items()
        )
        return [moves, *reports]

    def _player_points_props(self) -> list[pa.Table]:
        names = list(self.league.players.name)
        spelled = {
            book.name: book_spellings(names, self._rng("spellings", book.name), book.odd_names)
            for book in (*SPORTSBOOKS, PICKEM)
        }
        offered = self._stages_without(PRESEASON)
        return [
            PropBoard(self.league, stage, spelled, self._rng(name, "props")).rows() for name, stage in offered.items()
        ]

    def _game_odds(self) -> list[pa.Table]:
        offered = self._stages_without(PRESEASON)
        return [odds_rows(self.league, stage, self._rng(name, "odds")) for name, stage in offered.items()]

    def _rosters(self) -> list[pa.Table]:
        """Everyone under contract on the day the clubs first meet."""
        people = self.league.players
        listed_on = np.full(len(people.player_id), self.league.first_day)
        values = {"player_id": people.player_id, "birth_date": people.birth_dates, "listed_on": listed_on}
        return [facts("rosters", values, shown_from=listed_on)]


@lru_cache(maxsize=10)
def season(seed: int, year: int) -> Season:
    """Seasons recently asked for: a range of five years reads each of them once for every feed."""
    return Season(seed, year)
