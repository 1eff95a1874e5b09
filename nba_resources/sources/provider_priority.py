"""Who is asked for what, in which order: the one place to change it.

The order also decides between providers that tell different things of the same game: the first that has it is
believed, whole, and nothing is averaged.
"""

import datetime as dt
import importlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from nba_resources.objects.store import ObjectStore
from nba_resources.sources.base import BEFORE_TIP, SourceUnavailable
from nba_resources.sources.http.client import Client
from nba_resources.sources.http.landing import Landing
from nba_resources.sources.live import Chain, LiveSource
from nba_resources.sources.providers.provider import Provider, Quota

CHAINS: Mapping[str, Chain] = {
    "schedule": Chain(("nba_com", "balldontlie", "sportsdataverse"), ("sportsdataverse", "balldontlie")),
    "player_boxscores": Chain(
        ("nba_com", "sportsdataverse", "balldontlie"), ("sportsdataverse", "nba_com", "balldontlie")
    ),
    "team_boxscores": Chain(
        ("nba_com", "sportsdataverse", "balldontlie"), ("sportsdataverse", "nba_com", "balldontlie")
    ),
    "shots": Chain(("nba_com", "sportsdataverse"), ("sportsdataverse", "nba_com")),
    "player_points_props": Chain(("the_odds_api", "balldontlie"), ("the_odds_api",)),
    "game_odds": Chain(("the_odds_api", "balldontlie"), ("the_odds_api",)),
    "injury_reports": Chain(("injury_report",), ("injury_report",)),
    "rosters": Chain(("sportsdataverse",), ("sportsdataverse",)),
}
NO_ODDS_ON_GAMES = {"game_odds": Chain(("balldontlie",), ("the_odds_api",))}
# How long before tip-off lines are asked for, by the plan that `NBA_LINES` names.
LINES: Mapping[str, tuple[dt.timedelta, ...]] = {"full": BEFORE_TIP, "free": (dt.timedelta(minutes=30),)}
OFFERED = tuple(dict.fromkeys(name for chain in CHAINS.values() for name in (*chain.daily, *chain.history)))
LEAGUES_OWN_IDS = ("nba_com", "sportsdataverse")
BY_REQUEST = frozenset({"nba_com"})  # its terms are for the operator to accept: it must be named


@dataclass(frozen=True)
class LiveSettings:
    """Which providers are requested, and how. Their order is that of the chains."""

    providers: tuple[str, ...] = tuple(name for name in OFFERED if name not in BY_REQUEST)
    landing: str = ""
    known_by: str = ""
    for_history: float = 0.0
    lines: str = "full"
    urls: Mapping[str, str] = field(default_factory=dict)


def live_source(objects: ObjectStore, home: Path, settings: LiveSettings) -> LiveSource:
    """The providers that the settings name; with `known_by` a replay of what was landed by then, without network."""
    known_by = moment_named(settings.known_by) if settings.known_by else None
    kept_in = ObjectStore(root=settings.landing) if settings.landing else objects
    landing, client = Landing(kept_in, known_by), None if known_by else _client(home, settings.for_history)

    def clock() -> dt.datetime:
        return known_by or dt.datetime.now(dt.UTC)

    providers = [provider_named(name, clock, landing, settings.urls) for name in settings.providers]
    chains = {**CHAINS, **NO_ODDS_ON_GAMES} if settings.lines == "free" else CHAINS
    return LiveSource(providers, landing, client, chains, LINES[settings.lines])


@cache
def _client(home: Path, for_history: float) -> Client:
    """One for a process: what paid history may spend is allowed to all of it together."""
    return Client(home, for_history)


def provider_named(name: str, clock: Callable[[], dt.datetime], landing: Landing, urls: Mapping[str, str]) -> Provider:
    """Its module is loaded only where it is used: reading PDFs takes a library nobody else needs.

    What has ids of its own learns the league's from what others were heard to say, at the addresses they are asked at.
    """
    url = urls.get(name) or None
    if name == "balldontlie":
        from nba_resources.sources.providers.balldontlie import BallDontLie
        from nba_resources.sources.providers.identities import of_landing

        told_by = [provider_named(one, clock, landing, urls) for one in LEAGUES_OWN_IDS]
        return BallDontLie(url, clock, of_landing(landing, told_by))
    return kind_named(name)(url, clock)


def kind_named(name: str) -> type[Provider]:
    """The one provider its module is about."""
    module = importlib.import_module(f"nba_resources.sources.providers.{name}")
    (kind,) = (
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Provider) and value.__module__ == module.__name__
    )
    return kind


def provider_quotas(providers: Collection[str]) -> dict[str, Quota]:
    """The paid plans among those who are asked for history."""
    names = dict.fromkeys(name for chain in CHAINS.values() for name in chain.history)
    quotas = {name: kind_named(name).manners.quota for name in names if name in providers}
    return {name: quota for name, quota in quotas.items() if quota is not None}


def is_a_moment(said: str) -> bool:
    """A moment with its zone, or `now`: without a zone it is one of many moments."""
    try:
        return said == "now" or dt.datetime.fromisoformat(said).tzinfo is not None
    except ValueError:
        return False


def moment_named(said: str) -> dt.datetime:
    """The moment that was written."""
    if not is_a_moment(said):
        raise SourceUnavailable(
            f"{said!r} is no moment: expected `now`, or one with its zone, such as 2025-01-15T09:00-05:00"
        )
    return dt.datetime.now(dt.UTC) if said == "now" else dt.datetime.fromisoformat(said)
