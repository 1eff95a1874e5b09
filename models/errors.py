"""Base class of the errors of this package that a person can fix."""


class ModelError(Exception):
    """A request, graded rows or a stored model that cannot be used; the message names the fix."""
