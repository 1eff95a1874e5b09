"""Private names of Dagster that only tests use."""

from dagster._core.events import EngineEventData as EngineEventData
from dagster._utils.schedules import schedule_execution_time_iterator as schedule_execution_time_iterator
