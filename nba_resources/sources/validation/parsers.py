"""SQL that parses each kind of value, from text in a CSV or from a column that already has a type.

A parser returns NULL for a value it does not accept. So a value that is present and parsed as NULL is an error to
report, never a missing value to store.
"""

from typing import Literal

import pyarrow as pa
from pyarrow import types

from nba_resources.sources.feeds import Feed, Kind
from nba_resources.sources.teams import TEAMS

Form = Literal["nothing", "text", "flag", "whole", "float32", "number", "day", "moment", "local moment", "other"]

LONGEST, LONGEST_NAME = 2_000, 100
_CONTROL = {"text": r"'[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]'", "name": r"'[\x00-\x1f\x7f]'"}  # texts have line breaks

# Kind: its types in DuckDB and Arrow, and what an error says was expected.
KINDS: dict[Kind, tuple[str, pa.DataType, str]] = {
    "text": ("VARCHAR", pa.string(), f"text of at most {LONGEST:,} characters without control characters"),
    "name": ("VARCHAR", pa.string(), f"a name of at most {LONGEST_NAME} characters without control characters"),
    "team": ("VARCHAR", pa.string(), f"one of the {len(TEAMS)} NBA tricodes ({', '.join(TEAMS[:3])}, ...)"),
    "integer": ("BIGINT", pa.int64(), "a whole number"),
    "price": ("BIGINT", pa.int64(), "American odds as a whole number such as -110"),
    "number": ("DOUBLE", pa.float64(), "a number"),
    "minutes": ("DOUBLE", pa.float64(), "minutes such as 34.2, 34:12 or PT34M12.00S"),
    "line": ("DOUBLE", pa.float64(), "a line, a multiple of 0.5 from 0.5 to 100"),
    "flag": ("BOOLEAN", pa.bool_(), "true or false"),
    "day": ("DATE", pa.date32(), "a day such as 2024-12-01"),
    "moment": ("TIMESTAMPTZ", pa.timestamp("us", tz="UTC"), "a time such as 2024-12-01T19:30:00Z"),
}

_WHOLE = r"'[+-]?[0-9]+(\.0*)?'"
_NUMBER = r"'[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?'"
_DECIMAL_MINUTES = r"'[0-9]+(\.[0-9]+)?'"
_CLOCK_MINUTES = "'[0-9]+:[0-5][0-9]'"
_ISO_MINUTES = r"'PT[0-9]+M([0-5]?[0-9](\.[0-9]+)?S)?'"
_FIRST_DAY, _LAST_DAY = "DATE '1000-01-01'", "DATE '2999-12-31'"
_MIDNIGHT = r"'[12][0-9]{3}-[0-9]{2}-[0-9]{2}([T ]00:00(:00(\.0+)?)?(Z|[+]00(:?00)?)?)?'"
_TO_THE_MINUTE = "[12][0-9]{3}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}"
_SECONDS = r"(:[0-9]{2}(\.[0-9]+)?)?"
_ZONE = "(Z| ?UTC| ?[+-][0-9]{2}(:?[0-9]{2})?)"


def arrow_schema(feed: Feed) -> pa.Schema:
    """Return the column types in which every source delivers the feed."""
    return pa.schema([(name, KINDS[field.kind][1]) for name, field in feed.fields.items()])


def find_form(dtype: pa.DataType) -> Form:
    """Return the form of a delivered column; 32-bit floats differ because they are shortened decimals."""
    if types.is_dictionary(dtype):
        return find_form(dtype.value_type)
    if types.is_timestamp(dtype):
        return "local moment" if dtype.tz is None else "moment"
    forms: dict[Form, bool] = {
        "nothing": types.is_null(dtype),
        "text": types.is_string(dtype) or types.is_large_string(dtype) or types.is_string_view(dtype),
        "flag": types.is_boolean(dtype),
        "whole": types.is_integer(dtype),
        "float32": types.is_float32(dtype),
        "number": types.is_float64(dtype) or types.is_decimal(dtype),
        "day": types.is_date(dtype),
    }
    return next((form for form, matches in forms.items() if matches), "other")


def clean_sql(kind: Kind, form: Form, value: str) -> str:
    """Return SQL for the value as delivered, with NULL for empty text and for NaN.

    A 32-bit float is read through its shortest text, so that -22.8 does not become -22.7999992.
    """
    match form:
        case "text" if kind in ("text", "name", "team"):
            return f"CASE WHEN trim({value}) <> '' THEN CAST({value} AS VARCHAR) END"
        case "text":
            return f"CASE WHEN lower(trim({value})) NOT IN ('', 'nan') THEN trim({value}) END"
        case "float32":
            return f"nullif(CAST(CAST({value} AS VARCHAR) AS DOUBLE), CAST('nan' AS DOUBLE))"
        case "number":
            return f"nullif(CAST({value} AS DOUBLE), CAST('nan' AS DOUBLE))"
        case "local moment":
            return f"CAST({value} AS TIMESTAMP)"
        case "moment":
            return f"CAST({value} AS TIMESTAMPTZ)"
        case _:
            return value


