"""Refuses requests to the UI that a page of another name makes: on this machine it has no login.

A page elsewhere could let its name point to 127.0.0.1 and read every table, or send a form that starts a run. A browser
tells the name that it asks by in `Host`, and the page that asks in `Origin`.
"""

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

NAMES = ("127.0.0.1", "localhost")
REFUSED = f"only by the name {' or '.join(NAMES)}, and from a page of the same address\n"


class LocalRequests:
    """Passes on what is asked by a name of this machine, by no page or by a page of the same address."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request or a WebSocket; the start and end of the server pass."""
        if scope["type"] not in ("http", "websocket") or _is_local(Headers(scope=scope)):
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await PlainTextResponse(REFUSED, 403)(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})


def _is_local(headers: Headers) -> bool:
    host = headers.get("host", "")
    return host.rsplit(":", 1)[0] in NAMES and headers.get("origin") in (None, f"http://{host}")
