"""Declarations of tables, and the upstream rows their functions receive."""

import datetime as dt
import inspect
from typing import Any

import ibis
import ibis.expr.types as ir
import pytest

from nba_assets.kit.as_of import History, Leak
from nba_assets.kit.table import ExpectedRows, feed_table
from nba_resources.dates import DateRange
from nba_resources.sources.feeds import FEEDS

from .tiny import TINY, calls, declared, games, teams

JANUARY = DateRange(dt.date(2025, 1, 1), dt.date(2025, 1, 31))


def sees(how: type, upstream: str, **changes: Any) -> Any:
    """Return the argument that a table receives for an upstream table."""
    received = []

    def reader(**given: Any) -> ir.Table:
        received.append(given[upstream])
        return games()

    parameter = inspect.Parameter(upstream, inspect.Parameter.KEYWORD_ONLY, annotation=how)
    vars(reader)["__signature__"] = inspect.Signature([parameter])
    declared(**changes)(reader).build(TINY, JANUARY)
    return received[0]


def test_annotations_say_how_a_table_is_read():
    assert calls.reads == {"teams": ir.Table, "boxes": History}
    assert calls.build(TINY, JANUARY).columns == (*FEEDS["schedule"].fields, "until", "club")


def test_rows_of_the_date_are_those_of_the_computed_dates_without_what_happens_in_them():
    rows = sees(ir.Table, "games")
    assert "pts" not in rows.columns
    assert "BETWEEN MAKE_DATE(2025, 1, 1) AND MAKE_DATE(2025, 1, 31)" in str(ibis.to_sql(rows, dialect="duckdb"))


def test_a_table_made_after_the_games_sees_their_results():
    assert "pts" in sees(ir.Table, "games", post=True).columns
    assert "pts" in sees(ir.Table, "boxes", post=True).columns


def test_a_table_known_before_tipoff_cannot_read_box_scores_of_its_date():
    with pytest.raises(Leak, match=r"nba_test\.reader must be known before tip-off but reads rows of nba_test\.boxes"):
        sees(ir.Table, "boxes")
    assert isinstance(sees(History, "boxes"), History)


def test_a_table_without_dates_is_read_whole_and_has_no_history():
    assert sees(ir.Table, "teams").equals(teams.contract.table())
    with pytest.raises(Leak, match=r"nba_test\.teams has no event date"):
        sees(History, "teams")


def test_a_table_without_dates_reads_all_dates_of_others():
    assert sees(ir.Table, "games", partition=None, grain=["team"]).equals(games.contract.table())


def test_every_row_says_what_made_it_or_who_published_it():
    assert list(games.contract.columns)[-2:] == ["code_version", "computed_at"]
    assert list(calls.contract.columns)[-2:] == ["source", "ingested_at"]


def test_the_docstring_is_the_description():
    assert games.contract.description == "What happened."
    assert games.contract.key == "nba_test.games"
    assert games.expected_rows is ExpectedRows.FINAL_GAMES


def test_a_table_is_its_function():
    assert games().equals(games.function())


@pytest.mark.parametrize("feed", FEEDS.values(), ids=list(FEEDS))
def test_what_a_source_will_deliver_is_typed_before_anything_is_fetched(feed: Any):
    assert feed_table(feed).columns == tuple(feed.fields)
