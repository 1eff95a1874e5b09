import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

import ibis
import ibis.expr.types as ir
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nba_assets.kit.as_of import EVENT_DATE, RECENCY, History, Leak, as_of
from nba_resources.dates import DateRange
from nba_resources.warehouse.contract import Contract, day, flag, integer, moment, number, text


def jan(n: int) -> dt.date:
    return dt.date(2025, 1, n)


def at(n: int, hour: int) -> dt.datetime:
    return dt.datetime(2025, 1, n, hour, tzinfo=dt.UTC)


TONIGHT = jan(10)
LOG = {"game_date": "date", "season": "string", "player": "string", "pts": "int64"}
NEWS = {"game_date": "date", "season": "string", "player": "string", "known_at": "timestamp('UTC')", "said": "string"}
SPINE = {"game_date": "date", "season": "string", "player": "string"}

GAMES = Contract(
    "nba_raw",
    "games",
    ("game_id",),
    {
        "game_id": text(),
        "game_date": day(),
        "season": text(),
        "player": text(),
        "pts": integer(null=True, post=True),
        "neutral": flag(),
    },
    partition="game_date",
)
LINES = Contract(
    "nba_raw",
    "lines",
    ("game_date", "player", "snapshot_utc"),
    {
        "game_date": day(),
        "player": text(),
        "line": number(),
        "snapshot_utc": moment(null=True),
        "minutes_before_tip": number(null=True),
    },
    partition="game_date",
    known_at="snapshot_utc",
)
REPORTS = Contract(
    "nba_raw",
    "reports",
    ("report_date", "player"),
    {"report_date": day(), "player": text(), "known_at": moment(null=True)},
    partition="report_date",
    known_at="known_at",
)
BOXES = Contract(
    "nba_raw",
    "boxes",
    ("game_id",),
    {"game_id": text(), "game_date": day(), "player": text(), "pts": integer()},
    partition="game_date",
    post=True,
)


def logs(*games: tuple[dt.date, int], player: str = "tatum", season: str = "2024-25") -> ir.Table:
    rows = [{"game_date": on, "season": season, "player": player, "pts": pts} for on, pts in games]
    return ibis.memtable(rows, schema=ibis.schema(LOG))


def spine(*dates: dt.date, player: str = "tatum", season: str = "2024-25") -> ir.Table:
    rows = [{"game_date": on, "season": season, "player": player} for on in dates]
    return ibis.memtable(rows, schema=ibis.schema(SPINE))


def history(rows: ir.Table, start: dt.date = TONIGHT, end: dt.date | None = None, **clock: Any) -> History:
    return History(rows, DateRange(start, end or start), "game_date", **clock)


def pairs(known: ir.Table, column: str = "pts") -> list[tuple[dt.date, int]]:
    found = known.select("game_date", column).execute()
    return sorted((on.date(), value) for on, value in zip(found["game_date"], found[column], strict=True))


def points(known: ir.Table) -> list[int]:
    return sorted(known.execute()["pts"].tolist())


def test_only_games_strictly_before_the_date_are_known():
    """A predecessor's averages held the game being predicted; its 84 % were really 52 %."""
    played = logs((jan(8), 20), (jan(9), 21), (TONIGHT, 99), (jan(11), 98))
    assert points(as_of(history(played), spine(TONIGHT), ["player"])) == [20, 21]


def test_each_date_of_a_range_knows_only_what_came_before_itself():
    played = logs((jan(8), 20), (jan(9), 21), (jan(10), 22), (jan(11), 23))
    known = as_of(history(played, jan(9), jan(11)), spine(jan(9), jan(10), jan(11)), ["player"])
    assert pairs(known) == [(jan(9), 20), (jan(10), 20), (jan(10), 21), (jan(11), 20), (jan(11), 21), (jan(11), 22)]


def test_a_date_knows_the_same_whether_it_is_computed_alone_or_within_a_range():
    played = logs(*((jan(n), n) for n in range(1, 15)))
    alone = as_of(history(played), spine(TONIGHT), ["player"], last=3)
    within = as_of(history(played, jan(5), jan(14)), spine(*(jan(n) for n in range(5, 15))), ["player"], last=3)
    assert points(alone) == points(within.filter(within.game_date == TONIGHT)) == [7, 8, 9]


