"""Errors of the platform that a person can fix, and every such error as one line."""

import sys
from contextlib import suppress
from importlib import import_module
from typing import Protocol

from models.errors import ModelError
from nba_platform.dagster_compat.records import RecordsUnreadable
from nba_resources.errors import UserError, printable

OURS = ("models", "nba_assets", "nba_checks", "nba_platform", "nba_resources")


class NothingToDo(UserError, ValueError):
    """A request that leaves no date, table or row; the message names what exists."""


class WrongSource(UserError, ValueError):
    """Simulated facts would be mixed with real ones; the message says how to keep them apart."""


class UnknownPlayer(UserError, LookupError):
    """A name of no player, of several, or of one who does not play; the message names who it could be."""


FIXABLE = (UserError, ModelError)
OF_DATABASES = ("sqlite3.OperationalError", "psycopg2.OperationalError", "sqlalchemy.exc.OperationalError")


def is_fixable(error: Exception) -> bool:
    """Return whether a person can fix the error, so that one line says enough."""
    return isinstance(error, FIXABLE) or _of_database(error)


def one_line(error: Exception) -> str:
    """Return the message of an error in one line."""
    if _of_database(error):
        return _records_unwritable(printable(str(getattr(error, "orig", error))))
    return printable(str(error))


class StepError(Protocol):
    """An error of a step as Dagster stores it; the message begins with the module and name of its class."""

    @property
    def message(self) -> str: ...  # noqa: D102

    @property
    def cls_name(self) -> str | None: ...  # noqa: D102

    @property
    def cause(self) -> "StepError | None": ...  # noqa: D102


def step_error(error: StepError) -> str:
    """Return in one line why a step of a run failed: the innermost cause, without what Dagster wraps around it."""
    while error.cause is not None:
        error = error.cause
    if error.cls_name == "DagsterExecutionInterruptedError":
        return "interrupted: its process was asked to end."
    text = printable(error.message)
    name, _, message = text.partition(": ")
    if _is_known(error.cls_name, name.rpartition(".")[0]):
        return message or name
    if name in OF_DATABASES:
        return _records_unwritable(message.strip())
    return f"{text} This is not an error we know: run again with --debug for the trace."


def _records_unwritable(reason: str) -> str:
    return (
        f"the orchestrator's records cannot be written ({reason}): is the disk full, NBA_HOME read-only, or the "
        f"PostgreSQL of NBA_DAGSTER_POSTGRES away?"
    )


def _is_known(class_name: str | None, module: str) -> bool:
    """Return whether an error is one of ours; the module of its class may not be imported yet."""
    if module.split(".")[0] in OURS:
        with suppress(ImportError):
            import_module(module)
    return class_name in {kind.__name__ for base in FIXABLE for kind in _subclasses(base)}


def _of_database(error: Exception) -> bool:
    """Return whether the orchestrator's database raised the error, by SQLAlchemy if that is imported, or without."""
    sqlalchemy = sys.modules.get("sqlalchemy.exc")
    by_sqlalchemy = sqlalchemy is not None and isinstance(error, sqlalchemy.OperationalError)
    return by_sqlalchemy or isinstance(error, RecordsUnreadable)


def _subclasses(kind: type[Exception]) -> list[type[Exception]]:
    return [kind, *(lower for one in kind.__subclasses__() for lower in _subclasses(one))]
