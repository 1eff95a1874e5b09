import datetime as dt
import json
import re
from typing import Any, ClassVar

import pyarrow as pa
import pytest
from werkzeug import Request as Asked
from werkzeug import Response

from nba_resources.dates import DateRange
from nba_resources.findings import Level
from nba_resources.sources.base import ALWAYS, BadInput, SourceUnavailable
from nba_resources.sources.conform import Published
from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.landing import Landing
from nba_resources.sources.live import Chain, LiveSource
from nba_resources.sources.provider import Door, Manners, NotOffered, Provider, Quota, Request
from nba_resources.sources.readings import arrow_schema

TONIGHT = dt.date(2025, 1, 15)
LAST_NIGHT = dt.date(2025, 1, 14)
LEFT = "credits left at dear"
ONE, OTHER = "0022400560", "0022400561"


class Paper(Provider):
    """Prints the schedule of a season and the box scores of a day, in the words of our feeds."""

    feeds: ClassVar[frozenset[str]] = frozenset({"schedule", "player_boxscores", "player_points_props"})
    home = "http://unused"
    manners = Manners(seconds_between=0.001, tries=1)

    def fetch(self, feed: str, dates: DateRange, door: Door) -> list[Published]:
        printed = []
        for filed_under in ["2024-25"] if feed == "schedule" else [str(day) for day in dates]:
            request = Request(
                self.name, feed, f"{self.base_url}/{feed}/{filed_under}", filed_under, cost=self.cost(feed)
            )
            landed = door.get(request)
            if landed is not None:
                rows = [row for row in json.loads(landed.body) if dt.date.fromisoformat(row["game_date"]) in dates]
                printed.append(Published(landed.path, pa.Table.from_pylist(rows or [], _texts(feed))))
        return printed

    def cost(self, feed: str) -> float:
        return 0


def _texts(feed: str) -> pa.Schema:
    return pa.schema([(name, pa.string()) for name in FEEDS[feed].fields])


class Morning(Paper):
    name = "morning"


class Evening(Paper):
    name = "evening"


class Dear(Paper):
    name = "dear"
    manners = Manners(seconds_between=0.001, tries=1, key_variable="NBA_TEST_KEY", quota=Quota("NBA_TEST_CREDITS", 500))

    def cost(self, feed: str) -> float:
        return 10


class Press:
    """The server behind the papers: what each has printed, and how often it was asked."""

    def __init__(self, desk) -> None:
        self.desk, self.pages, self.asked = desk, {}, []
        desk.server.expect_request(re.compile(".*")).respond_with_handler(self.answer)

    def answer(self, request: Asked) -> Response:
        self.asked.append(request.path)
        body = self.pages.get(request.path)
        if isinstance(body, int):
            return Response("sorry", body)
        return Response("none", 404) if body is None else Response(json.dumps(body))

    def prints(self, paper: str, feed: str, filed_under: str, rows: list[dict[str, Any]] | int) -> None:
        self.pages[f"/{paper}/{feed}/{filed_under}"] = rows

    def source(self, *papers: type[Paper], known_by: dt.datetime | None = None, **changes):
        names = tuple(paper.name for paper in papers)
        providers = [paper(self.desk.server.url_for(f"/{paper.name}")) for paper in papers]
        landing = Landing(self.desk.landing.objects, known_by)
        client = None if known_by else self.desk.client(**changes)
        return LiveSource(providers, landing, client, {feed: Chain(names, names[::-1]) for feed in FEEDS})


@pytest.fixture
def press(desk) -> Press:
    return Press(desk)


def game(game_id: str, day: dt.date, status: str = "final", **changes: Any) -> dict[str, Any]:
    teams = {"home_team": "BOS", "away_team": "NYK", "home_team_id": "1", "away_team_id": "2"}
    tip = f"{day}T19:00:00-05:00"
    season = {"season": "2024-25", "season_type": "regular", "status": status, "start_time_utc": tip}
    return {"game_id": game_id, "game_date": str(day), **teams, **season} | changes