def test_the_last_n_are_dates_and_not_rows():
    """Three shots of one game are one game."""
    shots = logs((jan(6), 1), (jan(8), 2), (jan(8), 3), (jan(9), 4), (jan(9), 5))
    known = as_of(history(shots), spine(TONIGHT), ["player"], last=2)
    assert points(known) == [2, 3, 4, 5]
    assert sorted(known.execute()[RECENCY].tolist()) == [1, 1, 2, 2]


def test_the_last_n_are_counted_for_each_key():
    both = logs((jan(7), 1), (jan(8), 2)).union(logs((jan(4), 3), (jan(5), 4), (jan(9), 5), player="brown"))
    people = spine(TONIGHT).union(spine(TONIGHT, player="brown"))
    assert points(as_of(history(both), people, ["player"], last=2)) == [1, 2, 4, 5]


def test_a_window_of_days_holds_both_its_ends():
    played = logs((jan(2), 1), (jan(3), 2), (jan(9), 3), (TONIGHT, 99))
    assert points(as_of(history(played), spine(TONIGHT), ["player"], days=7)) == [2, 3]


def test_a_window_of_days_moves_with_each_date_of_a_range():
    played = logs(*((jan(n), n) for n in range(1, 12)))
    known = as_of(history(played, jan(5), jan(11)), spine(jan(5), jan(11)), ["player"], days=2)
    assert pairs(known) == [(jan(5), 3), (jan(5), 4), (jan(11), 9), (jan(11), 10)]


def test_a_new_season_starts_from_nothing():
    opener = dt.date(2025, 10, 21)
    before = logs((dt.date(2025, 4, 10), 30))
    played = before.union(logs((opener, 10), season="2025-26"))
    tonight = spine(dt.date(2025, 10, 23), season="2025-26")
    past = history(played, dt.date(2025, 10, 23))
    assert points(as_of(past, tonight, ["player"])) == [10]
    assert points(as_of(past, tonight, ["player"], days=365)) == [10]
    assert points(as_of(past, tonight, ["player"], across_seasons=True)) == [10, 30]


def test_across_seasons_the_row_keeps_its_own_season():
    played = logs((dt.date(2024, 4, 10), 30), season="2023-24")
    known = as_of(history(played), spine(TONIGHT), ["player"], across_seasons=True).execute()
    assert known["season"].tolist() == ["2023-24"]


def test_a_window_of_days_reaches_into_the_last_season_if_told_so():
    played = logs((dt.date(2024, 1, 9), 1), (dt.date(2024, 1, 11), 2), season="2023-24")
    assert points(as_of(history(played), spine(TONIGHT), ["player"], days=365, across_seasons=True)) == [2]


def test_keys_of_which_nothing_is_known_vanish():
    assert points(as_of(history(logs((TONIGHT, 99))), spine(TONIGHT), ["player"])) == []


@pytest.mark.parametrize("window", [{}, {"last": 5}, {"days": 7}])
def test_an_empty_history_kept_counts_a_true_zero(window: Mapping[str, int]):
    people = spine(TONIGHT).union(spine(TONIGHT, player="brown"))
    known = as_of(history(logs((jan(8), 20), (jan(9), 21))), people, ["player"], keep_empty=True, **window)
    counted = known.group_by("player").aggregate(games=known[EVENT_DATE].count(), pts=known.pts.sum()).execute()
    found = {row.player: (row.games, row.pts) for row in counted.itertuples()}
    assert found["tatum"] == (2, 41)
    assert found["brown"][0] == 0
    assert found["brown"][1] is None  # no games scored no points: not 0


def test_the_row_says_when_it_happened_and_the_spine_for_which_date_it_is_read():
    known = as_of(history(logs((jan(8), 20))), spine(TONIGHT), ["player"]).execute()
    assert known["event_date"].dt.date.tolist() == [jan(8)]
    assert known["game_date"].dt.date.tolist() == [TONIGHT]


