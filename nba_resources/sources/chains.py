"""Who is asked for what, in which order: the one place to change it.

The order also decides between providers that tell different things of the same game: the first that has it is
believed, whole, and nothing is averaged.
"""

import datetime as dt
import importlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nba_resources.object_store import ObjectStore
from nba_resources.sources.base import SourceUnavailable
from nba_resources.sources.client import Client
from nba_resources.sources.landing import Landing
from nba_resources.sources.live import Chain, LiveSource
from nba_resources.sources.provider import Provider

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
}
OFFERED = tuple(dict.fromkeys(name for chain in CHAINS.values() for name in (*chain.daily, *chain.history)))
BY_REQUEST = frozenset({"nba_com"})  # its terms are for the operator to accept: it must be named


@dataclass(frozen=True)
class Settings:
    """What the environment says about live providers."""

    providers: tuple[str, ...]
    landing: str | None
    known_by: str | None
    for_history: float

    @classmethod
    def read(cls) -> "Settings":
        """`NBA_PROVIDERS` names who may be asked; their order is that of the chains."""
        said = os.environ.get("NBA_PROVIDERS")
        default = tuple(name for name in OFFERED if name not in BY_REQUEST)
        named = tuple(name.strip() for name in said.split(",") if name.strip()) if said else default
        if unknown := [name for name in named if name not in OFFERED]:
            raise SourceUnavailable(
                f"NBA_PROVIDERS names {', '.join(unknown)}: providers are {', '.join(OFFERED)}, separated by commas"
            )
        credits = os.environ.get("NBA_HISTORY_CREDITS") or "0"
        if not credits.replace(".", "", 1).isdigit():
            raise SourceUnavailable(f"NBA_HISTORY_CREDITS is {credits!r}: it must be a number of credits")
        return cls(named, os.environ.get("NBA_LANDING"), os.environ.get("NBA_KNOWN_BY"), float(credits))


def live_source(objects: ObjectStore, home: Path) -> LiveSource:
    """The providers the environment names; with `NBA_KNOWN_BY` a replay of what was landed by then, without network."""
    settings = Settings.read()
    known_by = moment_named(settings.known_by) if settings.known_by else None
    kept_in = ObjectStore(root=settings.landing) if settings.landing else objects
    return LiveSource(
        [provider_named(name) for name in settings.providers],
        Landing(kept_in, known_by),
        None if known_by else Client(home, settings.for_history),
        CHAINS,
    )


def provider_named(name: str) -> Provider:
    """Its module is loaded only where it is used: reading PDFs takes a library nobody else needs."""
    module = importlib.import_module(f"nba_resources.sources.{name}")
    (kind,) = (
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Provider) and value.__module__.startswith(module.__name__)
    )
    return kind(os.environ.get(f"NBA_{name.upper()}_URL"))


def moment_named(said: str) -> dt.datetime:
    """A moment with its zone, or `now`."""
    if said == "now":
        return dt.datetime.now(dt.UTC)
    try:
        moment = dt.datetime.fromisoformat(said)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise SourceUnavailable(
            f"NBA_KNOWN_BY is {said!r}: it must be `now` or a moment with its zone, such as 2025-01-15T09:00-05:00"
        )
    return moment
