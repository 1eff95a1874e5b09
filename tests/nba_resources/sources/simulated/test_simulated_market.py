"""Simulated injury lists and bookmakers: timing, prices and spellings."""

import math
import re
import unicodedata

import numpy as np
import pandas as pd
import pytest

from models.markets import MARKETS, POINTS
from nba_resources.sources.simulated.columns import rng_for
from nba_resources.sources.simulated.expected_counts import expected_counts
from nba_resources.sources.simulated.games import outlook
from nba_resources.sources.simulated.market import american
from nba_resources.sources.simulated.names import book_spellings
from nba_resources.sources.simulated.prop_markets import OTHER_MARKETS, PropMarket
from nba_resources.sources.simulated.season import season


def test_status_reports_come_before_tip_off_and_transactions_have_a_date_only(finished):
    reports = finished["injury_reports"]
    status = reports[reports.kind == "status_report"]
    assert set(status.status) == {"out", "doubtful", "questionable", "probable", "available"}
    tips = finished["team_boxscores"].merge(finished["schedule"][["game_id", "start_time_utc"]]).dropna()
    listed = status.merge(tips, left_on=["report_date", "team_abbr"], right_on=["game_date", "team_abbr"])
    assert (listed.known_at < listed.start_time_utc).all()
    moves = reports[reports.kind == "il_transaction"]
    assert set(moves.event) == {"placed", "activated"}
    assert moves.known_at.isna().all()


@pytest.fixture(scope="module")
def listed(finished) -> pd.DataFrame:
    """Each status with the hours from its report to tip-off, and whether its player played."""
    status = finished["injury_reports"].query("kind == 'status_report'")
    tips = finished["team_boxscores"].merge(finished["schedule"][["game_id", "start_time_utc"]]).dropna()
    rows = status.merge(tips[["game_date", "team_abbr", "start_time_utc"]], on=["game_date", "team_abbr"])
    box = finished["player_boxscores"].query("minutes > 0").rename(columns={"player_name": "player_name_raw"})
    rows = rows.merge(box[[*WHO, "minutes"]], how="left", on=WHO)
    rows = rows[rows.player_name_raw.isin(finished["player_boxscores"].player_name)]  # as the box scores spell them
    hours = (rows.start_time_utc - rows.known_at).dt.total_seconds() / 3600
    return rows.assign(hours=hours, played=rows.minutes.notna()).sort_values("known_at")


WHO = ["game_date", "team_abbr", "player_name_raw"]


@pytest.mark.parametrize(
    ("hours", "real"),
    [
        (0, {"out": 0.0003, "doubtful": 0.011, "questionable": 0.5, "probable": 0.90, "available": 0.84}),
        (2, {"out": 0.0019, "doubtful": 0.018, "questionable": 0.47, "probable": 0.91, "available": 0.71}),
        (8, {"out": 0.0089, "doubtful": 0.046, "questionable": 0.49, "probable": 0.87, "available": 0.71}),
    ],
)
def test_statuses_come_true_as_often_as_real_ones(listed, hours, real):
    """Of real reports before tip-off, two and eight hours before it. Everyone on the morning's report plays or not."""
    last = listed[listed.hours > hours].drop_duplicates(WHO, keep="last")
    played = last.groupby("status").played.agg(["mean", "size"])
    assert (played["size"] > 50).all()
    for status, share in real.items():
        assert played["mean"][status] == pytest.approx(share, abs={"out": 0.004, "doubtful": 0.03}.get(status, 0.09))


def test_statuses_change_by_the_hour_in_both_directions(listed):
    """The first reports come before the first prices, the last ones after the last; three players in ten are news."""
    before = listed.groupby(WHO).status.shift()
    changes = set(zip(before[before.notna()], listed.status[before.notna()], strict=True))
    both_ways = {("questionable", "out"), ("out", "available"), ("questionable", "available"), ("doubtful", "out")}
    assert both_ways <= changes
    assert not any(one == other for one, other in changes)
    looks = pd.cut(listed.hours * 60, [0, 25, 75, 170, 480, 690], labels=["last", "late", "evening", "day", "morning"])
    assert set(looks) == {"last", "late", "evening", "day", "morning"}
    assert 0.2 < (listed.groupby(WHO).size() > 1).mean() < 0.4


def test_the_last_reports_take_back_what_the_ones_before_said_of_fit_players(listed):
    """The bookmakers' last lines do not know it any more."""
    news = listed[listed.hours < 0.5]
    assert len(news) > 3
    assert set(listed.groupby(WHO).status.shift()[news.index]) <= {"out", "doubtful"}
    assert set(news.status) <= {"available", "probable", "questionable"}


def test_reports_are_filed_on_the_day_of_their_game(finished):
    """In New York, also on the Sunday on which the clocks go forward."""
    status = finished["injury_reports"].query("kind == 'status_report'")
    day = status.known_at.dt.tz_convert("America/New_York").dt.date
    assert (day == status.report_date).all()
    assert (status.game_date == status.report_date).all()


def _implied(price: pd.Series) -> pd.Series:
    return (100 / (price + 100)).where(price > 0, -price / (100 - price))


