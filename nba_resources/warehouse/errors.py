"""Errors of every warehouse."""

from nba_resources.errors import UserError


class WarehouseBusy(UserError, RuntimeError):
    """Another program locked the warehouse for longer than we wait."""


class WarehouseUnavailable(UserError, RuntimeError):
    """The warehouse cannot be opened, read or written: the message names the file or table and what to do."""
