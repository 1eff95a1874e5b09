import datetime as dt
import json
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from models.forecast_keys import Edition
from models.markets import MARKETS, MINUTES
from models.rates.blend import Blend
from models.rates.model import RatesModel
from models.system_ids import SystemId
from models.training.cards import ModelCard
from models.training.rates import MarketsConfig, fingerprints, train_markets
from models.training.registry import Candidate
from tests.models.rates.frames import SMALL, rates_rows

DECEMBER, JANUARY = dt.date(2024, 12, 1), dt.date(2025, 1, 1)
FEBRUARY = dt.date(2025, 2, 1)
PLAYERS = 110  # a month of them is enough to fit a distribution
CONFIG = MarketsConfig(SMALL)


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """Both editions of every game from October to January, with averages near what a player usually does."""
    rows = rates_rows(days=123, players=PLAYERS)
    for base in ("points", "reb", "ast", "fg3m", "stl", "blk", "tov"):
        for measure in ("last_5_average", "last_10_average"):
            rows[f"{base}_{measure}"] = rows[f"{base}_season_average"] + 1.0
    return pd.concat([rows.assign(edition=edition.value) for edition in Edition], ignore_index=True)


@pytest.fixture(scope="module")
def lines(rows: pd.DataFrame) -> pd.DataFrame:
    """A line on points near what he usually scores, at even chances."""
    who = rows[rows.edition == "at_line"]
    line = np.floor(who.points_season_average) + 0.5
    key = who[["game_date", "player_lookup"]]
    return key.assign(game_id=who.game_date.astype(str), market="player_points", line=line, price_over=0.5)


def train(rows: pd.DataFrame, lines: pd.DataFrame, *months: dt.date) -> dict[dt.date, list[Candidate]]:
    return train_markets(rows, lines, fingerprints(rows, lines, months), CONFIG, {})


@pytest.fixture(scope="module")
def trained(rows: pd.DataFrame, lines: pd.DataFrame) -> dict[dt.date, list[Candidate]]:
    return train(rows, lines, DECEMBER, JANUARY, FEBRUARY)


def cards(candidates: list[Candidate], system: SystemId) -> Iterator[ModelCard]:
    return (candidate.card for candidate in candidates if candidate.card.system_id == system)


def test_a_month_is_judged_on_rows_that_an_earlier_model_forecast(trained: dict[dt.date, list[Candidate]]):
    """October trains minutes, November's minutes train December's means, and December's forecasts judge January."""
    assert trained[DECEMBER] == []
    for card in cards(trained[JANUARY], SystemId.RATES):
        assert (card.train_start, card.train_end) == (dt.date(2024, 10, 1), dt.date(2024, 12, 31))
        assert (card.validation_start, card.validation_end) == (dt.date(2024, 12, 2), dt.date(2024, 12, 31))
        assert (card.n_train, card.n_validation) == (92 * PLAYERS, 30 * PLAYERS)


def test_each_market_has_a_card_and_a_variant_has_one_artefact(trained: dict[dt.date, list[Candidate]]):
    places = {(card.market, card.variant) for card in cards(trained[FEBRUARY], SystemId.RATES)}
    assert places == {(market, variant) for market in (*MARKETS, MINUTES) for variant in ("at_line", "at_tip")}
    of_rates = [one for one in trained[FEBRUARY] if one.card.system_id == SystemId.RATES]
    assert len({one.card.artifact_path for one in of_rates}) == 2
    assert len({one.card.model_id for one in of_rates}) == len(of_rates)
    assert {*RatesModel.from_bytes(of_rates[0].artifact).distributions} == {*MARKETS}


def test_nothing_of_the_month_or_later_changes_a_card(
    rows: pd.DataFrame, lines: pd.DataFrame, trained: dict[dt.date, list[Candidate]]
):
    later = rows.game_date >= pd.Timestamp(FEBRUARY)
    changed = rows.assign(actual_points=rows.actual_points.mask(later, 60.0))
    moved = lines.assign(line=lines.line.mask(lines.game_date >= pd.Timestamp(FEBRUARY), 70.5))
    again = train(changed, moved, FEBRUARY)[FEBRUARY]
    assert [one.card for one in again] == [one.card for one in trained[FEBRUARY]]


def test_errors_on_the_card_are_those_of_the_rows_it_was_judged_on(
    rows: pd.DataFrame, trained: dict[dt.date, list[Candidate]]
):
    """The plain average is known by hand: 0.8 above what he usually scores."""
    (card,) = (
        card
        for card in cards(trained[JANUARY], SystemId.RATES)
        if (card.market, card.variant) == ("player_points", "at_tip")
    )
    judged = rows[(rows.edition == "at_tip") & rows.game_date.between("2024-12-02", "2024-12-31")]
    plain = (judged.points_season_average + 0.8 - judged.actual_points).abs().mean()
    assert json.loads(card.metrics)["all"]["mae_plain_average"] == pytest.approx(plain, abs=1e-4)
    season = (judged.points_season_average - judged.actual_points).abs().mean()
    assert card.mae_season_average == pytest.approx(season, abs=1e-4)


def test_a_blend_is_judged_on_chances_given_before_its_month(trained: dict[dt.date, list[Candidate]]):
    """December's forecasts give January chances, and January's with its prices February a blend, on points alone."""
    assert [*cards(trained[JANUARY], SystemId.MARKET_BLEND)] == []
    (card,) = cards(trained[FEBRUARY], SystemId.MARKET_BLEND)
    assert (card.market, card.variant) == ("player_points", "at_line")
    assert (card.validation_start, card.validation_end) == (dt.date(2025, 1, 2), dt.date(2025, 1, 31))
    (artifact,) = (one.artifact for one in trained[FEBRUARY] if one.card is card)
    assert Blend.from_bytes(artifact).rows == 31 * PLAYERS


def test_data_of_a_month_change_the_fingerprints_of_later_months_only(rows: pd.DataFrame, lines: pd.DataFrame):
    before = fingerprints(rows, lines, (DECEMBER, JANUARY, FEBRUARY))
    one = (rows.game_date == "2024-12-15") & (rows.player_lookup == "player07")
    changed = rows.assign(actual_reb=rows.actual_reb.mask(one, 30.0))
    after = fingerprints(changed.sample(frac=1, random_state=1), lines, (DECEMBER, JANUARY, FEBRUARY))
    assert before[DECEMBER] == after[DECEMBER]
    assert {before[month] == after[month] for month in (JANUARY, FEBRUARY)} == {False}
    moved = lines.assign(line=lines.line.mask(lines.game_date == "2025-01-15", 3.5))
    assert fingerprints(rows, moved, (JANUARY,))[JANUARY] == before[JANUARY]
    assert fingerprints(rows, moved, (FEBRUARY,))[FEBRUARY] != before[FEBRUARY]
