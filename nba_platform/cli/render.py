"""Results as JSON for programs, tables and numbers for people."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from rich.console import JustifyMethod, RenderableType
from rich.table import Column, Table
from rich.text import Text

from nba_assets.kit.json_values import json_value

if TYPE_CHECKING:
    import pandas as pd

Columns = Iterable[Column | str]


class PlainTable(Table):
    """A table whose cells are shown as they are: brackets in a name from outside are no markup."""

    def add_row(self, *cells: RenderableType | None, **how: Any) -> None:
        """Add a row; a cell with a style is a `Text`."""
        super().add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in cells), **how)


def table(columns: Columns, rows: Iterable[Sequence[str]] = (), title: str = "", caption: str = "") -> Table:
    """Return a table without lines. A column given by its name is text that is not wrapped."""
    shown = (text(column) if isinstance(column, str) else column for column in columns)
    grid = PlainTable(*shown, box=None, pad_edge=False, title_justify="left", caption_justify="left")
    grid.title, grid.caption = title or None, caption or None
    for row in rows:
        grid.add_row(*row)
    return grid


def text(name: str, width: int | None = None, wrapped: bool = False, justify: JustifyMethod = "left") -> Column:
    """Return a column of text, cut off at its width or wrapped."""
    return Column(
        name, justify=justify, no_wrap=not wrapped, overflow="fold" if wrapped else "ellipsis", max_width=width
    )


def numbers(*names: str) -> list[Column]:
    """Return columns of numbers."""
    return [text(name, justify="right") for name in names]


def number(value: Any, form: str, unknown: str = "") -> str:
    """Format a number; NULL and NaN are `unknown`."""
    return format(value, form) if known(value) else unknown


def cells(frame: "pd.DataFrame", formats: Mapping[str, str]) -> list[list[str]]:
    """Return the rows of a table: the columns named in `formats`, each value in its format."""
    return [[number(row[name], form) for name, form in formats.items()] for row in frame.to_dict("records")]


def known(value: Any) -> bool:
    """Return whether a value is neither NULL nor NaN."""
    return json_value(value) is not None


def to_json(value: Any) -> Any:
    """Return a value as JSON has it.

    Dates are texts, NaN is null, a frame is a list of rows. A dataclass is its fields, or its `document` if it has one.
    """
    if hasattr(value, "document"):
        return to_json(value.document)
    if is_dataclass(value):
        return {field.name: to_json(getattr(value, field.name)) for field in fields(value)}
    if hasattr(value, "to_dict"):
        return [to_json(row) for row in value.to_dict("records")]
    if isinstance(value, Mapping):
        return {str(name): to_json(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(one) for one in value]
    return value.value if isinstance(value, Enum) else json_value(value)
