"""The health of a live provider, for `nba doctor`: reachable or not, key, credits, last response."""

from nba_resources.findings import Finding, Level
from nba_resources.sources.base import BadInput, SourceUnavailable
from nba_resources.sources.http.client import Client
from nba_resources.sources.http.fetchers import LiveFetcher
from nba_resources.sources.http.landing import Landing, received_at
from nba_resources.sources.providers.provider import Provider, Request


def health(provider: Provider, landing: Landing, client: Client | None) -> Finding:
    """Examine a provider; without a client, as in a replay, send nothing."""
    subject, policy = f"provider {provider.name}", provider.policy
    last = _last_response(provider, landing, client)
    if client is None:
        return Finding(Level.OK, subject, f"not requested in a replay; {last}")
    if not client.has_key(policy):
        remedy = f"Set {policy.key_variable}, or leave {provider.name} out of NBA_PROVIDERS."
        return Finding(Level.WARN, subject, f"not requested: its key is not set; {last}", remedy)
    canary = provider.canary()
    error = _error(canary, LiveFetcher(landing, client, policy)) if canary else None
    result = error or ("answers" if canary else "not requested")
    key = "key set" if policy.key_variable else "no key needed"
    left = [f"{client.credits.left(provider.name, policy.quota):g} credits left"] if policy.quota else []
    found = "; ".join([result, key, *left, _last_response(provider, landing, client)])
    remedy = "Correct the error, or wait: meanwhile the next provider by priority is used." if error else ""
    return Finding(Level.FAIL if error else Level.OK, subject, found, remedy)


def _error(canary: Request, fetcher: LiveFetcher) -> str | None:
    try:
        return None if fetcher.get(canary) is not None else "answers that a document which always exists does not"
    except (SourceUnavailable, BadInput) as error:
        return str(error)


def _last_response(provider: Provider, landing: Landing, client: Client | None) -> str:
    times = [received_at(path) for path in landing.paths(provider.name)]
    recorded = client.state.last_response_of(provider.name) if client else None
    latest = max([*times, recorded] if recorded else times, default=None)
    return f"last response {latest:%Y-%m-%d %H:%M} UTC" if latest else "no response so far"
