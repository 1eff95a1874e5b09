"""What can go wrong that a person can mend, and how it is told in one line.

Anything else is a mistake of ours and shows its trace.
"""

from typing import Protocol

from sqlalchemy.exc import OperationalError

from models.evaluation.graded_predictions import BadGrades
from models.inference.forecast import NoSuchLine
from models.training.learners import UnusableModel
from models.training.registry import NoSuchModel
from nba_assets.kit.calendar import BadSetting
from nba_assets.kit.export_writer import DocumentLost
from nba_platform.orchestration.backfill.selection import UnknownTable
from nba_platform.orchestration.instance import HomeUnusable, RecordsUnreachable, SettingsDisagree
from nba_resources.objects.store import ObjectMissing, StoreUnavailable
from nba_resources.sources.base import BadInput, SourceUnavailable
from nba_resources.warehouse.base import WarehouseBusy, WarehouseUnavailable
from nba_resources.warehouse.contract import ContractBroken


class NothingToDo(ValueError):
    """A request that leaves no date or no table: says what exists."""


class WrongSource(ValueError):
    """Facts of the simulated league are about to be mixed with real ones: says how to keep them apart."""


class UnknownPlayer(LookupError):
    """A name that is nobody's, or more than one person's: says whose it could be."""


TOLD = (
    BadGrades,
    BadInput,
    BadSetting,
    ContractBroken,
    DocumentLost,
    HomeUnusable,
    NoSuchLine,
    NoSuchModel,
    NothingToDo,
    ObjectMissing,
    RecordsUnreachable,
    SettingsDisagree,
    SourceUnavailable,
    StoreUnavailable,
    UnknownPlayer,
    UnknownTable,
    UnusableModel,
    WarehouseBusy,
    WarehouseUnavailable,
    WrongSource,
)


class RecordedError(Protocol):
    """An exception as the orchestrator keeps it: class, text and what caused it, but no longer the object."""

    @property
    def message(self) -> str:
        """Its class and its text."""

    @property
    def cls_name(self) -> str | None:
        """Its class alone."""

    @property
    def cause(self) -> "RecordedError | None":
        """What it was raised from."""


def told(error: Exception) -> str:
    """One line for a person."""
    if isinstance(error, OperationalError):
        said = " ".join(str(error.orig).split())
        return (
            f"the orchestrator's records cannot be written ({said}): is the disk full, NBA_HOME read-only, or the "
            f"PostgreSQL of NBA_DAGSTER_POSTGRES away?"
        )
    return " ".join(str(error).split())


def told_of_step(error: RecordedError) -> str:
    """The same for an error a step of a run ended with: the innermost cause, without the orchestrator's wrapping."""
    while error.cause is not None:
        error = error.cause
    text = " ".join(error.message.split())
    name, _, said = text.partition(": ")
    known = error.cls_name in {kind.__name__ for kind in TOLD}
    if known:
        return said or name
    return f"{text} This is not an error we know: run again with --debug for the trace."
