"""A game day from provider responses to grades, and its morning again from stored responses alone."""

import datetime as dt
from dataclasses import dataclass, field

import dagster as dg
import pandas as pd
import pytest

from models.markets import MARKETS, POINTS
from nba_assets.kit.calendar import PIN
from nba_platform.definitions import TABLES
from nba_platform.orchestration.sensors import facts_to_load
from nba_resources.dates import DateRange
from nba_resources.objects.store import ObjectStore
from nba_resources.sources.base import BadInput
from nba_resources.sources.http.landing import Landing

from ...nba_resources.sources.providers.changes import put, rename
from .game_day import EVENING, FIRST_LINES, OPENING, SEASON, STRANGER, TODAY, Clock, ExpectedSource, GameDay, at
from .table_runner import AFTER_GAMES, COMPUTED, FORECASTS, GRADES, LATELY, MORNING, RAW, TableRunner

OF_LINES = {"player_prop_lines", "ml_feature_store_v2", "prediction_evidence"}
ON_LINES = [name for name in MORNING if name in OF_LINES]
UNKNOWN = "birth_dates"  # no provider here has rosters
COMPARED = [name for name in (*RAW, *COMPUTED) if TABLES[name].layer in ("raw", "reference", "analytics")]
COMPARED.remove(UNKNOWN)
BENCH = 9_000_000  # ids of players who did not play: providers list them, the league itself does not
PLAYER, PLAYER_TOLD = "game.homeTeam.players.0.statistics", "game.homeTeam.players[0].statistics"
SCHEDULE, BOX = "landing/nba_com/schedule/2024-25/", f"landing/nba_com/boxscore/{TODAY}/"
FAULTS = {  # the faulty document, its change, and what the error must name
    "an error in place of an answer": ("schedule", lambda _: b'{"error": "try later"}', (SCHEDULE, ".refused.gz")),
    "no games at all": ("schedule", put("leagueSchedule.gameDates", []), (SCHEDULE, "gameDates")),
    "half a document": ("boxscore", lambda _: b'{"meta": {"version": 1}, "ga', (BOX, ".refused.gz")),
    "a page": ("boxscore", lambda _: b"<html>Access Denied</html>", (BOX, ".refused.gz")),
    "another name": ("boxscore", rename(f"{PLAYER}.points", "pts"), (BOX, f"{PLAYER_TOLD}.points is missing")),
    "another type": ("boxscore", put(f"{PLAYER}.points", [21]), (BOX, "statistics.points", "[21]")),
}
CORRECTION, IN_PLAY = 2, 6
LAST_WEEK = DateRange(TODAY - dt.timedelta(days=7), TODAY)  # of shots: a game has two hundred


@dataclass
class Day:
    """What was stored after each step of the day."""

    game_day: GameDay
    home: TableRunner
    objects: ObjectStore
    before_faults: dict[str, pd.DataFrame] = field(default_factory=dict)
    after_faults: dict[str, pd.DataFrame] = field(default_factory=dict)
    morning: dict[str, pd.DataFrame] = field(default_factory=dict)
    lines: dict[str, pd.DataFrame] = field(default_factory=dict)
    grades: dict[str, pd.DataFrame] = field(default_factory=dict)
    news: dict[str, set[str]] = field(default_factory=dict)
    landed: dict[str, list[str]] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    looked: dict[str, object] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    def note(self, step: str) -> None:
        """Record the stored responses and the number of requests after a step."""
        self.landed[step] = [path for path in Landing(self.objects).paths("nba_com") if f"/{TODAY}/" in path]
        self.asked[step] = self.game_day.asked.total()

    def graded(self, step: str, loaded: dict[dt.date, set[str]]) -> None:
        """Compute the grades of the day if a run loaded anything of it."""
        self.news[step] = loaded.get(TODAY, set())
        if self.news[step]:
            self.home.compute(EVENING, *AFTER_GAMES)
        self.grades[step] = self.home.rows(GRADES)
        self.note(step)


def history(home: TableRunner) -> None:
    yesterday = TODAY - dt.timedelta(days=1)
    home.load(DateRange(OPENING, yesterday), "seasons", "schedule", "player_boxscores", "team_boxscores")
    home.load(DateRange(LAST_WEEK.start, yesterday), "shots")


def load_again(home: TableRunner) -> None:
    """Load everything that the first warehouse had by the morning."""
    home.load(SEASON, *(name for name in RAW if name != "shots"))
    home.load(LAST_WEEK, "shots")


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    """Run from the morning of the game day to three days later, then stop the providers."""
    folder = tmp_path_factory.mktemp("day")
    game_day, objects = GameDay(Clock(at("08:45"))), ObjectStore(root=str(folder / "objects"))
    home = TableRunner(folder / "home", game_day.source(folder / "home", objects), game_day.clock)
    told = Day(game_day, home, objects)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.delenv(PIN, raising=False)
        try:
            live_through(told)
        finally:
            game_day.server.stop()
    return told


