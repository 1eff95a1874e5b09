"""Count delivered names without a player: they are in no other table and would be lost unnoticed."""

import dagster as dg
import ibis.expr.types as ir

from nba_assets.kit.assets import asset_key
from nba_assets.kit.stored_query import stored_query
from nba_assets.kit.table import Tables
from nba_assets.raw.player_props import player_props
from nba_assets.reference.unresolved_names import unresolved_names
from nba_resources.dates import DateRange
from nba_resources.warehouse.base import Warehouse

HIGHEST_MISS_RATE = 0.02
_LISTED = 25


def miss_rates(delivered: ir.Table, unresolved: ir.Table) -> ir.Table:
    """Return for each source and date the number of names it delivered and of those without a player."""
    names = delivered.select("source", "game_date", raw_name="player_name_raw").distinct()
    missed = unresolved.select("source", "game_date", "raw_name", missed=True).distinct()
    rows = names.left_join(missed, ["source", "game_date", "raw_name"])
    rates = rows.group_by("source", "game_date").aggregate(names=rows.count(), unresolved=rows.missed.count())
    return rates.mutate(miss_rate=rates.unresolved / rates.names).order_by("game_date", "source")


def most_missed(unresolved: ir.Table) -> ir.Table:
    """Return the names unresolved on most dates, with the reason."""
    counts = unresolved.group_by("raw_name", "reason").aggregate(
        dates=unresolved.game_date.nunique(), rows=unresolved.n_rows.sum()
    )
    return counts.order_by(counts.dates.desc(), counts.raw_name).limit(_LISTED)


@stored_query
def _miss_rates(tables: Tables, dates: DateRange) -> ir.Table:
    return miss_rates(player_props.contract.table(), unresolved_names.contract.table())


@stored_query
def _most_missed(tables: Tables, dates: DateRange) -> ir.Table:
    return most_missed(unresolved_names.contract.table())


@dg.asset_check(asset=asset_key(unresolved_names.contract), required_resource_keys={"warehouse"})
def published_names_are_resolved(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    """At most 2 % of the names a source delivers for a date have no player."""
    warehouse: Warehouse = context.resources.warehouse
    rates = warehouse.read(_miss_rates({}))
    above = rates[rates.miss_rate > HIGHEST_MISS_RATE]
    share = rates.unresolved.sum() / rates.names.sum() if len(rates) else 0.0
    listed = warehouse.read(_most_missed({})).astype(str)
    return dg.AssetCheckResult(
        passed=above.empty,
        severity=dg.AssetCheckSeverity.WARN,
        description=(
            f"{rates.unresolved.sum()} of {rates.names.sum()} delivered names ({share:.2%}) have no player; "
            f"{len(above)} of {len(rates)} dates of a source exceed {HIGHEST_MISS_RATE:.0%}. "
            f"Add nicknames to nba_assets/reference/aliases.py; names of a debut stay unresolved by design."
        ),
        metadata={
            "miss_rate": float(share),
            "dates_above_limit": len(above),
            "most_missed": dg.MetadataValue.table(
                records=[dg.TableRecord({str(k): v for k, v in row.items()}) for row in listed.to_dict("records")],
                schema=dg.TableSchema([dg.TableColumn(str(name)) for name in listed.columns]),
            ),
        },
    )
