"""Numbers as people read them; what is not known is blank."""

from typing import Any

from nba_assets.kit.json_values import json_value


def known(value: Any) -> bool:
    """Whether there is a number to show."""
    return json_value(value) is not None


def tenth(value: Any) -> str:
    """Points."""
    return f"{value:.1f}" if known(value) else ""


def chance(value: Any) -> str:
    """A probability in percent."""
    return f"{value:.0%}" if known(value) else ""


def signed(value: Any) -> str:
    """A gain or loss per unit staked."""
    return f"{value:+.2f}" if known(value) else ""


def price(value: Any) -> str:
    """An American price."""
    return f"{value:+.0f}" if known(value) else ""
