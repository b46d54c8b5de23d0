"""The periods in which something is handed in: which there are, when each begins and ends, and by when it is due. Pure;
days are arguments.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from zhiheng.kernel.days import Calendar, Period, Sentence
from zhiheng.kernel.deadlines import Deadline, own_deadline
from zhiheng.kernel.law import Law

# How many periods back a catalogue looks; further back it says nothing any more that somebody could act on.
KEPT = {"daily": 31, "weekly": 26, "monthly": 13, "quarterly": 6, "yearly": 3}


CATALOGUE: Final = Sentence("交换目录", "the catalogue of exchange")


@dataclass(frozen=True)
class ReportingPeriod:
    """The days from first to last."""

    first: dt.date
    last: dt.date

    def due(self, days: int, law: Law, calendar: Calendar) -> Deadline:
        """By when it is handed in: so many days after its end, a last day on a holiday as the district has set it.
        Raises Refused where the district has not.
        """
        return own_deadline(law, Period(days, "d"), CATALOGUE, self.last, calendar)


def periods(cadence: str, today: dt.date) -> Iterator[ReportingPeriod]:
    """The running period and those before it, the latest first; none where something is handed in as needed."""
    first = _first(cadence, today)
    for _ in range(KEPT.get(cadence, 0)):
        assert first is not None
        last = _next(cadence, first) - dt.timedelta(days=1)
        yield ReportingPeriod(first, last)
        first = _first(cadence, first - dt.timedelta(days=1))


def _first(cadence: str, day: dt.date) -> dt.date | None:
    if cadence == "daily":
        return day
    if cadence == "weekly":
        return day - dt.timedelta(days=day.weekday())
    if cadence == "monthly":
        return day.replace(day=1)
    if cadence == "quarterly":
        return day.replace(month=day.month - (day.month - 1) % 3, day=1)
    return day.replace(month=1, day=1) if cadence == "yearly" else None


def _next(cadence: str, first: dt.date) -> dt.date:
    """The first day of the following period."""
    if cadence in ("daily", "weekly"):
        return first + dt.timedelta(days=1 if cadence == "daily" else 7)
    months = {"monthly": 1, "quarterly": 3, "yearly": 12}[cadence]
    month = first.month - 1 + months
    return first.replace(year=first.year + month // 12, month=month % 12 + 1)