def live_through(day: Day) -> None:
    game_day, home, points = day.game_day, day.home, day.game_day.star["pts"]
    game_day.post_line(FIRST_LINES, points - 0.5)
    history(home)
    assert home.refresh("morning_refresh", "09:00").keys() == {TODAY}
    home.catch_up(*COMPUTED)
    home.compute(EVENING, "game_editions", FORECASTS)
    day.morning = {name: home.rows(name) for name in (*RAW, *COMPUTED, FORECASTS)}

    game_day.post_line("14:50", points + 0.5)
    assert home.refresh("line_refresh", "15:00").keys() == {TODAY}
    game_day.post_line("18:50", points + 1.5)
    assert home.refresh("line_refresh", "18:55").keys() == {TODAY}
    home.compute(LATELY, *ON_LINES)
    home.compute(EVENING, "game_editions", FORECASTS)
    day.lines["closed"] = home.rows("player_prop_lines")
    game_day.post_line("19:00", points + 1.5 + IN_PLAY, others=IN_PLAY)
    assert home.refresh("line_refresh", "19:00", late=1).keys() == {TODAY}
    home.compute(LATELY, "player_prop_lines")
    day.lines["in play"] = home.rows("player_prop_lines")
    day.note("in play")
    assert home.refresh("line_refresh", "20:30") == {}
    day.note("all begun")

    next_day, day_after, last = (TODAY + dt.timedelta(days=n) for n in (1, 2, 3))
    game_day.nba.league = game_day.seen_on(next_day)
    day.graded("final", home.refresh("post_game", "03:30", next_day))
    first_look = facts_to_load(None, home.source, day.objects, TABLES)
    game_day.nba.league = game_day.seen_on(day_after)
    game_day.correct(CORRECTION)
    day.graded("corrected", home.refresh("late_corrections", "06:00", day_after))
    game_day.nba.league = game_day.seen_on(last)
    day.graded("again", home.refresh("late_corrections", "06:00", last))
    for feed in ("schedule", "player_boxscores", "team_boxscores", "shots"):
        home.source.fetch(feed, EVENING)
    day.note("within the minute")
    day.looked["since the finals"] = facts_to_load(first_look.cursor, home.source, day.objects, TABLES)
    day.before_faults = {name: home.rows(name) for name in ("schedule", "player_boxscores")}
    fail(day)


def fail(day: Day) -> None:
    """Load the game day with one fault of NBA.com after another."""
    corrected = day.game_day.nba.changes
    for said, (part, twist, _) in FAULTS.items():
        day.game_day.clock.moment += dt.timedelta(minutes=2)
        day.game_day.nba.changes = {**corrected, part: twist}
        with pytest.raises(BadInput) as error:
            day.home.load(EVENING, "schedule", "player_boxscores")
        day.refused[said] = str(error.value)
    day.after_faults = {name: day.home.rows(name) for name in ("schedule", "player_boxscores")}


def of_the_star(day: Day, rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows.player_id == day.game_day.star["player_id"]].reset_index(drop=True)


def test_the_opening_line_is_the_first_and_the_closing_line_the_last_before_tip_off(day: Day):
    """Posted at 8:30, 14:50 and 18:50; requested at 9:00, 15:00 and 18:55."""
    (star,) = of_the_star(day, day.lines["closed"]).to_dict("records")
    points = day.game_day.star["pts"]
    assert (star["opening_line"], star["line"], star["line_move"]) == (points - 0.5, points + 1.5, 2.0)
    assert (star["opening_known_at"], star["line_known_at"]) == (at("09:00"), at("18:55"))
    others = day.lines["closed"][day.lines["closed"].player_id != star["player_id"]]
    posted = [row for (_, moment), rows in day.game_day.lines.at.items() if moment == at(FIRST_LINES) for row in rows]
    lines = [
        row["line"] for row in posted if row["player_name_raw"] not in (day.game_day.star["player_name"], STRANGER)
    ]
    assert sorted(others.line) == sorted(lines)


def test_a_line_seen_in_play_is_stored_and_changes_no_line(day: Day):
    """The bookmaker lists the game half an hour too late, so its lines are still requested."""
    raw = day.home.rows("player_props")
    in_play = raw[raw.snapshot_utc >= day.game_day.game["start_time_utc"]]
    assert set(in_play.snapshot_utc) == {at("19:01")}
    assert len(in_play) == len(day.game_day.lines.at[day.game_day.pair, at("19:00")])
    star = in_play[in_play.player_name_raw == day.game_day.star["player_name"]]
    assert star.line.tolist() == [day.game_day.star["pts"] + 1.5 + IN_PLAY]
    pd.testing.assert_frame_equal(day.lines["in play"], day.lines["closed"])


def test_once_the_last_game_has_begun_nothing_is_asked(day: Day):
    assert day.asked["all begun"] == day.asked["in play"]


