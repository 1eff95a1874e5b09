"""Pictures and tables for people, as assets: drawn from stored tables, kept as files, shown in the UI."""

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
from nba_platform.orchestration.automation.conditions import whenever_newer
from nba_resources.objects.store import ObjectStore
from nba_resources.warehouse.base import Warehouse

GROUP = "reports"
DIALOG = (1100, 800)  # pixels: in the dialog in which the UI shows a picture, what is wider is cut off


@dataclass(frozen=True)
class Report:
    """A picture, if there is anything to draw, and in words what it shows and what to do about it."""

    png: bytes | None
    markdown: str


Draw = Callable[[Warehouse, Mapping[str, Table], dt.date], Report]


def report(name: str, draw: Draw, *, after: Sequence[Table], tables: Mapping[str, Table]) -> dg.AssetsDefinition:
    """The asset that draws a report of what is stored now, whatever dates a run was about; described after `draw`.

    `draw` receives the warehouse, all tables and today, and the asset waits for the tables it is drawn `after`.
    """

    @dg.asset(
        key=[GROUP, name],
        deps=[asset_key(table.contract) for table in after],
        backfill_policy=dg.BackfillPolicy.single_run(),
        automation_condition=whenever_newer(by_date=False),
        group_name=GROUP,
        kinds={"matplotlib"},
        description=inspect.getdoc(draw),
        required_resource_keys={"warehouse", "objects", "source"},
    )
    def render(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        objects: ObjectStore = context.resources.objects
        drawn = draw(context.resources.warehouse, tables, today(context.resources.source))
        objects.write(f"{GROUP}/{name}.md", drawn.markdown.encode())
        shown = {"report": dg.MetadataValue.md(drawn.markdown)}
        if drawn.png is not None:
            objects.write(f"{GROUP}/{name}.png", drawn.png)
            data = base64.b64encode(fitted(drawn.png)).decode()
            shown["picture"] = dg.MetadataValue.md(f"![{name}](data:image/png;base64,{data})")
        return dg.MaterializeResult(
            metadata={**shown, "files": dg.MetadataValue.text(f"{objects.root}/{GROUP}/{name}.*")}
        )

    return render


def fitted(png: bytes) -> bytes:
    """A picture as large as the UI can show it, in few colours: it is kept in the orchestrator's records."""
    from PIL import Image

    kept = io.BytesIO()
    with Image.open(io.BytesIO(png)) as picture:
        small = picture.convert("RGB")
        small.thumbnail(DIALOG, Image.Resampling.LANCZOS)
        small.quantize(128, dither=Image.Dither.NONE).save(kept, "png", optimize=True)
    return kept.getvalue()
