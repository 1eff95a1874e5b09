"""The partitions of daily and monthly tables, as Dagster takes them."""

import dagster as dg

from nba_assets.kit.calendar import FIRST_DAY
from nba_resources.dates import EASTERN

DAILY = dg.DailyPartitionsDefinition(start_date=FIRST_DAY.isoformat(), timezone=EASTERN.key, end_offset=1)
MONTHLY = dg.MonthlyPartitionsDefinition(
    start_date=FIRST_DAY.replace(day=1).isoformat(), timezone=EASTERN.key, end_offset=1
)
