"""How messages leave: into the log, and to a web address that takes what Slack takes.

What is sent is data: a text from outside can neither call everybody in a chat nor become a link. The address is a
secret, so no error repeats it.
"""

import http.client
import json
import logging
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from nba_assets.kit.calendar import BadSetting
from nba_platform.config.environments import webhook

ADDRESS = "NBA_ALERT_WEBHOOK"
TIME_OUT_SECONDS = 3.0
_MALFORMED = (400, 413, 422)
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


class NotDelivered(RuntimeError):
    """The other side could not be reached or did not take the message: it is sent again later."""


class Refused(NotDelivered):
    """The other side can read but will never take this one message."""


class Channel(Protocol):
    """A way for messages to leave."""

    @property
    def name(self) -> str:
        """What its waiting messages are filed under."""

    def send(self, text: str) -> None:
        """Deliver, or raise `NotDelivered`."""


@dataclass(frozen=True)
class LogChannel:
    """Every message stands in the log, whatever becomes of the others."""

    log: logging.Logger
    name: str = "log"

    def send(self, text: str) -> None:
        """A warning to whoever reads along."""
        self.log.warning("%s", text)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A message follows nobody to another address."""

    def redirect_request(self, *args: object) -> None:
        return None


@dataclass(frozen=True)
class Webhook:
    """A Slack-compatible address: one JSON document with a `text` for each message."""

    address: str = field(repr=False)
    time_out_seconds: float = TIME_OUT_SECONDS
    name: str = "webhook"

    def __post_init__(self) -> None:
        if urlsplit(self.address).scheme not in ("http", "https"):
            raise BadSetting(f"{ADDRESS} must be an http or https address; what it is set to is not shown")

    def send(self, text: str) -> None:
        """One attempt, soon given up: whoever waits here keeps others waiting."""
        body = json.dumps({"text": text.translate(_ESCAPED)}).encode()
        request = urllib.request.Request(self.address, body, {"Content-Type": "application/json"})
        try:
            with urllib.request.build_opener(_NoRedirects).open(request, timeout=self.time_out_seconds):
                return
        except urllib.error.HTTPError as error:
            error.close()
            kind = Refused if error.code in _MALFORMED else NotDelivered
            raise kind(f"the webhook answered {error.code}") from None
        except urllib.error.URLError as error:
            raise NotDelivered(f"the webhook cannot be reached: {type(error.reason).__name__}") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NotDelivered(f"the webhook cannot be reached: {type(error).__name__}") from None


def channels(log: logging.Logger) -> list[Channel]:
    """The log, and the webhook if the environment names one."""
    address = webhook()
    return [LogChannel(log), *([Webhook(address)] if address else [])]
