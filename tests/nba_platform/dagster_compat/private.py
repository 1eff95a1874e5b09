"""Private names of Dagster that only tests use."""

from dagster._core.definitions.data_version import CachingStaleStatusResolver as CachingStaleStatusResolver
from dagster._core.definitions.data_version import StaleStatus as StaleStatus
from dagster._core.events import EngineEventData as EngineEventData
from dagster._core.loader import LoadingContextForTest as LoadingContextForTest
from dagster._grpc.utils import default_schedule_grpc_timeout as default_schedule_grpc_timeout
from dagster._utils.schedules import schedule_execution_time_iterator as schedule_execution_time_iterator
