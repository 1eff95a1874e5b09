"""What a setting is: its name, what it means, what it may be, and when it is wanted."""

import difflib
import os
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from nba_assets.kit.calendar import BadSetting
from nba_platform.alerts.alert import without_secrets

OURS = "NBA_"


@dataclass(frozen=True)
class Form:
    """What a value may look like: told in words, tried by a rule."""

    words: str
    fits: Callable[[str], bool]


ANYTHING = Form("", lambda said: True)


@dataclass(frozen=True)
class Variable:
    """A variable of the environment. `needed_by` names the setting, such as `NBA_ENV=production`, that needs it.

    Where there is no `default`, `unset` says in words what happens without it.
    """

    name: str
    meaning: str
    form: Form = ANYTHING
    default: str = ""
    unset: str = ""
    secret: bool = False
    needed_by: str = ""

    @property
    def said(self) -> str:
        """What it is set to; an empty value counts as not set."""
        return os.environ.get(self.name) or ""

    @property
    def value(self) -> str:
        """What is in force."""
        return self.said or self.default

    @property
    def shown(self) -> str:
        """The same for people: of a secret only that it is set."""
        return "set" if self.secret and self.said else without_secrets(self.said) or "not set"

    @property
    def row(self) -> str:
        """As the docs list it."""
        meaning = ": ".join(filter(None, (self.meaning, self.form.words)))
        needed = self.needed_by and f"must be set with `{self.needed_by}`"
        default = "; ".join(filter(None, (self.default and f"`{self.default}`", self.unset, needed)))
        return f"| `{self.name}` | {meaning}{' (secret)' if self.secret else ''} | {default} |"

    def problem(self, in_force: Collection[str]) -> str | None:
        """What is wrong with it beside the settings that are in force."""
        if not self.said:
            wanted = f": {self.form.words}" if self.form.words else ""
            needed = f"{self.name} is not set, and {self.needed_by} needs it ({self.meaning}{wanted})"
            return needed if self.needed_by in in_force else None
        if self.form.fits(self.said):
            return None
        if self.secret:
            return f"{self.name} must be {self.form.words}; what it is set to is not shown"
        return f"{self.name} is {self.shown!r}: it must be {self.form.words}"


def problems(variables: Iterable[Variable]) -> list[str]:
    """Everything that is missing or wrong."""
    known = tuple(variables)
    in_force = {f"{variable.name}={variable.value}" for variable in known}
    return [problem for variable in known if (problem := variable.problem(in_force))]


def refuse(problems: list[str]) -> None:
    """All of them in one message, so that nobody mends one to meet the next."""
    if len(problems) == 1:
        raise BadSetting(problems[0])
    if problems:
        raise BadSetting(f"{len(problems)} settings are missing or wrong: {'; '.join(problems)}")


def strangers(variables: Iterable[Variable]) -> dict[str, str]:
    """Variables that look like ours and that nobody reads, each with the name it may be a slip of, or nothing."""
    known = [variable.name for variable in variables]
    unknown = sorted(name for name in os.environ if name.startswith(OURS) and name not in known)
    return {name: next(iter(difflib.get_close_matches(name, known, 1, 0.8)), "") for name in unknown}


def one_of(*names: str) -> Form:
    """A few words, of which one is meant."""
    return Form(f"one of {', '.join(names)}", lambda said: said in names)


def written_as(pattern: str) -> Callable[[str], bool]:
    """The whole value follows a pattern."""
    return lambda said: re.fullmatch(pattern, said) is not None


def address_by(*schemes: str) -> Callable[[str], bool]:
    """A URL with a host; what cannot be parsed is none."""

    def fits(said: str) -> bool:
        try:
            parts = urlsplit(said)
            return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
        except ValueError:
            return False

    return fits


def positive(said: str) -> bool:
    """A number above zero, written plainly."""
    return re.fullmatch(r"\d+(\.\d+)?", said) is not None and float(said) > 0