def parse_sql(kind: Kind, form: Form, value: str) -> str:
    """Return SQL that parses a cleaned value, or NULL if it is not a value of its kind.

    Text columns accept no numbers: an id stored as a number has lost its leading zeros.
    """
    match kind, "number" if form == "float32" else form:
        case "flag", "flag":
            return value
        case ("day", "day") | ("moment", "moment"):
            return f"CASE WHEN {in_known_years(value)} THEN {value} END"
        case (("text" | "name"), "text"):
            longest = LONGEST if kind == "text" else LONGEST_NAME
            fits = f"length({value}) <= {longest} AND NOT regexp_matches({value}, {_CONTROL[kind]})"
            return f"CASE WHEN {fits} THEN {value} END"
        case "team", "text":
            return f"CASE WHEN {value} IN ({', '.join(repr(team) for team in TEAMS)}) THEN {value} END"
        case (("integer" | "price"), "text"):
            return f"CASE WHEN regexp_full_match({value}, {_WHOLE}) THEN TRY_CAST({value} AS BIGINT) END"
        case (("integer" | "price"), "whole"):
            return f"TRY_CAST({value} AS BIGINT)"
        case (("integer" | "price"), "number"):
            return f"CASE WHEN {value} = trunc({value}) THEN TRY_CAST({value} AS BIGINT) END"
        case "number", ("text" | "whole" | "number" as numeric):
            return _number(numeric, value)
        case "line", ("text" | "whole" | "number" as numeric):
            points = _number(numeric, value)
            return f"CASE WHEN {points} * 2 = trunc({points} * 2) AND {points} BETWEEN 0.5 AND 100 THEN {points} END"
        case "minutes", "text":
            return _minutes(value)
        case "minutes", ("whole" | "number" as numeric):
            return f"CASE WHEN {value} >= 0 THEN {_number(numeric, value)} END"
        case "flag", "text":
            return (
                f"CASE WHEN lower({value}) IN ('true', 't', 'yes', '1', '1.0') THEN true"
                f" WHEN lower({value}) IN ('false', 'f', 'no', '0', '0.0') THEN false END"
            )
        case "flag", ("whole" | "number"):
            return f"CASE {value} WHEN 1 THEN true WHEN 0 THEN false END"
        case "day", "text":
            return f"CASE WHEN regexp_full_match({value}, {_MIDNIGHT}) THEN TRY_CAST(left({value}, 10) AS DATE) END"
        case "day", ("moment" | "local moment"):
            is_midnight = f"{value} = date_trunc('day', {value})"
            return f"CASE WHEN {in_known_years(value)} AND {is_midnight} THEN CAST({value} AS DATE) END"
        case "moment", "local moment":
            return f"CASE WHEN {in_known_years(value)} THEN timezone(getvariable('zone'), {value}) END"
        case "moment", "text":
            return _moment(value)
        case _:
            return "NULL"


def in_known_years(value: str) -> str:
    """Return SQL for whether a day or time is one Python reads: DuckDB has infinite ones, and years beyond 9999."""
    return f"{value} BETWEEN {_FIRST_DAY} AND {_LAST_DAY}"


def _number(form: str, value: str) -> str:
    """Add zero to turn the -0.0 of a pick'em spread into 0.0, so that equal numbers have equal text."""
    if form == "text":
        return f"CASE WHEN regexp_full_match({value}, {_NUMBER}) THEN TRY_CAST({value} AS DOUBLE) + 0.0 END"
    return f"CASE WHEN isfinite(CAST({value} AS DOUBLE)) THEN CAST({value} AS DOUBLE) + 0.0 END"


def _minutes(value: str) -> str:
    """Refuse seconds of 60 and more: 34:72 is a mistake that cannot be corrected safely."""
    whole_minutes = f"CAST(regexp_extract({value}, '[0-9]+') AS DOUBLE)"
    seconds = f"coalesce(TRY_CAST(regexp_extract({value}, '[:M]([0-9.]+)', 1) AS DOUBLE), 0)"
    return (
        f"CASE WHEN regexp_full_match({value}, {_DECIMAL_MINUTES}) THEN TRY_CAST({value} AS DOUBLE)"
        f" WHEN regexp_full_match({value}, {_CLOCK_MINUTES}) OR regexp_full_match({value}, {_ISO_MINUTES})"
        f" THEN {whole_minutes} + {seconds} / 60 END"
    )


def _moment(value: str) -> str:
    """Parse a time; one without a zone is in the SQL variable `zone`, and an ambiguous hour is the later one.

    DuckDB accepts no zone after bare minutes, so seconds are added to those first.
    """
    to_the_second = f"regexp_replace({value}, '^({_TO_THE_MINUTE}){_ZONE}$', '\\1:00\\2')"
    return (
        f"CASE WHEN regexp_full_match({value}, '{_TO_THE_MINUTE}{_SECONDS}')"
        f" THEN timezone(getvariable('zone'), TRY_CAST({value} AS TIMESTAMP))"
        f" WHEN regexp_full_match({value}, '{_TO_THE_MINUTE}{_SECONDS}{_ZONE}')"
        f" THEN TRY_CAST({to_the_second} AS TIMESTAMPTZ) END"
    )
