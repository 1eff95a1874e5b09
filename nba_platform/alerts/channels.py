"""Channels that deliver messages: the log, and a Slack-compatible webhook.

Messages are sent as data: a text from outside can neither notify everybody in a chat nor become a link. The address is
a secret, so no error repeats it.
"""

import logging
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

import httpx

from nba_assets.kit.calendar import BadSetting
from nba_platform.config.environments import webhook

ADDRESS = "NBA_ALERT_WEBHOOK"
TIME_OUT_SECONDS = 3.0
_MALFORMED = (400, 413, 422)
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs the address of every request as information


class NotDelivered(RuntimeError):
    """The receiver could not be reached or did not accept the message; it is sent again later."""


class Refused(NotDelivered):
    """The receiver will never accept this message."""


class Channel(Protocol):
    """A receiver of messages. Its waiting messages are stored under its name."""

    @property
    def name(self) -> str:
        """The name of the channel."""

    def send(self, text: str) -> None:
        """Deliver a message, or raise `NotDelivered`."""


@dataclass(frozen=True)
class LogChannel:
    """Write every message into the log, whatever the other channels do."""

    log: logging.Logger
    name: str = "log"

    def send(self, text: str) -> None:
        """Log the message as a warning."""
        self.log.warning("%s", text)


@dataclass(frozen=True)
class Webhook:
    """Post each message as a JSON document with a `text` to a Slack-compatible address."""

    address: str = field(repr=False)
    time_out_seconds: float = TIME_OUT_SECONDS
    name: str = "webhook"

    def __post_init__(self) -> None:
        if urlsplit(self.address).scheme not in ("http", "https"):
            raise BadSetting(f"{ADDRESS} must be an http or https address; its value is not shown")

    def send(self, text: str) -> None:
        """Try once with a short time-out, since the sensor waits here; redirects are not followed."""
        body = {"text": text.translate(_ESCAPED)}
        try:
            response = httpx.post(self.address, json=body, timeout=self.time_out_seconds, follow_redirects=False)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise NotDelivered(f"the webhook cannot be reached: {type(_root_cause(error)).__name__}") from None
        if not response.is_success:
            kind = Refused if response.status_code in _MALFORMED else NotDelivered
            raise kind(f"the webhook answered {response.status_code}")


def _root_cause(error: BaseException) -> BaseException:
    cause = error.__cause__ or error.__context__
    return _root_cause(cause) if cause else error


def channels(log: logging.Logger) -> list[Channel]:
    """Return the log, and the webhook if the environment names one."""
    address = webhook()
    return [LogChannel(log), *([Webhook(address)] if address else [])]