def test_sportsbooks_charge_a_margin_and_the_pick_em_book_one_price(finished):
    props = finished["player_props"]
    books = props[props.source == "sim_books"]
    margin = _implied(books.over_price) + _implied(books.under_price) - 1
    assert books.bookmaker.nunique() >= 2
    assert margin.between(0.03, 0.08).all()
    pickem = props[props.source == "pickem_sim"]
    assert set(pickem.over_price) == set(pickem.under_price) == {-137}
    assert pickem.snapshot_utc.isna().all()


def test_books_offer_lines_in_the_morning_and_before_tip_off_and_one_in_play(finished):
    books = finished["player_props"].query("source == 'sim_books'")
    minutes = (books.start_time_utc - books.snapshot_utc).dt.total_seconds() / 60
    for name in ("northside", "harborline"):
        own = minutes[books.bookmaker == name]
        assert own.between(540, 600).any()
        assert own.between(30, 45).any()
    assert 0 < (minutes < 0).mean() < 0.05


@pytest.fixture(scope="module")
def looks(finished) -> pd.DataFrame:
    """Northside's lines by market and minutes before tip-off, rounded down to the time of day of the look."""
    books = finished["player_props"].query("bookmaker == 'northside'")
    minutes = (books.start_time_utc - books.snapshot_utc).dt.total_seconds() / 60
    look = pd.cut(minutes, [5, 25, 45, 120, 330, 600], labels=["close", "late", "two hours", "afternoon", "opening"])
    return books.assign(look=look.astype(str))


def test_books_show_four_lines_on_points_and_close_the_other_markets_just_before_tip_off(looks):
    shown = looks.groupby("market").look.agg(set)
    assert shown.pop("player_points") == {"opening", "afternoon", "two hours", "late"}
    assert all(seen == {"opening", "two hours", "close"} for seen in shown)


@pytest.mark.parametrize(
    ("market", "final", "steps"),
    [
        ("player_points", "late", ["opening", "afternoon", "two hours"]),
        ("player_points_rebounds_assists", "close", ["opening", "two hours"]),
    ],
)
def test_a_line_comes_nearer_to_its_last_one_as_tip_off_comes(market, final, steps, looks):
    rows = looks[looks.market == market]
    path = rows.pivot_table(index=["game_date", "player_name_raw"], columns="look", values="line").dropna()
    off = [(path[step] - path[final]).abs().mean() for step in steps]
    assert len(path) > 1000
    assert off == sorted(off, reverse=True)
    assert off[0] > 1.1 * off[-1]


def test_a_line_once_offered_stays_until_its_player_is_out(looks):
    """A player near the least expected count lost his line, and its morning price stood for the evening's."""
    shown = looks.groupby(["market", "look"])[["game_date", "player_name_raw"]].apply(
        lambda rows: set(rows.itertuples(index=False, name=None))
    )
    playing = shown["player_points", "late"]
    for market in {market for market, look in shown.index if look == "close"}:
        assert shown[market, "opening"] & playing <= shown[market, "close"], market


def test_lines_of_players_in_doubt_are_taken_down_until_the_last_report(finished, looks):
    """So the last line before tip-off of anybody is the late one, whoever is out."""
    status = finished["injury_reports"].query("kind == 'status_report'").sort_values("known_at")
    first = status.drop_duplicates(["game_date", "player_name_raw"])
    morning = first[first.known_at.dt.tz_convert("America/New_York").dt.hour < 15]
    listed = morning.assign(key=morning.player_name_raw.map(_key))[["game_date", "key"]]
    lines = looks[looks.market == "player_points"]
    seen = lines.assign(key=lines.player_name_raw.map(_key)).merge(listed, on=["game_date", "key"])
    assert {"opening", "late"} == set(seen.look)


def test_lines_are_half_points_some_of_them_alternates(finished):
    props = finished["player_props"]
    assert (props.line * 2 == (props.line * 2).round()).all()
    assert props.line.between(0.5, 70).all()
    on_points = props[props.market == "player_points"]
    assert 0 < (on_points.line % 1 == 0).mean() < 0.3
    offers = (
        on_points.query("bookmaker == 'harborline'").groupby(["game_date", "player_name_raw", "snapshot_utc"]).size()
    )
    assert offers.max() >= 4
    assert 0.2 < (offers > 1).mean() < 0.6


def test_the_main_line_is_unbiased(finished):
    props = finished["player_props"].query("bookmaker == 'northside' and market == 'player_points'")
    late = props[(props.start_time_utc - props.snapshot_utc).dt.total_seconds() < 3600]
    box = finished["player_boxscores"].assign(key=lambda rows: rows.player_name.map(_key))
    priced = late.assign(key=late.player_name_raw.map(_key)).merge(box, on=["game_date", "key"])
    assert 4.4 < (priced.pts - priced.line).abs().mean() < 5.4
    assert 0.47 < (priced.pts > priced.line).mean() < 0.53
    assert len(priced) < len(late), "some of those with a line are scratched"


