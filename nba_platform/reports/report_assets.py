"""Report assets: pictures and text made from stored tables, written to files and shown in the UI."""

import base64
import datetime as dt
import inspect
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import dagster as dg

from nba_assets.kit.assets import asset_key
from nba_assets.kit.calendar import today
from nba_assets.kit.table import Table
from nba_platform.orchestration.automation.conditions import drawn_today, whenever_newer
from nba_platform.reports.heat_map import small_png
from nba_resources.objects.store import ObjectStore
from nba_resources.warehouse.base import Warehouse

GROUP = "reports"
DIALOG_SIZE = (1100, 800)  # pixels: the dialog of the UI cuts off wider pictures


@dataclass(frozen=True)
class Report:
    """A picture, if there is anything to draw, and text about it."""

    png: bytes | None
    markdown: str


DrawReport = Callable[[Warehouse, Mapping[str, Table], dt.date], Report]


def report_asset(
    name: str, draw: DrawReport, *, after: Sequence[Table], tables: Mapping[str, Table]
) -> dg.AssetsDefinition:
    """Return the asset of a report on all stored rows, whatever dates a run has; it depends on the `after` tables.

    Automation draws it at most once a day, a backfill if it computes the newest date.
    """

    @dg.asset(
        key=[GROUP, name],
        deps=[asset_key(table.contract) for table in after],
        backfill_policy=dg.BackfillPolicy.single_run(),
        automation_condition=whenever_newer(by_date=False) & ~drawn_today,
        group_name=GROUP,
        kinds={"matplotlib"},
        description=inspect.getdoc(draw),
        required_resource_keys={"warehouse", "objects", "source"},
    )
    def render(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        objects: ObjectStore = context.resources.objects
        content = draw(context.resources.warehouse, tables, today(context.resources.source))
        objects.write(f"{GROUP}/{name}.md", content.markdown.encode())
        shown = {"report": dg.MetadataValue.md(content.markdown)}
        if content.png is not None:
            objects.write(f"{GROUP}/{name}.png", content.png)
            data = base64.b64encode(fit_dialog(content.png)).decode()
            shown["picture"] = dg.MetadataValue.md(f"![{name}](data:image/png;base64,{data})")
        return dg.MaterializeResult(
            metadata={**shown, "files": dg.MetadataValue.text(f"{objects.root}/{GROUP}/{name}.*")}
        )

    return render


def fit_dialog(png: bytes) -> bytes:
    """Shrink a picture to the dialog of the UI and to few colours: Dagster stores it in its event log."""
    from PIL import Image

    with Image.open(io.BytesIO(png)) as picture:
        small = picture.convert("RGB")
    small.thumbnail(DIALOG_SIZE, Image.Resampling.LANCZOS)
    return small_png(small, colours=128)
