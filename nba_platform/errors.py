"""Errors of the platform that a person can fix, and every such error as one line."""

from typing import TYPE_CHECKING

from models.errors import ModelError
from nba_resources.errors import UserError

if TYPE_CHECKING:
    from nba_platform.dagster_compat.types import SerializableErrorInfo


class NothingToDo(UserError, ValueError):
    """A request that leaves no date, table or row; the message names what exists."""


class WrongSource(UserError, ValueError):
    """Simulated facts would be mixed with real ones; the message says how to keep them apart."""


class UnknownPlayer(UserError, LookupError):
    """A name of no player, of several, or of one who does not play; the message names who it could be."""


FIXABLE = (UserError, ModelError)


def one_line(error: Exception) -> str:
    """Return the message of an error in one line."""
    from sqlalchemy.exc import OperationalError

    if isinstance(error, OperationalError):
        reason = " ".join(str(error.orig).split())
        return (
            f"the orchestrator's records cannot be written ({reason}): is the disk full, NBA_HOME read-only, or the "
            f"PostgreSQL of NBA_DAGSTER_POSTGRES away?"
        )
    return " ".join(str(error).split())


def step_error(error: "SerializableErrorInfo") -> str:
    """Return in one line why a step of a run failed: the innermost cause, without what Dagster wraps around it."""
    while error.cause is not None:
        error = error.cause
    text = " ".join(error.message.split())
    name, _, message = text.partition(": ")
    if error.cls_name in {kind.__name__ for base in FIXABLE for kind in _subclasses(base)}:
        return message or name
    return f"{text} This is not an error we know: run again with --debug for the trace."


def _subclasses(kind: type[Exception]) -> list[type[Exception]]:
    return [kind, *(lower for one in kind.__subclasses__() for lower in _subclasses(one))]
