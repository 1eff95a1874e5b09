"""Classes of Dagster that we name but do not change: Dagster 1.13.27 returns or takes them without exporting them."""

from typing import Any

from dagster._core.definitions.assets.graph.base_asset_graph import BaseAssetGraph
from dagster._core.definitions.data_version import CODE_VERSION_TAG as CODE_VERSION_TAG
from dagster._core.events import StepMaterializationData as StepMaterializationData
from dagster._core.execution.stats import StepEventStatus as StepEventStatus

from nba_platform.dagster_compat.records import UNCHANGED_SINCE as UNCHANGED_SINCE

REPLACED = "nba/replaced"  # tag of a materialization: the event whose rows were others
AssetGraph = BaseAssetGraph[Any]
