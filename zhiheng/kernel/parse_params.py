"""What is written in an address or a form, read as the number or the day that it should be; None where it is nothing of
the kind.

Everybody can write an address by hand. What the language takes for a digit (²) or a day (the first of the year 1) is
not yet a number or a day that a database can hold and the calendar can count from.
"""

from __future__ import annotations

import datetime as dt

# No record is older, no term goes further; from here one can count a lifetime both ways.
FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(2199, 12, 31)
# So many digits fit into the integers of every database.
_DIGITS = 18


def number_in(text: str) -> int | None:
    """A number of something: 0, 1, 2 ..."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else None


def day_in(text: str) -> dt.date | None:
    """A day: 2026-03-31."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None


def place_in(text: str, between: str) -> tuple[dt.date, int] | None:
    """A place in a list by day and number, with a sign between them: 2026-03-31.17."""
    day, number = day_in(text.partition(between)[0]), number_in(text.partition(between)[2])
    return None if day is None or number is None else (day, number)
