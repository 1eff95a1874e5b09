"""Faults of providers and of the machine, drawn from a seed, and the server that answers with them."""

import datetime as dt
import json
import logging
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from nba_resources.dates import EASTERN
from simulated_month.clock import Clock
from simulated_month.league import NbaCom, Odds, Reports, Truth

KEY = "the-key-of-no-account"
HOOK = "/hook/nobody-may-see-this"
MONTHLY, DAILY = 1_000, 40  # credits; a busy day needs more, and goes on without lines
READ_SECONDS = 2.0  # of real time: the only wait that a simulated clock cannot shorten
NBA_COM, ODDS, REPORT = "nba.com", "odds", "report"
QUOTA_GONE_AT = dt.time(18)
OF_ANSWERS = (
    *("429 with Retry-After", "429 with a long Retry-After", "429 without Retry-After", "500", "time-out"),
    *("cut body", "truncated body", "wrong type", "empty list", "stale cache", "clock skew", "duplicates"),
    *("out of contract", "report late", "quota gone", "twice under two ids", "box score empty"),
)
OF_THE_MACHINE = ("killed", "killed command", "disk full", "file locked", "two at once")
ONLY = {  # the provider that a fault is about; any of them otherwise
    "report late": REPORT,
    "quota gone": ODDS,
    "twice under two ids": NBA_COM,
    "box score empty": NBA_COM,
    "time-out": ODDS,
}
A_DAY = 0.25  # the chance of each fault of answers on a day
AN_ACT = 0.08  # the chance of each fault of the machine in an act
HITS = 0.7  # the share of requests that a fault hits while it lasts


@dataclass(frozen=True)
class Fault:
    """A fault of one provider for some time."""

    kind: str
    provider: str
    since: dt.datetime
    until: dt.datetime

    def __str__(self) -> str:
        since, until = (moment.astimezone(EASTERN) for moment in (self.since, self.until))
        return f"{since:%m-%d %H:%M}-{until:%H:%M} {self.provider}: {self.kind}"


def faults_of_day(seed: int, day: dt.date, acts: Sequence[dt.datetime]) -> list[Fault]:
    """Draw the faults of a day: each begins shortly before an act of the day and lasts up to two hours."""
    chance = random.Random(f"faults {seed} {day}")
    found = []
    for kind in OF_ANSWERS:
        hits, act = chance.random() < A_DAY, chance.choice(acts)
        provider = chance.choice((NBA_COM, ODDS, REPORT))
        lasts = dt.timedelta(minutes=chance.choice((10, 45, 120)))
        if kind == "quota gone":
            act = dt.datetime.combine(day, QUOTA_GONE_AT, EASTERN).astimezone(dt.UTC)
            lasts = dt.timedelta(hours=6)
        if hits:
            found.append(Fault(kind, ONLY.get(kind, provider), act - dt.timedelta(minutes=1), act + lasts))
    return found


class Providers:
    """All providers and the receiver of alerts on one loopback server, for one month after the other."""

    def __init__(self, clock: Clock, port: int = 0) -> None:
        self.clock = clock
        logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it prints every request
        self.server = HTTPServer(port=port)
        self.server.expect_request(re.compile("/.*")).respond_with_handler(self.answer)
        self.server.start()
        self.url = self.server.url_for("").rstrip("/")

    def begin(self, truth: Truth, seed: int) -> None:
        """Begin a month: serve this league, and forget what was asked, charged and told."""
        self.seed = seed
        self.lines, self.quotes = (Odds(truth, feed) for feed in ("player_props", "game_odds"))
        self.nba, self.reports = NbaCom(truth), Reports(truth.league)
        self.faults: list[Fault] = []
        self.injected: Counter[str] = Counter()
        self.messages: list[str] = []
        self.charged: Counter[str] = Counter()  # credits by day
        self.asked: Counter[str] = Counter()
        self.last: dict[str, bytes] = {}

    def answer(self, request: Request) -> Response:
        """Answer as of now, unless a fault hits the request."""
        self.clock.follow()
        if request.path == HOOK:
            self.messages.append(json.loads(request.data)["text"])
            return Response("ok")
        provider, fake = self._fake(request.path)
        self.asked[request.path] += 1
        chance = random.Random(f"{self.seed} {request.path} {self.asked[request.path]}")
        now = self.clock.moment
        hit = next((one for one in self.faults if one.provider == provider and one.since <= now < one.until), None)
        before = self.lines.charged + self.quotes.charged
        response = fake(request)
        if response.status_code == 200 and hit and chance.random() < HITS:
            faulty = FAULTY[hit.kind](response, chance, self.last.get(request.url))
            if faulty is not None:
                self.injected[hit.kind] += 1
                response = faulty
        if response.status_code == 200:
            self.last.setdefault(request.url, response.get_data())
        if provider == ODDS:
            refused = response.status_code != 200  # which costs nothing
            cost = 0 if refused else self.lines.charged + self.quotes.charged - before
            self.charged[f"{now:%Y-%m-%d}"] += cost
            response.headers["x-requests-last"] = str(cost)
            response.headers.setdefault("x-requests-remaining", str(MONTHLY - self.charged_in(f"{now:%Y-%m}")))
        response.headers.setdefault("Date", format_datetime(now.replace(microsecond=0), usegmt=True))
        return response

    def charged_in(self, month: str) -> int:
        """Return the credits charged in a month."""
        return sum(credits for day, credits in self.charged.items() if day.startswith(month))

    def _fake(self, path: str) -> tuple[str, Callable[[Request], Response]]:
        if "Data" in path:
            return NBA_COM, self.nba
        if "Injury" in path:
            return REPORT, self.reports
        return ODDS, self.quotes if path.endswith("basketball_nba/odds") else self.lines


