import datetime as dt
from typing import Any

import pyarrow as pa

from nba_checks.quality.source_differences import source_differences
from nba_resources.dates import DateRange
from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.validation.parsers import arrow_schema

MON, TUE = dt.date(2025, 1, 13), dt.date(2025, 1, 14)
DATES = DateRange(MON, TUE)


class Told:
    """A source of which each provider said something."""

    def __init__(self, **each: list[dict[str, Any]]) -> None:
        schema = arrow_schema(FEEDS["player_boxscores"])
        self.each = {name: pa.Table.from_pylist(rows, schema) for name, rows in each.items()}

    def rows_by_provider(self, feed: str, dates: DateRange) -> dict[str, pa.Table]:
        return self.each if feed == "player_boxscores" else {}


def line(player: int = 1, day: dt.date = MON, **facts: Any) -> dict[str, Any]:
    game = {"game_id": f"00224005{day.day}", "game_date": day, "team_abbr": "BOS", "opponent_team_abbr": "NYK"}
    return game | {"player_id": player, "player_name": "A", "is_home": True, "minutes": 30.5, "pts": 20} | facts


def judged(**each: list[dict[str, Any]]):
    return source_differences(Told(**each), DATES)


def test_providers_that_agree_pass():
    results = judged(nba_com=[line(1), line(2, TUE)], sportsdataverse=[line(1), line(2, TUE)])
    assert [result.passed for result in results.values()] == [True, True]
    assert results[MON].message == "0 differences in 1 rows returned by two providers"


def test_what_differs_is_counted_and_listed_with_who_is_believed():
    results = judged(nba_com=[line(1, pts=21, ast=4), line(2, TUE)], sportsdataverse=[line(1, ast=5), line(2, TUE)])
    assert [result.passed for result in results.values()] == [False, True]
    assert results[MON].metadata == {"rows compared": 1, "differences": 2}
    assert results[MON].message == (
        "2 differences in 1 rows returned by two providers, expected 0: "
        "player_boxscores 0022400513 1, pts 21 and 20 of nba_com and sportsdataverse; "
        "player_boxscores 0022400513 1, ast 4 and 5 of nba_com and sportsdataverse; "
        "the provider named first is used; if it is wrong, leave it out of NBA_PROVIDERS"
    )


def test_an_unknown_value_contradicts_nothing():
    assert judged(nba_com=[line(1, ast=4)], sportsdataverse=[line(1, ast=None)])[MON].passed


def test_minutes_cut_to_the_whole_are_no_difference_but_another_minute_is():
    assert judged(nba_com=[line(1, minutes=30.9)], sportsdataverse=[line(1, minutes=30.0)])[MON].passed
    assert not judged(nba_com=[line(1, minutes=31.0)], sportsdataverse=[line(1, minutes=30.0)])[MON].passed


def test_another_spelling_of_a_name_is_no_difference():
    assert judged(nba_com=[line(1, player_name="Dončić")], sportsdataverse=[line(1, player_name="Doncic")])[MON].passed


def test_a_date_only_one_provider_told_of_has_nothing_to_compare():
    results = judged(nba_com=[line(1)])
    assert all(result.passed for result in results.values())
    assert "nothing to compare" in results[MON].message
