"""Misuse of histories that could leak the future: refused while the expression is built."""

from collections.abc import Callable

import ibis
import ibis.expr.types as ir
import pytest

from nba_assets.kit.as_of import History, Leak, as_of
from nba_resources.dates import DateRange

from .histories import LOG, TIMED, TONIGHT, history, jan, logs, spine


@pytest.mark.parametrize(
    ("misuse", "message"),
    [
        (lambda past, tonight: as_of(past, tonight, ["player"], last=0), "last=0 would read the date itself"),
        (lambda past, tonight: as_of(past, tonight, ["player"], days=0), "days=0 would read the date itself"),
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
            r"the spine lacks \['tipoff'\]: .* for rows with a time, the tip-off",
        ),
    ],
)
def test_misuse_is_refused_while_it_is_written(misuse: Callable[[History, ir.Table], object], message: str):
    with pytest.raises(Leak, match=message):
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
    with pytest.raises(Leak, match="must keep its dates: game_date must stay as it was stored"):
        history(logs((jan(8), 20))).map(change)


def test_news_cannot_be_made_known_earlier():
    with pytest.raises(Leak, match="must keep its dates: known_at"):
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
    rank = analysed.with_date_named("game_date").map(lambda rows: rows.select("game_date", "player", rank="pts"))
    known = as_of(games.joined(rank, ["game_date", "player"]), spine(TONIGHT), ["player"])
    assert known.execute()["rank"].tolist() == [7]
    with pytest.raises(Leak, match="game_date must be among"):
        games.joined(analysed, ["analysis_date", "player"])


def test_timed_news_joins_nothing():
    """News of today may be read today, and would bring along the box score of today."""
    timed, played = history(TIMED, known_at="known_at"), history(logs((TONIGHT, 99)))
    for one, other in ((timed, played), (played, timed)):
        with pytest.raises(Leak, match="rows with a time are read by their own clock"):
            one.joined(other, ["game_date", "player", "season"])


def test_the_first_row_of_each_key_is_its_earliest():
    spelled = logs((jan(9), 2), (jan(7), 1), (TONIGHT, 99)).union(logs((TONIGHT, 5), player="debut"))
    debuts = history(spelled, TONIGHT, jan(12)).first(["player", "season"])
    people = spine(jan(12)).union(spine(jan(12), player="debut"))
    known = as_of(debuts, people, ["player"]).execute()
    assert dict(zip(known["player"], known["event_date"].dt.date, strict=True)) == {"tatum": jan(7), "debut": TONIGHT}


def test_the_first_of_timed_news_would_lose_its_time():
    with pytest.raises(Leak, match="would lose that time"):
        history(TIMED, known_at="known_at").first(["player"])
