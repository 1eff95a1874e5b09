"""Rows with a time: which are known before tip-off, and which rows of the date itself may be read."""

import datetime as dt
from collections.abc import Callable

import ibis
import ibis.expr.types as ir
import pytest

from nba_assets.kit.as_of import History, Leak, as_of
from nba_resources.dates import DateRange
from nba_resources.warehouse.contract import Contract, text

from .histories import (
    BOXES,
    GAMES,
    LINES,
    REPORTS,
    TIMED,
    TONIGHT,
    at,
    history,
    jan,
    logs,
    points,
    spine,
)


def with_tipoff(rows: ir.Table, tipoff: dt.datetime | None) -> ir.Table:
    return rows.mutate(tipoff=ibis.literal(tipoff, type="timestamp('UTC')"))


def said(known: ir.Table) -> list[str]:
    return sorted(known.execute()["said"].tolist())


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
    with pytest.raises(Leak, match="cannot be cut at tip-off: use as_of"):
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
