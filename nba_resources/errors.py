"""The base class of errors that a person can fix, and texts from outside as one line that is safe to print."""


def printable(text: str) -> str:
    """Return a text as one line: what a terminal or a log would obey, such as an escape sequence, is written out."""
    line = " ".join(text.split())
    return line if line.isprintable() else "".join(map(_written_out, line))


class UserError(Exception):
    """An error a person can fix: its message says in one line what was wrong and what to do.

    The message may quote names from outside; no name begins a line of its own in a log, or colours a terminal.
    """

    def __str__(self) -> str:
        return printable(super().__str__())


def _written_out(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode()
