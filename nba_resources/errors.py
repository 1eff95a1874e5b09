"""The base class of errors that a person can fix."""


class UserError(Exception):
    """An error a person can fix: its message says what was wrong and what to do."""
