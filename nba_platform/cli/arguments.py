"""Typed words as systems, months and lines; a refusal names the choices."""

import datetime as dt
import difflib
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from models.features import MAX_LINE, MIN_LINE
from models.forecast_keys import Edition, Variant
from models.markets import MARKETS, MINUTES
from models.system_ids import SystemId
from nba_platform.errors import NothingToDo
from nba_resources.dates import SUMMER

if TYPE_CHECKING:
    from models.evaluation.graded_predictions import GroupBy, Overview


def system_named(text: str) -> SystemId:
    """Return a system by its id."""
    if text in set(SystemId):
        return SystemId(text)
    near = difflib.get_close_matches(text, SystemId, n=2, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"systems are {', '.join(SystemId)}."
    raise NothingToDo(f"there is no system {text!r}: {hint}")


def market_named(text: str) -> str:
    """Return a market's key by its key, short name or label."""
    for market in MARKETS.values():
        if text in (market.key, market.short, market.label):
            return market.key
    known = ", ".join(f"{market.short} ({market.key})" for market in MARKETS.values())
    raise NothingToDo(f"there is no market {text!r}; choose one of {known}.")


def edition_named(text: str) -> Edition:
    """Return an edition by its name."""
    if text not in set(Edition):
        raise NothingToDo(f"there is no edition {text!r}; choose {' or '.join(Edition)}.")
    return Edition(text)


def model_market_named(text: str) -> str:
    """Return what a model forecasts: a market, or minutes."""
    return text if text == MINUTES else market_named(text)


def variant_named(text: str) -> Variant:
    """Return a variant of models by its name."""
    if text not in set(Variant):
        *first, last = Variant
        raise NothingToDo(f"there is no variant {text!r}; choose {', '.join(first)} or {last}.")
    return Variant(text)


def by_named(text: str) -> "GroupBy | Overview":
    """Return how an evaluation is grouped, or which overview is shown."""
    from models.evaluation.graded_predictions import GroupBy, Overview

    if text in set(GroupBy):
        return GroupBy(text)
    if text in set(Overview):
        return Overview(text)
    names = [*(one.value for one in GroupBy), *(one.value for one in Overview)]
    raise NothingToDo(f"unknown --by value {text!r}; choose {', '.join(names[:-1])} or {names[-1]}.")


def month_named(text: str) -> dt.date:
    """Return the first day of a month that was typed with or without a day."""
    try:
        return dt.date.fromisoformat(f"{text}-01" if text.count("-") == 1 else text).replace(day=1)
    except ValueError:
        usage = "write a month like 2024-11, or a range like 2024-11..2025-02."
        raise NothingToDo(f"{text!r} is no month: {usage}") from None


def months_named(texts: Sequence[str]) -> tuple[dt.date, ...]:
    """Return the months of some months and ranges, each once and in order, without summers."""
    from nba_assets.kit.partitions import MONTHLY

    partitions = (dt.date.fromisoformat(key) for key in MONTHLY.get_partition_keys())
    known = [month for month in partitions if month.month not in SUMMER]
    months: set[dt.date] = set()
    for text in texts:
        first, _, last = text.partition("..")
        start, end = month_named(first), month_named(last or first)
        within = [month for month in known if start <= month <= end]
        if not within:
            limits = f"months run from {known[0]:%Y-%m} to {known[-1]:%Y-%m}, July to September left out."
            raise NothingToDo(f"{text} holds no month that can be trained: {limits}")
        months.update(within)
    return tuple(sorted(months))


def lines_named(texts: Sequence[str]) -> tuple[float, ...]:
    """Return lines that a bookmaker could offer, each once."""
    from models.inference.forecast import NoSuchLine

    lines = []
    for text in texts:
        with suppress(ValueError):
            line = float(text)
            if MIN_LINE <= line <= MAX_LINE and (2 * line).is_integer():
                lines.append(line)
                continue
        raise NoSuchLine(
            f"--line {text} is no line: expected a multiple of 0.5 from {MIN_LINE:g} to {MAX_LINE:g}, such as 22.5."
        )
    return tuple(dict.fromkeys(lines))
