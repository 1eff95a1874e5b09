"""The runs that train the models of some months."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import replace

from nba_assets.kit.assets import asset_key
from nba_assets.kit.calendar import MONTHLY
from nba_platform.orchestration.backfill.runs import Leg, stretches_of
from nba_resources.warehouse.contract import Contract

REGISTRY = "ml_model_registry"


def training_legs(months: Sequence[dt.date], registry: Contract) -> list[Leg]:
    """A run for the months that follow one another."""
    asked = [month.isoformat() for month in months]
    stretches = stretches_of(asked, MONTHLY.get_partition_keys())
    return [Leg((asset_key(registry),), stretch) for stretch in stretches]


def spared(planned: Sequence[Leg], in_production: Collection[str]) -> tuple[list[Leg], tuple[str, ...]]:
    """The legs without the months that have their models, and what is to be said about it."""
    kept: list[Leg] = []
    there: list[str] = []
    for leg in planned:
        if not is_training(leg):
            kept.append(leg)
            continue
        there += [month for month in leg.partitions if month in in_production]
        without = [month for month in leg.partitions if month not in in_production]
        kept += [replace(leg, partitions=stretch) for stretch in stretches_of(without, leg.partitions)]
    if not there:
        return kept, ()
    first, last = (there[n][:7] for n in (0, -1))
    months = first if first == last else f"{first}..{last}"
    return kept, (f"Months that have their models kept them: `nba train {months}` trains again.",)


def is_training(leg: Leg) -> bool:
    """Whether a leg trains models."""
    return any(key.path[-1] == REGISTRY for key in leg.keys)