def test_the_simulated_markets_are_those_of_the_platform():
    """The simulation may not import the models, so it lists the counts of each market itself."""
    assert {market.key: market.counts for market in OTHER_MARKETS} == {
        key: market.counts for key, market in MARKETS.items() if key != POINTS
    }


def test_prices_are_fair_in_every_market(finished):
    """Without its margin a price is the chance of the over: of all lines, and of those far from even."""
    props = finished["player_props"].query("bookmaker == 'harborline' and line % 1 == 0.5")
    before = (props.start_time_utc - props.snapshot_utc).dt.total_seconds()
    late = props[before.between(0, 3600)]
    box = finished["player_boxscores"].query("minutes > 0").rename(columns={"pts": "points"})
    priced = late.assign(key=late.player_name_raw.map(_key)).merge(
        box.assign(key=box.player_name.map(_key)), on=["game_date", "key"]
    )
    over, under = _implied(priced.over_price), _implied(priced.under_price)
    priced["chance"] = over / (over + under)
    for key, market in MARKETS.items():
        rows = priced[priced.market == key]
        surplus = (rows[list(market.counts)].sum(axis=1) > rows.line) - rows.chance
        assert len(rows) > 5000, key
        assert abs(surplus.mean()) < 0.025, key
        for lopsided in (rows.chance < 0.42, rows.chance > 0.58):
            assert lopsided.sum() < 300 or abs(surplus[lopsided].mean()) < 0.05, key


def test_small_counts_have_lopsided_half_lines_at_one_book(finished):
    small = finished["player_props"].query("market in ('player_steals', 'player_blocks')")
    assert {0.5, 1.5} <= set(small.line) <= {0.5, 1.5, 2.5, 3.5}
    assert set(small.bookmaker) == {"harborline"}
    assert (_implied(small.over_price) - _implied(small.under_price)).abs().quantile(0.75) > 0.15


@pytest.mark.parametrize(
    ("mean", "line", "over"),
    [
        (0.5, 0.5, 1 - math.exp(-0.5)),  # nearest to Poisson, as ratios of variance to mean are never below 1.02
        (1.7, 1.5, 1 - math.exp(-1.7) * (1 + 1.7)),
        (3.0, 2.5, 1 - math.exp(-3.0) * (1 + 3.0 + 3.0**2 / 2)),
    ],
)
def test_the_line_is_the_half_nearest_to_an_even_chance(mean, line, over):
    market = PropMarket("of counts", (), spread=1.0, slope=0.0, offered_from=0, books=())
    (found,), (chance,) = market.nearest_line(np.array([mean]))
    assert found == line
    assert chance == pytest.approx(over, abs=0.01)


def test_a_game_has_as_many_counts_as_were_expected():
    """Over a season each count's mean is within two percent, though some who dress do not play."""
    drawn = season(7, 2024)
    stage = drawn.stages["regular"]
    known = outlook(drawn.league, stage.fixtures, stage.known.dressed)
    box = stage.played.box | {"reb": stage.played.box["oreb"] + stage.played.box["dreb"]}
    for name, expected in expected_counts(known, known.expected_minutes()).items():
        assert expected.sum() == pytest.approx(box[name].sum(), rel=0.02), name


def _key(name: str) -> str:
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))
    return re.sub("[^a-z]", "", re.sub(r" (Jr\.|II|III|IV)$", "", plain).lower())


def test_bookmakers_never_write_accents_and_sometimes_reverse_or_abbreviate(finished):
    names = finished["player_props"].query("source == 'sim_books'").player_name_raw.unique()
    assert all(name.isascii() for name in names)
    written = book_spellings(["Žiga Novák", "C.J. O'Dell Jr."], rng_for(1, 2024), odd=1.0)
    assert set(written) <= {"Z. Novak", "Novak Ziga", "C. O'Dell", "O'Dell C.J.", "O'Dell CJ"}


def test_an_abbreviated_name_belongs_to_one_player():
    written = book_spellings(["Milan Novák", "Marek Novák"], rng_for(1, 2024), odd=1.0)
    assert len(set(written)) == 2
    assert all("." not in name for name in written)


def test_game_odds_name_a_favourite_both_ways_and_some_come_too_late(finished):
    odds = finished["game_odds"]
    assert odds.bookmaker.nunique() >= 2
    assert (_implied(odds.ml_home) + _implied(odds.ml_away) > 1).all()
    clear = odds[odds.spread_home.abs() > 3]
    assert ((clear.spread_home < 0) == (_implied(clear.ml_home) > _implied(clear.ml_away))).all()
    assert 0 < (odds.snapshot_utc > odds.start_time_utc).mean() < 0.1


def test_no_book_offers_a_price_that_the_warehouse_refuses(finished):
    for feed, columns in {
        "player_props": ["over_price", "under_price"],
        "game_odds": ["over_price", "under_price", "spread_home_price", "spread_away_price"],
    }.items():
        quoted = finished[feed][columns].abs().stack()
        assert quoted.between(100, 2000).all()


@pytest.mark.parametrize(("probability", "price"), [(0.6, -150), (0.4, 150), (0.5, -100), (0.8, -400)])
def test_american_prices_match_the_probability(probability, price):
    assert american(pd.Series([probability]).to_numpy())[0] == price