def test_a_grade_is_what_the_player_did_against_the_closing_line(day: Day):
    graded = on_points(of_the_star(day, day.grades["final"]))
    points = day.game_day.star["pts"]
    assert len(graded) == 14, "ten systems, the rates in both editions, the blend and the plain average"
    assert set(graded.outcome_state) == {"PLAYED"}
    assert set(graded.actual_value) == {points}
    assert set(graded.line) == {points + 1.5}
    picked = graded[graded.is_pick]
    assert len(picked)
    assert picked.grade.tolist() == ["LOSS" if side == "OVER" else "WIN" for side in picked.recommendation]
    predicted = graded[graded.predicted_value.notna()]
    assert predicted.signed_error.tolist() == pytest.approx((predicted.predicted_value - points).tolist())


def test_a_corrected_box_score_changes_the_grades_of_that_player_once_and_nobody_elses(day: Day):
    """Two points more: systems that were under the line are over it now, also of the sums that count points."""
    grades = day.grades
    pd.testing.assert_frame_equal(grades["corrected"], grades["again"])
    changed = changed_rows(grades["final"], grades["corrected"])
    assert set(changed.player_id) == {day.game_day.star["player_id"]}
    assert set(changed.market) == {key for key, market in MARKETS.items() if "points" in market.counts}
    changed, points = on_points(changed), day.game_day.star["pts"] + CORRECTION
    assert len(changed) == 14
    assert set(changed.actual_value) == {points}
    picked = changed[changed.is_pick]
    assert picked.grade.tolist() == ["WIN" if side == "OVER" else "LOSS" for side in picked.recommendation]


def on_points(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows.market == POINTS]


def changed_rows(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `after` that differ from `before` in any column."""
    assert len(before) == len(after)
    same = (before == after) | (before.isna() & after.isna())
    return after[~same.all(axis=1)]


def test_a_correction_stores_one_response_and_then_nothing_more(day: Day):
    """Four games, each with a box score and a play-by-play, and one corrected box score."""
    final, corrected = day.landed["final"], day.landed["corrected"]
    assert len(final) == 8
    (news,) = set(corrected) - set(final)
    assert "/boxscore/" in news
    assert day.landed["again"] == corrected


def test_only_what_was_corrected_is_loaded_and_only_once(day: Day):
    """The seasons have no dates and join the first run."""
    assert day.news["corrected"] - {"seasons"} == {"schedule", "player_boxscores", "team_boxscores"}
    assert day.news["again"] == set()


def test_what_was_answered_within_the_minute_is_not_asked_again(day: Day):
    assert day.asked["within the minute"] == day.asked["again"]


def test_finals_and_corrections_are_no_reason_for_a_second_run(day: Day):
    """Every final score changed the schedule, but not its fixtures."""
    look = day.looked["since the finals"]
    assert isinstance(look, dg.SensorResult)
    assert not look.run_requests
    assert "same facts" in look.skip_reason.skip_message


def test_a_line_on_a_man_nobody_knows_is_stored_and_used_for_nobody(day: Day):
    raw, lines = day.morning["player_props"], day.morning["player_prop_lines"]
    assert (raw.player_name_raw == STRANGER).sum() == 4, "one a game"
    assert len(lines) == len(raw) - 4
    assert lines.player_id.is_unique


@pytest.mark.parametrize("fault", FAULTS)
def test_what_cannot_be_meant_is_told_with_its_place_and_file(day: Day, fault: str):
    _, _, expected = FAULTS[fault]
    for told in ("nba_com", *expected):
        assert told in day.refused[fault]


def test_what_cannot_be_meant_changes_nothing_that_is_stored(day: Day):
    for name, before in day.before_faults.items():
        pd.testing.assert_frame_equal(day.after_faults[name], before)


def test_tables_of_the_morning_are_those_of_the_league_itself_row_for_row(day: Day, tmp_path):
    morning = at("09:00")
    itself = TableRunner(tmp_path, ExpectedSource(day.game_day, morning), Clock(morning))
    load_again(itself)
    assert itself.rows(UNKNOWN).empty
    itself.catch_up(*(name for name in COMPUTED if name in COMPARED))
    for name in COMPARED:
        expected, found = itself.rows(name), day.morning[name]
        assert len(expected), name
        if "player_id" in found:
            found = found[found.player_id.fillna(0) < BENCH].reset_index(drop=True)
        found, expected = (rows.drop(columns="source", errors="ignore") for rows in (found, expected))
        pd.testing.assert_frame_equal(found, expected, obj=name, rtol=0, atol=1e-9)


def test_a_replay_of_the_first_morning_predicts_what_was_predicted_then(day: Day, tmp_path):
    """The providers are gone, the box score is corrected, the line has moved: none of it is visible in the morning."""
    morning = at("09:00")
    then = TableRunner(tmp_path, day.game_day.source(tmp_path, day.objects, known_by=morning), Clock(morning))
    load_again(then)
    then.catch_up(*COMPUTED)
    then.compute(EVENING, "game_editions", FORECASTS)
    for name in (*RAW, *COMPUTED, FORECASTS):
        pd.testing.assert_frame_equal(then.rows(name), day.morning[name], obj=name)
    assert on_points(of_the_star(day, then.rows(FORECASTS))).line.unique().tolist() == [day.game_day.star["pts"] - 0.5]
