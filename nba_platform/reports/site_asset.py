"""The asset that keeps the web page beside its documents in the object store."""

from collections.abc import Mapping

import dagster as dg

from nba_platform.config.environments import source
from nba_platform.orchestration.automation.conditions import simulated, whenever_newer
from nba_platform.orchestration.backfill.runs import SIMULATED
from nba_resources.objects.store import ObjectStore
from nba_site.page import ROOT, files, version, write_page

KEY = dg.AssetKey(["exports", "site"])
BOARD = dg.AssetKey(["exports", "board"])


def site_totals(objects: ObjectStore) -> Mapping[str, int]:
    """Write the files of the page that differ, and return how many there are, how many changed, and their size."""
    changed = write_page(objects)
    return {"files": len(files()), "changed": len(changed), "bytes": sum(map(len, files().values()))}


@dg.asset(
    key=KEY,
    deps=[BOARD],
    automation_condition=whenever_newer(by_date=False) & ~simulated(lambda: source().name == SIMULATED),
    group_name="exports",
    kinds={"html"},
    code_version=version(),
    required_resource_keys={"objects"},
)
def site(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """The web page, written beside the documents that it shows: static files of this version of the code."""
    objects: ObjectStore = context.resources.objects
    return dg.MaterializeResult(metadata={**site_totals(objects), "start page": f"{objects.root}/{ROOT}index.html"})
