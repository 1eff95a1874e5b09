"""JSON text as expressions, as engines format fractions differently."""

from typing import Any

import ibis
import ibis.expr.types as ir

PLACES = 4


def json_number(value: Any) -> ir.StringValue:
    """Return a number with four places, or null."""
    scaled = (value.cast("float64").abs() * 10**PLACES).round().cast("int64")
    whole, rest = scaled // 10**PLACES, scaled % 10**PLACES
    sign = ((value < 0) & (scaled > 0)).ifelse("-", "")
    written = sign + whole.cast("string") + "." + (rest + 10**PLACES).cast("string").substr(1, PLACES)
    return value.isnull().ifelse("null", written)


def json_object(pairs: dict[str, ir.StringValue]) -> ir.StringValue:
    """Return an object of names and values that are JSON text already."""
    return "{" + json_members(pairs) + "}"


def json_members(pairs: dict[str, ir.StringValue]) -> ir.StringValue:
    """Return the members of an object, without its braces."""
    written: Any = ibis.literal("")
    for place, (name, value) in enumerate(pairs.items()):
        written = written + (", " if place else "") + f'"{name}": ' + value
    return written
