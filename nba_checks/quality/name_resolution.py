"""Published names that could not be placed are counted here: kept out of the tables, they would otherwise vanish."""

import dagster as dg
import ibis.expr.types as ir

from nba_assets.kit.assets import asset_key
from nba_assets.raw.player_points_props import player_points_props
from nba_assets.reference.unresolved_names import unresolved_names
from nba_resources.warehouse.base import Warehouse

HIGHEST_MISS_RATE = 0.02
_LISTED = 25


def miss_rates(published: ir.Table, unresolved: ir.Table) -> ir.Table:
    """For each source and date: how many names it published and how many of these nobody could be found for."""
    names = published.select("source", "game_date", raw_name="player_name_raw").distinct()
    missed = unresolved.select("source", "game_date", "raw_name", missed=True).distinct()
    told = names.left_join(missed, ["source", "game_date", "raw_name"])
    rates = told.group_by("source", "game_date").aggregate(names=told.count(), unresolved=told.missed.count())
    return rates.mutate(miss_rate=rates.unresolved / rates.names).order_by("game_date", "source")


def most_missed(unresolved: ir.Table) -> ir.Table:
    """The names that went missing on most dates, with the reason."""
    counts = unresolved.group_by("raw_name", "reason").aggregate(
        dates=unresolved.game_date.nunique(), rows=unresolved.n_rows.sum()
    )
    return counts.order_by(counts.dates.desc(), counts.raw_name).limit(_LISTED)


@dg.asset_check(asset=asset_key(unresolved_names.contract), required_resource_keys={"warehouse"})
def published_names_are_resolved(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    """At most 2 % of the names a source publishes for a date may stay without a person."""
    warehouse: Warehouse = context.resources.warehouse
    unresolved = unresolved_names.contract.table()
    rates = warehouse.read(miss_rates(player_points_props.contract.table(), unresolved))
    above = rates[rates.miss_rate > HIGHEST_MISS_RATE]
    share = rates.unresolved.sum() / rates.names.sum() if len(rates) else 0.0
    listed = warehouse.read(most_missed(unresolved)).astype(str)
    return dg.AssetCheckResult(
        passed=above.empty,
        severity=dg.AssetCheckSeverity.WARN,
        description=(
            f"{rates.unresolved.sum()} of {rates.names.sum()} published names ({share:.2%}) have no person; "
            f"{len(above)} of {len(rates)} source dates exceed {HIGHEST_MISS_RATE:.0%}. "
            f"Add nicknames to nba_assets/reference/aliases.py; a debut stays unresolved by design."
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
