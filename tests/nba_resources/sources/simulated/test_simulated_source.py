"""The simulated source: its columns, its players, and the visible part of a season."""

import datetime as dt
import re
import unicodedata

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from nba_resources.dates import DateRange
from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.simulated import SimulatedSource
from nba_resources.sources.simulated.columns import rng_for
from nba_resources.sources.simulated.season import Season

SEASON = DateRange(dt.date(2024, 8, 1), dt.date(2025, 7, 31))
AFTER = dt.date(2025, 7, 15)


@pytest.mark.parametrize("feed", FEEDS)
def test_every_feed_has_exactly_the_declared_columns_and_types(feed):
    text, whole, real = pa.string(), pa.int64(), pa.float64()
    arrow = dict(text=text, name=text, team=text, integer=whole, price=whole, number=real, minutes=real, line=real)
    arrow |= dict(flag=pa.bool_(), day=pa.date32(), moment=pa.timestamp("us", tz="UTC"))
    days = DateRange(SEASON.start if feed == "rosters" else dt.date(2025, 1, 1), dt.date(2025, 1, 5))
    rows = SimulatedSource().fetch(feed, days).rows
    assert rows.schema == pa.schema([(name, arrow[declared.kind]) for name, declared in FEEDS[feed].fields.items()])
    assert rows.num_rows > 0


@pytest.mark.parametrize("feed", [feed for feed in FEEDS if FEEDS[feed].key])
def test_no_fact_is_delivered_twice(finished, feed):
    assert not finished[feed].duplicated(list(FEEDS[feed].key)).any()


@pytest.mark.parametrize("feed", FEEDS)
def test_required_fields_are_never_null(finished, feed):
    required = [name for name, declared in FEEDS[feed].fields.items() if not declared.null]
    assert not finished[feed][required].isna().any().any()


def test_names_bring_accents_suffixes_initials_hyphens_and_apostrophes():
    names = (
        SimulatedSource()
        .fetch("player_boxscores", DateRange(SEASON.start, AFTER))
        .rows["player_name"]
        .unique()
        .to_pylist()
    )
    assert any(unicodedata.normalize("NFKD", name) != name for name in names)
    for pattern in (r" Jr\.$", r" II$", r" III$", r"^[A-Z]\.[A-Z]\. ", r"-", r"'"):
        assert any(re.search(pattern, name) for name in names), pattern


def test_two_players_of_one_club_share_surname_and_first_initial(finished):
    people = finished["player_boxscores"].drop_duplicates(["player_id", "team_abbr"])
    brief = people.player_name.str[0] + people.player_name.str.replace(r"^\S+ ", "", regex=True)
    assert people.assign(brief=brief).duplicated(["team_abbr", "brief"]).any()


def test_traded_players_appear_with_two_clubs_most_of_them_from_february(finished, regular):
    players = finished["player_boxscores"]
    players = players[players.game_id.isin(regular.game_id)].sort_values("game_date")
    clubs = players.groupby("player_id").team_abbr.agg(["nunique", "first"])
    assert 20 <= (clubs["nunique"] == 2).sum() <= 100
    assert clubs["nunique"].max() == 2
    moved = players[players.team_abbr != players.player_id.map(clubs["first"])].groupby("player_id").game_date.min()
    assert 0.3 < moved.between(dt.date(2025, 2, 2), dt.date(2025, 2, 28)).mean() < 0.95


def test_players_keep_id_name_and_mostly_their_club_over_the_summer_while_some_are_new(finished):
    before = (
        SimulatedSource()
        .fetch("player_boxscores", DateRange(dt.date(2024, 3, 1), dt.date(2024, 4, 20)))
        .rows.to_pandas()
    )
    after = finished["player_boxscores"].query("'2024-10-20' < game_date.astype('string') < '2024-11-20'")
    last, first = (rows.drop_duplicates("player_id").set_index("player_id") for rows in (before, after))
    known = last.index.intersection(first.index)
    assert (last.player_name[known] == first.player_name[known]).all()
    assert 0.6 < (last.team_abbr[known] == first.team_abbr[known]).mean() < 0.95
    assert 10 < len(first.index.difference(last.index)) < 200


def test_the_default_evening_has_a_slate_without_scores():
    source = SimulatedSource()
    tonight = source.fetch("schedule", DateRange(source.today(), source.today())).rows.to_pandas()
    assert source.today() == dt.date(2025, 2, 12)
    assert len(tonight) >= 5
    assert set(tonight.status) == {"scheduled"}
    assert tonight.home_pts.isna().all()


def test_results_end_before_today_while_lines_and_reports_include_it():
    today = dt.date(2025, 1, 15)
    source = SimulatedSource(today=today)
    last = {
        feed: pc.max(source.fetch(feed, SEASON).rows[FEEDS[feed].date]).as_py() for feed in ("shots", "team_boxscores")
    }
    assert set(last.values()) == {dt.date(2025, 1, 14)}
    for feed in ("player_props", "game_odds", "injury_reports"):
        assert pc.max(source.fetch(feed, DateRange(dt.date(2025, 1, 1), AFTER)).rows[FEEDS[feed].date]).as_py() == today


