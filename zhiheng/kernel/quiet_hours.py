"""Hours in which nobody is disturbed: every night, and on days off where a place wants it so.

Pure: the calendar and the moment are arguments. A moment is an aware one in the zone of the place; hours are counted as
they pass, also in the night in which clocks are moved.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from zhiheng.kernel.days import Calendar

_DAY = timedelta(days=1)
_MIDNIGHT = time()


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From ``begins`` to ``ends`` by the clock on the wall, over midnight where it ends earlier than it begins; and
    whole days on which nobody works (``days_off``). The first minute is quiet, ``ends`` is not.
    """

    begins: time
    ends: time
    days_off: bool
    calendar: Calendar

    def __post_init__(self) -> None:
        if self.begins == self.ends:
            raise ValueError("quiet hours that end when they begin would be all day or never; leave them out")

    def holds(self, moment: datetime) -> bool:
        """Whether it is quiet at a moment."""
        return self.over(moment) != moment

    def over(self, moment: datetime) -> datetime:
        """The first moment from this one on that is not quiet: itself, or when the quiet ends; in the same zone."""
        at = moment.astimezone(UTC)
        for begins, ends in self._loud(moment):
            if max(at, begins) < ends:
                return max(at, begins).astimezone(moment.tzinfo)
        raise AssertionError("some hour of some day is loud")

    def later(self, moment: datetime, hours: int) -> datetime:
        """When so many hours have passed that were not quiet; in the same zone."""
        at, left = moment.astimezone(UTC), timedelta(hours=hours)
        for begins, ends in self._loud(moment):
            first = max(at, begins)
            if ends <= first:
                continue
            if first + left < ends or not left:
                return (first + left).astimezone(moment.tzinfo)
            left -= ends - first
        raise AssertionError("some hour of some day is loud")

    def _loud(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The stretches that are not quiet from the day of a moment on, in order, as moments in UTC."""
        zone = moment.tzinfo
        assert zone is not None
        day = moment.date()
        while True:
            if not self.days_off or self.calendar.is_working(day):
                if self.begins > self.ends:
                    yield _at(day, self.ends, zone), _at(day, self.begins, zone)
                else:
                    yield _at(day, _MIDNIGHT, zone), _at(day, self.begins, zone)
                    yield _at(day, self.ends, zone), _at(day + _DAY, _MIDNIGHT, zone)
            day += _DAY


def _at(day: date, hour: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, hour, zone).astimezone(UTC)
