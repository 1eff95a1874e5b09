"""The providers of each feed by priority, and the live source that the environment configures.

If providers disagree about a game, the first in the order that has it is used for the whole game; nothing is averaged.
"""

import datetime as dt
import importlib
import os
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from nba_resources.objects.store import ObjectStore
from nba_resources.sources.base import BEFORE_TIP, SourceUnavailable
from nba_resources.sources.http.client import Client
from nba_resources.sources.http.landing import Landing
from nba_resources.sources.http.state_db import read_credits
from nba_resources.sources.live import LiveSource, ProviderPriority
from nba_resources.sources.providers.provider import Provider, Quota

_BOXSCORES = ProviderPriority(
    ("nba_com", "sportsdataverse", "balldontlie"), ("sportsdataverse", "nba_com", "balldontlie")
)
_LINES = ProviderPriority(("the_odds_api", "balldontlie"), ("the_odds_api",))
PRIORITIES: Mapping[str, ProviderPriority] = {
    "schedule": ProviderPriority(("nba_com", "balldontlie", "sportsdataverse"), ("sportsdataverse", "balldontlie")),
    "player_boxscores": _BOXSCORES,
    "team_boxscores": _BOXSCORES,
    "shots": ProviderPriority(("nba_com", "sportsdataverse"), ("sportsdataverse", "nba_com")),
    "player_points_props": _LINES,
    "game_odds": _LINES,
    "injury_reports": ProviderPriority(("injury_report",), ("injury_report",)),
    "rosters": ProviderPriority(("sportsdataverse",), ("sportsdataverse",)),
}
FREE_GAME_ODDS = ProviderPriority(("balldontlie",), ("the_odds_api",))
# When lines are requested before tip-off, by the plan that `NBA_LINES` names.
LINE_PLANS: Mapping[str, tuple[dt.timedelta, ...]] = {"full": BEFORE_TIP, "free": (dt.timedelta(minutes=30),)}
PROVIDERS = tuple(dict.fromkeys(name for order in PRIORITIES.values() for name in (*order.daily, *order.history)))
WITH_NBA_IDS = ("nba_com", "sportsdataverse")
OPT_IN = frozenset({"nba_com"})  # the operator must accept its terms, so it is used only if it is named


def enabled_providers() -> tuple[str, ...]:
    """Return the providers that `NBA_PROVIDERS` names, in any order; by default all but those to opt in to."""
    text = os.environ.get("NBA_PROVIDERS") or ",".join(name for name in PROVIDERS if name not in OPT_IN)
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if unknown := [name for name in names if name not in PROVIDERS]:
        raise SourceUnavailable(
            f"NBA_PROVIDERS names {', '.join(unknown)}: providers are {', '.join(PROVIDERS)}, separated by commas"
        )
    return names


def live_source(objects: ObjectStore, home: Path) -> LiveSource:
    """Return the source with the enabled providers; with `NBA_KNOWN_BY`, a replay that sends no requests."""
    names, for_history = enabled_providers(), read_credits("NBA_HISTORY_CREDITS", os.environ, 0.0)
    if (plan := os.environ.get("NBA_LINES") or "full") not in LINE_PLANS:
        raise SourceUnavailable(f"NBA_LINES is {plan!r}: it must be one of {', '.join(LINE_PLANS)}")
    known_by = parse_time(text) if (text := os.environ.get("NBA_KNOWN_BY")) else None
    root = os.environ.get("NBA_LANDING")
    landing = Landing(ObjectStore(root=root) if root else objects, known_by)
    client = None if known_by else _client(home, for_history)

    def clock() -> dt.datetime:
        return known_by or dt.datetime.now(dt.UTC)

    providers = [make_provider(name, clock, landing) for name in names]
    priorities = {**PRIORITIES, "game_odds": FREE_GAME_ODDS} if plan == "free" else PRIORITIES
    return LiveSource(providers, landing, client, priorities, LINE_PLANS[plan])


@cache
def _client(home: Path, for_history: float) -> Client:
    """Make one client a process, as the allowance for paid history is for the whole process."""
    return Client(home, for_history)


def make_provider(name: str, clock: Callable[[], dt.datetime], landing: Landing) -> Provider:
    """Make a provider. balldontlie has ids of its own and takes NBA.com's from landed responses of other providers."""
    url = os.environ.get(f"NBA_{name.upper()}_URL")
    if name == "balldontlie":
        from nba_resources.sources.providers.balldontlie import BallDontLie
        from nba_resources.sources.providers.identities import landed_identities

        with_ids = [make_provider(other, clock, landing) for other in WITH_NBA_IDS]
        return BallDontLie(url, clock, landed_identities(landing, with_ids))
    return provider_class(name)(url, clock)


def provider_class(name: str) -> type[Provider]:
    """Import the module of a provider and return its class. Imported late: reading PDFs needs a slow library."""
    module = importlib.import_module(f"nba_resources.sources.providers.{name}")
    (found,) = (
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Provider) and value.__module__ == module.__name__
    )
    return found


def provider_quotas() -> dict[str, Quota]:
    """Return the paid plans of the enabled providers that deliver history."""
    names = dict.fromkeys(name for order in PRIORITIES.values() for name in order.history)
    enabled = enabled_providers()
    quotas = {name: provider_class(name).policy.quota for name in names if name in enabled}
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