def test_lines_offered_in_play_are_not_visible_before_the_game():
    source = SimulatedSource(today=dt.date(2025, 1, 15))
    tonight = source.fetch("player_props", DateRange(dt.date(2025, 1, 15), dt.date(2025, 1, 15))).rows.to_pandas()
    assert len(tonight) > 0
    assert not (tonight.snapshot_utc >= tonight.start_time_utc).any()


def test_today_is_the_first_date_with_an_unfinished_game():
    assert SimulatedSource(today=dt.date(2024, 11, 28)).today() == dt.date(2024, 11, 29)
    assert SimulatedSource(today=dt.date(2025, 8, 20)).today().month == 10


def test_in_july_today_is_the_date_of_the_last_game(finished):
    assert SimulatedSource(today=AFTER).today() == finished["schedule"].game_date.max()


@pytest.mark.parametrize("feed", ["player_boxscores", "team_boxscores", "shots"])
def test_moving_today_never_changes_a_final_box_score(feed):
    january = DateRange(dt.date(2025, 1, 1), dt.date(2025, 1, 14))
    seen_then = SimulatedSource(today=dt.date(2025, 1, 15)).fetch(feed, january).rows
    assert seen_then.equals(SimulatedSource(today=AFTER).fetch(feed, january).rows)


@pytest.mark.parametrize("feed", FEEDS)
def test_a_range_is_the_season_cut_to_its_dates(finished, feed):
    dates = DateRange(dt.date(2025, 2, 3), dt.date(2025, 2, 9))
    part = SimulatedSource(today=AFTER).fetch(feed, dates).rows.to_pandas()
    whole = finished[feed]
    pd.testing.assert_frame_equal(part, whole[whole[FEEDS[feed].date].map(dates.__contains__)].reset_index(drop=True))


def test_a_moved_game_is_on_its_old_date_until_that_day_and_then_on_the_new_one(finished):
    early = SimulatedSource(today=dt.date(2024, 10, 25)).fetch("schedule", SEASON).rows.to_pandas().set_index("game_id")
    late = finished["schedule"].set_index("game_id").game_date[early.index]
    assert early.index.is_unique
    moved = early.index[early.game_date != late]
    assert len(moved) == 1
    old, new = early.game_date[moved[0]], late[moved[0]]
    assert new > old
    for today, shown in ((old, old), (old + dt.timedelta(days=1), new), (new, new)):
        seen = SimulatedSource(today=today).fetch("schedule", SEASON).rows.to_pandas().set_index("game_id")
        assert seen.index.is_unique
        assert seen.game_date[moved[0]] == shown
        assert seen.status[moved[0]] == "scheduled"


def test_a_playoff_game_is_not_announced_before_it_is_certain():
    regular_season_still_on = SimulatedSource().fetch("schedule", SEASON).rows
    assert set(regular_season_still_on["season_type"].unique().to_pylist()) == {"preseason", "regular", "nba_cup_final"}
    first_round = SimulatedSource(today=dt.date(2025, 4, 20)).fetch("schedule", SEASON).rows.to_pandas()
    playoffs = first_round[first_round.season_type == "playoffs"]
    assert len(playoffs) == 8 * 4
    assert playoffs.game_id.str[-1].isin(list("1234")).all()


def test_a_range_without_a_season_is_empty_but_typed():
    long_ago = SimulatedSource().fetch("schedule", DateRange(dt.date(1990, 1, 1), dt.date(1990, 12, 31))).rows
    assert long_ago.num_rows == 0
    assert long_ago.column_names == list(FEEDS["schedule"].fields)


@pytest.fixture(scope="module")
def drawn_twice() -> tuple[Season, Season]:
    return Season(3, 2022), Season(3, 2022)


@pytest.mark.parametrize("feed", FEEDS)
def test_the_same_seed_is_the_same_league(drawn_twice, feed):
    once, again = drawn_twice
    assert once.table(feed).equals(again.table(feed))


def test_another_seed_is_another_league(finished):
    other = SimulatedSource(seed=8, today=AFTER).fetch("player_boxscores", SEASON).rows.to_pandas()
    assert not set(other.player_name) <= set(finished["player_boxscores"].player_name)
    assert len(other) != len(finished["player_boxscores"])


def test_every_player_is_on_an_october_roster_and_of_a_plausible_age(finished):
    rosters = finished["rosters"].set_index("player_id")
    assert set(finished["player_boxscores"].player_id) <= set(rosters.index)
    ages = (pd.to_datetime(rosters.listed_on) - pd.to_datetime(rosters.birth_date)).dt.days / 365.25
    assert 0 < ages.isna().mean() < 0.1
    assert 17 < ages.min() < 21 < 30 < ages.max() < 42


def test_a_birth_date_is_the_same_in_every_season(finished):
    before = SimulatedSource().fetch("rosters", DateRange(dt.date(2023, 8, 1), dt.date(2024, 7, 31))).rows.to_pandas()
    both = before.merge(finished["rosters"], on="player_id").dropna()
    assert len(both) > 300
    assert (both.birth_date_x == both.birth_date_y).all()


def test_a_negative_seed_is_refused_by_name():
    with pytest.raises(ValueError, match=r"seed .* must be 0 or more, found -1"):
        rng_for(-1, 2024)
