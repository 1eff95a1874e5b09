"""Running values against a plain loop, and what they may never see."""

import datetime as dt
import math
import random
from collections.abc import Callable, Mapping
from statistics import mean, stdev
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd
import pytest

from nba_assets.kit.as_of import EVENT_DATE, History, Leak, season_before
from nba_assets.kit.running import GAMES, NAME, HalfLife, InSeason, running
from nba_resources.dates import DateRange

from .histories import TIMED, TONIGHT, history, jan, logs, spine

Game = tuple[int, int | None]  # day of January, points
LOG = {
    **{"game_id": "string", "game_date": "date", "season": "string", "player": "string"},
    **{"pts": "float64", "ast": "float64", "minutes": "float64"},
}
VALUES = {
    "half_life_2": HalfLife(2, "pts"),
    "half_life_30": HalfLife(30, "pts"),
    "rate": HalfLife(2, "pts", per="minutes"),
    "average": InSeason(lambda games: games.pts.mean()),
    "last_2": InSeason(lambda games: games.pts.mean(), last=2),
    "spread": InSeason(lambda games: games.pts.std(how="sample"), last=3),
    "known": InSeason(lambda games: games.pts.count()),
}
OF_EACH = {
    "half_life_2": HalfLife(2),
    "rate": HalfLife(2, per="minutes"),
    "average": InSeason(lambda games: games.value.mean()),
}
OLD, NEW = "2023-24", "2024-25"


def games(*played: Game, player: str = "tatum", new_from: int = 1) -> list[dict[str, Any]]:
    """Games of a player in order; two on one day have their own ids. The season turns on the day `new_from`."""
    return [
        {
            **{"game_id": f"{number:04}", "game_date": jan(day), "season": NEW if day >= new_from else OLD},
            **{"player": player, "pts": None if pts is None else float(pts), "ast": float(day), "minutes": 20.0 + day},
        }
        for number, (day, pts) in enumerate(played)
    ]


def table(rows: list[dict[str, Any]]) -> ir.Table:
    return ibis.memtable(pd.DataFrame(rows, columns=[*LOG]), schema=ibis.schema(LOG))


def known(
    rows: list[dict[str, Any]], *days: int, start: int | None = None, end: int | None = None, **how: Any
) -> dict[Any, dict[str, Any]]:
    """Return the values by player and day; `start` and `end` compute a longer range than the days asked for."""
    past = history(table(rows), jan(start or min(days)), jan(end or max(days)))
    players = {row["player"] for row in rows} | {"rookie"}
    asked = ibis.union(*(spine(*map(jan, days), player=player) for player in players))
    found = running(past, asked, ["player"], VALUES, order="game_id").to_pyarrow().to_pylist()
    return {(row["player"], row["game_date"].day): row for row in found}


def looped(rows: list[dict[str, Any]], day: int) -> dict[str, Any]:
    """The same values by a loop over the games before a day, newest first."""
    past = sorted((row for row in rows if row["game_date"] < jan(day)), key=lambda r: (r["game_date"], r["game_id"]))
    past.reverse()
    if not past:
        return {}

    def weighted(games: float, per: str | None = None) -> float | None:
        above = below = 0.0
        for back, row in enumerate(past):
            if row["pts"] is not None:
                above += row["pts"] * 0.5 ** (back / games)
                below += (row[per] if per else 1) * 0.5 ** (back / games)
        return above / below if below else None

    season = [row for row in past if row["season"] == NEW] if past[0]["season"] == NEW else []
    points, two, three = ([r["pts"] for r in season[:last] if r["pts"] is not None] for last in (None, 2, 3))
    return {
        **{"half_life_2": weighted(2), "half_life_30": weighted(30), "rate": weighted(2, "minutes")},
        **{"average": mean(points) if points else None, "last_2": mean(two) if two else None},
        **{"spread": stdev(three) if len(three) > 1 else None, "known": len(points) if season else None},
        **{GAMES: len(past), EVENT_DATE: past[0]["game_date"]},
    }


