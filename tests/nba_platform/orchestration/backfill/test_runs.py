import datetime as dt

import dagster as dg
import pytest

from nba_assets.kit import partitions
from nba_assets.kit.partitions import DAILY
from nba_platform.errors import NothingToDo
from nba_platform.orchestration.backfill.runs import existing_dates, keys_within, plan_runs
from nba_resources.dates import DateRange

MONTHLY = dg.MonthlyPartitionsDefinition(start_date="2021-10-01", timezone="America/New_York")
DECEMBER = DateRange(dt.date(2024, 12, 1), dt.date(2024, 12, 31))


def asset(name: str, partitions: dg.PartitionsDefinition | None, *deps: str) -> dg.AssetsDefinition:
    @dg.asset(name=name, partitions_def=partitions, deps=list(deps), backfill_policy=dg.BackfillPolicy.single_run())
    def made() -> None: ...

    return made


def planned(*assets: dg.AssetsDefinition, dates: DateRange = DECEMBER) -> list[tuple[str, set[str]]]:
    found = plan_runs(dg.Definitions(list(assets)), dg.AssetSelection.all(), dates)
    return [(leg.span, {key.to_user_string() for key in leg.keys}) for leg in found]


def test_daily_and_unpartitioned_tables_share_one_run():
    made = planned(asset("seasons", None), asset("games", DAILY, "seasons"), asset("players", None, "games"))

    assert made == [("2024-12-01...2024-12-31", {"seasons", "games", "players"})]


def test_a_range_is_one_run_for_each_family_in_the_order_of_the_graph():
    """Dagster refuses daily and monthly tables in one run; a model needs its games, and predictions need the model."""
    made = planned(asset("games", DAILY), asset("model", MONTHLY, "games"), asset("predictions", DAILY, "model"))

    assert made == [
        ("2024-12-01...2024-12-31", {"games"}),
        ("2024-12-01", {"model"}),
        ("2024-12-01...2024-12-31", {"predictions"}),
    ]


def test_only_unpartitioned_tables_need_no_dates():
    assert planned(asset("seasons", None)) == [("whole", {"seasons"})]


def test_one_date_is_asked_for_as_a_partition_and_more_as_a_range():
    one, more = (
        plan_runs(dg.Definitions([asset("games", DAILY)]), dg.AssetSelection.all(), dates)[0].tags
        for dates in (DateRange(DECEMBER.start, DECEMBER.start), DECEMBER)
    )

    assert one == {"dagster/partition": "2024-12-01"}
    assert more == {
        "nba/dates": "2024-12-01...2024-12-31",
        "dagster/asset_partition_range_start": "2024-12-01",
        "dagster/asset_partition_range_end": "2024-12-31",
    }


def test_a_range_is_cut_to_the_dates_that_exist():
    asked = DateRange(dt.date(2021, 9, 1), dt.date(2022, 8, 31))

    assert existing_dates(asked) == DateRange(dt.date(2021, 10, 19), dt.date(2022, 8, 31))


def test_dates_before_the_first_season_are_refused_with_what_exists():
    with pytest.raises(NothingToDo, match=r"2021-07-01\.\.\.2021-08-31.*from 2021-10-19 to \d{4}-\d\d-\d\d\.$"):
        existing_dates(DateRange(dt.date(2021, 7, 1), dt.date(2021, 8, 31)))


def test_a_range_touches_the_months_of_a_summer_too():
    dates = DateRange(dt.date(2024, 6, 15), dt.date(2024, 10, 2))
    assert keys_within(partitions.MONTHLY, dates) == [f"2024-{month:02}-01" for month in range(6, 11)]
