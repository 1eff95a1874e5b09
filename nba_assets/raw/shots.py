"""The raw table of shots."""

import ibis
import ibis.expr.types as ir

from nba_assets.kit.table import ExpectedRows, table
from nba_assets.raw.matching import off_schedule, on_schedule
from nba_assets.raw.player_boxscores import PLAYER_IDS, player_boxscores
from nba_resources.warehouse.contract import flag, integer, number, text

ZONES = ("paint", "mid_range", "three")
ZONE_COUNTS = tuple(f"{zone}_{what}" for zone in ZONES for what in ("attempts", "makes"))
PAINT_FEET = 8


@table(
    dataset="nba_raw",
    grain=["game_id", "shot_number"],
    expected_rows=ExpectedRows.AS_DELIVERED,
    feed="shots",
    post=True,
    left_out=off_schedule,
    columns={
        **player_boxscores.columns("game_id", "game_date"),
        "shot_number": integer("Order in the game", 1),
        "player_id": integer("Shooter", *PLAYER_IDS),
        "team_abbr": text("Team of the shooter"),
        "period": integer("", 1, 10),
        "seconds_left": integer("In the period", 0, 720, unit="seconds"),
        "made": flag(),
        "shot_value": integer("2 or 3; a 3 is in the zone `three`, whatever the distance", 2, 3, unit="points"),
        "distance_ft": integer("", 0, 94, unit="feet"),
        "x": number("", -30, 30, unit="feet", null=True),
        "y": number("", -5, 95, unit="feet", null=True),
        "zone_basic": text("Label given by the source", null=True),
        "action_type": text("Label given by the source", null=True),
        "zone": text("Zone derived from value and distance", *ZONES),
    },
)
def shots(delivered: ir.Table, schedule: ir.Table) -> ir.Table:
    """One row per field goal attempt, with its zone: paint, mid-range or three.

    The value decides before the distance: corner threes are 22 feet away, some long twos 23.
    """
    rows = on_schedule(delivered, schedule)
    two = (rows.distance_ft <= PAINT_FEET).ifelse("paint", "mid_range")
    order = [rows.period, rows.seconds_left.desc(), rows.player_id]
    order += [ibis.asc(rows[name], nulls_first=True) for name in ("x", "y", "made", "action_type")]
    number_in_game = ibis.row_number().over(group_by=[rows.game_id], order_by=order) + 1
    return rows.mutate(shot_number=number_in_game, zone=(rows.shot_value == 3).ifelse("three", two))