def assert_looped(found: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    for name, value in expected.items():
        close = pytest.approx(value, rel=1e-12, abs=1e-12) if isinstance(value, float) else value
        assert found[name] == close, name


def test_a_half_life_halves_the_weight():
    """20 points one half-life after 10: the newer game has two thirds of the weight."""
    found = known(games((1, 10), (2, 14), (3, 20)), 4)["tatum", 4]
    weights = (0.5, math.sqrt(0.5), 1.0)
    assert found["half_life_2"] == pytest.approx((10 * 0.5 + 14 * weights[1] + 20) / sum(weights))
    assert found["rate"] == pytest.approx((10 * 0.5 + 14 * weights[1] + 20) / (21 * 0.5 + 22 * weights[1] + 23))


def test_a_game_in_which_it_is_unknown_still_ages_the_others():
    found = known(games((1, 10), (2, None), (3, 20)), 4)["tatum", 4]
    assert found["half_life_2"] == pytest.approx((10 * 0.5 + 20) / 1.5)
    assert (found["known"], found[GAMES]) == (2, 3)


def test_nothing_known_is_null_and_not_zero():
    found = known(games((1, None), (2, None)), 4)["tatum", 4]
    assert [found[name] for name in VALUES] == [None] * 6 + [0]


def test_every_value_is_that_of_a_plain_loop():
    """Sixty players with up to thirty games, some on one date, some unknown, in one or two seasons."""
    chance = random.Random(7)
    logged: dict[str, list[dict[str, Any]]] = {}
    for number in range(60):
        played = [(chance.randint(1, 28), chance.choice([None, *range(40)])) for _ in range(chance.randint(1, 30))]
        player = f"player {number}"
        logged[player] = games(*played, player=player, new_from=chance.choice([1, 9, 27]))
    days = (2, 3, 10, 17, 30)
    found = known([row for rows in logged.values() for row in rows], *days)
    expected = {(player, day): looped(rows, day) for player, rows in logged.items() for day in days}
    assert found.keys() == {key for key, row in expected.items() if row}
    for key, row in found.items():
        assert_looped(row, expected[key])


def test_a_career_of_two_thousand_games_is_exact():
    """The weights of the newest games are 2^1000 times those of the first ones."""
    rows = games(*((1, number % 37) for number in range(2000)))
    assert_looped(known(rows, 2)["tatum", 2], looped(rows, 2))


def test_a_date_has_the_same_values_alone_and_within_a_range():
    """Games before the start of a range enter as one sum."""
    rows = games(*((day, day * day % 29) for day in range(1, 29)), new_from=9)
    within = known(rows, *range(2, 30))
    for day in (2, 10, 29):
        for start in {2, day}:
            assert_looped(known(rows, day, start=start)["tatum", day], within["tatum", day])


@pytest.mark.parametrize("end", [10, 20])
def test_nothing_on_the_date_or_later_changes_a_value(end: int):
    before = games((7, 1), (8, 2), (9, 3))
    later = games((7, 1), (8, 2), (9, 3), (10, 99), (10, 98), (11, 97))
    assert known(before, 10, end=end) == known(later, 10, end=end)


def test_a_game_of_the_date_counts_from_the_next_day_on():
    found = known(games((9, 3), (10, 99)), 10, 11)
    assert [found["tatum", day]["last_2"] for day in (10, 11)] == [3, 51]


def test_two_games_on_one_date_are_two_games():
    """In the order of their ids: the second is the newest, and both count on the next day only."""
    found = known(games((8, 5), (9, 10), (9, 20)), 9, 10)
    assert (found["tatum", 9][GAMES], found["tatum", 10][GAMES]) == (1, 3)
    assert found["tatum", 10]["last_2"] == 15
    assert found["tatum", 10]["half_life_2"] == pytest.approx((5 * 0.5 + 10 * 0.5**0.5 + 20) / (1.5 + 0.5**0.5))


def test_a_new_season_has_no_average_before_its_first_game():
    opener = dt.date(2025, 10, 21)
    old = [row | {"game_date": dt.date(2025, 4, row["game_date"].day)} for row in games((1, 30), (2, 20))]
    new = [row | {"game_date": opener, "season": "2025-26", "game_id": "1"} for row in games((1, 10))]
    dates = (opener, opener + dt.timedelta(days=1))
    for start in reversed(dates):
        past = history(table(old + new), start, dates[1])
        found = running(past, spine(*dates, season="2025-26"), ["player"], VALUES, order="game_id").execute()
        found = found.set_index(found.game_date.dt.date)
        assert found.average[dates[1]] == found.last_2[dates[1]] == 10
        assert found.half_life_2[dates[1]] == pytest.approx((30 * 0.5 + 20 * 0.5**0.5 + 10) / (1.5 + 0.5**0.5))
    assert found.isna().loc[opener, ["average", "last_2", "known"]].all()
    assert [found.games[date] for date in dates] == [2, 3]


def test_players_do_not_share_games_and_nobody_without_one_has_a_row():
    found = known(games((1, 10), (2, 12)) + games((3, 40), player="brown"), 3, 4)
    counts = {key: row["known"] for key, row in found.items()}
    assert counts == {("tatum", 3): 2, ("tatum", 4): 2, ("brown", 4): 1}


def test_each_column_is_averaged_under_its_name():
    """Minutes are averaged themselves, and others are averaged per minute."""
    past = history(table(games((1, None), (2, 12), (3, 14))), jan(4))
    columns = ("pts", "ast", "minutes")
    found = running(past, spine(jan(4)), ["player"], OF_EACH, order="game_id", columns=columns).to_pyarrow().to_pylist()
    by_name = {row[NAME]: row for row in found}
    newer, old = 0.5**0.5, 0.5
    assert by_name.keys() == {*columns}
    assert [by_name[name]["average"] for name in columns] == [13, 2, 22]
    assert by_name["ast"]["half_life_2"] == pytest.approx((old + 2 * newer + 3) / (1.5 + newer))
    assert by_name["ast"]["rate"] == pytest.approx((old + 2 * newer + 3) / (21 * old + 22 * newer + 23))
    assert by_name["pts"]["rate"] == pytest.approx((12 * newer + 14) / (22 * newer + 23))
    assert by_name["minutes"]["rate"] == 1


PAST = history(table(games((8, 20))))


@pytest.mark.parametrize(
    "aggregate",
    [
        lambda rows: rows.pts.lead(),
        lambda rows: rows.pts.sum().over(group_by="player"),
        lambda rows: rows.pts.sum() / rows.pts.sum().over(ibis.window()),
        lambda rows: rows.pts.sum() - PAST.rows.pts.max().as_scalar(),
    ],
    ids=["the next game", "all games", "a share of all games", "another table"],
)
def test_a_value_that_could_see_later_games_is_refused(aggregate: Callable[[ir.Table], ir.Value]):
    with pytest.raises(Leak, match="made of sums, means and other aggregates"):
        running(PAST, spine(TONIGHT), ["player"], {"leaked": InSeason(aggregate)}, order="game_id")


@pytest.mark.parametrize(
    ("misuse", "message"),
    [
        (lambda: running(PAST, spine(TONIGHT).drop("season"), ["player"], {}, order="game_id"), r"lacks \['season'\]"),
        (lambda: running(PAST, spine(TONIGHT), ["team"], {}, order="game_id"), r"the spine lacks \['team'\]"),
        (lambda: running(PAST, spine(TONIGHT), ["player"], {}, order="tip"), r"the history lacks \['tip'\]"),
        (
            lambda: running(
                PAST, spine(TONIGHT), ["player"], {"n": InSeason(lambda r: r.count(), last=0)}, order="pts"
            ),
            "last=0 would read games after the latest one",
        ),
        (
            lambda: running(history(TIMED, known_at="known_at"), spine(TONIGHT), ["player"], {}, order="said"),
            "read by their own clock",
        ),
    ],
)
def test_misuse_is_refused_while_it_is_written(misuse: Callable[[], object], message: str):
    with pytest.raises(Leak, match=message):
        misuse()


def test_only_dates_before_the_last_one_are_read_and_without_half_lives_of_the_season():
    past = History(ibis.table(LOG, name="games"), DateRange(jan(5), TONIGHT), "game_date")
    season = {name: value for name, value in VALUES.items() if isinstance(value, InSeason)}
    for values, is_bounded in ((VALUES, False), (season, True)):
        sql = str(ibis.to_sql(running(past, spine(TONIGHT), ["player"], values, order="game_id"), dialect="duckdb"))
        assert '"game_date" < MAKE_DATE(2025, 1, 10)' in sql
        assert ('"game_date" >= MAKE_DATE(2024, 7, 1)' in sql) is is_bounded


def test_sums_are_of_one_date_and_unknown_with_an_unknown_term():
    rows = logs((jan(8), 20), (jan(8), 22), (jan(9), 5)).union(logs((jan(9), 7), player="brown"))
    unknown = rows.mutate(known=rows.pts.nullif(7))
    team = history(unknown, jan(12)).summed(["game_date", "season"], ["pts", "known"])
    found = team.before_the_last().order_by("game_date").to_pyarrow().to_pylist()
    assert [(row["game_date"], row["pts"], row["known"]) for row in found] == [(jan(8), 42, 42), (jan(9), 12, None)]
    with pytest.raises(Leak, match="game_date must be among"):
        history(rows).summed(["player"], ["pts"])
    with pytest.raises(Leak, match="by their own clock"):
        history(TIMED, known_at="known_at").summed(["game_date"], [])


def test_the_season_before_is_whole_and_the_same_on_every_date():
    old = logs((dt.date(2024, 1, 9), 1), (dt.date(2024, 6, 1), 2), season=OLD)
    older = logs((dt.date(2023, 1, 9), 9), season="2022-23")
    past = history(old.union(older).union(logs((jan(8), 50))), jan(9), jan(12))
    found = season_before(past, spine(jan(9), jan(12)))
    assert sorted(found.execute()["pts"]) == [1, 2]
    assert set(found.execute()["season"]) == {NEW}