def test_a_key_repeated_in_the_spine_is_asked_once():
    assert points(as_of(history(logs((jan(8), 20))), spine(TONIGHT).union(spine(TONIGHT)), ["player"])) == [20]


def test_a_spine_may_name_its_date_otherwise():
    mornings = spine(TONIGHT).rename(analysis_date="game_date")
    known = as_of(history(logs((jan(8), 20), (TONIGHT, 99))), mornings, ["player"], date="analysis_date")
    assert points(known) == [20]


def news(*said: tuple[dt.date, dt.datetime | None, str]) -> ir.Table:
    rows = [
        {"game_date": on, "season": "2024-25", "player": "tatum", "known_at": known_at, "said": what}
        for on, known_at, what in said
    ]
    return ibis.memtable(rows, schema=ibis.schema(NEWS))


def with_tipoff(rows: ir.Table, tipoff: dt.datetime | None) -> ir.Table:
    return rows.mutate(tipoff=ibis.literal(tipoff, type="timestamp('UTC')"))


def said(known: ir.Table) -> list[str]:
    return sorted(known.execute()["said"].tolist())


TIMED = news(
    (jan(9), at(9, 23), "yesterday"),
    (jan(9), None, "yesterday, no time"),
    (TONIGHT, at(10, 17), "today before tip-off"),
    (TONIGHT, at(10, 19), "today at tip-off"),
    (TONIGHT, at(10, 21), "today after tip-off"),
    (TONIGHT, None, "today, no time"),
    (jan(11), at(10, 18), "of tomorrow, known today"),
)
BEFORE_TIP = ["today before tip-off", "yesterday", "yesterday, no time"]


def test_timed_news_counts_until_tipoff_and_undated_news_from_the_next_day():
    tonight = with_tipoff(spine(TONIGHT), at(10, 19))
    assert said(as_of(history(TIMED, known_at="known_at"), tonight, ["player"])) == BEFORE_TIP


def test_news_of_a_later_date_is_not_known_earlier_in_a_range_than_alone():
    """A date computed within a range knew of a report filed under the next day; computed alone it did not."""
    tonight = with_tipoff(spine(TONIGHT), at(10, 19))
    within = history(TIMED, jan(8), jan(12), known_at="known_at")
    assert said(as_of(within, tonight, ["player"])) == BEFORE_TIP


def test_without_a_tipoff_no_news_of_the_day_itself_is_believed():
    tonight = with_tipoff(spine(TONIGHT), None)
    known = as_of(history(TIMED, known_at="known_at"), tonight, ["player"])
    assert said(known) == ["yesterday", "yesterday, no time"]


def test_the_newest_news_is_found_for_each_tipoff_of_a_date():
    """Ranked over all games of the evening, the early game lost its news to what only the late game could know."""
    early, late = with_tipoff(spine(TONIGHT), at(10, 16)), with_tipoff(spine(TONIGHT), at(10, 19))
    known = as_of(history(TIMED, known_at="known_at"), early.union(late), ["player"], last=1)
    found = {tipoff: said(known.filter(known.tipoff == tipoff)) for tipoff in (at(10, 16), at(10, 19))}
    assert found == {at(10, 16): ["yesterday", "yesterday, no time"], at(10, 19): ["today before tip-off"]}


@pytest.mark.parametrize(
    "window",
    [{}, {"last": 3}, {"days": 3}, {"last": 3, "across_seasons": True}, {"days": 3, "keep_empty": True}],
    ids=str,
)
def test_a_planted_row_of_the_date_changes_nothing(window: Mapping[str, Any]):
    before = logs((jan(7), 1), (jan(8), 2), (jan(9), 3))
    planted = before.union(logs((TONIGHT, 99), (jan(11), 98)))
    clean, salted = (as_of(history(rows), spine(TONIGHT), ["player"], **window) for rows in (before, planted))
    assert points(clean) == points(salted) == [1, 2, 3]