Change = Callable[[Response, random.Random, bytes | None], Response | None]


def _status(code: int, **headers: str) -> Change:
    sent = {name.replace("_", "-"): text for name, text in headers.items()}
    return lambda response, chance, last: Response("try later", code, headers=sent)


def _time_out(response: Response, chance: random.Random, last: bytes | None) -> Response:
    time.sleep(READ_SECONDS + 1)
    return response


def _cut(response: Response, chance: random.Random, last: bytes | None) -> Response:
    """Promise more bytes than are sent."""
    body = response.get_data()
    cut = Response(body[: len(body) // 2], content_type=response.content_type)
    cut.automatically_set_content_length = False
    cut.headers["Content-Length"] = str(len(body))
    return cut


def _truncated(response: Response, chance: random.Random, last: bytes | None) -> Response:
    body = response.get_data()
    return Response(body[: len(body) // 2], content_type=response.content_type)


def _stale(response: Response, chance: random.Random, last: bytes | None) -> Response | None:
    """Answer what was answered first to the same request."""
    return None if last is None else Response(last, content_type=response.content_type)


def _skewed(response: Response, chance: random.Random, last: bytes | None) -> Response:
    now = dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(minutes=chance.choice((-40, 25)))
    response.headers["Date"] = format_datetime(now, usegmt=True)
    return response


def _changed(change: Callable[[Any, random.Random], bool]) -> Change:
    """Change the document, or leave the response alone if there is nothing to change."""

    def changed(response: Response, chance: random.Random, last: bytes | None) -> Response | None:
        if response.content_type != "application/json":
            return None
        document = json.loads(response.get_data())
        done = change(document, chance)
        return Response(json.dumps(document), content_type=response.content_type) if done else None

    return changed


def _places(document: Any, fits: Callable[[Any], bool]) -> list[tuple[Any, Any]]:
    """Return every container and key whose value fits."""
    found, waiting = [], [document]
    while waiting:
        one = waiting.pop()
        items = one.items() if isinstance(one, dict) else enumerate(one) if isinstance(one, list) else ()
        for key, value in items:
            if fits(value):
                found.append((one, key))
            waiting.append(value)
    return found


def _replace(fits: Callable[[Any], bool], new: Callable[[Any], Any], key: str = "") -> Callable[..., bool]:
    def change(document: Any, chance: random.Random) -> bool:
        places = [place for place in _places(document, fits) if not key or place[1] == key]
        if places:
            inside, name = chance.choice(places)
            inside[name] = new(inside[name])
        return bool(places)

    return change


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _same_game_twice(document: Any, chance: random.Random) -> bool:
    """List a game a second time under another id."""
    if "leagueSchedule" not in document:
        return False
    games = [date["games"] for date in document["leagueSchedule"]["gameDates"] if len(date["games"]) > 0]
    of_day = chance.choice(games)
    of_day.append(of_day[0] | {"gameId": f"00224{chance.randint(90000, 99999)}"})
    return True


def _no_players_yet(document: Any, chance: random.Random) -> bool:
    if "homeTeam" not in document.get("game", {}):
        return False
    for side in ("homeTeam", "awayTeam"):
        document["game"][side]["players"] = []
    return True


def _quota_gone(response: Response, chance: random.Random, last: bytes | None) -> Response:
    body = {"message": "Usage quota has been reached.", "error_code": "OUT_OF_USAGE_CREDITS"}
    return Response(json.dumps(body), 401, content_type="application/json", headers={"x-requests-remaining": "0"})


FAULTY: dict[str, Change] = {
    "429 with Retry-After": _status(429, Retry_After="7"),
    "429 with a long Retry-After": _status(429, Retry_After="1800"),
    "429 without Retry-After": _status(429),
    "500": _status(500),
    "time-out": _time_out,
    "cut body": _cut,
    "truncated body": _truncated,
    "wrong type": _changed(_replace(_is_number, lambda value: [value])),
    "empty list": _changed(_replace(_is_rows, lambda value: [])),
    "stale cache": _stale,
    "clock skew": _skewed,
    "duplicates": _changed(_replace(_is_rows, lambda value: [*value, value[0]])),
    "out of contract": _changed(_replace(_is_number, lambda value: value * 1_000)),
    "report late": _status(404),
    "quota gone": _quota_gone,
    "twice under two ids": _changed(_same_game_twice),
    "box score empty": _changed(_no_players_yet),
}