def line(game_id: str, player: int, pts: int, day: dt.date = LAST_NIGHT) -> dict[str, Any]:
    sides = {"team_abbr": "BOS", "opponent_team_abbr": "NYK", "is_home": "true"}
    told = {"player_id": str(player), "player_name": f"Player {player}", "minutes": "30:00", "pts": str(pts)}
    return {"game_id": game_id, "game_date": str(day), **told, **sides}


def told(source: LiveSource, feed: str = "player_boxscores", start: dt.date = LAST_NIGHT, end: dt.date | None = None):
    rows = source.fetch(feed, DateRange(start, end or start)).rows.to_pylist()
    return sorted((row["game_id"], row["source"], row.get("pts")) for row in rows)


def test_tonight_is_the_date_in_new_york_and_not_in_greenwich(press: Press, desk):
    desk.clock.moment = dt.datetime(2025, 1, 16, 4, 59, tzinfo=dt.UTC)
    assert press.source(Morning).today() == TONIGHT
    desk.clock.pass_minutes(2)
    assert press.source(Morning).today() == TONIGHT + dt.timedelta(days=1)


def test_each_row_says_who_published_it(press: Press):
    press.prints("morning", "player_boxscores", "2025-01-14", [line(ONE, 1, 31)])
    delivery = press.source(Morning, Evening).fetch("player_boxscores", DateRange(LAST_NIGHT, LAST_NIGHT))
    assert delivery.rows["source"].to_pylist() == ["morning"]
    assert delivery.rows.drop_columns("source").schema == arrow_schema(FEEDS["player_boxscores"])
    assert delivery.facts["rows from morning"] == 1
    assert not delivery.notes


def test_who_cannot_be_reached_is_replaced_and_the_notes_say_why(press: Press):
    press.prints("morning", "player_boxscores", "2025-01-14", 503)
    press.prints("evening", "player_boxscores", "2025-01-14", [line(ONE, 1, 31)])
    delivery = press.source(Morning, Evening).fetch("player_boxscores", DateRange(LAST_NIGHT, LAST_NIGHT))
    assert delivery.rows["source"].to_pylist() == ["evening"]
    assert "morning player_boxscores of 2025-01-14: answered 503" in str(
        delivery.notes["not from the first in the chain"]
    )


def test_nobody_is_a_refusal_that_names_everybody(press: Press):
    for paper in ("morning", "evening"):
        press.prints(paper, "player_boxscores", "2025-01-14", 503)
    with pytest.raises(SourceUnavailable, match=r"nobody delivers player_boxscores of 2025-01-14: morning.*; evening"):
        told(press.source(Morning, Evening))


def test_what_cannot_be_read_is_an_error_and_no_reason_to_believe_somebody_else(press: Press):
    press.prints("morning", "player_boxscores", "2025-01-14", [line(ONE, 1, 31) | {"pts": "many"}])
    press.prints("evening", "player_boxscores", "2025-01-14", [line(ONE, 1, 31)])
    with pytest.raises(BadInput, match=r"landing/morning/player_boxscores/2025-01-14/.*column pts: found 'many'"):
        told(press.source(Morning, Evening))


def test_two_providers_are_never_mixed_inside_one_game(press: Press):
    """The evening paper has another line of the first game and the only ones of the second."""
    press.prints("morning", "schedule", "2024-25", [game(ONE, LAST_NIGHT), game(OTHER, LAST_NIGHT)])
    press.prints("morning", "player_boxscores", "2025-01-14", [line(ONE, 1, 31)])
    press.prints("evening", "player_boxscores", "2025-01-14", [line(ONE, 9, 99), line(OTHER, 2, 12), line(OTHER, 3, 5)])
    source = press.source(Morning, Evening)
    source.fetch("schedule", DateRange(LAST_NIGHT, TONIGHT))
    assert told(source) == [(ONE, "morning", 31), (OTHER, "evening", 5), (OTHER, "evening", 12)]


def test_a_game_that_ended_this_minute_is_waited_for(press: Press, desk):
    """Its box score is late five and a half hours after tip-off: at 0:30 in New York for one that began at 19:00."""
    press.prints("morning", "schedule", "2024-25", [game(ONE, LAST_NIGHT)])
    press.prints("evening", "player_boxscores", "2025-01-14", [line(ONE, 1, 31)])
    desk.clock.moment = dt.datetime(2025, 1, 15, 5, 29, tzinfo=dt.UTC)
    source = press.source(Morning, Evening)
    source.fetch("schedule", DateRange(LAST_NIGHT, LAST_NIGHT))
    assert told(source) == []
    desk.clock.pass_minutes(2)
    assert told(source) == [(ONE, "evening", 31)]