@settings(max_examples=40, deadline=None)
@given(
    games=st.lists(st.tuples(st.integers(1, 20), st.sampled_from("ab"), st.integers(0, 40)), max_size=25),
    asked=st.sets(st.tuples(st.integers(1, 20), st.sampled_from("ab")), min_size=1, max_size=6),
    n=st.integers(1, 4),
)
def test_the_last_n_are_those_a_person_would_count(
    games: list[tuple[int, str, int]], asked: set[tuple[int, str]], n: int
):
    played = [logs((jan(on), pts), player=player) for on, player, pts in games]
    mornings = ibis.union(*[spine(jan(on), player=player) for on, player in asked], spine())
    past = history(ibis.union(*played, logs()), jan(min(on for on, _ in asked)), jan(max(on for on, _ in asked)))
    known = as_of(past, mornings, ["player"], last=n).execute()

    expected = []
    for on, player in asked:
        earlier = sorted({day for day, who, _ in games if who == player and day < on}, reverse=True)[:n]
        expected += [(on, player, day, pts) for day, who, pts in games if who == player and day in earlier]
    found = [(row.game_date.day, row.player, row.event_date.day, row.pts) for row in known.itertuples()]
    assert sorted(found) == sorted(expected)


def as_of_games(**window: Any) -> ir.Table:
    past = History.of(GAMES, DateRange(TONIGHT, TONIGHT))
    tonight = ibis.table({"game_date": "date", "season": "string", "player": "string"}, name="slate")
    return as_of(past, tonight, ["player"], **window)


@pytest.mark.parametrize(
    ("window", "since"), [({}, "2024-07-01"), ({"last": 10}, "2024-07-01"), ({"days": 7}, "2025-01-03")], ids=str
)
@pytest.mark.parametrize("dialect", ["duckdb", "bigquery"])
def test_a_single_date_reads_only_the_partitions_it_may_know(window: Mapping[str, int], since: str, dialect: str):
    sql = re.sub(r"\s+", " ", str(ibis.to_sql(as_of_games(**window), dialect=dialect)))
    dates = re.sub(
        r"(MAKE_)?DATE\((\d+), (\d+), (\d+)\)", lambda m: "{}-{:02}-{:02}".format(*map(int, m.groups()[1:])), sql
    )
    assert "< 2025-01-10" in dates
    assert f">= {since}" in dates


@pytest.mark.parametrize(
    ("misuse", "told"),
    [
        (lambda past, tonight: as_of(past, tonight, ["player"], last=0), "last=0 would look at the date itself"),
        (lambda past, tonight: as_of(past, tonight, ["player"], days=0), "days=0 would look at the date itself"),
        (lambda past, tonight: as_of(past, tonight, ["player"], days=-3), "windows reach back at least 1"),
        (lambda past, tonight: as_of(past, tonight.drop("season"), ["player"]), r"the spine lacks \['season'\]"),
        (lambda past, tonight: as_of(past, tonight, ["team"]), r"the spine lacks \['team'\]"),
        (lambda past, tonight: as_of(past, tonight, ["player"], date="day"), r"the spine lacks \['day'\]"),
        (
            lambda past, tonight: as_of(past.map(lambda rows: rows.drop("season")), tonight, ["player"]),
            r"the history lacks \['season'\]",
        ),
        (
            lambda past, tonight: as_of(history(TIMED, known_at="known_at"), tonight, ["player"]),
            r"the spine lacks \['tipoff'\]: .* for dated news, the tip-off",
        ),
    ],
)
def test_misuse_is_refused_while_it_is_written(misuse: Callable[[History, ir.Table], object], told: str):
    with pytest.raises(Leak, match=told):
        misuse(history(logs((jan(8), 20))), spine(TONIGHT))


