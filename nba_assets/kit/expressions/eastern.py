"""Times of the day in New York as moments: engines name time zones differently."""

import ibis
import ibis.expr.types as ir


def eastern_moment(date: ir.DateValue, hour: int, minute: int = 0) -> ir.TimestampValue:
    """Return the moment of an hour on a date in New York, from three o'clock on: clocks change at two.

    Summer time lasts from the second Sunday of March to the first Sunday of November.
    """
    last_sunday = date.day() - (date.day_of_week.index() + 1) % 7  # as a day of the month, below 1 if before it
    month = date.month()
    summer = month.between(4, 10) | ((month == 3) & (last_sunday >= 8)) | ((month == 11) & (last_sunday < 1))
    midnight = date.cast("timestamp('UTC')")
    since, an_hour = 60 * hour + minute, 60
    return summer.ifelse(
        midnight + ibis.interval(minutes=since + 4 * an_hour), midnight + ibis.interval(minutes=since + 5 * an_hour)
    )