def test_a_game_nobody_has_is_counted(press: Press):
    press.prints("morning", "schedule", "2024-25", [game(ONE, LAST_NIGHT), game(OTHER, LAST_NIGHT, "postponed")])
    source = press.source(Morning, Evening)
    source.fetch("schedule", DateRange(LAST_NIGHT, LAST_NIGHT))
    delivery = source.fetch("player_boxscores", DateRange(LAST_NIGHT, LAST_NIGHT))
    assert delivery.notes == {"games nobody has yet": 1}


def test_a_season_that_is_over_is_asked_of_the_archives_first(press: Press):
    press.prints("evening", "player_boxscores", "2024-01-14", [line("0022300560", 1, 31, dt.date(2024, 1, 14))])
    delivered = told(press.source(Morning, Evening), start=dt.date(2024, 1, 14))
    assert delivered == [("0022300560", "evening", 31)]
    assert press.asked[0].startswith("/evening/")


def test_all_there_is_means_the_seasons_there_are_dates_for(press: Press):
    press.prints("morning", "schedule", "2024-25", [game(ONE, LAST_NIGHT)])
    assert len(told(press.source(Morning), "schedule", ALWAYS.start, ALWAYS.end)) == 1


def test_a_feed_nobody_has_a_key_for_is_empty_and_says_so(press: Press, desk):
    source = press.source(Dear, environment={})
    delivery = source.fetch("player_points_props", DateRange(TONIGHT, TONIGHT))
    assert delivery.rows.num_rows == 0
    assert "its key is not set" in next(iter(delivery.notes))
    assert not press.asked


def test_paid_history_nobody_allowed_leaves_what_is_landed(press: Press):
    press.prints("dear", "player_points_props", "2025-01-14", [])
    source = press.source(Dear)
    assert source.fetch("player_points_props", DateRange(LAST_NIGHT, LAST_NIGHT)).facts[LEFT] == 490
    source = press.source(Dear, environment={"NBA_TEST_KEY": "k", "NBA_TEST_CREDITS": "10"})
    past = source.fetch("player_points_props", DateRange(LAST_NIGHT - dt.timedelta(days=3), LAST_NIGHT))
    assert past.notes == {"paid history that was not asked for: what is landed is all there is": 1}
    with pytest.raises(SourceUnavailable, match="10 of 10 credits"):
        source.fetch("player_points_props", DateRange(TONIGHT, TONIGHT))


def test_a_replay_of_a_morning_sees_what_was_known_then(press: Press, desk):
    """A box score corrected two days later is not known the morning after the game."""
    press.prints("morning", "schedule", "2024-25", [game(ONE, LAST_NIGHT)])
    press.prints("morning", "player_boxscores", "2025-01-14", [line(ONE, 1, 31)])
    live = press.source(Morning, Evening)
    for feed in ("schedule", "player_boxscores"):
        live.fetch(feed, DateRange(LAST_NIGHT, LAST_NIGHT))
    morning = desk.clock.now()
    desk.clock.pass_minutes(2 * 24 * 60)
    press.prints("morning", "player_boxscores", "2025-01-14", [line(ONE, 1, 29)])
    assert told(live) == [(ONE, "morning", 29)]
    asked = len(press.asked)
    assert told(press.source(Morning, Evening, known_by=morning)) == [(ONE, "morning", 31)]
    assert told(press.source(Morning, Evening, known_by=desk.clock.now())) == [(ONE, "morning", 29)]
    assert press.source(Morning, known_by=morning).today() == TONIGHT
    assert len(press.asked) == asked


def test_a_replay_gives_what_the_fallback_gave_when_it_was_used(press: Press, desk):
    press.prints("morning", "schedule", "2024-25", [game(ONE, LAST_NIGHT)])
    press.prints("morning", "player_boxscores", "2025-01-14", 503)
    press.prints("evening", "player_boxscores", "2025-01-14", [line(ONE, 1, 31)])
    live = press.source(Morning, Evening)
    live.fetch("schedule", DateRange(LAST_NIGHT, LAST_NIGHT))
    then = told(live)
    assert told(press.source(Morning, Evening, known_by=desk.clock.now())) == then == [(ONE, "evening", 31)]