OTHERS = ibis.table({"player": "string", "pts": "int64"}, name="others")


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows.mutate(best=rows.pts.max().over(group_by="player")),
        lambda rows: rows.mutate(share=rows.pts / rows.pts.sum()),
        lambda rows: rows.mutate(following=rows.pts.lead()),
        lambda rows: rows.group_by("player", "game_date").aggregate(pts=rows.pts.sum()),
        lambda rows: rows.filter(rows.game_date == rows.game_date.max()),
        lambda rows: rows.join(rows.view(), "player", rname="{name}_later"),
        lambda rows: rows.semi_join(OTHERS, "player"),
        lambda rows: rows.filter(rows.player.isin(OTHERS.player)),
        lambda rows: rows.order_by(rows.game_date.desc()).limit(5),
        lambda rows: rows.union(ibis.table(LOG, name="leaked")),
    ],
    ids=["window", "share", "lead", "sum", "newest", "join", "semi join", "subquery", "limit", "another table"],
)
def test_a_history_is_only_changed_row_by_row(change: Callable[[ir.Table], ir.Table]):
    with pytest.raises(Leak, match="only be changed row by row"):
        history(logs((jan(8), 20))).map(change)


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows.mutate(game_date=rows.game_date - ibis.interval(days=1)),
        lambda rows: rows.drop("game_date").rename(game_date="season"),
        lambda rows: rows.union(rows.mutate(game_date=ibis.date(2020, 1, 1))),
    ],
    ids=["shifted", "swapped", "in a union"],
)
def test_a_history_cannot_be_dated_anew(change: Callable[[ir.Table], ir.Table]):
    """One day earlier, tonight's game is yesterday's: a leak that no other rule would see."""
    with pytest.raises(Leak, match="cannot be dated anew: game_date must stay as it was stored"):
        history(logs((jan(8), 20))).map(change)


def test_news_cannot_be_made_known_earlier():
    with pytest.raises(Leak, match="cannot be dated anew: known_at"):
        history(TIMED, known_at="known_at").map(lambda rows: rows.mutate(known_at=ibis.null("timestamp('UTC')")))


@pytest.mark.parametrize("column", ["game_date", "known_at"])
def test_a_history_keeps_its_clocks(column: str):
    with pytest.raises(Leak, match=f"without its {column}"):
        history(TIMED, known_at="known_at").map(lambda rows: rows.drop(column))


def test_rows_may_be_changed_dropped_and_seen_from_both_sides():
    def seen_twice(rows: ir.Table) -> ir.Table:
        good = rows.filter(rows.pts > 10).mutate(double=2 * rows.pts)
        return good.union(good.mutate(double=-good.double))

    past = history(logs((jan(7), 5), (jan(8), 20), (TONIGHT, 99))).map(seen_twice)
    assert sorted(as_of(past, spine(TONIGHT), ["player"]).execute()["double"].tolist()) == [-40, 40]


def test_histories_join_on_their_event_date():
    games, results = history(logs((jan(8), 20), (jan(9), 21))), history(logs((jan(8), 1), (TONIGHT, 99)))
    wins = results.map(lambda rows: rows.select("game_date", "player", won="pts"))
    both = as_of(games.joined(wins, ["game_date", "player"], how="left"), spine(TONIGHT), ["player"])
    found = both.select("pts", "won").execute().sort_values("pts")
    assert found["won"].isna().tolist() == [False, True]
    with pytest.raises(Leak, match="game_date must be among"):
        games.joined(wins, ["player"])


def test_a_history_that_names_its_date_otherwise_joins_under_one_name():
    games, mornings = history(logs((jan(8), 20), (TONIGHT, 99))), logs((jan(8), 7), (TONIGHT, 8))
    analysed = History(mornings.rename(analysis_date="game_date"), DateRange(TONIGHT, TONIGHT), "analysis_date")
    rank = analysed.called("game_date").map(lambda rows: rows.select("game_date", "player", rank="pts"))
    known = as_of(games.joined(rank, ["game_date", "player"]), spine(TONIGHT), ["player"])
    assert known.execute()["rank"].tolist() == [7]
    with pytest.raises(Leak, match="game_date must be among"):
        games.joined(analysed, ["analysis_date", "player"])


def test_timed_news_joins_nothing():
    """News of today may be read today, and would bring along the box score of today."""
    timed, played = history(TIMED, known_at="known_at"), history(logs((TONIGHT, 99)))
    for one, other in ((timed, played), (played, timed)):
        with pytest.raises(Leak, match="timed news is read by its own clock"):
            one.joined(other, ["game_date", "player", "season"])


