"""How a live provider is doing, for `nba doctor`: does it answer, is its key set, what is left of its plan."""

from nba_resources.findings import Finding, Level
from nba_resources.sources.base import BadInput, SourceUnavailable
from nba_resources.sources.http.client import Client
from nba_resources.sources.http.fetchers import LiveDoor
from nba_resources.sources.http.landing import Landing, received_at
from nba_resources.sources.providers.provider import Provider, Request


def health(provider: Provider, landing: Landing, client: Client | None) -> Finding:
    """What is found of a provider; without a client, as in a replay, it is not asked."""
    subject, manners = f"provider {provider.name}", provider.manners
    if client is None:
        return Finding(Level.OK, subject, f"not asked in a replay; {_last_answer(provider, landing, client)}")
    if not client.has_key(manners):
        found = f"not asked: its key is not set; {_last_answer(provider, landing, client)}"
        remedy = f"Set {manners.key_variable}, or leave {provider.name} out of NBA_PROVIDERS."
        return Finding(Level.WARN, subject, found, remedy)
    canary = provider.canary()
    wrong = _what_is_wrong(canary, LiveDoor(landing, client, manners)) if canary else None
    said = wrong or ("answers" if canary else "not asked")
    key = "key set" if manners.key_variable else "key not needed"
    left = [f"{client.credits.left(provider.name, manners.quota):g} credits left"] if manners.quota else []
    found = "; ".join([said, key, *left, _last_answer(provider, landing, client)])
    remedy = "Mend what it says, or wait: the next in its chains is asked meanwhile." if wrong else ""
    return Finding(Level.FAIL if wrong else Level.OK, subject, found, remedy)


def _what_is_wrong(canary: Request, door: LiveDoor) -> str | None:
    try:
        return None if door.get(canary) is not None else "says that what is certainly there is not"
    except (SourceUnavailable, BadInput) as error:
        return str(error)


def _last_answer(provider: Provider, landing: Landing, client: Client | None) -> str:
    answers = [received_at(path) for path in landing.paths(provider.name)]
    asked = client.questions.last_answer_of(provider.name) if client else None
    latest = max([*answers, asked] if asked else answers, default=None)
    return f"last answer {latest:%Y-%m-%d %H:%M} UTC" if latest else "never answered yet"
