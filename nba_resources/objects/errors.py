"""Errors of the object store."""

from nba_resources.errors import UserError


class ObjectMissing(UserError, FileNotFoundError):
    """A file does not exist: the message names it and the store."""


class StoreUnavailable(UserError, RuntimeError):
    """The store cannot read or write files: the message says why and what to do."""