def test_a_replay_of_what_was_never_landed_says_so(press: Press, desk):
    with pytest.raises(SourceUnavailable, match="nothing of schedule was landed for 2025-01-15 by then"):
        told(press.source(Morning, known_by=desk.clock.now()), "schedule", TONIGHT)


def test_a_moved_game_changes_the_fingerprints_of_both_dates_and_a_final_score_of_none(press: Press, desk):
    live, pages = press.source(Morning), [game(ONE, LAST_NIGHT, "scheduled"), game(OTHER, TONIGHT, "scheduled")]
    assert live.signature() is None
    press.prints("morning", "schedule", "2024-25", pages)
    live.fetch("schedule", DateRange(TONIGHT, TONIGHT))
    signature, before = live.signature(), live.fingerprints("schedule")
    assert live.signature() == signature
    desk.clock.pass_minutes(60)
    press.prints("morning", "schedule", "2024-25", [game(ONE, LAST_NIGHT, "final", home_pts="101"), pages[1]])
    live.fetch("schedule", DateRange(TONIGHT, TONIGHT))
    assert live.signature() != signature
    assert live.fingerprints("schedule") == before
    desk.clock.pass_minutes(60)
    press.prints("morning", "schedule", "2024-25", [pages[0], game(OTHER, dt.date(2025, 1, 18), "scheduled")])
    live.fetch("schedule", DateRange(TONIGHT, TONIGHT))
    after = live.fingerprints("schedule")
    assert {day for day in before.keys() | after.keys() if before.get(day) != after.get(day)} == {
        TONIGHT,
        dt.date(2025, 1, 18),
    }
    assert live.fingerprints("player_boxscores") == {}


def test_what_each_provider_said_is_compared_without_asking(press: Press):
    for paper, points in (("morning", 31), ("evening", 30)):
        press.prints(paper, "player_boxscores", "2025-01-14", [line(ONE, 1, points)])
        told(press.source({"morning": Morning, "evening": Evening}[paper]))
    asked = len(press.asked)
    each = press.source(Morning, Evening).told_by_each("player_boxscores", DateRange(LAST_NIGHT, LAST_NIGHT))
    assert {name: rows["pts"].to_pylist() for name, rows in each.items()} == {"morning": [31], "evening": [30]}
    assert len(press.asked) == asked


class Watched(Morning):
    def canary(self) -> Request:
        return Request(self.name, "schedule", f"{self.base_url}/schedule/2024-25", "2024-25")


def test_health_tells_who_answers_and_who_does_not(press: Press, desk):
    press.prints("morning", "schedule", "2024-25", [])
    (well,) = press.source(Watched).health()
    assert (well.level, well.found) == (Level.OK, "answers; key not needed; last answer 2025-01-15 15:00 UTC")
    desk.clock.pass_minutes(10)
    press.prints("morning", "schedule", "2024-25", 500)
    (ill,) = press.source(Watched).health()
    assert (ill.level, ill.found[-32:]) == (Level.FAIL, "last answer 2025-01-15 15:00 UTC")
    assert "answered 500" in ill.found
    (dear,) = press.source(Dear).health()
    assert dear.found == "not asked; key set; 500 credits left; never answered yet"
    (poor,) = press.source(Dear, environment={}).health()
    assert (poor.level, poor.remedy) == (Level.WARN, "Set NBA_TEST_KEY, or leave dear out of NBA_PROVIDERS.")
    (past,) = press.source(Watched, known_by=desk.clock.now()).health()
    assert "not asked in a replay" in past.found


class Young(Morning):
    def fetch(self, feed: str, dates: DateRange, door: Door) -> list[Published]:
        raise NotOffered("the morning paper has only the current season")


def test_who_never_has_such_dates_is_passed_over(press: Press):
    press.prints("evening", "player_boxscores", "2025-01-14", [line(ONE, 1, 31)])
    assert told(press.source(Young, Evening)) == [(ONE, "evening", 31)]
