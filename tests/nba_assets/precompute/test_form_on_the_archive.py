"""Form and minutes of real players against an independent computation, every column."""

import datetime as dt

import pandas as pd
import pytest

from ..analytics.brute_force import Row
from ..compared import assert_same, rows, sample
from ..predictions.brute_force_features import BruteForceFeatures
from .brute_force_form import BASES, BruteForceForm

MINUTES, FORM = "player_minutes_form", "player_market_form"


@pytest.fixture(scope="module")
def by_hand(archive: BruteForceFeatures) -> BruteForceForm:
    return BruteForceForm(archive)


@pytest.fixture(scope="module")
def sampled(stored: dict[str, pd.DataFrame]) -> list[Row]:
    """Players and dates of two seasons, in their order."""
    keys = stored[MINUTES][["game_date", "player_lookup"]].itertuples(index=False, name=None)
    return [rows(stored, MINUTES, game_date=day.date(), player_lookup=lookup)[0] for day, lookup in sample(keys, 220)]


@pytest.fixture(scope="module")
def form(stored: dict[str, pd.DataFrame], sampled: list[Row]) -> list[dict[str, Row]]:
    mine = [{"game_date": row["game_date"], "player_lookup": row["player_lookup"]} for row in sampled]
    return [{row["base"]: row for row in rows(stored, FORM, **which)} for which in mine]


def test_every_column_of_player_minutes_form(by_hand: BruteForceForm, sampled: list[Row]) -> None:
    assert len({row["season"] for row in sampled}) == 2
    for row in sampled:
        assert_same(MINUTES, row, by_hand.player_minutes_form(row, row["game_date"]))


def test_every_column_of_player_market_form(
    by_hand: BruteForceForm, sampled: list[Row], form: list[dict[str, Row]]
) -> None:
    for row, found in zip(sampled, form, strict=True):
        expected = by_hand.player_market_form(row, row["game_date"])
        assert found.keys() == expected.keys() == {*BASES}
        for base, values in expected.items():
            assert_same(FORM, found[base], values)


def test_form_that_knew_the_game_of_the_date_is_found(
    by_hand: BruteForceForm, sampled: list[Row], form: list[dict[str, Row]]
) -> None:
    """What is known on the next morning is another row wherever a player played: the comparison is no formality."""
    played = 0
    for row, found in zip(sampled, form, strict=True):
        if row["game_date"] in set(by_hand.of_player[row["player_id"]].game_date):
            leaked = by_hand.player_market_form(row, row["game_date"] + dt.timedelta(days=1))
            with pytest.raises(AssertionError, match="half_life_50"):
                assert_same(FORM, found["minutes"], leaked["minutes"])
            played += 1
    assert played > 100


def test_the_players_are_those_of_the_contexts_after_the_first_fortnight(
    stored: dict[str, pd.DataFrame], archive: BruteForceFeatures
) -> None:
    named = ["game_date", "player_lookup", "player_id", "game_id", "team_abbr", "opponent_team_abbr", "is_home"]
    contexts = stored["upcoming_player_game_context"]
    known = contexts[[archive.processed(day.date()) for day in contexts.game_date]][named]
    found = stored[MINUTES][named]
    assert len(known) > 15_000
    pd.testing.assert_frame_equal(*(one.sort_values(named).reset_index(drop=True) for one in (known, found)))
    counts = stored[FORM].groupby(["game_date", "player_lookup"]).base.nunique()
    assert len(counts) == len(known)
    assert set(counts) == {len(BASES)}
