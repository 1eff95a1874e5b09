"""Options and arguments that several commands share."""

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from nba_resources.dates import DateRange

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout and nothing else.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show Dagster's log, and the trace of an error.")]
Start = Annotated[str, typer.Argument(metavar="START", help="First date, for instance 2024-11-01.")]
End = Annotated[str | None, typer.Argument(metavar="END", help="Last date; default: START alone.")]
Market = Annotated[str, typer.Option(help="A market's key or short name, such as reb.")]
Edition = Annotated[str, typer.Option(help="at_tip (facts up to tip-off) or at_line (up to the price).")]
Port = Annotated[int, typer.Option(min=1, max=65_535, help="Port on 127.0.0.1.")]
Day = Annotated[str | None, typer.Argument(metavar="DATE", help="Default: tonight.")]


def date_range(start: str, end: str | None) -> "DateRange":
    """Return the range of two typed dates, or of one."""
    from nba_resources.dates import DateRange

    first, last = date(start), date(end or start)
    if last < first:
        raise typer.BadParameter(f"END {last} is before START {first}")
    return DateRange(first, last)


def date(text: str) -> dt.date:
    """Return a typed date."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no date: write it like 2024-11-01") from None
