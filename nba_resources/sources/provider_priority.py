"""The providers of each feed by priority, and the live source that the environment configures.

If providers disagree about a game, the first in the order that has it is used for the whole game; nothing is averaged.
Settings are checked against this module, also by commands that ask no provider, so HTTP is imported by `live_source`.
"""

import datetime as dt
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nba_resources.sources.base import BEFORE_TIP, SourceUnavailable

if TYPE_CHECKING:
    from nba_resources.objects.store import ObjectStore
    from nba_resources.sources.http.client import Client
    from nba_resources.sources.live import LiveSource
    from nba_resources.sources.providers.provider import Provider, Quota


@dataclass(frozen=True)
class ProviderPriority:
    """The providers of a feed, best first: for the current season, and for past seasons."""

    daily: tuple[str, ...]
    history: tuple[str, ...]


_GAMES = ProviderPriority(("nba_com", "sportsdataverse"), ("sportsdataverse", "nba_com"))
_LINES = ProviderPriority(("the_odds_api",), ("the_odds_api",))
PRIORITIES: Mapping[str, ProviderPriority] = {
    "schedule": ProviderPriority(("nba_com", "sportsdataverse"), ("sportsdataverse",)),
    "player_boxscores": _GAMES,
    "team_boxscores": _GAMES,
    "shots": _GAMES,
    "player_props": _LINES,
    "game_odds": _LINES,
    "injury_reports": ProviderPriority(("injury_report",), ("injury_report",)),
    "rosters": ProviderPriority(("sportsdataverse",), ("sportsdataverse",)),
}
FREE_GAME_ODDS = ProviderPriority((), ("the_odds_api",))
# When lines are requested before tip-off, by the plan that `NBA_LINES` names.
LINE_PLANS: Mapping[str, tuple[dt.timedelta, ...]] = {"full": BEFORE_TIP, "free": (dt.timedelta(minutes=30),)}
PROVIDERS = tuple(dict.fromkeys(name for order in PRIORITIES.values() for name in (*order.daily, *order.history)))
OPT_IN = frozenset({"nba_com"})  # the operator must accept its terms, so it is used only if it is named


@dataclass(frozen=True)
class LiveSettings:
    """The enabled providers, in any order, and how to request them."""

    providers: tuple[str, ...] = tuple(name for name in PROVIDERS if name not in OPT_IN)
    landing: str = ""
    known_by: str = ""
    for_history: float = 0.0
    lines: str = "full"
    markets: tuple[str, ...] = ("player_points",)
    urls: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def live_source(objects: "ObjectStore", home: Path, settings: LiveSettings) -> "LiveSource":
    """Return the source with the enabled providers; with `known_by`, a replay that sends no requests."""
    from nba_resources.objects.store import ObjectStore
    from nba_resources.sources.http.landing import Landing
    from nba_resources.sources.live import LiveSource

    known_by = parse_time(settings.known_by) if settings.known_by else None
    landing = Landing(ObjectStore(root=settings.landing) if settings.landing else objects, known_by)
    client = None if known_by else client_of(home, settings.for_history)

    def clock() -> dt.datetime:
        return known_by or _now()

    providers = [_provider(name, settings, clock) for name in settings.providers]
    priorities = {**PRIORITIES, "game_odds": FREE_GAME_ODDS} if settings.lines == "free" else PRIORITIES
    return LiveSource(providers, landing, client, priorities, LINE_PLANS[settings.lines])


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@cache
def client_of(home: Path, for_history: float) -> "Client":
    """Make one client a process, as the allowance for paid history is for the whole process."""
    from nba_resources.sources.http.client import Client

    return Client(home, for_history)


def provider_class(name: str) -> "type[Provider]":
    """Import the module of a provider and return its class. Imported late: reading PDFs needs a slow library."""
    from nba_resources.sources.providers.provider import Provider

    module = importlib.import_module(f"nba_resources.sources.providers.{name}")
    (found,) = (
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Provider) and value.__module__ == module.__name__
    )
    return found


def _provider(name: str, settings: LiveSettings, clock: Callable[[], dt.datetime]) -> "Provider":
    own: dict[str, Any] = {"markets": settings.markets} if name == "the_odds_api" else {}
    return provider_class(name)(settings.urls.get(name) or None, clock, settings.headers.get(name), **own)


def provider_quotas(settings: LiveSettings) -> "dict[str, Quota]":
    """Return the paid plans of the enabled providers that deliver history."""
    names = dict.fromkeys(name for order in PRIORITIES.values() for name in order.history)
    enabled = [name for name in names if name in settings.providers]
    quotas = {name: _provider(name, settings, _now).policy.quota for name in enabled}
    return {name: quota for name, quota in quotas.items() if quota is not None}


def is_time(text: str) -> bool:
    """Return whether a text is `now` or a time with its zone."""
    try:
        return text == "now" or dt.datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def parse_time(text: str) -> dt.datetime:
    """Return the time that a text names."""
    if not is_time(text):
        raise SourceUnavailable(
            f"{text!r} is not a time: expected `now`, or a time with its zone, such as 2025-01-15T09:00-05:00"
        )
    return dt.datetime.now(dt.UTC) if text == "now" else dt.datetime.fromisoformat(text)