def test_the_first_row_of_each_key_is_its_earliest():
    spelled = logs((jan(9), 2), (jan(7), 1), (TONIGHT, 99)).union(logs((TONIGHT, 5), player="debut"))
    debuts = history(spelled, TONIGHT, jan(12)).first(["player", "season"])
    people = spine(jan(12)).union(spine(jan(12), player="debut"))
    known = as_of(debuts, people, ["player"]).execute()
    assert dict(zip(known["player"], known["event_date"].dt.date, strict=True)) == {"tatum": jan(7), "debut": TONIGHT}


def test_the_first_of_timed_news_would_lose_its_time():
    with pytest.raises(Leak, match="would lose the time"):
        history(TIMED, known_at="known_at").first(["player"])


class OnTheDate:
    dates = DateRange(TONIGHT, jan(11))

    @staticmethod
    def of(contract: Contract, *, after_games: bool = False) -> History:
        return History.of(contract, OnTheDate.dates, after_games=after_games)


def test_the_rows_of_the_date_show_nothing_of_its_games():
    assert "pts" in GAMES.columns
    assert "pts" not in OnTheDate.of(GAMES).on().columns
    assert "pts" in OnTheDate.of(GAMES, after_games=True).on().columns


def test_the_rows_of_the_dates_are_those_of_the_dates_only():
    played = logs((jan(9), 1), (TONIGHT, 2), (jan(11), 3), (jan(12), 4))
    assert points(history(played, TONIGHT, jan(11)).on()) == [2, 3]


def test_lines_shown_in_play_are_hidden():
    rows = [
        {"game_date": TONIGHT, "snapshot_utc": snapshot, "minutes_before_tip": minutes, "pts": n}
        for n, (snapshot, minutes) in enumerate(
            [(at(10, 17), 120.0), (at(10, 19), 0.0), (at(10, 20), -60.0), (None, None), (at(10, 9), None)]
        )
    ]
    kinds = {"game_date": "date", "snapshot_utc": "timestamp('UTC')", "minutes_before_tip": "float64", "pts": "int64"}
    shown = history(ibis.memtable(rows, schema=ibis.schema(kinds)), known_at="snapshot_utc").on()
    assert points(shown) == [0, 3], "visible are what was before tip-off and what never has a time"


def test_a_box_score_has_no_rows_of_the_date_before_its_games():
    with pytest.raises(Leak, match="exist only after its games: use as_of"):
        OnTheDate.of(BOXES).on()
    assert OnTheDate.of(BOXES, after_games=True).on().columns == tuple(BOXES.columns)


def test_timed_news_that_cannot_be_compared_with_tipoff_has_no_rows_of_the_date():
    """A report of tonight may be of after the game: only as_of knows, for it asks for the tip-off."""
    with pytest.raises(Leak, match="nobody can say what was known before tip-off: use as_of"):
        OnTheDate.of(REPORTS).on()
    assert OnTheDate.of(REPORTS, after_games=True).on().columns == tuple(REPORTS.columns)


@pytest.mark.parametrize(
    ("contract", "change"),
    [
        (GAMES, lambda rows: rows.mutate(shown=rows.pts)),
        (GAMES, lambda rows: rows.filter(rows.pts > 100)),
        (LINES, lambda rows: rows.drop("minutes_before_tip")),
        (LINES, lambda rows: rows.mutate(minutes_before_tip=1.0)),
    ],
    ids=["renamed", "filtered", "clock dropped", "clock set"],
)
def test_a_changed_history_has_no_rows_of_the_date(contract: Contract, change: Callable[[ir.Table], ir.Table]):
    """Renamed before on(), a final score was no longer among the names to hide."""
    with pytest.raises(Leak, match=r"call on\(\) first, then change"):
        OnTheDate.of(contract).map(change).on()


def test_after_its_games_a_changed_history_may_show_the_rows_of_the_date():
    doubled = OnTheDate.of(BOXES, after_games=True).map(lambda rows: rows.mutate(double=2 * rows.pts))
    assert "double" in doubled.on().columns


def test_a_table_without_dates_has_no_history():
    with pytest.raises(Leak, match=r"nba_raw\.people has no event date"):
        History.of(Contract("nba_raw", "people", ("player",), {"player": text()}), OnTheDate.dates)
